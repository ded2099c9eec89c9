"""The planned faults of bulk jobs: which job they strike, and when."""

from dataclasses import dataclass
from typing import Protocol

from local.org.bulk.words import JobFaultError
from local.org.clock import OrgClock
from local.org.faults import FaultPlan, Faults, JobFault

_FAILURE = "InternalServerError : Unexpected failure while processing the batch. The batch was retried 20 times"


class _Job(Protocol):
    id: str
    processed: int

    @property
    def object_name(self) -> str: ...


@dataclass(slots=True)
class _Strike:
    plan: FaultPlan
    struck_at_s: float | None = None


class JobStrikes:
    """The faults of the jobs that run."""

    def __init__(self, faults: Faults, clock: OrgClock) -> None:
        self._faults = faults
        self._clock = clock
        self._by_job: dict[str, _Strike] = {}

    def start(self, job: _Job) -> None:
        """Find the fault of a job that begins."""
        plan = self._faults.for_job(job.object_name)
        if plan is not None:
            self._by_job[job.id] = _Strike(plan)

    def forget(self, job: _Job) -> None:
        """Drop the fault of a job that has ended."""
        self._by_job.pop(job.id, None)

    def before(self, job: _Job, rows: int) -> JobFault | None:
        """Return what becomes of the job before it writes so many rows more, or before it ends where they are 0.

        Raises:
            JobFaultError: It fails.
        """
        strike = self._by_job.get(job.id)
        if strike is None or (rows and job.processed + rows <= strike.plan.after_rows):
            return None
        if strike.plan.job is JobFault.FAIL:
            raise JobFaultError(strike.plan.message or _FAILURE)
        if strike.plan.job is JobFault.STICK and not self._sticks(strike):
            return None
        return strike.plan.job

    def _sticks(self, strike: _Strike) -> bool:
        now_s = self._clock.now_s()
        strike.struck_at_s = now_s if strike.struck_at_s is None else strike.struck_at_s
        is_over = strike.plan.delay_s and now_s >= strike.struck_at_s + strike.plan.delay_s
        return not is_over and self._faults.holds(strike.plan)
