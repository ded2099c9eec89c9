"""Says whether the inbound queue holds so much that it goes by jobs."""

from collections.abc import Callable
from datetime import datetime, timedelta

from lockstep.domain.failures import SyncError

ASKED_EACH = timedelta(seconds=5)
_BACK_BELOW = 4  # a quarter of the threshold: else the lanes would change with every batch


class BacklogWatch:
    """Asks once in a while, for a container.

    Args:
        waiting: About how many messages wait.
        threshold: Above it the queue is high, until a quarter of it is left; 0 where it never is.
    """

    def __init__(self, waiting: Callable[[], int], threshold: int, clock: Callable[[], datetime]) -> None:
        self._waiting = waiting
        self._threshold = threshold
        self._clock = clock
        self._asked_at: datetime | None = None
        self._is_high = False

    def is_high(self) -> bool:
        """Answer; where the queue cannot be asked it is as it was."""
        if not self._threshold:
            return False
        now = self._clock()
        if self._asked_at is None or now - self._asked_at >= ASKED_EACH:
            self._asked_at = now
            self._look()
        return self._is_high

    def _look(self) -> None:
        try:
            waiting = self._waiting()
        except SyncError:
            # By REST everything arrives too, and what AWS refuses now it refuses there as well.
            return
        self._is_high = waiting > (self._threshold // _BACK_BELOW if self._is_high else self._threshold)
