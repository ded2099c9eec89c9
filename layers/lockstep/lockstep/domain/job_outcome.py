"""What became of the rows of one ingest job, sorted by what is done with each."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from lockstep.domain.failures import Disposition, FailureKind, SyncError
from lockstep.domain.job_rows import ManifestRow
from lockstep.domain.row_counts import JobRows

# So many rows at most are tried again one by one, by REST; more go together, in a job of their own.
MOST_BY_REST = 2_000


@dataclass(slots=True)
class JobOutcome:
    """The rows by what became of them; `left_out` never were in the job, for they did not fit.

    Of the `successful` ones, which are most, only the lines of the list are kept; `record_ids` are the Ids of their
    records, in the same order, and only of a backlog, whose changes are booked one by one.
    """

    successful: list[str] = field(default_factory=list)
    record_ids: list[str] = field(default_factory=list)
    stale: list[ManifestRow] = field(default_factory=list)
    failed: list[tuple[ManifestRow, SyncError]] = field(default_factory=list)
    unprocessed: list[ManifestRow] = field(default_factory=list)
    missing: list[ManifestRow] = field(default_factory=list)
    left_out: list[ManifestRow] = field(default_factory=list)
    unknown: int = 0

    @property
    def rows(self) -> JobRows:
        """The job's balance."""
        successful, failed = len(self.successful), len(self.stale) + len(self.failed)
        return JobRows(
            submitted=successful + failed + len(self.unprocessed) + len(self.missing),
            successful=successful,
            failed=failed,
            unprocessed=len(self.unprocessed),
        )


@dataclass(frozen=True, slots=True)
class NextSteps:
    """What is done with the rows that were not written.

    `again` go in the next attempt's job; `is_failure` says that some of them were in this one. `one_by_one` are booked
    as the changes that they are, each with its failure, in the order of the file.
    """

    again: tuple[ManifestRow, ...]
    is_failure: bool
    one_by_one: tuple[tuple[ManifestRow, SyncError], ...]


def next_steps(outcome: JobOutcome, cause: SyncError, *, may_try_again: bool, goes_again: bool = False) -> NextSteps:
    """Say what is done with each row.

    Args:
        outcome: Of the job.
        cause: Why rows were not processed.
        may_try_again: False where the chunk's tries are used up.
        goes_again: Rows that were not processed wait for the next attempt, however few they are.
    """
    lost = SyncError(FailureKind.ROWS_UNACCOUNTED, "no result of the ingest job names the row; it is sent again")
    retryable = [(row, failure) for row, failure in outcome.failed if _heals(failure)]
    for_people = [(row, failure) for row, failure in outcome.failed if not _heals(failure)]
    untried = [*((row, cause) for row in outcome.unprocessed), *((row, lost) for row in outcome.missing)]
    waiting = [*retryable, *untried]
    left_out = [(row, cause) for row in outcome.left_out]
    if goes_again:
        return NextSteps(_rows([*untried, *left_out]), bool(untried), _in_order([*retryable, *for_people]))
    if not may_try_again or len(waiting) <= MOST_BY_REST:
        return NextSteps(_rows(left_out), is_failure=False, one_by_one=_in_order([*waiting, *for_people]))
    # What meets a governor limit meets it again in a job: by REST it is halved.
    limited = [each for each in waiting if each[1].kind is FailureKind.GOVERNOR_LIMIT]
    others = [each for each in waiting if each[1].kind is not FailureKind.GOVERNOR_LIMIT]
    return NextSteps(_rows([*others, *left_out]), bool(others), _in_order([*limited, *for_people]))


def _heals(failure: SyncError) -> bool:
    return failure.disposition in (Disposition.RETRY, Disposition.RETRY_SOON, Disposition.HALT)


def _rows(failures: Iterable[tuple[ManifestRow, SyncError]]) -> tuple[ManifestRow, ...]:
    return tuple(sorted(row for row, _ in failures))


def _in_order(failures: Iterable[tuple[ManifestRow, SyncError]]) -> tuple[tuple[ManifestRow, SyncError], ...]:
    return tuple(sorted(failures, key=lambda each: each[0].line))
