"""The records of one object, by number, with the columns that were ever used and their indexes."""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from local.org import ids
from local.org.auto_numbers import auto_number
from local.org.derived_index import DerivedIndex
from local.org.index import Index, is_indexed
from local.org.record import CREATED_DATE, ID, IS_DELETED, Record, record_type
from local.org.save_steps import SaveSteps
from local.org.schema import FieldSchema, ObjectSchema
from local.org.values import EXTERNAL_LOOKUP, Accept, compile_accept

NO_SLOT = sys.maxsize
"""The place of what is computed and never kept."""


@dataclass(slots=True, eq=False)
class Column:
    """A field that was used at least once: where its values stand and what it accepts."""

    field: FieldSchema
    slot: int
    accept: Accept
    index: Index | None
    is_reference: bool
    null_refused: bool
    limited: bool
    is_plain: bool
    """Anybody may write it, and its value stands for itself."""


class Table:
    """One object's records. Rows are never moved: a record's id holds its place."""

    def __init__(self, schema: ObjectSchema) -> None:
        self.schema = schema
        self.whole = schema
        """The object with every field; `schema` is what the user sees of it."""
        self.record_type = record_type(schema)
        self.columns: dict[str, Column] = {}
        self._hidden: dict[str, Column] = {}
        self.indexes: list[Column] = []
        self.derived: list[DerivedIndex] = []
        self.default_formulas: dict[str, Callable[[Record], Any]] = {}
        self.steps: SaveSteps | None = None
        self.rows: list[Record | None] = []
        self.live = 0
        self._blank: list[Any] = [None] * len(self.record_type.slots)
        self._blank[IS_DELETED] = False
        self._auto_numbers = 0
        self._prepare_columns()

    def _prepare_columns(self) -> None:
        for field in self.schema.fields.values():
            default = None if field.calculated else default_of(field)
            if default is not None and field.name not in self.record_type.slots:
                self._blank[self.use(field).slot] = default
        self._auto_columns = [self.use(each) for each in self.schema.fields.values() if each.auto_number]
        fields = self.schema.fields.values()
        self._required = [self.use(each) for each in fields if each.required_on_create or each.required_by_platform]
        owner = self.schema.fields.get("OwnerId")
        self.owner = None if owner is None else self.use(owner)

    def column(self, name: str) -> Column | None:
        """Return the column of that field, whatever its case, or None where the object has no such field."""
        column = self.columns.get(name)
        if column is None and (field := self.schema.find(name)) is not None:
            column = self.use(field)
        return column

    def use(self, field: FieldSchema) -> Column:
        """Return the field's column, giving it a place at its first use."""
        found = self.columns.get(field.name) or self._hidden.get(field.name)
        if found is not None:
            return found
        column = _column(field, self._slot(field))
        home = self.columns if field.name in self.schema.fields else self._hidden
        home[field.name] = column
        if column.index is not None:
            self.indexes.append(column)
        return column

    def show_as(self, schema: ObjectSchema) -> None:
        """Let callers see the object so: fields that it lacks are kept, but nobody can name them."""
        self.schema = schema
        for name, column in list(self.columns.items()):
            field = schema.fields.get(name)
            if field is None:
                self._hidden[name] = self.columns.pop(name)
            else:
                column.field, column.limited = field, _is_limited(field)
                column.is_plain = not (column.limited or column.is_reference)

    def _slot(self, field: FieldSchema) -> int:
        if field.name in self.record_type.computed:
            return NO_SLOT
        slot = self.record_type.slots.setdefault(field.name, len(self.record_type.slots))
        if slot >= len(self._blank):
            self._blank.append(None)
        return slot

    def own_steps(self) -> SaveSteps:
        """Return what else a save of the object does, to add to it."""
        if self.steps is None:
            self.steps = SaveSteps()
        return self.steps

    def blank(self) -> Record:
        """Return a record of defaults that is not in the table."""
        return self.record_type(self._blank)

    def missing(self, record: Record) -> list[str]:
        """Return the fields that a new record must have and has not."""
        for column in self._required:
            if record[column.slot] is None:
                return [each.field.name for each in self._required if record[each.slot] is None]
        return []

    def insert(self, record: Record) -> str:
        """Add a record and return its new id."""
        record_id = record[ID] = ids.encode(self.schema.key_prefix, len(self.rows) + 1)
        if self._auto_columns:
            self._number(record)
        self.rows.append(record)
        self.live += 1
        self.add_to_indexes(record)
        return record_id

    def _number(self, record: Record) -> None:
        self._auto_numbers += 1
        for column in self._auto_columns:
            record.put(column.slot, auto_number(column.field, self._auto_numbers, record[CREATED_DATE]))

    def remove(self, record: Record) -> None:
        """Mark the record as deleted."""
        self.drop_from_indexes(record)
        record[IS_DELETED] = True
        self.live -= 1

    def erase(self, record_id: str) -> None:
        """Take a deleted record out of the recycle bin, for good."""
        place = ids.number_of(record_id[:15]) or 0
        self.rows[place - 1] = None

    def forget(self, record: Record) -> None:
        """Take back an insert; the number stays used, as a sequence would leave it."""
        self.drop_from_indexes(record)
        self.live -= 1
        self.erase(record[ID])

    def add_to_indexes(self, record: Record) -> None:
        """Make the record found by its values."""
        width = len(record)
        for column in self.indexes:
            if column.index is not None and column.slot < width and (value := record[column.slot]) is not None:
                column.index.add(value, record)
        if self.derived:
            self.add_to_derived(record)

    def add_to_derived(self, record: Record) -> None:
        """Make the record found by what is worked out from its values."""
        for each in self.derived:
            each.add(record)

    def drop_from_derived(self, record: Record) -> None:
        """Undo `add_to_derived`, while the record has the values that it had then."""
        for each in self.derived:
            each.remove(record)

    def drop_from_indexes(self, record: Record) -> None:
        """Stop the record from being found by its values."""
        for column in self.indexes:
            if column.index is not None and column.slot < len(record):
                column.index.remove(record[column.slot], record)
        self.drop_from_derived(record)

    def any_by_id(self, record_id: str) -> Record | None:
        """Return the record of a well-formed id, deleted or not."""
        place = ids.number_of(record_id[:15])
        if place is None or not 0 < place <= len(self.rows) or not record_id.startswith(self.schema.key_prefix):
            return None
        return self.rows[place - 1]

    def by_id(self, record_id: str) -> Record | None:
        """Return the record of that id (15 or 18 long) that is not deleted."""
        short_id = ids.shorten(record_id)
        record = self.any_by_id(short_id) if short_id else None
        return None if record is None or record[IS_DELETED] else record

    def records(self) -> Iterator[Record]:
        """Yield the records that are not deleted, oldest first."""
        return (record for record in self.rows if record is not None and not record[IS_DELETED])

    def find(self, field_name: str, value: Any) -> Sequence[Record] | None:
        """Return the records with the value, or None where the field has no index."""
        if field_name.lower() == "id":
            found = self.by_id(value) if isinstance(value, str) else None
            return () if found is None else (found,)
        column = self.column(field_name)
        return None if column is None or column.index is None else column.index.find(value)


def default_of(field: FieldSchema) -> Any:
    """Return what a new record holds where the caller says nothing."""
    if field.type == "boolean":
        return bool(field.default_value)
    if field.default_value is not None:
        return field.default_value
    chosen = (entry.value for entry in field.picklist_values if entry.default and entry.active)
    return next(chosen, None) if field.type in {"picklist", "multipicklist"} else None


def _is_limited(field: FieldSchema) -> bool:
    return not (field.createable and field.updateable)


def _column(field: FieldSchema, slot: int) -> Column:
    limited = _is_limited(field)
    is_reference = field.type == "reference" and field.extra_type_info != EXTERNAL_LOOKUP
    return Column(
        field=field,
        slot=slot,
        accept=compile_accept(field),
        index=Index(field) if is_indexed(field) and slot != NO_SLOT else None,
        is_reference=is_reference,
        null_refused=not field.nillable,
        limited=limited,
        is_plain=not (limited or is_reference),
    )
