"""Books each row of an ingest job that has ended, once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lockstep.domain.batches import slices
from lockstep.domain.bulk_job import IngestJob
from lockstep.domain.changes import PayloadReference
from lockstep.domain.failures import SyncError
from lockstep.domain.job_outcome import JobOutcome, NextSteps, next_steps
from lockstep.domain.job_rows import ManifestRow, manifest_row
from lockstep.domain.load_keys import claim_owner, rejects_key, rest_key
from lockstep.domain.protection import Protection
from lockstep.domain.row_changes import row_change
from lockstep.domain.row_counts import NO_JOB, JobRows, RowCounts
from lockstep.domain.verdicts import Failed
from lockstep.ports import VersionGuard
from lockstep.ports.bulk import LoadFiles, LocalFiles
from lockstep.services.allow_rows import row_claim
from lockstep.services.failed_rows import BeginFailedRows, FailedRow, FailedRows
from lockstep.services.prepare_rows import RowPlan, rows_at
from lockstep.services.read_results import ReadResults
from lockstep.services.settle_earlier import SettleEarlier
from lockstep.services.settle_rows import SettleRows
from lockstep.services.undo_deleted import UndoDeleted

_CLAIMS_AT_ONCE = 1_000
_SENT_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Rest:
    """The rows that go again: where they lie, and whether the job failed them or was too small for them."""

    file: PayloadReference
    size_bytes: int
    rows: int
    is_failure: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """How a job ended; `cause` is why rows of it were not processed.

    `tries_left` is false where those are given up. `waits` where they wait for a person, however few they are.
    `is_left`: the job has not ended, but its changes go another way.
    """

    job: IngestJob | None
    cause: SyncError
    tries_left: bool
    waits: bool = False
    is_left: bool = False


@dataclass(frozen=True, slots=True)
class Collected:
    """What became of a job's rows.

    `booked` is how many failures are stored; where `is_complete` is false the rest waits for the next look, and only
    `counts` of the stored ones are told. `unknown` results name no row of the job; `undone` records were deleted again.
    """

    counts: RowCounts
    booked: int
    is_complete: bool
    job: JobRows = NO_JOB
    rest: Rest | None = None
    unknown: int = 0
    undone: int = 0


class CollectResults:
    """Safe to repeat at every point: what is stored is stored under the row's own name."""

    def __init__(  # noqa: PLR0913 - its collaborators
        self,
        *,
        read_results: ReadResults,
        load_files: LoadFiles,
        local_files: LocalFiles,
        guard: VersionGuard,
        undo_deleted: UndoDeleted,
        settle: SettleRows,
        settle_earlier: SettleEarlier,
        begin_failed_rows: BeginFailedRows,
        max_tries: int,
    ) -> None:
        self._read_results = read_results
        self._load_files = load_files
        self._local_files = local_files
        self._guard = guard
        self._undo_deleted = undo_deleted
        self._settle = settle
        self._settle_earlier = settle_earlier
        self._begin_failed_rows = begin_failed_rows
        self._max_tries = max_tries

    def __call__(self, plan: RowPlan, ended: Ended, has_time: Callable[[], bool]) -> Collected:
        """Book the rows; those that go again are put aside.

        Raises:
            SyncError: AWS_UNAVAILABLE, or what the org answers.
        """
        outcome = self._read_results(plan.chunk, plan.route, ended.job)
        steps = next_steps(outcome, ended.cause, may_try_again=ended.tries_left, goes_again=ended.waits)
        undone = self._undo_deleted(plan, outcome.successful)
        self._send_again(plan, undone.doubted)
        if plan.protection is Protection.CLAIMED:
            self._settle_claims(plan, outcome, steps)
        failed = self._booked(plan, steps, ended, has_time)
        if failed.is_out_of_time or not self._has_settled_earlier(plan, outcome, steps, has_time):
            return Collected(failed.counts, failed.booked, is_complete=False)
        written = RowCounts(succeeded=len(outcome.successful), superseded=len(outcome.stale))
        return Collected(
            failed.counts + written,
            failed.booked,
            is_complete=True,
            job=outcome.rows,
            rest=self._put_aside(plan, steps),
            unknown=outcome.unknown,
            undone=undone.records,
        )

    def _has_settled_earlier(
        self, plan: RowPlan, outcome: JobOutcome, steps: NextSteps, has_time: Callable[[], bool]
    ) -> bool:
        """Settle earlier failures; those that rows correct when none of the chunk goes again."""
        if not self._settle_earlier.overtaken(plan, outcome.successful, has_time):
            return False
        return bool(steps.again) or self._settle_earlier.corrected(plan, has_time)

    def _send_again(self, plan: RowPlan, rows: Sequence[ManifestRow]) -> None:
        """Write rows once more, by REST: they are counted as written, and nothing changes where they stand."""
        by_line = {row.line: row for row in rows}
        found = rows_at(plan, self._load_files, by_line.keys()) if rows else ()
        changes = [
            row_change(plan.load, line, by_line[line].key, by_line[line].version, plan.meaning.payload(cells))
            for line, cells in found
        ]
        for some in slices(changes, _SENT_AT_ONCE):
            self._settle.by_rest(some)

    def _settle_claims(self, plan: RowPlan, outcome: JobOutcome, steps: NextSteps) -> None:
        """Commit what was written; of what goes another way let the record go. The next attempt keeps its own."""
        owner = claim_owner(plan.chunk)
        let_go = [*outcome.stale, *(row for row, _ in steps.one_by_one)]
        written = [manifest_row(line) for line in outcome.successful]
        for rows, act in ((written, self._guard.commit), (let_go, self._guard.suspend)):
            for some in slices(rows, _CLAIMS_AT_ONCE):
                act([row_claim(plan.load, row.line, row.key, row.version, row.content_hash) for row in some], owner)

    def _booked(self, plan: RowPlan, steps: NextSteps, ended: Ended, has_time: Callable[[], bool]) -> FailedRows:
        with self._local_files.new() as rejects:
            failed = self._begin_failed_rows(
                plan.load, plan.chunk, plan.meaning.columns, rejects=rejects, place="logged", has_time=has_time
            )
            # By REST a row has all its tries but those that its job has used up.
            tries = 0 if ended.tries_left else self._max_tries - 1
            by_line = {row.line: (row, failure) for row, failure in steps.one_by_one}
            for line, cells in rows_at(plan, self._load_files, by_line.keys()) if by_line else ():
                row, failure = by_line[line]
                change = row_change(plan.load, line, row.key, row.version, plan.meaning.payload(cells))
                tried = change.model_copy(update={"tries": tries})
                failed.add(
                    FailedRow(
                        line,
                        plan.meaning.shown(cells),
                        failure,
                        Failed(tried, failure, object_name=plan.load.object_name),
                    )
                )
            failed.finish()
            if rejects.size and not failed.is_out_of_time:
                self._load_files.put(rejects_key(plan.chunk, "results"), rejects)
        return failed

    def _put_aside(self, plan: RowPlan, steps: NextSteps) -> Rest | None:
        if not steps.again:
            return None
        lines = {row.line for row in steps.again}
        with self._local_files.new() as rest:
            rest.append(plan.meaning.numbered(line, cells) for line, cells in rows_at(plan, self._load_files, lines))
            return Rest(self._load_files.put(rest_key(plan.chunk), rest), rest.size, len(lines), steps.is_failure)
