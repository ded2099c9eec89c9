"""What was asked of the org: one entry per request, for tests to count and read."""

from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

_KEPT = 100_000  # a million records in Collections of 200 are 5,000 calls


@dataclass(frozen=True, slots=True)
class Call:
    """One answered request. `at` is the org's time, seconds since 1970; `rows` counts records in the body."""

    method: str
    path: str
    status: int
    at: float
    rows: int
    duration_s: float


class CallLog:
    """The latest calls, oldest first."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=_KEPT)

    def add(self, call: Call) -> None:
        """Note a call."""
        self._calls.append(call)

    def clear(self) -> None:
        """Forget all calls."""
        self._calls.clear()

    def all(self) -> list[Call]:
        """Return the calls."""
        return list(self._calls)

    def as_json(self) -> list[dict[str, Any]]:
        """Return the calls as JSON objects."""
        return [asdict(call) for call in self.all()]
