"""The org's ingest jobs: what a client may do with each in which state."""

from collections.abc import Sequence
from http import HTTPStatus

from local.org import ids
from local.org.bulk.job import IngestJob
from local.org.bulk.settings import BulkSettings
from local.org.bulk.spec import IngestSpec
from local.org.bulk.words import JOB_LIFE_S, MOST_UPLOAD_BYTES, OPEN_JOB_S, RUNNING, JobState, Operation
from local.org.clock import OrgClock
from local.org.errors import OrgError, malformed, not_found
from local.org.schema import Schema

_KEY_PREFIX = "750"
_DELETABLE = frozenset({JobState.UPLOAD_COMPLETE, JobState.JOB_COMPLETE, JobState.ABORTED, JobState.FAILED})


class IngestJobs:
    """The jobs by id, oldest first. Hold the org's lock around every call."""

    def __init__(self, clock: OrgClock, schema: Schema, user_id: str, settings: BulkSettings) -> None:
        self._clock = clock
        self._schema = schema
        self._user_id = user_id
        self.settings = settings
        self._by_id: dict[str, IngestJob] = {}
        self._created = 0
        self._running: list[IngestJob] = []

    def create(self, spec: IngestSpec, version: float) -> IngestJob:
        """Return a new open job.

        Raises:
            OrgError: The job cannot be.
        """
        schema = self._schema.find(spec.object)
        if schema is None:
            raise malformed("INVALIDENTITY", f"Entity '{spec.object}' is not supported by the Bulk API.")
        if spec.operation is Operation.UPSERT and not spec.external_id_field:
            needed = "An External ID must be specified for upsert."
            raise malformed("INVALIDJOB", f"External ID was blank for {schema.name}. {needed}")
        if spec.operation is Operation.HARD_DELETE and not self.settings.permits_hard_delete:
            needed = "hardDelete operation requires special user profile permission, please contact your administrator"
            raise malformed("FEATURENOTENABLED", needed)
        self._created += 1
        job_id, now, stamp = ids.encode(_KEY_PREFIX, self._created), self._clock.now_s(), self._clock.stamp()
        job = IngestJob(job_id, spec, schema.name, version, self._user_id, now, stamp, stamp)
        self._by_id[job_id] = job
        return job

    def find(self, job_id: str) -> IngestJob:
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

    def all(self) -> Sequence[IngestJob]:
        """Return every job, oldest first."""
        self._expire()
        return tuple(self._by_id.values())

    def running(self) -> Sequence[IngestJob]:
        """Return the jobs that are being worked off or wait for it."""
        return tuple(self._running)

    def upload(self, job: IngestJob, content: bytes) -> None:
        """Take the rows of an open job, once.

        Raises:
            OrgError: The job is not open or has its rows, or these are too many bytes.
        """
        self.check_takes_upload(job)
        if len(content) > MOST_UPLOAD_BYTES:
            raise malformed("LIMIT_EXCEEDED", f"An upload cannot have more than {MOST_UPLOAD_BYTES} bytes")
        job.content, job.is_uploaded = content, True
        self._touch(job)

    def check_takes_upload(self, job: IngestJob) -> None:
        """Refuse an upload to a job that takes none.

        Raises:
            OrgError: The job is not open or has its rows.
        """
        if job.state is not JobState.OPEN:
            raise wrong_state(f"Uploading to a job in state {job.state} not allowed")
        if job.is_uploaded:
            raise malformed(
                "CLIENTINPUTERROR",
                f"Found multiple contents for job: <{job.id}>, a job takes one upload: abort it and create another",
            )

    def close(self, job: IngestJob) -> None:
        """Let the job begin.

        Raises:
            OrgError: It is not open.
        """
        if job.state is not JobState.OPEN:
            raise wrong_state("Closing already Completed Job not allowed")
        job.closed_at_s = self._clock.now_s()
        self.move(job, JobState.UPLOAD_COMPLETE)

    def abort(self, job: IngestJob) -> None:
        """Stop the job; what it wrote stays written.

        Raises:
            OrgError: It has ended.
        """
        if job.has_ended:
            raise wrong_state("Aborting already Completed Job not allowed")
        self.move(job, JobState.ABORTED)

    def delete(self, job: IngestJob) -> None:
        """Forget the job.

        Raises:
            OrgError: It is open or in progress.
        """
        if job.state not in _DELETABLE:
            raise wrong_state(f"Deleting a job in state {job.state} not allowed")
        self._forget(job)

    def _forget(self, job: IngestJob) -> None:
        del self._by_id[job.id]
        self._running = [each for each in self._running if each is not job]

    def move(self, job: IngestJob, state: JobState) -> None:
        """Put the job into another state."""
        job.state = state
        self._running = [each for each in self._by_id.values() if each.state in RUNNING]
        if job.has_ended:
            job.ended_at_s = self._clock.now_s()
        self._touch(job)

    def _touch(self, job: IngestJob) -> None:
        job.modified_date = self._clock.stamp()

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
