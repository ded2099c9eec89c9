"""Sees whether what is due in the error log is sent."""

from collections.abc import Callable
from datetime import datetime

from lockstep.domain.circuit import Circuit
from lockstep.ports.error_log import ErrorLog


class WatchRetries:
    """Tells how long the oldest due retry has been waiting for the retry function."""

    def __init__(self, error_log: ErrorLog, clock: Callable[[], datetime]) -> None:
        self._error_log = error_log
        self._clock = clock

    def __call__(self, circuit: Circuit) -> float:
        """Return seconds, 0 where nothing is due; while the circuit was open nothing had to be sent.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        now = self._clock()
        oldest = next(iter(self._error_log.due(now)), None)
        if oldest is None or not circuit.is_closed:
            return 0
        since = oldest.next_try_at if circuit.since is None else max(oldest.next_try_at, circuit.since)
        return max(0, (now - since).total_seconds())
