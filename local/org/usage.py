"""The org's daily API requests: a window of 24 hours, counted by the hour."""

from collections import Counter

from local.org.clock import OrgClock

_HOUR_S = 3600
_WINDOW_HOURS = 24


class ApiUsage:
    """Counts calls against the org's allocation."""

    def __init__(self, clock: OrgClock, maximum: int) -> None:
        self._clock = clock
        self.maximum = maximum
        self._by_hour: Counter[int] = Counter()

    @property
    def used(self) -> int:
        """Calls of the last 24 hours."""
        hour = self._hour()
        return sum(count for each, count in self._by_hour.items() if hour - _WINDOW_HOURS < each <= hour)

    @property
    def is_spent(self) -> bool:
        """True where the next call is refused."""
        return self.used >= self.maximum

    def count(self) -> None:
        """Note one call."""
        self._by_hour[self._hour()] += 1

    def set_used(self, used: int) -> None:
        """Make the window hold that many calls, all of this hour."""
        self._by_hour = Counter({self._hour(): used})

    def header(self) -> str:
        """Return the value of Sforce-Limit-Info."""
        return f"api-usage={self.used}/{self.maximum}"

    def _hour(self) -> int:
        return int(self._clock.now_s()) // _HOUR_S
