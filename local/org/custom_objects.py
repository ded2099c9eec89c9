"""Builds a custom object from its source: name field, owner, audit fields, then its own."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from local.org.schema import USUAL_CAPABILITIES, FieldSchema, ObjectSchema, SchemaError
from local.org.sfdx import SourceElement, SourceObject, child_text
from local.org.standard_objects.reader import expand_group

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SETTING_OWNER = FieldSchema(
    name="SetupOwnerId",
    label="Location ID",
    type="reference",
    length=18,
    nillable=False,
    permissionable=False,
    defaulted_on_create=True,
    reference_to=("Organization", "Profile", "User"),
    relationship_name="SetupOwner",
)


def build_custom_object(source: SourceObject, fields: Iterable[FieldSchema], *, number: int) -> ObjectSchema:
    """Return the object; `number` counts custom objects from 0 and gives the key prefix a00, a01, ...

    Raises:
        SchemaError: No file defines the object, only its fields are there.
    """
    definition = definition_of(source)
    own_fields = list(fields)
    is_setting = child_text(definition.element, "customSettingsType") is not None
    label = child_text(definition.element, "label") or source.name.removesuffix("__c")
    every_field = [*_standard_fields(definition, own_fields, label, is_setting=is_setting), *own_fields]
    return ObjectSchema(
        name=source.name,
        label=label,
        label_plural=child_text(definition.element, "pluralLabel") or label,
        key_prefix=key_prefix(number),
        fields={field.name: field for field in every_field},
        custom=True,
        capabilities=USUAL_CAPABILITIES - {"feedEnabled"},
        custom_setting=is_setting,
    )


def definition_of(source: SourceObject) -> SourceElement:
    """Return the file's content that defines the object.

    Raises:
        SchemaError: Only fields of it are there.
    """
    if source.definition is None:
        file = next(iter(source.fields.values())).file
        raise SchemaError(f"{file}: its object {source.name} is defined in no folder ({source.name}.object-meta.xml)")
    return source.definition


def key_prefix(number: int, first: str = "a") -> str:
    """Return the first three characters of the ids of the custom object created `number`th, from 0.

    Custom objects begin with `a`, custom metadata types with `m`, platform events with `e`.

    Raises:
        SchemaError: There are more objects than prefixes.
    """
    if number >= len(_DIGITS) ** 2:
        raise SchemaError(f"there are more than {len(_DIGITS) ** 2} custom objects")
    high, low = divmod(number, len(_DIGITS))
    return f"{first}{_DIGITS[high]}{_DIGITS[low]}"


def _standard_fields(
    definition: SourceElement, own_fields: Iterable[FieldSchema], label: str, *, is_setting: bool
) -> Iterator[FieldSchema]:
    identity, is_deleted = expand_group("identity", label)
    yield replace(identity, label="Record ID")
    has_master = any(field.relationship_order is not None for field in own_fields)
    if not has_master and not is_setting:
        yield from expand_group("owner_or_queue")
    yield is_deleted
    yield _name_field(definition)
    if is_setting:
        yield _SETTING_OWNER
    yield from expand_group("audit")


def _name_field(definition: SourceElement) -> FieldSchema:
    name_field = definition.element.find("nameField")
    label = "Name" if name_field is None else child_text(name_field, "label") or "Name"
    field = FieldSchema(
        name="Name",
        label=label,
        type="string",
        length=80,
        defaulted_on_create=True,
        id_lookup=True,
        name_field=True,
        permissionable=False,
    )
    if name_field is None or child_text(name_field, "type") != "AutoNumber":
        return field
    return replace(
        field,
        createable=False,
        updateable=False,
        nillable=False,
        auto_number=True,
        display_format=child_text(name_field, "displayFormat") or "{0}",
    )
