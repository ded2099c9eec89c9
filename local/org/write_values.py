"""From the values of a row to those of a record."""

from typing import Any

from local.org.record import Record
from local.org.rows import Row
from local.org.save_steps import SaveSteps
from local.org.table import Column, Table
from local.org.write_checks import refuse_limited, refuse_null_on_create

Values = list[tuple[Column, Any]]


def keep_fixed_parents(record: Record, row: Row, values: Values) -> None:
    """Refuse another parent where the record cannot have another; the same one, named again, is no change."""
    fixed = [parent.column for parent in row.parents if not parent.column.field.updateable]
    refuse_limited(
        [column.field for column, value in values if column in fixed and value != record.get(column.field.name)]
    )
    values[:] = [(column, value) for column, value in values if column not in fixed]


def as_given(table: Table, values: Values) -> Record:
    """Return a new record of those values and of the plain defaults."""
    record = table.blank()
    for column, value in values:
        if value is not None:
            record[column.slot] = value
        elif column.null_refused:
            refuse_null_on_create(column)
        else:
            record[column.slot] = None
    return record


def prepared(table: Table, steps: SaveSteps, values: Values, record: Record, *, before: Record | None) -> Values:
    """Return the values with what before-triggers set, and put that into the record; each sees what others set."""
    changed = {column.slot: (column, value) for column, value in values}
    for step in steps.before:
        for name, value in step(record, before).items():
            column = table.use(table.whole.fields[name])
            record.put(column.slot, value)
            changed[column.slot] = (column, value)
    return list(changed.values())


def fill_defaults(table: Table, record: Record, values: Values) -> None:
    """Give the fields that the row does not name the defaults that are formulas."""
    given = {column.field.name for column, _ in values}
    for name, compute in table.default_formulas.items():
        if name not in given:
            record.put(table.use(table.whole.fields[name]).slot, compute(record))


def as_saved(record: Record, values: Values) -> Record:
    """Return the record as it would be, beside the one that is."""
    saved = record.copy()
    for column, value in values:
        if column.slot < len(saved):
            saved[column.slot] = value
        else:
            saved.put(column.slot, value)
    return saved


def assign(column: Column, record: Record, value: Any) -> None:
    """Set a value, and keep the column's index true."""
    if column.index is None:
        record.put(column.slot, value)
        return
    before = record[column.slot] if column.slot < len(record) else None
    if before != value:
        column.index.remove(before, record)
        column.index.add(value, record)
    record.put(column.slot, value)
