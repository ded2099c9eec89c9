"""Where a change that failed waits, how long, and when waiting ends."""

from collections.abc import Callable
from dataclasses import dataclass

from lockstep.domain.changes import Change, State
from lockstep.domain.failures import Disposition, FailureKind, SyncError

Uniform = Callable[[float, float], float]

SHORT_WAITS = 5  # 2, 4, 8, 16, 32 s in the queue
_FIRST_SHORT_WAIT_S = 2
_HALTED_S = (30, 60)  # the org is asked by a probe, not by every change
_SPREAD = 1.25  # what failed together does not come together again; never sooner than the schedule says
# A parent may come with the next export: its child is tried for two hours in all.
_LAST_WAIT_S = {FailureKind.PARENT_MISSING: 90 * 60}


@dataclass(frozen=True, slots=True)
class RetrySchedule:
    """The waits in the error log: the first, doubled each time.

    Args:
        max_tries: After so many failed tries the change is Abandoned.
        first_retry_s: The wait after the first failed try.
    """

    max_tries: int = 7
    first_retry_s: int = 60

    def wait_s(self, kind: FailureKind, tries: int, uniform: Uniform) -> int | None:
        """Seconds until the next try, or None where none remains.

        Args:
            kind: Why the last try failed.
            tries: Failed tries, the last one included: 1 after the first.
            uniform: Picks a float in [low, high]; `random.uniform` outside tests.
        """
        if tries >= self.max_tries:
            return None
        wait_s = self.first_retry_s * 2 ** (tries - 1)
        if tries == self.max_tries - 1:
            wait_s = max(wait_s, _LAST_WAIT_S.get(kind, 0))
        return round(uniform(wait_s, wait_s * _SPREAD))


@dataclass(frozen=True, slots=True)
class NextStep:
    """What is done with a change that failed.

    `state` Queued: it waits `delay_s` in the queue. Retrying: it waits `delay_s` in the error log. Pending and
    Abandoned: it waits there for a person. `deferrals` and `tries` are what is counted by then.
    """

    state: State
    delay_s: int = 0
    deferrals: int = 0
    tries: int = 0


def next_step(failure: SyncError, change: Change, schedule: RetrySchedule, uniform: Uniform) -> NextStep:
    """Say what is done with a change that failed; an outage of the org (HALT) is never counted."""
    disposition = failure.disposition
    if disposition is Disposition.HALT:
        return _queued(change, _halted_s(failure, uniform))
    if disposition not in (Disposition.RETRY, Disposition.RETRY_SOON):
        return NextStep(State.PENDING, tries=change.tries)
    if failure.retry_after_s is not None:
        return _queued(change, _spread_s(failure.retry_after_s, uniform))
    if disposition is Disposition.RETRY_SOON and change.tries == 0 and change.deferrals < SHORT_WAITS:
        delay_s = _spread_s(_FIRST_SHORT_WAIT_S * 2**change.deferrals, uniform)
        return NextStep(State.QUEUED, delay_s, change.deferrals + 1)
    tries = change.tries + 1
    wait_s = schedule.wait_s(failure.kind, tries, uniform)
    return NextStep(State.ABANDONED, tries=tries) if wait_s is None else NextStep(State.RETRYING, wait_s, tries=tries)


def _queued(change: Change, delay_s: int) -> NextStep:
    return NextStep(State.QUEUED, delay_s, change.deferrals, change.tries)


def _halted_s(failure: SyncError, uniform: Uniform) -> int:
    if failure.retry_after_s is not None:
        return _spread_s(failure.retry_after_s, uniform)
    return round(uniform(*_HALTED_S))


def _spread_s(delay_s: int, uniform: Uniform) -> int:
    return max(1, round(uniform(delay_s / 2, delay_s)))
