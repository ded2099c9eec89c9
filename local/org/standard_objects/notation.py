"""The one-line notation of a standard field: `Name | Account Name | string 255 required name`.

Third column: the describe's type, its sizes (length, digits, or precision and scale; for a reference its targets),
then words in any order. `system` is what the platform fills; `hidden` is not under field-level security.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from local.org.schema import FieldSchema, PicklistValue, SchemaError

ValueSets = Mapping[str, tuple[PicklistValue, ...]]

_ID_LENGTH = 18
_READ_ONLY = {"createable": False, "updateable": False}
_BY_WORD: Mapping[str, Mapping[str, Any]] = {
    "required": {"nillable": False},
    "platform": {"required_by_platform": True},
    "read-only": _READ_ONLY,
    "create-only": {"updateable": False},
    "update-only": {"createable": False},
    "defaulted": {"defaulted_on_create": True},
    "system": {**_READ_ONLY, "nillable": False, "defaulted_on_create": True, "permissionable": False},
    "hidden": {"permissionable": False},
    "restricted": {"restricted_picklist": True},
    "id-lookup": {"id_lookup": True},
    "name": {"name_field": True},
    "auto-number": {
        **_READ_ONLY,
        "nillable": False,
        "defaulted_on_create": True,
        "auto_number": True,
        "display_format": "{00000000}",
    },
    "cascades": {"cascade_delete": True},
    "restricts": {"restricted_delete": True},
}
_BY_KEY = {
    "as": "relationship_name",
    "kids": "child_relationship_name",
    "part": "compound_field_name",
    "extra": "extra_type_info",
}
_BY_TYPE: Mapping[str, Mapping[str, Any]] = {
    "id": {
        **_READ_ONLY,
        "length": _ID_LENGTH,
        "nillable": False,
        "defaulted_on_create": True,
        "id_lookup": True,
        "permissionable": False,
    },
    "boolean": {"nillable": False, "defaulted_on_create": True, "default_value": False},
}
_SIZE_NAMES: Mapping[str, tuple[str, ...]] = {
    "int": ("digits",),
    "double": ("precision", "scale"),
    "currency": ("precision", "scale"),
    "percent": ("precision", "scale"),
}


def read_field(line: str, value_sets: ValueSets) -> FieldSchema:
    """Return the field that a line of the notation states.

    Raises:
        SchemaError: The line has another form or a word that the notation does not know.
    """
    columns = [column.strip() for column in line.split("|")]
    if len(columns) != 3:
        raise SchemaError(f"{line!r} is not `name | label | type and words`")
    name, label, facts = columns
    kind, *words = facts.split()
    attributes: dict[str, Any] = dict(_BY_TYPE.get(kind, {}))
    attributes.update(_sizes(kind, words))
    for word in words:
        attributes.update(_meaning(word, value_sets))
    return FieldSchema(name=name, label=label, type=kind, **_with_default(attributes))


def _sizes(kind: str, words: list[str]) -> dict[str, Any]:
    """Take the leading sizes off `words`."""
    if kind == "reference":
        return {"reference_to": tuple(words.pop(0).split(",")), "length": _ID_LENGTH}
    names: Sequence[str] = _SIZE_NAMES.get(kind, ("length",))
    sizes = {}
    for size_name in names:
        if words and words[0].isdecimal():
            sizes[size_name] = int(words.pop(0))
    return sizes


def _meaning(word: str, value_sets: ValueSets) -> Mapping[str, Any]:
    key, equals, value = word.partition("=")
    if word in _BY_WORD:
        return _BY_WORD[word]
    if equals and key == "set" and value in value_sets:
        return {"picklist_values": value_sets[value]}
    if equals and key in _BY_KEY:
        return {_BY_KEY[key]: value}
    raise SchemaError(f"{word!r} is not a word of the notation")


def _with_default(attributes: dict[str, Any]) -> dict[str, Any]:
    """Add the default that a picklist's values state, where the field is filled by default."""
    values: tuple[PicklistValue, ...] = attributes.get("picklist_values", ())
    defaults = [each.value for each in values if each.default]
    if defaults and attributes.get("createable", True):
        attributes |= {"default_value": defaults[0], "defaulted_on_create": True}
    return attributes
