"""Makes the CSV of an ingest job from a chunk: mapped, one row for each record, parents together, within the limits."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice

from lockstep.domain.bulk_csv import csv_text
from lockstep.domain.chunks import Chunk
from lockstep.domain.external_ids import IDENTITIES
from lockstep.domain.file_rows import BadRow
from lockstep.domain.job_rows import Candidate, NewestRows, manifest_line
from lockstep.domain.key_hashes import RowKeys
from lockstep.domain.load_keys import keys_key, manifest_key, rejects_key
from lockstep.domain.loads import Load
from lockstep.domain.mapping import CompiledRoute
from lockstep.domain.protection import Protection
from lockstep.domain.row_counts import RowCounts
from lockstep.domain.row_meaning import Cells, RowMeaning
from lockstep.ports.bulk import LoadFiles, LocalFile, LocalFiles
from lockstep.services.allow_rows import Allowed, AllowRows
from lockstep.services.failed_rows import BeginFailedRows, FailedRows
from lockstep.services.map_rows import MapRows
from lockstep.services.settle_rows import SettleRows

# Bulk API 2.0 Developer Guide, "Limits": 150 MB after base64, so it advises 100 MB.
MAX_JOB_BYTES = 100_000_000
ROWS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class RowPlan:
    """What is done with the rows of a chunk; `has_own_versions`: each row has its version in a column.

    `keeps_keys`: the file is the whole truth, and these are its rows as they stand in it.
    """

    load: Load
    chunk: Chunk
    route: CompiledRoute
    meaning: RowMeaning
    protection: Protection
    is_versioned: bool
    has_own_versions: bool = False
    keeps_keys: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a chunk came to; `counts` are the rows that do not go into the job.

    `booked` is how many failures are stored. Where `is_complete` is false the rest of them waits for the next try, and
    only the stored ones are counted.
    """

    counts: RowCounts
    submitted: int
    booked: int
    is_complete: bool
    notes: Counter[tuple[str, str, str]] = field(default_factory=Counter)


class PrepareRows:
    """Safe to repeat; memory holds the rows' keys and not the rows."""

    def __init__(
        self,
        *,
        load_files: LoadFiles,
        local_files: LocalFiles,
        allow_rows: AllowRows,
        settle: SettleRows,
        begin_failed_rows: BeginFailedRows,
    ) -> None:
        self._load_files = load_files
        self._local_files = local_files
        self._allow_rows = allow_rows
        self._settle = settle
        self._begin_failed_rows = begin_failed_rows

    def __call__(self, plan: RowPlan, into: LocalFile, has_time: Callable[[], bool]) -> Prepared:
        """Write the job's rows into a file, and the list of them to the load's files.

        Raises:
            SyncError: AWS_UNAVAILABLE, FILE_GONE.
        """
        with ExitStack() as files:
            spool, rejects = (files.enter_context(self._local_files.new()) for _ in range(2))
            failed = self._begin_failed_rows(
                plan.load, plan.chunk, plan.meaning.columns, rejects=rejects, place="rejected", has_time=has_time
            )
            mapper = self._mapper(plan, failed, spool)
            keys = RowKeys(plan.route.key_kind, plan.meaning.key_of) if plan.keeps_keys else None
            newest, read = self._mapped(plan, mapper, keys)
            mapper.finish()
            if failed.is_out_of_time:
                return Prepared(failed.counts, 0, failed.booked, is_complete=False)
            if rejects.size:
                self._load_files.put(rejects_key(plan.chunk, "mapping"), rejects)
            if keys is not None:
                self._keep_keys(plan, keys)
            allowed = self._allowed(plan, newest, mapper)
            submitted = self._written(plan, allowed.rows, spool, into)
        counts = failed.counts + mapper.counts + allowed.counts + RowCounts(read=read, collapsed=newest.collapsed)
        return Prepared(counts, submitted, failed.booked, is_complete=True, notes=mapper.notes)

    def _mapper(self, plan: RowPlan, failed: FailedRows, spool: LocalFile) -> MapRows:
        return MapRows(
            load=plan.load,
            route=plan.route,
            meaning=plan.meaning,
            failed=failed,
            settle=self._settle,
            hashes=plan.protection is Protection.CLAIMED,
            spool=spool,
        )

    def _mapped(self, plan: RowPlan, mapper: MapRows, keys: RowKeys | None) -> tuple[NewestRows, int]:
        newest, read = NewestRows(IDENTITIES[plan.route.key_kind]), 0
        rows = plan.meaning.rows(plan.chunk, self._load_files.open(plan.chunk))
        rows = keys.noted(rows) if keys is not None else rows
        while some := list(islice(rows, ROWS_AT_ONCE)):
            read += len(some)
            newest.add(mapper.mapped(some))
        return newest, read

    def _keep_keys(self, plan: RowPlan, keys: RowKeys) -> None:
        with self._local_files.new() as content:
            content.append([keys.content()])
            self._load_files.put(keys_key(plan.load.load_id, plan.chunk.number), content)

    def _allowed(self, plan: RowPlan, newest: NewestRows, mapper: MapRows) -> Allowed:
        rows = newest.rows()
        allowed = self._allow_rows(plan.load, plan.chunk, rows, plan.protection, is_versioned=plan.is_versioned)
        if allowed.held:
            # Somebody writes these records right now: the inbound queue lets them wait, a job cannot.
            wanted = {row.line: row for row in allowed.held}
            for line, cells in rows_at(plan, self._load_files, wanted.keys()):
                mapper.send_by_rest((line, cells), wanted[line].key, wanted[line].version)
            mapper.finish()
        return allowed

    def _written(self, plan: RowPlan, rows: Sequence[Candidate], spool: LocalFile, into: LocalFile) -> int:
        """Write the header and as many rows as a job takes; what is left over is the next attempt's."""
        header = csv_text([plan.route.bulk_header]).encode()
        going = _fitting(rows, MAX_JOB_BYTES - len(header))
        into.append([header])
        into.copy_parts(spool, ((row.first, row.end) for row in rows[:going]))
        with self._local_files.new() as manifest:
            manifest.append(_manifest(rows, going))
            self._load_files.put(manifest_key(plan.chunk), manifest)
        return going


def rows_at(plan: RowPlan, load_files: LoadFiles, lines: Set[int]) -> Iterator[tuple[int, Cells]]:
    """Give some rows of a chunk once more, by their lines in the file.

    Raises:
        SyncError: AWS_UNAVAILABLE, FILE_GONE.
    """
    for row in plan.meaning.rows(plan.chunk, load_files.open(plan.chunk)):
        if not isinstance(row, BadRow) and row[0] in lines:
            yield row


def _fitting(rows: Sequence[Candidate], room: int) -> int:
    """Return how many of the rows a job takes, from the first."""
    for place, row in enumerate(rows):
        room -= row.end - row.first
        if room < 0:
            return place
    return len(rows)


def _manifest(rows: Sequence[Candidate], going: int) -> Iterable[bytes]:
    for start in range(0, len(rows), ROWS_AT_ONCE):
        some = enumerate(rows[start : start + ROWS_AT_ONCE], start)
        listed = [
            manifest_line(line, version, content_hash, key, is_submitted=place < going)
            for place, (key, version, line, _, _, _, content_hash) in some
        ]
        yield "".join(listed).encode()
