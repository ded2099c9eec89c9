"""All tables of the org, and the journal that takes a failed all-or-none call back."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from local.org import ids
from local.org.access.view import hidden
from local.org.history import History
from local.org.record import IS_DELETED, Record
from local.org.schema import Schema
from local.org.table import NO_SLOT, Table


class Store:
    """The org's records; what the query engine reads."""

    def __init__(self, schema: Schema, history: History) -> None:
        self.schema = schema
        self.history = history
        self._tables = {each.name: Table(each) for each in schema.objects.values()}
        self._visible = self._tables
        self._table_by_prefix = {t.schema.key_prefix: t for t in reversed(self._tables.values()) if t.schema.key_prefix}
        self._journal: list[tuple[Table, Record, Record | None]] = []
        self._marks: list[int] = []

    def table(self, object_name: str) -> Table | None:
        """Return the object's table, whatever the case of its name."""
        table = self._visible.get(object_name)
        if table is None and (found := self.schema.find(object_name)) is not None:
            table = self._visible[found.name]
        return table

    def whole_table(self, object_name: str) -> Table | None:
        """Return the table of the object of that name, also where the user sees nothing of it."""
        return self.table(object_name) or self._tables.get(object_name)

    def show_as(self, schema: Schema) -> None:
        """Let callers see the org so; objects and fields that the schema lacks are kept, but nobody can name them."""
        self.schema = schema
        self._visible = {name: self._tables[name] for name in schema.objects}
        for name, table in self._tables.items():
            table.show_as(schema.objects.get(name) or hidden(table.whole))

    def visible_tables(self) -> Sequence[Table]:
        """Return the tables that the user sees something of."""
        return tuple(self._visible.values())

    def tables(self) -> Sequence[Table]:
        """Return every table."""
        return tuple(self._tables.values())

    def records_of(self, object_name: str) -> Iterator[Record]:
        """Yield the object's records that are not deleted; none where there is no such object."""
        table = self.whole_table(object_name)
        return iter(()) if table is None else table.records()

    def table_of(self, record_id: str) -> Table | None:
        """Return the table whose key prefix the id bears."""
        return self._table_by_prefix.get(record_id[:3])

    def locate(self, record_id: str) -> tuple[Table, Record] | None:
        """Return the record of a well-formed id, deleted or not, and its table."""
        table = self.table_of(record_id)
        record = table.any_by_id(record_id) if table is not None and ids.shorten(record_id) else None
        return None if table is None or record is None else (table, record)

    def seed(self, object_name: str, values: Mapping[str, Any]) -> str | None:
        """Put in a record that no caller wrote; fields that the schema lacks are left out."""
        table = self.table(object_name)
        if table is None:
            return None
        record = table.blank()
        for name, value in values.items():
            field = table.schema.fields.get(name)
            if field is not None and (slot := table.use(field).slot) != NO_SLOT:
                record.put(slot, value)
        return table.insert(record)

    def begin(self) -> None:
        """Remember from now on how to take each write back; a transaction may hold others."""
        self._marks.append(len(self._journal))

    def note(self, table: Table, record: Record, *, before: Record | None) -> None:
        """Remember a write; `before` is the record as it was, None where it was not there."""
        self.history.add(record, before)
        if self._marks:
            self._journal.append((table, record, before))

    def before(self, record: Record) -> Record | None:
        """Return a copy of a record that is about to change, or None where nobody will ask for it."""
        return record.copy() if self._marks or self.history.is_kept else None

    def end(self, *, keep: bool) -> None:
        """Keep the writes since the last `begin`, or take them all back, newest first."""
        mark = self._marks.pop()
        if not keep:
            for table, record, before in reversed(self._journal[mark:]):
                self.history.take_back(record)
                _take_back(table, record, before)
        if not keep or not self._marks:
            del self._journal[mark:]

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Take back every write of the block where it raises."""
        self.begin()
        try:
            yield
        except BaseException:
            self.end(keep=False)
            raise
        self.end(keep=True)


def _take_back(table: Table, record: Record, before: Record | None) -> None:
    if before is None:
        table.forget(record)
        return
    if record[IS_DELETED]:
        table.live += 1
    else:
        table.drop_from_indexes(record)
    record[:] = before
    table.add_to_indexes(record)
