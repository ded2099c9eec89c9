"""When a batch goes, and how much of the queue goes with it: what Lambda's poller decides."""

from collections.abc import Callable, Iterable

MOST_BYTES = 6_000_000  # Lambda quotas: the payload of an invocation
ENVELOPE_BYTES = 1_000  # what an event holds beside each body


class Windows:
    """Since when each queue holds messages that wait for more."""

    def __init__(self, clock: Callable[[], float], wake_after: Callable[[float], None]) -> None:
        self._clock = clock
        self._wake_after = wake_after
        self._opened: dict[str, float] = {}

    def is_over(self, queue_url: str, window_s: float, *, is_full: bool) -> bool:
        """Tell whether the batch goes now; opens the window at its first message."""
        if queue_url not in self._opened:
            self._opened[queue_url] = self._clock()
            self._wake_after(window_s)
        if not is_full and self._clock() - self._opened[queue_url] < window_s:
            return False
        del self._opened[queue_url]
        return True

    def close(self, queue_url: str) -> None:
        """Forget the queue: it holds nothing to wait with."""
        self._opened.pop(queue_url, None)


def batch_length(sizes: Iterable[int], most: int) -> int:
    """Count the messages that fit into one invocation; at least one."""
    total = count = 0
    for size in sizes:
        total += size + ENVELOPE_BYTES
        if count >= most or (count and total > MOST_BYTES):
            break
        count += 1
    return count
