"""Why a row cannot be written, in the platform's words."""

from collections.abc import Sequence
from typing import Any

from local.org.errors import RowError
from local.org.record import ID, Record
from local.org.schema import FieldSchema
from local.org.table import Column, Table

Values = Sequence[tuple[Column, Any]]


def required_fields_missing(names: Sequence[str]) -> RowError:
    """Return the refusal of a row without its required fields."""
    return RowError("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(names)}]", names)


def check_allowed(table: Table, capability: str, done: str) -> None:
    """Refuse what nobody may do to records of the object."""
    if capability in table.schema.capabilities:
        return
    if capability not in table.schema.denied:
        raise RowError("INVALID_TYPE_FOR_OPERATION", f"entity type cannot be {done}: {table.schema.label}")
    if capability == "createable":
        raise RowError("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type cannot be inserted: {table.schema.label}")
    raise RowError("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")


def check_one_of(table: Table, record: Record) -> None:
    """Refuse a record that leaves a whole group empty, in the words known from Asset."""
    for group in table.schema.required_one_of:
        if all(record.get(name) is None for name in group):
            labels = [table.whole.fields[name].label for name in group]
            things = [label.removesuffix(" ID").lower() for label in labels]
            listed = ", ".join(f"{'an' if thing[0] in 'aeiou' else 'a'} {thing}" for thing in things)
            needs = f"Every {table.schema.label.lower()} needs {listed}, or both.: {', '.join(labels)}"
            raise RowError("FIELD_INTEGRITY_EXCEPTION", needs, group)


def refuse_limited(fields: Sequence[FieldSchema]) -> None:
    """Refuse fields that the caller may not write."""
    if fields:
        names = [field.name for field in fields]
        message = (
            f"Unable to create/update fields: {', '.join(names)}. Please check the security settings of this field "
            "and verify that it is read/write for your profile or permission set."
        )
        raise RowError("INVALID_FIELD_FOR_INSERT_UPDATE", message, names)


def refuse_null_on_create(column: Column) -> None:
    """Refuse null in a checkbox; elsewhere null means that nothing was said."""
    if column.field.type == "boolean":
        raise _not_of_type(column.field)


def check_nulls(values: Values) -> None:
    """Refuse to empty what cannot be empty."""
    refused = [column.field for column, value in values if value is None and column.null_refused]
    for field in refused:
        if field.type == "boolean":
            raise _not_of_type(field)
    if refused:
        raise required_fields_missing([field.name for field in refused])


def _not_of_type(field: FieldSchema) -> RowError:
    message = f"{field.label}: value not of required type: null"
    return RowError("INVALID_TYPE_ON_FIELD_IN_RECORD", message, [field.name])


def check_unique(values: Values, record: Record | None) -> None:
    """Refuse a value that another record has, in a field that has none twice."""
    for column, value in values:
        index = column.index
        if index is not None and index.unique and value is not None and (other := index.other(value, record)):
            name = column.field.name
            message = f"duplicate value found: {name} duplicates value on record with id: {other[ID]}"
            raise RowError("DUPLICATE_VALUE", message)
