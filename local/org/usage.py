"""What a day may hold: windows of 24 hours, counted by the hour."""

from collections import Counter

from local.org.clock import OrgClock

_HOUR_S = 3600
_WINDOW_HOURS = 24


class DayWindow:
    """Counts what happened in the last 24 hours of the org's clock."""

    def __init__(self, clock: OrgClock) -> None:
        self._clock = clock
        self._by_hour: Counter[int] = Counter()

    @property
    def total(self) -> int:
        """Return what the last 24 hours saw."""
        hour = self._hour()
        return sum(count for each, count in self._by_hour.items() if hour - _WINDOW_HOURS < each <= hour)

    def add(self, count: int = 1) -> None:
        """Count."""
        self._by_hour[self._hour()] += count

    def set(self, total: int) -> None:
        """Make the window hold that many, all of this hour."""
        self._by_hour = Counter({self._hour(): total})

    def _hour(self) -> int:
        return int(self._clock.now_s()) // _HOUR_S


class ApiUsage:
    """Counts calls against the org's allocation, and the connected app's own among them."""

    def __init__(self, clock: OrgClock, maximum: int) -> None:
        self.maximum = maximum
        self.app_name = "Lockstep"
        self.app_maximum: int | None = None
        self._all = DayWindow(clock)
        self._of_app = DayWindow(clock)

    @property
    def used(self) -> int:
        """Calls of the last 24 hours."""
        return self._all.total

    @property
    def used_by_app(self) -> int:
        """Calls of the last 24 hours that came through the API and were not only pretended."""
        return self._of_app.total

    @property
    def is_spent(self) -> bool:
        """True where the next call is refused."""
        return self.used >= self.maximum

    def count(self) -> None:
        """Note one call."""
        self._all.add()
        self._of_app.add()

    def count_others(self, calls: int) -> None:
        """Note calls of other users and applications."""
        self._all.add(calls)

    def set_used(self, used: int) -> None:
        """Make the window hold that many calls, all of this hour and of others."""
        self._all.set(used)
        self._of_app.set(0)

    def header(self) -> str:
        """Return the value of Sforce-Limit-Info; with an allocation for the app in the longer form."""
        of_org = f"api-usage={self.used}/{self.maximum}"
        if self.app_maximum is None:
            return of_org
        return f"{of_org}; per-app-api-usage={self.used_by_app}/{self.app_maximum}(appName={self.app_name})"
