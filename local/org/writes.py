"""Writes records: every rule of the object is checked before the first value changes."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from local.org import record as slots
from local.org.clock import OrgClock
from local.org.deletion import Referrers
from local.org.locking.row_locks import RowLocks
from local.org.record import Record
from local.org.record_types import check_record_type
from local.org.references import resolve_id, resolve_parent
from local.org.rows import Row
from local.org.save_steps import SaveSteps
from local.org.store import Store
from local.org.table import Table
from local.org.validator import Validator
from local.org.write_checks import (
    check_allowed,
    check_nulls,
    check_one_of,
    check_unique,
    refuse_limited,
    required_fields_missing,
)
from local.org.write_values import Values, as_given, as_saved, assign, fill_defaults, keep_fixed_parents, prepared

_STAMPS = slice(slots.CREATED_DATE, slots.MODSTAMP + 1)  # created, by whom, changed, by whom, SystemModstamp


class Writer:
    """Creates, updates and deletes records for one user."""

    def __init__(self, store: Store, clock: OrgClock, user_id: str, validator: Validator, locks: RowLocks) -> None:
        self.store = store
        self._clock = clock
        self._user_id = user_id
        self._validator = validator
        self._locks = locks
        self._is_system = False
        self.save_number = 0
        """Counts saves: the rows of one call that are written together are one."""

    def create(self, table: Table, row: Row) -> Record:
        """Add a record.

        Raises:
            RowError: Why the row is refused; nothing was written.
        """
        check_allowed(table, "createable", "inserted")
        if row.limited:
            refuse_limited([field for field in row.limited if not field.createable])
        values = self._resolved(row)
        if self._locks.is_active:
            self._locks.take(self._locks.targets.of_create(values))
        if table.schema.record_types:
            check_record_type(table, values, before=None)
        record = as_given(table, values)
        if table.owner is not None and record[table.owner.slot] is None:
            record[table.owner.slot] = self._user_id
        if table.default_formulas:
            fill_defaults(table, record, values)
        if table.steps is None:
            self._check_new(table, record, values)
            self._add(table, record)
        else:
            self._create_in_steps(table, table.steps, record, values)
        return record

    def _create_in_steps(self, table: Table, steps: SaveSteps, record: Record, values: Values) -> None:
        values = prepared(table, steps, values, record, before=None)
        self._check_new(table, record, values)
        steps.check(record, None)
        with self.store.attempt():
            self._add(table, record)
            steps.finish(record, None)

    def _check_new(self, table: Table, record: Record, values: Values) -> None:
        if missing := table.missing(record):
            raise required_fields_missing(missing)
        if table.schema.required_one_of:
            check_one_of(table, record)
        self._validator.check(table, record, before=None)
        if table.indexes:
            check_unique(values, None)

    def _add(self, table: Table, record: Record) -> None:
        now, user_id = self._clock.stamp(), self._user_id
        record[_STAMPS] = (now, user_id, now, user_id, now)
        table.insert(record)
        self.store.note(table, record, before=None)

    def update(self, table: Table, record: Record, row: Row) -> None:
        """Change the given fields of a record.

        Raises:
            RowError: Why the row is refused; nothing was written.
        """
        self._check_access(table, row)
        values = self._resolved(row)
        if self._locks.is_active:
            self._locks.take(self._locks.targets.of_update(table, record, values))
        if row.parents:
            keep_fixed_parents(record, row, values)
        if table.schema.record_types:
            check_record_type(table, values, before=record)
        if table.steps is not None:
            values = prepared(table, table.steps, values, as_saved(record, values), before=record)
        check_nulls(values)
        if self._validator.has_rules(table):
            self._validator.check(table, as_saved(record, values), before=record)
        if table.indexes:
            check_unique(values, record)
        if table.steps is None:
            self._change(table, record, values)
            return
        table.steps.check(as_saved(record, values), record)
        with self.store.attempt():
            before = self._change(table, record, values)
            table.steps.finish(record, before)

    def _check_access(self, table: Table, row: Row) -> None:
        """Refuse an update that the user may not make; automation may write what the user may not."""
        if self._is_system:
            return
        check_allowed(table, "updateable", "updated")
        if row.limited:
            refuse_limited([field for field in row.limited if not field.updateable])

    def delete(self, table: Table, record: Record, referrers: Referrers | None = None) -> None:
        """Mark a record as deleted, with the records that go with it.

        Raises:
            RowError: Why the delete is refused; nothing was written.
        """
        check_allowed(table, "deletable", "deleted")
        plan = (referrers or Referrers(self.store)).plan(table, record)
        if self._locks.is_active:
            self._locks.take(self._locks.targets.of_delete(plan))
        has_steps = any(doomed_table.steps is not None for doomed_table, _ in plan.doomed)
        with self.store.attempt() if has_steps else nullcontext():
            for referrer in plan.detached:
                self._change(referrer.table, referrer.record, [(referrer.column, None)])
            for doomed_table, doomed in plan.doomed:
                self._remove(doomed_table, doomed)

    def touch(self, table: Table, record: Record) -> None:
        """Note that a roll-up summary of a record changed: its SystemModstamp moves, and nothing else.

        Raises:
            RowError: A validation rule of the record forbids the change that led here.
        """
        if self._validator.has_rules(table):
            self._validator.check(table, record, before=record)
        before = self.store.before(record)
        record[slots.MODSTAMP] = self._clock.stamp()
        if before is not None:
            self.store.note(table, record, before=before)

    def _remove(self, table: Table, record: Record) -> None:
        before = self.store.before(record)
        table.remove(record)
        self._stamp_modified(record)
        if before is not None:
            self.store.note(table, record, before=before)
        if table.steps is not None:
            table.steps.finish(record, before)

    def _change(self, table: Table, record: Record, values: Values) -> Record | None:
        before = self.store.before(record)
        if table.derived:
            table.drop_from_derived(record)
        for column, value in values:
            if column.index is None and column.slot < len(record):
                record[column.slot] = value
            else:
                assign(column, record, value)
        if table.derived:
            table.add_to_derived(record)
        self._stamp_modified(record)
        if before is not None:
            self.store.note(table, record, before=before)
        return before

    def _resolved(self, row: Row) -> Values:
        """Return the row's values with every lookup as the id of a record that is there."""
        if row.error is not None:
            raise row.error
        if not (row.has_lookups or row.parents):
            return row.values
        values = [
            (column, resolve_id(self.store, column.field, value) if column.is_reference and value else value)
            for column, value in row.values
        ]
        values.extend((parent.column, resolve_parent(self.store, parent)) for parent in row.parents)
        return values

    @contextmanager
    def as_system(self) -> Iterator[None]:
        """Let the changes of the block be those of automation: they move SystemModstamp alone."""
        outer, self._is_system = self._is_system, True
        try:
            yield
        finally:
            self._is_system = outer

    def _stamp_modified(self, record: Record) -> None:
        record[slots.MODSTAMP] = self._clock.stamp()
        if not self._is_system:
            record[slots.MODIFIED_DATE] = record[slots.MODSTAMP]
            record[slots.MODIFIED_BY] = self._user_id
