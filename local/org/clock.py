"""The org's own clock: real time plus an offset that a test may move."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import formatdate


class OrgClock:
    """Tells the org's time; only the control prefix moves it."""

    def __init__(self, now_s: Callable[[], float] = time.time) -> None:
        self._real_now_s = now_s
        self._offset_s = 0.0
        self._stamped = (-1, "")

    def now_s(self) -> float:
        """Return seconds since 1970."""
        return self._real_now_s() + self._offset_s

    def advance(self, seconds: float) -> None:
        """Move the org's time; it may go back too."""
        self._offset_s += seconds

    def reset(self) -> None:
        """Return to real time."""
        self._offset_s = 0.0

    def http_date(self) -> str:
        """Return now as the Date header shows it: clients learn from it how far their own clock is off."""
        return formatdate(self.now_s(), usegmt=True)

    def stamp(self) -> str:
        """Return now as REST shows it; one string object per second, because millions of records keep it."""
        second = int(self.now_s())
        if second != self._stamped[0]:
            self._stamped = (second, f"{datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%M:%S}.000+0000")
        return self._stamped[1]
