"""Reads a row of a request against its object: known fields, kept values, parents named by external ID."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from local.org.errors import RowError
from local.org.schema import FieldSchema
from local.org.table import Column, Table


class ParentKey(NamedTuple):
    """A lookup given as `{"Account": {"ERP_Id__c": "1"}}`."""

    column: Column
    field_name: str
    value: Any
    object_name: str | None


class Row:
    """A row whose values were read; what depends on other records is not checked yet."""

    __slots__ = ("error", "has_lookups", "limited", "parents", "record_id", "values")

    def __init__(self) -> None:
        self.values: list[tuple[Column, Any]] = []
        self.has_lookups = False
        """Whether a value may be the id of another record."""
        self.parents: list[ParentKey] = []
        self.limited: list[FieldSchema] = []
        self.record_id: Any = None
        self.error: RowError | None = None

    def value_of(self, column: Column) -> Any:
        """Return the row's value of a column; None when it is null or not given."""
        for each, value in self.values:
            if each is column:
                return value
        return None

    def keys(self) -> frozenset[str]:
        """Return what the row may be known by: its id and the values of its indexed fields."""
        indexed = {str(value) for column, value in self.values if column.index is not None and value is not None}
        return frozenset(indexed | ({str(self.record_id)} if self.record_id else set()))


def read_row(table: Table, body: Mapping[str, Any]) -> Row:
    """Return the row; its first refused field is kept as its error, so that its neighbours go on.

    Raises:
        DeserializeError: A value of a wrong JSON kind fails the whole request.
    """
    row = Row()
    values, columns = row.values, table.columns
    for name, value in body.items():
        column = columns.get(name)
        try:
            if column is None or not column.is_plain:
                _read_unusual(table, row, name, value)
            else:
                values.append((column, None if value is None else column.accept(value)))
        except RowError as error:
            row.error = row.error or error
    return row


def _read_unusual(table: Table, row: Row, name: str, value: Any) -> None:
    """Read what is no plain field seen before."""
    if name == "attributes":
        return
    if name.lower() == "id":
        row.record_id = "" if value is None else value
        return
    column = table.column(name)
    if column is None:
        row.parents.append(_read_parent(table, name, value))
        return
    if column.limited:
        row.limited.append(column.field)
    row.has_lookups = row.has_lookups or column.is_reference
    if column.field.createable or column.field.updateable:
        row.values.append((column, None if value is None else column.accept(value)))


def _read_parent(table: Table, name: str, value: Any) -> ParentKey:
    field = next((f for f in table.schema.fields.values() if (f.relationship_name or "").lower() == name.lower()), None)
    if field is None or not isinstance(value, dict):
        raise RowError("INVALID_FIELD", f"No such column '{name}' on sobject of type {table.schema.name}")
    attributes = value.get("attributes")
    object_name = attributes.get("type") if isinstance(attributes, dict) else None
    keys = [key for key in value if key != "attributes"]
    if len(keys) != 1 or not isinstance(value[keys[0]], str | int | float):
        raise RowError("INVALID_FIELD", f"The relationship {name} takes exactly one external ID field")
    return ParentKey(table.use(field), keys[0], value[keys[0]], object_name if isinstance(object_name, str) else None)
