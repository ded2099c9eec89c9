"""The org's ingest jobs: what a client may do with each in which state."""

from collections.abc import Callable

from local.org.bulk.job import IngestJob
from local.org.bulk.register import JobRegister, wrong_state
from local.org.bulk.settings import BulkSettings
from local.org.bulk.spec import IngestSpec
from local.org.bulk.words import MOST_UPLOAD_BYTES, JobFaultError, JobState, Operation
from local.org.clock import OrgClock
from local.org.errors import OrgError, malformed
from local.org.schema import ObjectSchema, Schema
from local.org.usage import DayWindow


class IngestJobs(JobRegister[IngestJob]):
    """The ingest jobs. Hold the org's lock around every call."""

    def __init__(
        self, clock: OrgClock, next_number: Callable[[], int], schema: Schema, user_id: str, settings: BulkSettings
    ) -> None:
        super().__init__(clock, next_number)
        self._schema = schema
        self._user_id = user_id
        self.settings = settings
        self.batches = DayWindow(clock)

    def create(self, spec: IngestSpec, version: float) -> IngestJob:
        """Return a new open job.

        Raises:
            OrgError: The job cannot be.
        """
        schema = self._schema.find(spec.object)
        if schema is None:
            raise unsupported(spec.object)
        self._check(spec, schema)
        now, stamp = self._clock.now_s(), self._clock.stamp()
        job = IngestJob(self.new_id(), spec, schema.name, version, self._user_id, now, stamp, stamp)
        self.add(job)
        return job

    def _check(self, spec: IngestSpec, schema: ObjectSchema) -> None:
        if spec.operation is Operation.UPSERT and not spec.external_id_field:
            needed = "An External ID must be specified for upsert."
            raise malformed("INVALIDJOB", f"External ID was blank for {schema.name}. {needed}")
        if spec.operation is Operation.HARD_DELETE and not self.settings.permits_hard_delete:
            needed = "hardDelete operation requires special user profile permission, please contact your administrator"
            raise malformed("FEATURENOTENABLED", needed)

    def upload(self, job: IngestJob, content: bytes) -> None:
        """Take the rows of an open job, once.

        Raises:
            OrgError: The job is not open or has its rows, or these are too many bytes.
        """
        self.check_takes_upload(job)
        if len(content) > MOST_UPLOAD_BYTES:
            raise malformed("LIMIT_EXCEEDED", f"An upload cannot have more than {MOST_UPLOAD_BYTES} bytes")
        job.content, job.is_uploaded = content, True
        self.touch(job)

    def check_takes_upload(self, job: IngestJob) -> None:
        """Refuse an upload to a job that takes none.

        Raises:
            OrgError: The job is not open or has its rows.
        """
        if job.state is not JobState.OPEN:
            raise wrong_state(f"Uploading to a job in state {job.state} not allowed")
        if job.is_uploaded:
            once = "a job takes one upload: abort this one and create another"
            raise malformed("CLIENTINPUTERROR", f"Found multiple contents for job: <{job.id}>, {once}")

    def count_batch(self) -> None:
        """Count a batch against the day's allocation.

        Raises:
            JobFaultError: It is spent.
        """
        if self.batches.total >= self.settings.daily_batches:
            raise JobFaultError("ExceededQuota : ApiBatchItems Limit exceeded.")
        self.batches.add()

    def close(self, job: IngestJob) -> None:
        """Let the job begin.

        Raises:
            OrgError: It is not open.
        """
        if job.state is not JobState.OPEN:
            raise wrong_state("Closing already Completed Job not allowed")
        job.closed_at_s = self._clock.now_s()
        self.move(job, JobState.UPLOAD_COMPLETE)


def unsupported(object_name: str) -> OrgError:
    """Return the refusal of an object that there are no jobs for."""
    return malformed("INVALIDENTITY", f"Entity '{object_name}' is not supported by the Bulk API.")
