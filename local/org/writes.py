"""Writes records: every rule of the object is checked before the first value changes."""

from collections.abc import Sequence
from typing import Any

from local.org import record as slots
from local.org.clock import OrgClock
from local.org.deletion import Referrers
from local.org.errors import RowError
from local.org.record import ID, Record
from local.org.record_types import check_record_type
from local.org.references import resolve_id, resolve_parent
from local.org.rows import Row
from local.org.schema import FieldSchema
from local.org.store import Store
from local.org.table import Column, Table
from local.org.validator import Validator

Values = list[tuple[Column, Any]]


class Writer:
    """Creates, updates and deletes records for one user."""

    def __init__(self, store: Store, clock: OrgClock, user_id: str, validator: Validator) -> None:
        self.store = store
        self._clock = clock
        self._user_id = user_id
        self._validator = validator

    def create(self, table: Table, row: Row) -> Record:
        """Add a record.

        Raises:
            RowError: Why the row is refused; nothing was written.
        """
        _check_allowed(table, "createable", "inserted")
        if row.limited:
            _refuse_limited([field for field in row.limited if not field.createable])
        values = self._resolved(row)
        if table.schema.record_types:
            check_record_type(table, values, before=None)
        record = table.blank()
        for column, value in values:
            if value is not None:
                record[column.slot] = value
            elif column.null_refused:
                _refuse_null_on_create(column)
            else:
                record[column.slot] = None
        self._default_owner(table, record)
        if missing := table.missing(record):
            raise required_fields_missing(missing)
        _check_one_of(table, record)
        if self._validator.has_rules(table):
            self._validator.check(table, record, before=None)
        _check_unique(table, values, None)
        self._stamp_created(record)
        table.insert(record)
        self.store.note(table, record, before=None)
        return record

    def update(self, table: Table, record: Record, row: Row) -> None:
        """Change the given fields of a record.

        Raises:
            RowError: Why the row is refused; nothing was written.
        """
        _check_allowed(table, "updateable", "updated")
        if row.limited:
            _refuse_limited([field for field in row.limited if not field.updateable])
        values = self._resolved(row)
        _check_nulls(values)
        if table.schema.record_types:
            check_record_type(table, values, before=record)
        if self._validator.has_rules(table):
            self._validator.check(table, _as_saved(record, values), before=record)
        _check_unique(table, values, record)
        self._change(table, record, values)

    def delete(self, table: Table, record: Record, referrers: Referrers | None = None) -> None:
        """Mark a record as deleted, with the records that go with it.

        Raises:
            RowError: Why the delete is refused; nothing was written.
        """
        _check_allowed(table, "deletable", "deleted")
        plan = (referrers or Referrers(self.store)).plan(table, record)
        for referrer in plan.detached:
            self._change(referrer.table, referrer.record, [(referrer.column, None)])
        for doomed_table, doomed in plan.doomed:
            before = self.store.before(doomed)
            doomed_table.remove(doomed)
            self._stamp_modified(doomed)
            if before is not None:
                self.store.note(doomed_table, doomed, before=before)

    def _change(self, table: Table, record: Record, values: Values) -> None:
        before = self.store.before(record)
        for column, value in values:
            _assign(column, record, value)
        self._stamp_modified(record)
        if before is not None:
            self.store.note(table, record, before=before)

    def _resolved(self, row: Row) -> Values:
        """Return the row's values with every lookup as the id of a record that is there."""
        if row.error is not None:
            raise row.error
        values = [
            (column, resolve_id(self.store, column.field, value) if column.is_reference and value else value)
            for column, value in row.values
        ]
        values.extend((parent.column, resolve_parent(self.store, parent)) for parent in row.parents)
        return values

    def _default_owner(self, table: Table, record: Record) -> None:
        owner = table.schema.fields.get("OwnerId")
        if owner is not None and record.get("OwnerId") is None:
            record.put(table.use(owner).slot, self._user_id)

    def _stamp_modified(self, record: Record) -> None:
        record[slots.MODIFIED_DATE] = record[slots.MODSTAMP] = self._clock.stamp()
        record[slots.MODIFIED_BY] = self._user_id

    def _stamp_created(self, record: Record) -> None:
        record[slots.CREATED_DATE] = record[slots.MODIFIED_DATE] = record[slots.MODSTAMP] = self._clock.stamp()
        record[slots.CREATED_BY] = record[slots.MODIFIED_BY] = self._user_id


def required_fields_missing(names: Sequence[str]) -> RowError:
    """Return the refusal of a row without its required fields."""
    return RowError("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(names)}]", names)


def _check_allowed(table: Table, capability: str, done: str) -> None:
    if capability not in table.schema.capabilities:
        raise RowError("INVALID_TYPE_FOR_OPERATION", f"entity type cannot be {done}: {table.schema.label}")


def _check_one_of(table: Table, record: Record) -> None:
    """Refuse a record that leaves a whole group empty, in the words known from Asset."""
    for group in table.schema.required_one_of:
        if all(record.get(name) is None for name in group):
            labels = [table.schema.fields[name].label for name in group]
            things = [label.removesuffix(" ID").lower() for label in labels]
            listed = ", ".join(f"{'an' if thing[0] in 'aeiou' else 'a'} {thing}" for thing in things)
            needs = f"Every {table.schema.label.lower()} needs {listed}, or both.: {', '.join(labels)}"
            raise RowError("FIELD_INTEGRITY_EXCEPTION", needs, group)


def _refuse_limited(fields: Sequence[FieldSchema]) -> None:
    if fields:
        names = [field.name for field in fields]
        message = (
            f"Unable to create/update fields: {', '.join(names)}. Please check the security settings of this field "
            "and verify that it is read/write for your profile or permission set."
        )
        raise RowError("INVALID_FIELD_FOR_INSERT_UPDATE", message, names)


def _refuse_null_on_create(column: Column) -> None:
    """Refuse null in a checkbox; elsewhere null means that nothing was said."""
    if column.field.type == "boolean":
        raise _not_of_type(column.field)


def _check_nulls(values: Values) -> None:
    refused = [column.field for column, value in values if value is None and column.null_refused]
    for field in refused:
        if field.type == "boolean":
            raise _not_of_type(field)
    if refused:
        raise required_fields_missing([field.name for field in refused])


def _not_of_type(field: FieldSchema) -> RowError:
    message = f"{field.label}: value not of required type: null"
    return RowError("INVALID_TYPE_ON_FIELD_IN_RECORD", message, [field.name])


def _check_unique(table: Table, values: Values, record: Record | None) -> None:
    if not table.indexes:
        return
    for column, value in values:
        index = column.index
        if index is not None and index.unique and value is not None and (other := index.other(value, record)):
            name = column.field.name
            message = f"duplicate value found: {name} duplicates value on record with id: {other[ID]}"
            raise RowError("DUPLICATE_VALUE", message)


def _as_saved(record: Record, values: Values) -> Record:
    """Return the record as it would be, beside the one that is."""
    saved = record.copy()
    for column, value in values:
        saved.put(column.slot, value)
    return saved


def _assign(column: Column, record: Record, value: Any) -> None:
    if column.index is None:
        record.put(column.slot, value)
        return
    before = record[column.slot] if column.slot < len(record) else None
    if before != value:
        column.index.remove(before, record)
        column.index.add(value, record)
    record.put(column.slot, value)
