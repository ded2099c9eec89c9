"""Checks that a lookup's target is there, whether it is named by id or by external ID."""

from local.org import ids
from local.org.errors import DeserializeError, RowError
from local.org.record import ID, IS_DELETED, Record
from local.org.rows import ParentKey
from local.org.schema import FieldSchema
from local.org.store import Store
from local.org.table import Column, Table
from local.org.values import wrong_id


def resolve_id(store: Store, field: FieldSchema, record_id: str) -> str:
    """Return the 18-character id of the record that a lookup names.

    Raises:
        RowError: Another object's id, or a record that is not there or deleted.
    """
    table = store.table_of(record_id)
    if table is not None and table.schema.name not in field.reference_to:
        raise wrong_id(field, record_id)
    record = None if table is None else table.any_by_id(record_id)
    if record is None:
        raise RowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    return _living(record)


def resolve_parent(store: Store, parent: ParentKey) -> str:
    """Return the id of the one record that has the external ID.

    Raises:
        RowError: No such field, no such record, or several.
    """
    target = _target(store, parent)
    column = target.column(parent.field_name)
    if column is not None and column.field.name == "Id":
        return resolve_id(store, parent.column.field, _as_id(parent))
    if column is None or column.index is None:
        message = f"Foreign key field {parent.field_name} is not an external ID of entity {target.schema.name}"
        raise RowError("INVALID_FIELD", message)
    found = column.index.find(_key_value(column, parent))
    if not found:
        raise RowError("INVALID_FIELD", _missing_parent(parent, column, target))
    if len(found) > 1:
        listed = ", ".join(str(record[ID]) for record in found)
        raise RowError("INVALID_FIELD", f"More than one record found for external id field: [{listed}]")
    return _living(found[0])


def _target(store: Store, parent: ParentKey) -> Table:
    names = parent.column.field.reference_to
    name = parent.object_name if parent.object_name is not None and len(names) > 1 else names[0]
    table = store.table(name) if name in names else None
    if table is None:
        raise RowError("INVALID_FIELD", f"Entity {name} is no target of field {parent.column.field.name}")
    return table


def _as_id(parent: ParentKey) -> str:
    if not isinstance(parent.value, str) or ids.shorten(parent.value) is None:
        raise wrong_id(parent.column.field, str(parent.value))
    return parent.value


def _key_value(column: Column, parent: ParentKey) -> object:
    """Return the value as the key field keeps it; a text key may be written as a JSON number."""
    try:
        return column.accept(parent.value)
    except DeserializeError:
        return str(parent.value)


def _missing_parent(parent: ParentKey, column: Column, target: Table) -> str:
    entity = target.schema.name
    return f"Foreign key external ID: {parent.value} not found for field {column.field.name} in entity {entity}"


def _living(record: Record) -> str:
    if record[IS_DELETED]:
        raise RowError("ENTITY_IS_DELETED", "entity is deleted")
    return str(record[ID])
