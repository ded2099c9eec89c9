"""The picklist values of Salesforce source format: in a field, in a global or in a standard value set."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element

from local.org.schema import PicklistValue, SchemaError

ValueSets = Mapping[str, Sequence[PicklistValue]]


def read_value_set(parent: Element, file: Path, tag: str) -> tuple[PicklistValue, ...]:
    """Return the values under `parent`, whose elements are named `tag`, in their order.

    Raises:
        SchemaError: A value has no name.
    """
    return tuple(_value(each, file) for each in parent.findall(tag))


def picklist_of(field: Element, file: Path, value_sets: ValueSets) -> tuple[tuple[PicklistValue, ...], bool]:
    """Return a picklist field's values, and whether it takes no others.

    Raises:
        SchemaError: The field has no values, or names a value set that no folder holds.
    """
    value_set = field.find("valueSet")
    if value_set is None:
        return _old_picklist(field, file)
    definition = value_set.find("valueSetDefinition")
    if definition is not None:
        return read_value_set(definition, file, "value"), _is_true(value_set, "restricted")
    return _named_values(value_set, file, value_sets), True


def _named_values(value_set: Element, file: Path, value_sets: ValueSets) -> tuple[PicklistValue, ...]:
    name = (value_set.findtext("valueSetName") or "").strip()
    if name not in value_sets:
        raise SchemaError(f"{file}: its values are those of the value set {name!r}, which no folder holds")
    return tuple(value_sets[name])


def _old_picklist(field: Element, file: Path) -> tuple[tuple[PicklistValue, ...], bool]:
    """Read the form that API versions before 38 used."""
    picklist = field.find("picklist")
    if picklist is None:
        raise SchemaError(f"{file}: a picklist needs a <valueSet>")
    return read_value_set(picklist, file, "picklistValues"), _is_true(picklist, "restrictedPicklist")


def _value(element: Element, file: Path) -> PicklistValue:
    name = (element.findtext("fullName") or "").strip()
    if not name:
        raise SchemaError(f"{file}: a picklist value has no <fullName>")
    return PicklistValue(
        value=name,
        label=(element.findtext("label") or "").strip() or name,
        active=(element.findtext("isActive") or "true").strip() == "true",
        default=_is_true(element, "default"),
    )


def _is_true(element: Element, name: str) -> bool:
    return (element.findtext(name) or "").strip() == "true"
