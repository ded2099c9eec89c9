"""Writes one chunk of rows as a job's operation says: a transaction in which each row stands or falls alone."""

from collections.abc import Callable, Sequence

from local.org import ids
from local.org.bulk.header import no_key
from local.org.bulk.job import IngestJob
from local.org.bulk.words import JobFaultError, Operation
from local.org.collection_writes import CollectionWriter
from local.org.deletion import Referrers
from local.org.record import ID
from local.org.rows import Row
from local.org.store import Store
from local.org.table import Column, Table
from local.org.write_results import Result

_ID_FIELD = "id"


class ChunkWriter:
    """The writes of one job."""

    def __init__(self, job: IngestJob, store: Store, collections: CollectionWriter) -> None:
        """Find what the job writes to and its rows' key.

        Raises:
            JobFaultError: There is no such key.
        """
        self.table = _table(store, job)
        self.creates = job.spec.operation is Operation.INSERT
        self._store = store
        self._referrers = Referrers(store)
        self._collections = collections
        self._key = _key(self.table, job)
        self._operation = job.spec.operation

    def write(self, rows: Sequence[Row]) -> Sequence[Result]:
        """Return a result per row, in their order."""
        return _WRITES[self._operation](self, rows)

    def renew(self) -> None:
        """Forget who refers to whom: others may have written since."""
        self._referrers = Referrers(self._store)

    def id_of(self, row: Row) -> str:
        """Return the id of the one record that the row is known to be for, or ""."""
        if isinstance(row.record_id, str) and (short_id := ids.shorten(row.record_id)):
            return ids.to_18(short_id)
        if self._key is None or self._key.index is None:
            return ""
        found = self._key.index.find(row.value_of(self._key))
        return str(found[0][ID]) if len(found) == 1 else ""

    def insert(self, rows: Sequence[Row]) -> Sequence[Result]:
        """Create a record for each row."""
        return self._collections.create([(self.table, row) for row in rows], all_or_none=False)

    def update(self, rows: Sequence[Row]) -> Sequence[Result]:
        """Change the record that each row names."""
        return self._collections.update([(self.table, row) for row in rows], all_or_none=False)

    def upsert(self, rows: Sequence[Row]) -> Sequence[Result]:
        """Change the record that has each row's key, or create it."""
        if self._key is None:
            return self._collections.upsert_by_id(self.table, rows, all_or_none=False)
        return self._collections.upsert(self.table, self._key, rows, all_or_none=False)

    def delete(self, rows: Sequence[Row]) -> Sequence[Result]:
        """Delete the record that each row names."""
        return self._collections.delete_rows(self.table, rows, self._referrers)

    def hard_delete(self, rows: Sequence[Row]) -> Sequence[Result]:
        """Delete the record that each row names, past the recycle bin."""
        results = self.delete(rows)
        for result in results:
            if result["success"]:
                self.table.erase(result["id"])
        return results


_WRITES: dict[Operation, Callable[[ChunkWriter, Sequence[Row]], Sequence[Result]]] = {
    Operation.INSERT: ChunkWriter.insert,
    Operation.UPDATE: ChunkWriter.update,
    Operation.UPSERT: ChunkWriter.upsert,
    Operation.DELETE: ChunkWriter.delete,
    Operation.HARD_DELETE: ChunkWriter.hard_delete,
}


def _table(store: Store, job: IngestJob) -> Table:
    table = store.table(job.object_name)
    if table is None:
        raise JobFaultError(f"InvalidJob : Entity '{job.object_name}' is not supported by the Bulk API.")
    return table


def _key(table: Table, job: IngestJob) -> Column | None:
    """Return the column of an upsert's key; None where it is the id, and for other operations."""
    name = job.spec.external_id_field
    if job.spec.operation is not Operation.UPSERT or name is None or name.lower() == _ID_FIELD:
        return None
    column = table.column(name)
    if column is None or column.index is None:
        raise no_key(table.schema, name)
    return column
