"""What Lockstep needs of an object's describe; read leniently, because Salesforce adds keys and leaves some out."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeAlias

from lockstep.domain.json_text import JsonValue

_OBJECT_KEYS = ("name", "createable", "updateable", "deletable")
_RECORD_TYPE_KEYS = ("active", "developerName", "master", "recordTypeId")
_FIELD_KEYS = (
    *("name", "label", "type", "length", "precision", "scale", "digits", "createable", "updateable", "nillable"),
    *("defaultedOnCreate", "externalId", "idLookup", "unique", "caseSensitive", "restrictedPicklist"),
    *("referenceTo", "relationshipName"),
)


PicklistFacts: TypeAlias = Mapping[str, tuple[str, ...]]
"""The values of each picklist field that a record type has; the fields' names in lower case."""


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """One field; `values` are the active values of a picklist."""

    name: str
    type: str
    label: str
    length: int
    precision: int
    scale: int
    digits: int
    is_createable: bool
    is_updateable: bool
    is_nillable: bool
    is_defaulted: bool
    is_external_id: bool
    is_id_lookup: bool
    is_unique: bool
    is_case_sensitive: bool
    is_restricted: bool
    values: tuple[str, ...]
    reference_to: tuple[str, ...]
    relationship: str | None
    values_of: str = ""  # the record types that have left no other values

    @property
    def is_required(self) -> bool:
        """True where the org makes no record without a value."""
        return self.is_createable and not self.is_nillable and not self.is_defaulted

    @property
    def whole_digits(self) -> int:
        """How many digits stand before the point; 0 where the describe does not say."""
        return self.digits if self.type == "int" else max(0, self.precision - self.scale)


@dataclass(frozen=True, slots=True)
class RecordTypeFacts:
    """One record type; `name` is its DeveloperName."""

    id: str
    name: str
    is_active: bool
    is_master: bool


@dataclass(frozen=True, slots=True)
class ObjectFacts:
    """One object; the fields by their name in lower case, because Salesforce ignores case.

    `picklists` are the values of record types, as far as they were asked for: by the type's Id, then by field.
    """

    name: str
    is_createable: bool
    is_updateable: bool
    is_deletable: bool
    fields: Mapping[str, FieldFacts]
    record_types: tuple[RecordTypeFacts, ...] = ()
    picklists: Mapping[str, PicklistFacts] = dataclasses.field(default_factory=dict)

    def field(self, name: str) -> FieldFacts | None:
        """Return the field, in whatever case its name is written."""
        return self.fields.get(name.casefold())

    def nearest(self, name: str) -> str | None:
        """Return the name that somebody may have meant."""
        found = get_close_matches(name.casefold(), list(self.fields), n=1, cutoff=0.7)
        return self.fields[found[0]].name if found else None


Describes: TypeAlias = Mapping[str, ObjectFacts | None]
"""By the object's name as the routes write it; None where the org has no such object."""


def read_describe(describe: JsonValue) -> ObjectFacts | None:
    """Read a describe answer, whole or slim; None where it is none."""
    if not isinstance(describe, dict) or not isinstance(describe.get("name"), str):
        return None
    fields = [_field(each) for each in _dicts(describe.get("fields"))]
    return ObjectFacts(
        name=str(describe["name"]),
        is_createable=describe.get("createable") is not False,
        is_updateable=describe.get("updateable") is not False,
        is_deletable=describe.get("deletable") is not False,
        fields={field.name.casefold(): field for field in fields if field.name},
        record_types=tuple(_record_type(each) for each in _dicts(describe.get("recordTypeInfos"))),
    )


def read_picklists(answer: JsonValue) -> PicklistFacts | None:
    """Read the values that a record type has, whole or slim; None where it is no such answer."""
    by_field = answer.get("picklistFieldValues") if isinstance(answer, dict) else None
    if not isinstance(by_field, dict):
        return None
    return {
        name.casefold(): tuple(_text(entry.get("value")) for entry in _dicts(field.get("values")))
        for name, field in by_field.items()
        if isinstance(field, dict)
    }


def slim_picklists(answer: JsonValue) -> JsonValue:
    """Return only what `read_picklists` reads."""
    picklists = read_picklists(answer)
    if picklists is None:
        return None
    return {
        "picklistFieldValues": {
            name: {"values": [{"value": value} for value in values]} for name, values in picklists.items()
        }
    }


def slim(describe: JsonValue) -> JsonValue:
    """Return only what `read_describe` reads: some kilobytes instead of a megabyte."""
    if not isinstance(describe, dict):
        return None
    fields: list[JsonValue] = [_slim_field(field) for field in _dicts(describe.get("fields"))]
    types: list[JsonValue] = [_picked(each, _RECORD_TYPE_KEYS) for each in _dicts(describe.get("recordTypeInfos"))]
    return {**_picked(describe, _OBJECT_KEYS), "fields": fields, "recordTypeInfos": types}


def _slim_field(field: Mapping[str, JsonValue]) -> JsonValue:
    entries = _dicts(field.get("picklistValues"))
    values: list[JsonValue] = [_picked(entry, ("active", "value")) for entry in entries]
    return {**_picked(field, _FIELD_KEYS), **({"picklistValues": values} if values else {})}


def _record_type(info: Mapping[str, JsonValue]) -> RecordTypeFacts:
    return RecordTypeFacts(
        id=_text(info.get("recordTypeId")),
        name=_text(info.get("developerName")),
        is_active=info.get("active") is True,
        is_master=info.get("master") is True,
    )


def _picked(source: Mapping[str, JsonValue], keys: Sequence[str]) -> dict[str, JsonValue]:
    return {key: source[key] for key in keys if key in source}


def _field(field: Mapping[str, JsonValue]) -> FieldFacts:
    def says(key: str) -> bool:
        return field.get(key) is True

    relationship = field.get("relationshipName")
    return FieldFacts(
        name=_text(field.get("name")),
        type=_text(field.get("type")),
        label=_text(field.get("label")),
        length=_count(field.get("length")),
        precision=_count(field.get("precision")),
        scale=_count(field.get("scale")),
        digits=_count(field.get("digits")),
        is_createable=says("createable"),
        is_updateable=says("updateable"),
        is_nillable=says("nillable"),
        is_defaulted=says("defaultedOnCreate"),
        is_external_id=says("externalId"),
        is_id_lookup=says("idLookup"),
        is_unique=says("unique"),
        is_case_sensitive=says("caseSensitive"),
        is_restricted=says("restrictedPicklist"),
        values=tuple(_text(each.get("value")) for each in _dicts(field.get("picklistValues")) if each.get("active")),
        reference_to=_texts(field.get("referenceTo")),
        relationship=relationship if isinstance(relationship, str) else None,
    )


def _dicts(value: JsonValue) -> list[dict[str, JsonValue]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _texts(value: JsonValue) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else ""


def _count(value: JsonValue) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
