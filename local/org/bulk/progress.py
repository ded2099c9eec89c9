"""Moves jobs on as the org's clock allows: a chunk of each running job in turn, as an org works them in parallel."""

from local.org.bulk.job import IngestJob
from local.org.bulk.jobs import IngestJobs
from local.org.bulk.run import IngestRun
from local.org.bulk.strikes import JobStrikes
from local.org.bulk.words import JobFaultError, JobState
from local.org.calm import no_collections
from local.org.clock import OrgClock
from local.org.collection_writes import CollectionWriter
from local.org.faults import JobFault
from local.org.store import Store


class Progress:
    """Works off the org's ingest jobs. Hold the org's lock around every call."""

    def __init__(
        self, jobs: IngestJobs, clock: OrgClock, store: Store, collections: CollectionWriter, strikes: JobStrikes
    ) -> None:
        self._jobs = jobs
        self._clock = clock
        self._store = store
        self._collections = collections
        self._runs: dict[str, IngestRun] = {}
        self._strikes = strikes

    def look(self, most_chunks: int | None = None) -> bool:
        """Do what is due, at most so many chunks; True where more is due at once."""
        if not self._jobs.running():
            return False
        with no_collections():
            return self._work(most_chunks)

    def _work(self, most_chunks: int | None) -> bool:
        done = 0
        self._renew()
        while moved := [job for job in self._jobs.running() if self._advance(job)]:
            done += len(moved)
            if len(moved) > 1:
                self._renew()
            if most_chunks is not None and done >= most_chunks:
                return True
        return False

    def drop(self, job: IngestJob) -> None:
        """Stop working on a job that was aborted; the rest of its rows is unprocessed."""
        run = self._runs.pop(job.id, None)
        self._strikes.forget(job)
        job.end([job.content] if run is None else run.unprocessed())

    def _renew(self) -> None:
        for run in self._runs.values():
            run.renew()

    def _advance(self, job: IngestJob) -> bool:
        """Start the job, write its next chunk or end it; False where nothing is due."""
        due_rows = self._due_rows(job)
        if due_rows is None:
            return False
        try:
            return self._move(job, self._runs.get(job.id) or self._start(job), due_rows)
        except JobFaultError as error:
            job.error_message = str(error)
            self._end(job, JobState.FAILED)
        return True

    def _move(self, job: IngestJob, run: IngestRun, due_rows: float) -> bool:
        match self._strikes.before(job, len(run.chunk.rows) if run.chunk else 0):
            case JobFault.STICK:
                return False
            case JobFault.ABORT:
                self._end(job, JobState.ABORTED)
                return True
        if run.chunk is None:
            self._end(job, JobState.JOB_COMPLETE)
            return True
        if job.processed + len(run.chunk.rows) > due_rows:
            return False
        run.step()
        return True

    def _due_rows(self, job: IngestJob) -> float | None:
        """Return how many rows may have been written by now; None before the job's turn."""
        settings = self._jobs.settings
        elapsed_s = self._clock.now_s() - job.closed_at_s - settings.starts_after_s
        if elapsed_s < 0:
            return None
        return elapsed_s * settings.rows_per_s if settings.rows_per_s else float("inf")

    def _start(self, job: IngestJob) -> IngestRun:
        self._jobs.move(job, JobState.IN_PROGRESS)
        self._strikes.start(job)
        run = self._runs[job.id] = IngestRun(job, self._store, self._collections, self._jobs.count_batch)
        return run

    def _end(self, job: IngestJob, state: JobState) -> None:
        self._jobs.move(job, state)
        self.drop(job)
