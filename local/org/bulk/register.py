"""Jobs of one kind by id: found, listed, moved from state to state, aborted, deleted and forgotten in time."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Generic, Protocol, TypeVar

from local.org import ids
from local.org.bulk.words import ENDED, JOB_LIFE_S, OPEN_JOB_S, RUNNING, JobState
from local.org.clock import OrgClock
from local.org.errors import OrgError, not_found

KEY_PREFIX = "750"
_DELETABLE = frozenset({JobState.UPLOAD_COMPLETE, JobState.JOB_COMPLETE, JobState.ABORTED, JobState.FAILED})


class _Job(Protocol):
    id: str
    created_at_s: float
    modified_date: str
    state: JobState


JobT = TypeVar("JobT", bound=_Job)


class JobRegister(Generic[JobT]):
    """The jobs, oldest first. Hold the org's lock around every call."""

    def __init__(self, clock: OrgClock, next_number: Callable[[], int]) -> None:
        self._clock = clock
        self._next_number = next_number
        self._by_id: dict[str, JobT] = {}
        self._running: tuple[JobT, ...] = ()

    def new_id(self) -> str:
        """Return an id that no job has."""
        return ids.encode(KEY_PREFIX, self._next_number())

    def add(self, job: JobT) -> None:
        """Keep a new job."""
        self._by_id[job.id] = job
        if job.state in RUNNING:
            self._running = (*self._running, job)

    def find(self, job_id: str) -> JobT:
        """Return the job of that id, 15 or 18 long.

        Raises:
            OrgError: 404 for a job that is not there, or no longer.
        """
        self._expire()
        short_id = ids.shorten(job_id)
        job = self._by_id.get(ids.to_18(short_id)) if short_id else None
        if job is None:
            raise not_found()
        return job

    def all(self) -> Sequence[JobT]:
        """Return every job, oldest first."""
        self._expire()
        return tuple(self._by_id.values())

    def running(self) -> Sequence[JobT]:
        """Return the jobs that are being worked off or wait for it."""
        return self._running

    def move(self, job: JobT, state: JobState) -> None:
        """Put the job into another state."""
        job.state = state
        self.touch(job)
        self._note_running()

    def touch(self, job: JobT) -> None:
        """Note that something happened to the job."""
        job.modified_date = self._clock.stamp()

    def abort(self, job: JobT) -> None:
        """Stop the job.

        Raises:
            OrgError: It has ended.
        """
        if job.state in ENDED:
            raise wrong_state("Aborting already Completed Job not allowed")
        self.move(job, JobState.ABORTED)

    def delete(self, job: JobT) -> None:
        """Forget the job.

        Raises:
            OrgError: It is open or in progress.
        """
        if job.state not in _DELETABLE:
            raise wrong_state(f"Deleting a job in state {job.state} not allowed")
        self._forget(job)

    def _forget(self, job: JobT) -> None:
        del self._by_id[job.id]
        self._note_running()

    def _note_running(self) -> None:
        self._running = tuple(job for job in self._by_id.values() if job.state in RUNNING)

    def _expire(self) -> None:
        """Abort jobs that were left open for a day, forget all after seven."""
        now_s = self._clock.now_s()
        for job in tuple(self._by_id.values()):
            if now_s >= job.created_at_s + JOB_LIFE_S:
                self._forget(job)
            elif job.state is JobState.OPEN and now_s >= job.created_at_s + OPEN_JOB_S:
                self.move(job, JobState.ABORTED)


def wrong_state(message: str) -> OrgError:
    """Return the refusal of a step that the job's state does not allow."""
    return OrgError(HTTPStatus.BAD_REQUEST, "INVALIDJOBSTATE", message)
