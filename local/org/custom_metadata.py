"""The records of custom metadata types, and what else formulas read from metadata by a fixed name."""

from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from local.org.errors import DeserializeError, RowError
from local.org.formulas.kinds import KIND_BY_TYPE, Kind, reader_of
from local.org.schema import FieldSchema, ObjectSchema, SchemaError
from local.org.sfdx import Source, SourceElement, child_text
from local.org.special_objects import METADATA_SUFFIX
from local.org.values import compile_accept

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"

MetadataRecords = Mapping[str, list[dict[str, Any]]]


def read_metadata_records(source: Source, objects: Mapping[str, ObjectSchema]) -> MetadataRecords:
    """Return the values of each custom metadata record, by object, in the order of their names.

    Raises:
        SchemaError: A record of an unknown type, or a value that its field does not take; the message names the file.
    """
    records: dict[str, list[dict[str, Any]]] = {}
    for full_name, found in sorted(source.custom_metadata.items()):
        type_name, _, name = full_name.partition(".")
        home = objects.get(type_name + METADATA_SUFFIX)
        if home is None:
            raise SchemaError(f"{found.file}: no folder defines {type_name}{METADATA_SUFFIX}")
        records.setdefault(home.name, []).append(_record(home, name, found))
    return records


def _record(home: ObjectSchema, name: str, found: SourceElement) -> dict[str, Any]:
    label = child_text(found.element, "label") or name
    facts = {"DeveloperName": name, "MasterLabel": label, "Label": label, "QualifiedApiName": name, "Language": "en_US"}
    return facts | dict(_values(home, found))


def _values(home: ObjectSchema, found: SourceElement) -> Iterator[tuple[str, Any]]:
    for element in found.element.findall("values"):
        field = home.find(child_text(element, "field") or "")
        if field is None:
            raise SchemaError(f"{found.file}: {home.name} has no field {child_text(element, 'field')}")
        yield field.name, _value(field, element.find("value"), found)


def _value(field: FieldSchema, element: Element | None, found: SourceElement) -> Any:
    if element is None or element.get(_NIL) == "true" or not element.text:
        return None
    try:
        return compile_accept(field)(element.text)
    except (RowError, DeserializeError) as exc:
        raise SchemaError(f"{found.file}: {field.name} does not take {element.text!r}") from exc


def fixed_values(
    source: Source, objects: Mapping[str, ObjectSchema], records: MetadataRecords
) -> dict[str, tuple[Kind, Any]]:
    """Return what formulas know by a fixed name, in small letters: labels, and fields of custom metadata records."""
    fixed = {f"$label.{name}".lower(): (Kind.TEXT, value or None) for name, value in source.labels.items()}
    for object_name, rows in records.items():
        for row in rows:
            path = f"$custommetadata.{object_name}.{row['DeveloperName']}."
            fixed |= {(path + name).lower(): value for name, value in _as_formulas(objects[object_name], row)}
    return fixed


def _as_formulas(home: ObjectSchema, row: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Kind, Any]]]:
    for name, field in home.fields.items():
        if field.type in KIND_BY_TYPE:
            kept, read = row.get(name), reader_of(field)
            yield name, (KIND_BY_TYPE[field.type], kept if kept is None or read is None else read(kept))
