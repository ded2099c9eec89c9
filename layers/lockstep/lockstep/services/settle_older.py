"""Settles failures that something newer has overtaken."""

from collections.abc import Callable, Sequence
from datetime import datetime

from lockstep.domain.changes import Outcome, State
from lockstep.domain.error_log import ErrorEntry, Resolution
from lockstep.ports import ChangeLog
from lockstep.services.log_failures import LogFailures


class SettleOlder:
    """The change log is told before the error log, which knows where to look again; safe to repeat."""

    def __init__(self, change_log: ChangeLog, log_failures: LogFailures, clock: Callable[[], datetime]) -> None:
        self._change_log = change_log
        self._log_failures = log_failures
        self._clock = clock

    def __call__(self, entries: Sequence[ErrorEntry], why: str) -> None:
        """Let open failures end as Superseded; one that is no change is closed alone.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        outcomes = [Outcome(entry.change, State.SUPERSEDED, detail=why) for entry in entries if entry.change]
        self._change_log.record(outcomes, self._clock())
        closed = [Resolution(entry.correlation_id, State.SUPERSEDED) for entry in entries]
        self._log_failures.resolve(closed, self._clock())
