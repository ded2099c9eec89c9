"""Calls that run for long: the org refuses new ones while too many of them do."""

from local.org.clock import OrgClock


class LongCalls:
    """Counts running calls that are older than `long_s` seconds of the org's clock, and those a test pretends."""

    def __init__(self, clock: OrgClock, maximum: int) -> None:
        self._clock = clock
        self._running: list[tuple[float, float]] = []
        self.maximum = maximum
        self.long_s = 20.0
        self.pretended = 0

    @property
    def running(self) -> int:
        """Long calls of this moment."""
        now_s = self._clock.now_s()
        return self.pretended + sum(starts_s + self.long_s <= now_s < ends_s for starts_s, ends_s in self._running)

    @property
    def are_too_many(self) -> bool:
        """True where the next call is refused."""
        return self.running >= self.maximum

    def start(self, lasts_s: float) -> None:
        """Note a call that starts now; how long a slow one takes is known, because it was planned."""
        now_s = self._clock.now_s()
        self._running = [span for span in self._running if span[1] > now_s]
        if lasts_s >= self.long_s:
            self._running.append((now_s, now_s + lasts_s))
