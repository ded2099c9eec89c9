"""The org's query jobs: what a client may do with each, and their running."""

from collections.abc import Callable
from datetime import UTC, datetime

from local.org.bulk.query_job import QueryJob
from local.org.bulk.query_table import plan_query, read_table
from local.org.bulk.register import JobRegister
from local.org.bulk.settings import BulkSettings
from local.org.bulk.spec import QuerySpec
from local.org.bulk.strikes import JobStrikes
from local.org.bulk.words import JobFaultError, JobState, QueryOperation
from local.org.clock import OrgClock
from local.org.errors import malformed
from local.org.everything import Everything
from local.org.faults import JobFault
from local.org.soql import Tables
from local.org.store import Store
from local.org.usage import DayWindow


class QueryJobs(JobRegister[QueryJob]):
    """The query jobs. Hold the org's lock around every call."""

    def __init__(
        self, clock: OrgClock, next_number: Callable[[], int], store: Store, user_id: str, strikes: JobStrikes
    ) -> None:
        super().__init__(clock, next_number)
        self._strikes = strikes
        self._store = store
        self._user_id = user_id
        self.created = DayWindow(clock)

    def create(self, spec: QuerySpec, version: float, settings: BulkSettings) -> QueryJob:
        """Return a new job, which waits for its turn.

        Raises:
            OrgError: The day's allocation is spent, the query is wrong, or it asks for what a job does not do.
        """
        if self.created.total >= settings.daily_query_jobs:
            raise malformed("EXCEEDEDQUOTA", "DailyBulkV2QueryJobs Limit exceeded.")
        plan = plan_query(spec.query, self._tables(spec), self._now())
        now, stamp = self._clock.now_s(), self._clock.stamp()
        job = QueryJob(self.new_id(), spec, plan, version, self._user_id, now, stamp, stamp)
        self.created.add()
        self.add(job)
        return job

    def look(self, settings: BulkSettings) -> None:
        """Run the jobs whose turn it is: a query sees the records of one moment."""
        for job in self.running():
            if self._clock.now_s() >= job.created_at_s + settings.starts_after_s:
                self._advance(job)

    def _advance(self, job: QueryJob) -> None:
        if job.state is JobState.UPLOAD_COMPLETE:
            self.move(job, JobState.IN_PROGRESS)
            self._strikes.start(job)
        try:
            fault = self._strikes.before(job, 0)
        except JobFaultError as error:
            job.error_message = str(error)
            self._end(job, JobState.FAILED)
            return
        if fault is JobFault.ABORT:
            self._end(job, JobState.ABORTED)
        elif fault is None:
            self._run(job)

    def _run(self, job: QueryJob) -> None:
        job.result = read_table(job, self._tables(job.spec), self._now())
        job.processed = len(job.result.ends)
        self._end(job, JobState.JOB_COMPLETE)

    def _end(self, job: QueryJob, state: JobState) -> None:
        self._strikes.forget(job)
        self.move(job, state)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.now_s(), UTC)

    def _tables(self, spec: QuerySpec) -> Tables:
        return Everything(self._store) if spec.operation is QueryOperation.QUERY_ALL else self._store
