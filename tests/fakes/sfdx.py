"""Writes small projects in Salesforce source format, for tests that need one piece of metadata and no more."""

from pathlib import Path

NAMESPACE = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
TEXT_KEY = "<type>Text</type><length>40</length><externalId>true</externalId><unique>true</unique>"
_KEY = "Key__c"


class Project:
    """A folder of metadata that grows piece by piece."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, path: str, root: str, body: str) -> None:
        """Write one file; its name ends as the source format says."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"<{root} {NAMESPACE}>{body}</{root}>", encoding="utf-8")

    def custom_object(self, name: str, **fields: str) -> None:
        """Define an object with a text name, an external ID `Key__c`, and the fields."""
        label = name.partition("__")[0]
        name_field = "<nameField><label>Name</label><type>Text</type></nameField>"
        body = f"<label>{label}</label><pluralLabel>{label}s</pluralLabel>{name_field}"
        self.write(f"objects/{name}/{name}.object-meta.xml", "CustomObject", body)
        self.fields(name, **{_KEY: TEXT_KEY}, **fields)

    def fields(self, object_name: str, **fields: str) -> None:
        """Define custom fields of an object; each value is what stands inside of `<CustomField>`."""
        for name, body in fields.items():
            path = f"objects/{object_name}/fields/{name}.field-meta.xml"
            whole = f"<fullName>{name}</fullName><label>{name}</label>{body}"
            self.write(path, "CustomField", whole)

    def rule(self, object_name: str, name: str, formula: str) -> None:
        """Define an active validation rule whose message is its name."""
        body = (
            f"<fullName>{name}</fullName><active>true</active><errorMessage>{name}</errorMessage>"
            f"<errorConditionFormula>{formula}</errorConditionFormula>"
        )
        self.write(f"objects/{object_name}/validationRules/{name}.validationRule-meta.xml", "ValidationRule", body)
