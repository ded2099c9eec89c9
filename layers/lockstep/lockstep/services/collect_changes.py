"""Books the changes of a backlog once their job has ended, or nobody waits for it any more."""

from collections.abc import Callable, Mapping, Sequence

from lockstep.domain.attempts import Attempt
from lockstep.domain.batches import slices
from lockstep.domain.changes import Change, State
from lockstep.domain.chunks import Chunk
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.job_outcome import JobOutcome
from lockstep.domain.job_rows import manifest_row
from lockstep.domain.loads import Load
from lockstep.domain.row_counts import NO_JOB, RowCounts
from lockstep.domain.row_places import counts_of
from lockstep.domain.verdicts import Done, Failed, Verdict
from lockstep.services.backlog_changes import BacklogChanges, by_rest, names_of
from lockstep.services.check_routes import Gate
from lockstep.services.collect_results import Collected, Ended
from lockstep.services.read_results import ReadResults
from lockstep.services.upsert_changes import UpsertReport
from lockstep.services.write_records import Written

_AT_ONCE = 1_000


class AsToldByJob:
    """Implements `Writing`: the records were written, or not, by a job."""

    def __init__(self, verdicts: Mapping[str, Verdict]) -> None:
        self._verdicts = verdicts

    def __call__(self, attempts: Sequence[Attempt], has_time: Callable[[], bool]) -> Written:
        """Return what the job's results say."""
        return Written([self._verdicts[attempt.change.correlation_id] for attempt in attempts])


class CollectChanges:
    """Safe to repeat: the changes are claimed once more, in the chunk's name, and each is settled once."""

    def __init__(self, *, changes: BacklogChanges, read_results: ReadResults, gate: Gate) -> None:
        self._changes = changes
        self._read_results = read_results
        self._gate = gate

    def __call__(self, load: Load, chunk: Chunk, ended: Ended, has_time: Callable[[], bool]) -> Collected:
        """Book the changes; what was not written goes by REST.

        Raises:
            SyncError: AWS_UNAVAILABLE, or what the org answers.
        """
        outcome = self._outcome(load, chunk, ended)
        verdicts = self._verdicts(chunk, outcome, ended)
        counts, booked = RowCounts(), chunk.booked
        for some in slices(list(verdicts.values())[booked:], _AT_ONCE):
            if not has_time():
                return Collected(counts, booked, is_complete=False)
            write = AsToldByJob(verdicts)
            report = self._changes.take(chunk, [each.change for each in some], write, has_time)
            counts += _counts(report, some)
            booked += len(some)
        job = NO_JOB if ended.is_left else outcome.rows
        return Collected(counts, booked, is_complete=True, job=job, unknown=outcome.unknown)

    def _outcome(self, load: Load, chunk: Chunk, ended: Ended) -> JobOutcome:
        if not chunk.job_id:
            return JobOutcome()
        route = self._gate.route((load.source, load.entity))
        if route is None:
            reason = f"no route takes {load.entity} of {load.source} any more; deploy it again, and resume the load"
            raise SyncError(FailureKind.ROUTE_MISSING, reason)
        return self._read_results(chunk, route, ended.job)

    def _verdicts(self, chunk: Chunk, outcome: JobOutcome, ended: Ended) -> dict[str, Verdict]:
        """Say of each change of the job what became of it, in the order of their lines."""
        told = _told(outcome, ended)
        changes = [(line, change) for line, change in self._changes.read(chunk) if line in told] if told else []
        return {change.correlation_id: told[line](change) for line, change in changes}


def _told(outcome: JobOutcome, ended: Ended) -> Mapping[int, Callable[[Change], Verdict]]:
    not_processed = by_rest(ended.cause.detail)
    told: dict[int, Callable[[Change], Verdict]] = {}
    for text, record_id in zip(outcome.successful, outcome.record_ids, strict=True):
        told[manifest_row(text).line] = _applied(record_id)
    told |= dict.fromkeys((row.line for row in outcome.stale), _superseded)
    told |= dict.fromkeys((row.line for row in outcome.unprocessed), lambda change: Failed(change, not_processed))
    told |= dict.fromkeys((row.line for row in outcome.missing), lambda change: _unknown(change, ended))
    return told | {row.line: _failing(failure) for row, failure in outcome.failed}


def _applied(record_id: str) -> Callable[[Change], Verdict]:
    detail = "written by an ingest job"
    return lambda change: Done(change, State.APPLIED, record_id=record_id or None, detail=detail)


def _superseded(change: Change) -> Verdict:
    return Done(change, State.SUPERSEDED, detail="the org holds a newer version")


def _failing(failure: SyncError) -> Callable[[Change], Verdict]:
    return lambda change: Failed(change, failure)


def _unknown(change: Change, ended: Ended) -> Verdict:
    """Nobody knows whether the row was written, or still will be."""
    if ended.is_left:
        return Failed(change, by_rest(ended.cause.detail), has_given_up=True)
    reason = "no result of the ingest job names the row; it is sent again"
    return Failed(change, SyncError(FailureKind.ROWS_UNACCOUNTED, reason), has_given_up=True)


def _counts(report: UpsertReport, verdicts: Sequence[Verdict]) -> RowCounts:
    """Count those that were booked now, and by their verdicts those that were settled before."""
    booked = names_of(report.outcomes)
    before = [
        each.outcome() for each in verdicts if isinstance(each, Done) and each.change.correlation_id not in booked
    ]
    settled = sum(each.change.correlation_id not in booked for each in verdicts) - len(before)
    return counts_of(report.outcomes, "logged") + counts_of(before, "logged") + RowCounts(superseded=settled)
