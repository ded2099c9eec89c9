"""An ingest job of Bulk API 2.0: its states, and what is done at a look at it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias, assert_never

from lockstep.domain.failures import SyncError

FIRST_LOOK_S = 5
LAST_LOOK_S = 120
_DOUBLINGS = 5  # from 5 s to 2 min


class JobState(StrEnum):
    """As Salesforce spells them (Bulk API 2.0 Developer Guide, "Job States")."""

    OPEN = "Open"
    UPLOAD_COMPLETE = "UploadComplete"
    IN_PROGRESS = "InProgress"
    JOB_COMPLETE = "JobComplete"
    FAILED = "Failed"
    ABORTED = "Aborted"

    @property
    def is_terminal(self) -> bool:
        """True where the job does nothing any more, and its results are complete."""
        return self in (JobState.JOB_COMPLETE, JobState.FAILED, JobState.ABORTED)


@dataclass(frozen=True, slots=True)
class IngestJob:
    """What the org says of a job; `processed` are all rows that it tried, `failed` those of them that it refused.

    `failure` says why a Failed job failed.
    """

    id: str
    state: JobState
    object_name: str = ""
    external_id_field: str = ""
    created_by: str = ""
    created_at: datetime | None = None
    processed: int = 0
    failed: int = 0
    failure: SyncError | None = None

    @property
    def successful(self) -> int:
        """Rows that were written."""
        return max(self.processed - self.failed, 0)


@dataclass(frozen=True, slots=True)
class LookAgain:
    """The job works, or waits for its turn: the next look is due in `delay_s`."""

    delay_s: int


@dataclass(frozen=True, slots=True)
class CollectResults:
    """The job has ended; `failure` says why, where it did not come to its end."""

    failure: SyncError | None = None


@dataclass(frozen=True, slots=True)
class Aborted:
    """Somebody has stopped the job; what it did until then has results."""


@dataclass(frozen=True, slots=True)
class NotClosed:
    """The job waits for rows: whoever was to upload or close it died."""


NextLook: TypeAlias = LookAgain | CollectResults | Aborted | NotClosed


def next_look(job: IngestJob, *, rows: int, looks: int, elapsed_s: float) -> NextLook:
    """Say what is done now.

    Args:
        job: As the org describes it.
        rows: How many it was given.
        looks: How often it was looked at, this time included.
        elapsed_s: Since it was closed.
    """
    match job.state:
        case JobState.OPEN:
            return NotClosed()
        case JobState.UPLOAD_COMPLETE | JobState.IN_PROGRESS:
            return LookAgain(_delay_s(job.processed, rows, looks, elapsed_s))
        case JobState.JOB_COMPLETE | JobState.FAILED:
            return CollectResults(job.failure)
        case JobState.ABORTED:
            return Aborted()
        case _:
            assert_never(job.state)


def _delay_s(processed: int, rows: int, looks: int, elapsed_s: float) -> int:
    """As long as the rest takes at the job's own pace; while it has none to show, twice as long each time."""
    if processed <= 0 or elapsed_s <= 0:
        return min(FIRST_LOOK_S << min(max(looks - 1, 0), _DOUBLINGS), LAST_LOOK_S)
    remaining_s = int(elapsed_s * max(rows - processed, 0) / processed)
    return min(max(remaining_s, FIRST_LOOK_S), LAST_LOOK_S)
