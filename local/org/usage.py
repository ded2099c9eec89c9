"""The org's daily API requests: a window of 24 hours, counted by the hour."""

from collections import Counter

from local.org.clock import OrgClock

_HOUR_S = 3600
_WINDOW_HOURS = 24


class ApiUsage:
    """Counts calls against the org's allocation, and the connected app's own among them."""

    def __init__(self, clock: OrgClock, maximum: int) -> None:
        self._clock = clock
        self.maximum = maximum
        self.app_name = "Lockstep"
        self.app_maximum: int | None = None
        self._by_hour: Counter[int] = Counter()
        self._of_app_by_hour: Counter[int] = Counter()

    @property
    def used(self) -> int:
        """Calls of the last 24 hours."""
        return self._in_window(self._by_hour)

    @property
    def used_by_app(self) -> int:
        """Calls of the last 24 hours that came through the API and were not only pretended."""
        return self._in_window(self._of_app_by_hour)

    @property
    def is_spent(self) -> bool:
        """True where the next call is refused."""
        return self.used >= self.maximum

    def count(self) -> None:
        """Note one call."""
        self._by_hour[self._hour()] += 1
        self._of_app_by_hour[self._hour()] += 1

    def count_others(self, calls: int) -> None:
        """Note calls of other users and applications."""
        self._by_hour[self._hour()] += calls

    def set_used(self, used: int) -> None:
        """Make the window hold that many calls, all of this hour and of others."""
        self._by_hour = Counter({self._hour(): used})
        self._of_app_by_hour.clear()

    def header(self) -> str:
        """Return the value of Sforce-Limit-Info; with an allocation for the app in the longer form."""
        of_org = f"api-usage={self.used}/{self.maximum}"
        if self.app_maximum is None:
            return of_org
        return f"{of_org}; per-app-api-usage={self.used_by_app}/{self.app_maximum}(appName={self.app_name})"

    def _in_window(self, by_hour: Counter[int]) -> int:
        hour = self._hour()
        return sum(count for each, count in by_hour.items() if hour - _WINDOW_HOURS < each <= hour)

    def _hour(self) -> int:
        return int(self._clock.now_s()) // _HOUR_S
