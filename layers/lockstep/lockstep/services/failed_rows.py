"""Gathers the rows of one attempt that failed, stores them in batches, and writes those that people must correct."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from lockstep.domain.bulk_csv import csv_text
from lockstep.domain.changes import correlation_id
from lockstep.domain.chunks import Chunk
from lockstep.domain.error_log import EntryStatus, ErrorEntry, FailedTry
from lockstep.domain.failures import Disposition, FailureKind, SyncError
from lockstep.domain.file_rows import BadRow
from lockstep.domain.loads import Load, row_event_id
from lockstep.domain.rejects import REJECT_COLUMNS
from lockstep.domain.row_counts import RowCounts
from lockstep.domain.verdicts import Failed
from lockstep.ports.bulk import LocalFile
from lockstep.services.log_failures import LogFailures
from lockstep.services.settle_rows import SettleRows

AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class FailedRow:
    """A row as it stands in the file, and why it failed; `failed` is None where it is no change."""

    line: int
    cells: Sequence[str]
    failure: SyncError
    failed: Failed | None


class BeginFailedRows:
    """Begins to gather the failed rows of an attempt, wherever they fail."""

    def __init__(self, settle: SettleRows, log_failures: LogFailures, clock: Callable[[], datetime]) -> None:
        self._settle = settle
        self._log_failures = log_failures
        self._clock = clock

    def __call__(
        self,
        load: Load,
        chunk: Chunk,
        header: Sequence[str],
        *,
        rejects: LocalFile,
        place: str,
        has_time: Callable[[], bool],
    ) -> "FailedRows":
        """Return what the rows are added to.

        Args:
            load: The load.
            chunk: Says how many of the rows an earlier try has stored.
            header: The columns of the rows as people see them.
            rejects: Takes the rows that people must correct.
            place: `rejected` or `logged`.
            has_time: False when no further row should be stored.
        """
        return FailedRows(
            load=load,
            header=header,
            rejects=rejects,
            place=place,
            skip=chunk.booked,
            settle=self._settle,
            log_failures=self._log_failures,
            clock=self._clock,
            has_time=has_time,
        )


class FailedRows:
    """Rows that failed, in the order of the file.

    The first `skip` of them were stored by an earlier try: they are counted then, and only written to the file of
    rejects, which is made anew each time. `booked` says how many are stored now, and `counts` what became of those
    that this try has stored.

    Args:
        place: `rejected` or `logged`.
    """

    def __init__(  # noqa: PLR0913 - its collaborators
        self,
        *,
        load: Load,
        header: Sequence[str],
        rejects: LocalFile,
        place: str,
        skip: int,
        settle: SettleRows,
        log_failures: LogFailures,
        clock: Callable[[], datetime],
        has_time: Callable[[], bool],
    ) -> None:
        self._load = load
        self._header = header
        self._rejects = rejects
        self._place = place
        self._skip = skip
        self._settle = settle
        self._log_failures = log_failures
        self._clock = clock
        self._has_time = has_time
        self._waiting: list[FailedRow] = []
        self.booked = skip
        self.counts = RowCounts()
        self.is_out_of_time = False

    def add(self, row: FailedRow) -> None:
        """Take a row in."""
        self._waiting.append(row)
        if len(self._waiting) == AT_ONCE:
            self.finish()

    def add_unreadable(self, row: BadRow) -> None:
        """Take a row in that is no row."""
        failure = SyncError(FailureKind.MESSAGE_INVALID, f"line {row.line}: {row.reason}. {row.remedy}")
        self.add(FailedRow(row.line, row.cells, failure, None))

    def finish(self) -> None:
        """Store what waits; once the time is used up nothing more is stored.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        rows, self._waiting = self._waiting, []
        self._write([row for row in rows if row.failure.disposition is Disposition.PERSON])
        skipped, self._skip = rows[: self._skip], max(self._skip - len(rows), 0)
        rest = rows[len(skipped) :]
        if not rest or self.is_out_of_time:
            return
        if not self._has_time():
            self.is_out_of_time = True
            return
        changes = [row.failed for row in rest if row.failed is not None]
        if changes:
            self.counts += self._settle.failed(changes, self._place, self._has_time)
        self._log_unreadable([row for row in rest if row.failed is None])
        self.booked += len(rest)

    def _write(self, rows: Sequence[FailedRow]) -> None:
        if not rows:
            return
        head = [] if self._rejects.size else [[*self._header, *REJECT_COLUMNS]]
        width = len(self._header)
        written = [[*_within(row.cells, width), str(row.line), _code(row), _message(row)] for row in rows]
        self._rejects.append([csv_text([*head, *written]).encode("utf-8", "backslashreplace")])

    def _log_unreadable(self, rows: Sequence[FailedRow]) -> None:
        if not rows:
            return
        now = self._clock()
        states = self._log_failures([_entry(self._load, row, now) for row in rows])
        if None in states:
            raise SyncError(FailureKind.AWS_UNAVAILABLE, "rows that cannot be read could not be stored")
        kinds = {kind: sum(row.failure.kind == kind for row in rows) for kind in {row.failure.kind for row in rows}}
        self.counts += RowCounts(**{self._place: len(rows)}, failures={kind.value: n for kind, n in kinds.items()})


def _within(cells: Sequence[str], width: int) -> list[str]:
    """Return as many cells as the header has; of more their text in the first, so that ours keep their columns."""
    shown = [csv_text([cells]).rstrip("\n")] if len(cells) > width else cells
    return [*shown, *[""] * (width - len(shown))]


def _code(row: FailedRow) -> str:
    return row.failure.error_code or row.failure.kind.value


def _message(row: FailedRow) -> str:
    vendor = f": {row.failure.vendor_message}" if row.failure.vendor_message else ""
    return row.failure.detail + vendor


def _entry(load: Load, row: FailedRow, now: datetime) -> ErrorEntry:
    kind = row.failure.kind.value
    return ErrorEntry(
        correlation_id=correlation_id(load.source, row_event_id(load.load_id, row.line)),
        status=EntryStatus.PENDING,
        failure_kind=kind,
        detail=f"{load.name}, {row.failure.detail}" if row.failure.detail.startswith("line") else row.failure.detail,
        updated_at=now,
        created_at=now,
        raw_body=csv_text([row.cells]),
        attempts=(FailedTry(now, kind, None),),
    )
