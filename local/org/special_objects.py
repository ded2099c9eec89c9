"""Custom metadata types and platform events: objects with fields of their own kinds, and few operations."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from local.org.custom_objects import definition_of, key_prefix
from local.org.schema import FieldSchema, ObjectSchema
from local.org.sfdx import SourceObject, child_text
from local.org.standard_objects.notation import read_field

METADATA_SUFFIX, EVENT_SUFFIX = "__mdt", "__e"
_METADATA_FIELDS = (
    "Id | Custom Metadata Record ID | id",
    "DeveloperName | Custom Metadata Record Name | string 40 required read-only hidden",
    "MasterLabel | Master Label | string 40 required read-only hidden name",
    "Language | Master Language | string 40 read-only hidden",
    "NamespacePrefix | Namespace Prefix | string 15 read-only hidden",
    "Label | Label | string 40 read-only hidden",
    "QualifiedApiName | Qualified API Name | string 70 read-only hidden",
    "SystemModstamp | System Modstamp | datetime system",
)
_EVENT_FIELDS = (
    "ReplayId | Replay ID | string 1000 read-only hidden",
    "EventUuid | Event UUID | string 36 read-only hidden",
    "CreatedDate | Created Date | datetime system",
    "CreatedById | Created By ID | reference User system as=CreatedBy",
)


def is_special(name: str) -> bool:
    """Tell whether an object of that API name is custom metadata or a platform event."""
    return name.endswith((METADATA_SUFFIX, EVENT_SUFFIX))


def build_special_object(source: SourceObject, fields: Iterable[FieldSchema], *, number: int) -> ObjectSchema:
    """Return the object; `number` counts the objects of its kind from 0.

    Raises:
        SchemaError: No file defines the object, only its fields are there.
    """
    definition = definition_of(source)
    is_event = source.name.endswith(EVENT_SUFFIX)
    label = child_text(definition.element, "label") or source.name.rpartition("__")[0]
    own = list(fields) if is_event else [replace(each, createable=False, updateable=False) for each in fields]
    every_field = [*_standard_fields(_EVENT_FIELDS if is_event else _METADATA_FIELDS), *own]
    return ObjectSchema(
        name=source.name,
        label=label,
        label_plural=child_text(definition.element, "pluralLabel") or label,
        key_prefix=key_prefix(number, "e" if is_event else "m"),
        fields={field.name: field for field in every_field},
        custom=True,
        capabilities=frozenset({"createable"} if is_event else {"queryable", "retrieveable"}),
    )


def _standard_fields(lines: Iterable[str]) -> Iterator[FieldSchema]:
    return (read_field(line, {}) for line in lines)
