"""The org's tables with what is in the recycle bin: what `queryAll` reads."""

from collections.abc import Iterator, Sequence
from typing import Any

from local.org import ids
from local.org.record import Record
from local.org.schema import ObjectSchema, Schema
from local.org.store import Store
from local.org.table import Table


class WholeTable:
    """One object's records, deleted ones too."""

    def __init__(self, table: Table) -> None:
        self._table = table

    @property
    def schema(self) -> ObjectSchema:
        """The object's fields."""
        return self._table.schema

    def records(self) -> Iterator[Record]:
        """Yield the records, oldest first."""
        return (record for record in self._table.rows if record is not None)

    def by_id(self, record_id: str) -> Record | None:
        """Return the record of that id, 15 or 18 long."""
        short_id = ids.shorten(record_id)
        return self._table.any_by_id(short_id) if short_id else None

    def find(self, field_name: str, value: Any) -> Sequence[Record] | None:
        """Return the record of an id; no index holds what is deleted."""
        if field_name != "Id" or not isinstance(value, str):
            return None
        record = self.by_id(value)
        return () if record is None else (record,)


class Everything:
    """All tables of the org with their deleted records."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def schema(self) -> Schema:
        """The org's objects."""
        return self._store.schema

    def table(self, object_name: str) -> WholeTable | None:
        """Return an object's table, whatever the case of its name."""
        table = self._store.table(object_name)
        return None if table is None else WholeTable(table)
