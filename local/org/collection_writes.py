"""sObject Collections without HTTP: up to 200 rows, each with a result of its own."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any

from local.org import ids
from local.org.automation.meter import ChunkError
from local.org.automation.runner import Automation
from local.org.deletion import Referrers
from local.org.errors import RowError
from local.org.faults import Faults
from local.org.record import ID, IS_DELETED, Record
from local.org.rows import Row
from local.org.table import Column, Table
from local.org.write_results import Result, failed, id_in_body, rolled_back, saved, upserted
from local.org.writes import Writer

Write = Callable[[], Result]
Step = tuple[Table | None, Row, Write]


class _NotAllError(Exception):
    """Raised to take back a call of which every row, or none, is to be written."""


class CollectionWriter:
    """Writes the rows of one call in their order."""

    def __init__(self, writer: Writer, faults: Faults, automation: Automation) -> None:
        self._writer = writer
        self._faults = faults
        self._automation = automation

    def create(self, rows: Iterable[tuple[Table, Row]], *, all_or_none: bool) -> list[Result]:
        """Return a save result per row."""
        return self._each([(table, row, self._create_step(table, row)) for table, row in rows], all_or_none=all_or_none)

    def update(self, rows: Iterable[tuple[Table, Row]], *, all_or_none: bool) -> list[Result]:
        """Return a save result per row."""
        return self._each([(table, row, self._update_step(table, row)) for table, row in rows], all_or_none=all_or_none)

    def upsert(self, table: Table, key: Column, rows: Sequence[Row], *, all_or_none: bool) -> list[Result]:
        """Return an upsert result per row; every row of a key that stands twice in the call is refused."""
        values = [row.value_of(key) for row in rows]
        twice = _keys_twice(key, values)
        steps = [
            (table, row, self._upsert_step(table, key, row, value, twice))
            for row, value in zip(rows, values, strict=True)
        ]
        return self._each(steps, all_or_none=all_or_none, upsert=True)

    def upsert_by_id(self, table: Table, rows: Sequence[Row], *, all_or_none: bool) -> list[Result]:
        """Return an upsert result per row; a row without an id is created."""
        steps = [(table, row, self._upsert_by_id_step(table, row)) for row in rows]
        return self._each(steps, all_or_none=all_or_none, upsert=True)

    def delete(self, record_ids: Sequence[str], *, all_or_none: bool) -> list[Result]:
        """Return a delete result per id."""
        referrers = Referrers(self._writer.store)
        return self._each(
            [(None, Row(), self._delete_step(each, referrers)) for each in record_ids], all_or_none=all_or_none
        )

    def delete_rows(self, table: Table, rows: Sequence[Row], referrers: Referrers) -> list[Result]:
        """Return a delete result per row, which is known by its id and of this object."""
        return self._each(
            [(table, row, self._delete_row_step(table, row, referrers)) for row in rows], all_or_none=False
        )

    def _each(self, steps: Sequence[Step], *, all_or_none: bool, upsert: bool = False) -> list[Result]:
        self._writer.save_number += 1
        if not all_or_none:
            return self._chunks(steps, upsert=upsert)
        results: list[Result] = []
        try:
            with self._writer.store.attempt():
                results += self._chunks(steps, upsert=upsert)
                _check_all(results)
        except _NotAllError:
            return [rolled_back(result) for result in results]
        return results

    def _chunks(self, steps: Sequence[Step], *, upsert: bool) -> list[Result]:
        """Write the rows; where triggers run, those of one object that follow each other stand or fall with them."""
        if not self._automation.is_active:
            return self._run(steps, upsert=upsert)
        results: list[Result] = []
        for _, run in groupby(steps, key=lambda step: step[0] and step[0].schema.name):
            results += self._chunk(list(run), upsert=upsert)
        return results

    def _chunk(self, steps: Sequence[Step], *, upsert: bool) -> list[Result]:
        try:
            with self._automation.chunk(), self._writer.store.attempt():
                return self._run(steps, upsert=upsert)
        except ChunkError as error:
            return [failed(error, upsert=upsert) for _ in steps]

    def _run(self, steps: Sequence[Step], *, upsert: bool) -> list[Result]:
        results: list[Result] = []
        for table, row, write in steps:
            try:
                if self._faults.has_row_faults and table is not None:
                    results.append(self._with_row_fault(table, row, write))
                else:
                    results.append(write())
            except ChunkError:
                raise
            except RowError as error:
                results.append(failed(error, upsert=upsert))
        return results

    def _with_row_fault(self, table: Table, row: Row, write: Write) -> Result:
        plan = self._faults.for_row(table.schema.name, row.keys())
        if plan is None:
            return write()
        if plan.when == "after":
            write()
        _, code, message = plan.answer
        raise RowError(code, message, plan.fields)

    def _create_step(self, table: Table, row: Row) -> Write:
        def write() -> Result:
            if row.record_id is not None:
                raise id_in_body()
            return saved(self._writer.create(table, row)[ID])

        return write

    def _update_step(self, table: Table, row: Row) -> Write:
        def write() -> Result:
            if not row.record_id:
                raise RowError("MISSING_ARGUMENT", "Id not specified in an update call")
            record = existing(table, row.record_id)
            self._writer.update(table, record, row)
            return saved(record[ID])

        return write

    def _upsert_step(self, table: Table, key: Column, row: Row, value: Any, twice: frozenset[Any]) -> Write:
        def write() -> Result:
            found = _match(key, row, value, twice)
            if found is None:
                return upserted(self._writer.create(table, row)[ID], created=True)
            self._writer.update(table, found, row)
            return upserted(found[ID], created=False)

        return write

    def _upsert_by_id_step(self, table: Table, row: Row) -> Write:
        def write() -> Result:
            if not row.record_id:
                return upserted(self._writer.create(table, row)[ID], created=True)
            record = existing(table, row.record_id)
            self._writer.update(table, record, row)
            return upserted(record[ID], created=False)

        return write

    def _delete_row_step(self, table: Table, row: Row, referrers: Referrers) -> Write:
        def write() -> Result:
            if row.error is not None:
                raise row.error
            if not row.record_id:
                raise RowError("MISSING_ARGUMENT", "Id not specified in a delete call")
            record = existing(table, row.record_id)
            self._writer.delete(table, record, referrers)
            return saved(record[ID])

        return write

    def _delete_step(self, record_id: str, referrers: Referrers) -> Write:
        def write() -> Result:
            if ids.shorten(record_id) is None:
                raise RowError("MALFORMED_ID", f"malformed id {record_id}")
            located = self._writer.store.locate(record_id)
            if located is None:
                raise RowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
            table, record = located
            if record[IS_DELETED]:
                raise RowError("ENTITY_IS_DELETED", "entity is deleted")
            self._writer.delete(table, record, referrers)
            return saved(record[ID])

        return write


def existing(table: Table, record_id: Any) -> Record:
    """Return the record that a row's own id names.

    Raises:
        RowError: A malformed id, another object's, or a record that is not there.
    """
    short_id = ids.shorten(record_id) if isinstance(record_id, str) else None
    if short_id is None or not short_id.startswith(table.schema.key_prefix):
        label = f"{table.schema.label} ID"
        raise RowError("MALFORMED_ID", f"{label}: id value of incorrect type: {record_id}", ["Id"])
    record = table.any_by_id(short_id)
    if record is None:
        raise RowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    if record[IS_DELETED]:
        raise RowError("ENTITY_IS_DELETED", "entity is deleted")
    return record


def _check_all(results: Sequence[Result]) -> None:
    if not all(result["success"] for result in results):
        raise _NotAllError


def _keys_twice(key: Column, values: Sequence[Any]) -> frozenset[Any]:
    index = key.index
    if index is None:
        return frozenset()
    keys = [index.key(value) for value in values]
    if len(set(keys)) == len(keys):
        return frozenset()
    return frozenset(key for key, count in Counter(keys).items() if count > 1 and key is not None)


def _match(key: Column, row: Row, value: Any, twice: frozenset[Any]) -> Record | None:
    """Return the record to update, or None where one is to be created."""
    name, index = key.field.name, key.index
    if row.record_id is not None:
        raise id_in_body()
    if value is None or index is None:
        raise row.error or RowError("MISSING_ARGUMENT", f"{name} not specified")
    if twice and index.key(value) in twice:
        raise RowError("DUPLICATE_VALUE", f"Duplicate external id specified: {value}", [name])
    found = index.find(value)
    if len(found) > 1:
        listed = ", ".join(str(record[ID]) for record in found)
        message = f"{key.field.label}: more than one record found for external id field: [{listed}]"
        raise RowError("DUPLICATE_EXTERNAL_ID", message, [name])
    return found[0] if found else None
