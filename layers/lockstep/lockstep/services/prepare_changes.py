"""Makes the CSV of an ingest job from a backlog: the changes take the REST lane's steps up to the call."""

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

from lockstep.domain.also_records import NotMeant
from lockstep.domain.attempts import Attempt
from lockstep.domain.bulk_csv import csv_text
from lockstep.domain.chunks import Chunk
from lockstep.domain.external_ids import IDENTITIES
from lockstep.domain.failures import SyncError
from lockstep.domain.job_rows import manifest_line
from lockstep.domain.load_keys import manifest_key
from lockstep.domain.mapped import Mapped, Unmappable
from lockstep.domain.row_counts import RowCounts
from lockstep.domain.row_places import counts_of
from lockstep.domain.verdicts import Failed, Verdict
from lockstep.ports import PayloadStore
from lockstep.ports.bulk import LoadFiles, LocalFile, LocalFiles
from lockstep.services.backlog_changes import BacklogChanges, by_rest
from lockstep.services.made_records import made_records, not_meant
from lockstep.services.prepare_rows import Prepared
from lockstep.services.write_records import Written


class _Row(NamedTuple):
    parents: tuple[str, ...]
    key: str
    version: int
    name: str
    cells: Sequence[str]


class PutAside:
    """Implements `Writing`: maps, and keeps the rows for a job; the changes keep their claims."""

    def __init__(self, payloads: PayloadStore) -> None:
        self._payloads = payloads
        self._records: set[Hashable] = set()
        self.header: Sequence[str] = ()
        self.rows: list[_Row] = []

    def __call__(self, attempts: Sequence[Attempt], has_time: Callable[[], bool]) -> Written:
        """Return verdicts of those that do not go into the job."""
        written = Written()
        for attempt in attempts:
            if verdict := self._verdict(attempt, written.notes):
                written.verdicts.append(verdict)
        return written

    def _verdict(self, attempt: Attempt, notes: Counter[tuple[str, str, str]]) -> Verdict | None:
        records = made_records(attempt, self._payloads)
        if isinstance(records, SyncError):
            return Failed(attempt.change, records)
        if isinstance(records, NotMeant):
            return not_meant(attempt.change)
        if len(records) > 1 or records[0].record.wishes:
            return Failed(attempt.change, by_rest("its route has changed: it is no single row of a job any more"))
        return self._put(attempt, records[0].record, notes)

    def _put(self, attempt: Attempt, record: Mapped, notes: Counter[tuple[str, str, str]]) -> Verdict | None:
        route, change = attempt.route, attempt.change
        bulk = route.to_bulk_row(record)
        if isinstance(bulk, Unmappable):
            return Failed(change, by_rest("it is too long for a row of a job"))
        identity = IDENTITIES[route.key_kind](change.external_id)
        if identity in self._records:
            return Failed(change, by_rest("the job has a row of its record, whose key is written otherwise"))
        self._records.add(identity)
        self.header = route.bulk_header
        notes.update((route.object_name, note.field, note.what) for note in bulk.notes)
        parents = tuple(bulk.cells[at] for at, column in enumerate(route.layout.columns) if column.relationship)
        self.rows.append(_Row(parents, change.external_id, change.version, change.correlation_id, bulk.cells))
        return None


class GiveBack:
    """Implements `Writing`: nothing is written, and every change goes by REST."""

    def __call__(self, attempts: Sequence[Attempt], has_time: Callable[[], bool]) -> Written:
        """Fail all of them, for a moment."""
        failure = by_rest("no ingest job could be made of it in good time")
        return Written([Failed(attempt.change, failure) for attempt in attempts])


class PrepareChanges:
    """Safe to repeat."""

    def __init__(
        self, *, changes: BacklogChanges, load_files: LoadFiles, local_files: LocalFiles, payloads: PayloadStore
    ) -> None:
        self._changes = changes
        self._load_files = load_files
        self._local_files = local_files
        self._payloads = payloads

    def __call__(self, chunk: Chunk, into: LocalFile, has_time: Callable[[], bool]) -> Prepared:
        """Write the job's rows into a file, and the list of them to the load's files.

        Raises:
            SyncError: AWS_UNAVAILABLE, FILE_GONE.
        """
        numbered = self._changes.read(chunk)
        line_by_name = {change.correlation_id: line for line, change in numbered}
        aside = PutAside(self._payloads)
        write = GiveBack() if chunk.by_rest else aside
        report = self._changes.take(chunk, [change for _, change in numbered], write, has_time)
        rows = sorted(aside.rows)
        self._write(chunk, aside.header, rows, line_by_name, into)
        # What is neither booked now nor in the job was settled before.
        settled = len(line_by_name) - len(report.outcomes) - len(rows)
        counts = RowCounts(read=len(numbered), collapsed=len(numbered) - len(line_by_name), superseded=settled)
        counts += counts_of(report.outcomes, "rejected")
        return Prepared(counts, len(rows), 0, is_complete=True, notes=Counter(report.notes))

    def _write(
        self,
        chunk: Chunk,
        header: Sequence[str],
        rows: Sequence[_Row],
        line_by_name: dict[str, int],
        into: LocalFile,
    ) -> None:
        into.append([csv_text([header, *(row.cells for row in rows)]).encode()])
        lines = (manifest_line(line_by_name[row.name], row.version, "", row.key, is_submitted=True) for row in rows)
        with self._local_files.new() as manifest:
            manifest.append(line.encode() for line in lines)
            self._load_files.put(manifest_key(chunk), manifest)
