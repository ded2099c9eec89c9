"""Record types: read from the schema folders, told of, and asked whenever a picklist is written."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from local.org import ids
from local.org.errors import RowError
from local.org.record import Record
from local.org.schema import FieldSchema, ObjectSchema, PicklistValue, RecordType
from local.org.sfdx import Source, SourceElement, child_text, is_true, required_text
from local.org.table import Column, Table
from local.org.values import restricted

MASTER_ID = "012000000000000AAA"
_OBJECT = "RecordType"
_FIELD = FieldSchema(
    name="RecordTypeId",
    label="Record Type ID",
    type="reference",
    length=18,
    reference_to=(_OBJECT,),
    relationship_name=_OBJECT,
    permissionable=False,
)


def with_record_types(objects: Mapping[str, ObjectSchema], source: Source) -> dict[str, ObjectSchema]:
    """Give each object the record types that the folders define for it, and the field that names them.

    Raises:
        SchemaError: A record type lacks its name.
    """
    complete, number = dict(objects), 0
    for name in sorted(source.objects):
        found = sorted(source.objects[name].record_types, key=lambda each: required_text(each, "fullName"))
        if name in complete and found:
            home = complete[name]
            types = tuple(_read(each, home, number + place) for place, each in enumerate(found, 1))
            number += len(found)
            complete[name] = replace(home, fields={**home.fields, _FIELD.name: _FIELD}, record_types=types)
    return complete


def seeds(objects: Mapping[str, ObjectSchema]) -> Iterator[dict[str, Any]]:
    """Yield the records of the record types, in the order of their ids."""
    found = [(each, home.name) for home in objects.values() for each in home.record_types]
    for record_type, object_name in sorted(found, key=lambda each: each[0].id):
        yield {
            "Name": record_type.label,
            "DeveloperName": record_type.name,
            "SobjectType": object_name,
            "IsActive": record_type.active,
        }


def check_record_type(table: Table, values: Sequence[tuple[Column, Any]], before: Record | None) -> None:
    """Refuse a record type of another object, and values of restricted picklists that the record's type does not have.

    Raises:
        RowError: What Salesforce answers then.
    """
    given = {column.field.name: value for column, value in values}
    type_id = given.get(_FIELD.name, before.get(_FIELD.name) if before is not None else None)
    if type_id is None:
        return
    record_type = next((each for each in table.schema.record_types if each.id == type_id and each.active), None)
    if record_type is None:
        message = f"{_FIELD.label}: this ID value isn't valid for the user: {type_id}"
        raise RowError("INVALID_CROSS_REFERENCE_KEY", message, [_FIELD.name])
    for column, value in values:
        _check_value(column.field, value, record_type)


def _check_value(field: FieldSchema, value: Any, record_type: RecordType) -> None:
    if value is None or not field.restricted_picklist or field.name not in record_type.picklists:
        return
    available = {each.value for each in record_type.picklists[field.name]}
    for chosen in value.split(";") if field.type == "multipicklist" else [value]:
        if chosen not in available:
            raise restricted(field, chosen)


def record_type_infos(home: ObjectSchema, base: str) -> list[dict[str, Any]]:
    """Return what a describe says of an object's record types, the master last; `base` is the object's path."""
    own = [(each.id, each.name, each.label, each.active) for each in home.record_types]
    return [
        {
            "active": active,
            "available": active,
            "defaultRecordTypeMapping": type_id == MASTER_ID,
            "developerName": name,
            "master": type_id == MASTER_ID,
            "name": label,
            "recordTypeId": type_id,
            "urls": {"layout": f"{base}/describe/layouts/{type_id}"},
        }
        for type_id, name, label, active in [*own, (MASTER_ID, "Master", "Master", True)]
    ]


def picklist_values(home: ObjectSchema, type_id: str, base: str) -> dict[str, Any] | None:
    """Return the values of every picklist for one record type as the UI API does; None where there is no such type."""
    record_type = next((each for each in home.record_types if each.id[:15] == type_id[:15]), None)
    if record_type is None and type_id[:15] != MASTER_ID[:15]:
        return None
    own = record_type.picklists if record_type else {}
    by_field = {
        field.name: _field_values(own.get(field.name, active_values(field)), f"{base}/{field.name}")
        for field in home.fields.values()
        if field.type in {"picklist", "multipicklist"}
    }
    return {"eTag": _tag(by_field), "picklistFieldValues": by_field}


def active_values(field: FieldSchema) -> tuple[PicklistValue, ...]:
    """Return what a field has for the master record type."""
    return tuple(each for each in field.picklist_values if each.active)


def _field_values(values: Sequence[PicklistValue], url: str) -> dict[str, Any]:
    entries: list[dict[str, Any]] = [
        {"attributes": None, "label": each.label, "validFor": [], "value": each.value} for each in values
    ]
    default = next((entry for entry, each in zip(entries, values, strict=True) if each.default), None)
    return {"controllerValues": {}, "defaultValue": default, "eTag": _tag(entries), "url": url, "values": entries}


def _tag(content: Any) -> str:
    return hashlib.sha256(repr(content).encode()).hexdigest()[:32]


def _read(found: SourceElement, home: ObjectSchema, number: int) -> RecordType:
    name = required_text(found, "fullName").rpartition(".")[2]
    return RecordType(
        id=ids.encode("012", number),
        name=name,
        label=child_text(found.element, "label") or name,
        active=is_true(found.element, "active"),
        picklists=dict(_picklists(found, home)),
    )


def _picklists(found: SourceElement, home: ObjectSchema) -> Iterator[tuple[str, tuple[PicklistValue, ...]]]:
    """Give the values of each picklist that the type speaks of; of others it has every active value."""
    for element in found.element.findall("picklistValues"):
        field = home.find(child_text(element, "picklist") or "")
        if field is None:
            continue
        defaults = {
            unquote(child_text(value, "fullName") or ""): is_true(value, "default")
            for value in element.findall("values")
        }
        values = tuple(
            replace(each, default=defaults[each.value]) for each in active_values(field) if each.value in defaults
        )
        yield field.name, values
