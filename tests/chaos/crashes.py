"""Stops a process at one of its calls, refuses a call, or lets something else happen in between."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

Answer = TypeVar("Answer")


class Crash(BaseException):
    """The process ends here; no `except Exception` of the product sees it."""


class When(StrEnum):
    """On which side of the call something happens."""

    BEFORE = "before"
    AFTER = "after"


class Point(NamedTuple):
    """One side of the n-th call (1-based) of an invocation."""

    call: int
    when: When

    def __str__(self) -> str:
        return f"{self.when} call {self.call}"


# Calls that change nothing that a later call could see; what is not named here counts as one that does.
READS = frozenset(
    {
        "GetItem",
        "BatchGetItem",
        "Query",
        "GetObject",
        "GetSecretValue",
        "GetQueueAttributes",
        "ReceiveMessage",
        "org GET",
    }
)


def every_point(calls: int) -> list[Point]:
    """Return both sides of each call."""
    return [Point(call, when) for call in range(1, calls + 1) for when in When]


def every_gap(calls: int) -> list[Point]:
    """Return each moment at which somebody else can come between an invocation's calls, the first and last included.

    Between the end of one call and the start of the next nothing happens outside of the process: one moment.
    """
    return [Point(1, When.BEFORE), *[Point(call, When.AFTER) for call in range(1, calls + 1)]]


def every_death(names: Sequence[str]) -> list[Point]:
    """Return a point for each state of the world that an invocation which dies can leave behind.

    A dead process leaves what its calls did and nothing else. So it is one death whether it comes after a call or
    before the next one, and one whether it comes before or after a call that only reads (`test_crash_points.py`
    proves both): the first point is before every call, the others are after a call that changes something.
    """
    changes = [number for number, name in enumerate(names, 1) if name not in READS]
    return [Point(1, When.BEFORE), *[Point(number, When.AFTER) for number in changes]]


def every_refusal(names: Sequence[str]) -> list[Point]:
    """Return both sides of each call: refused, and done with its answer lost; of a read, which is the same, one."""
    return [
        point for point in every_point(len(names)) if point.when is When.BEFORE or names[point.call - 1] not in READS
    ]


@dataclass
class Calls:
    """Sees every call to AWS and to the org that is made while it watches.

    `struck` runs once, at `point`; what it raises is raised there. After a crash every further call crashes too: the
    process is gone, its other threads with it.
    """

    point: Point | None = None
    struck: Callable[[str], None] = lambda _name: None
    names: list[str] = field(default_factory=list)
    is_dead: bool = False
    _watches: bool = False
    _is_paused: bool = False
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @contextmanager
    def watch(self) -> Iterator[None]:
        """See the calls of this block."""
        watched, self._watches = self._watches, not self._is_paused
        try:
            yield
        finally:
            self._watches = watched

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Overlook the calls of this block: they are somebody else's."""
        before = self._watches, self._is_paused
        self._watches, self._is_paused = False, True
        try:
            yield
        finally:
            self._watches, self._is_paused = before

    def through(self, name: str, call: Callable[[], Answer]) -> Answer:
        """Make the call; moto is no server, so one at a time."""
        with self._lock:
            if not self._watches:
                return call()
            number = self._number(name)
            self._strike(Point(number, When.BEFORE), name)
            try:
                return call()
            finally:  # a refused call has ended, too
                self._strike(Point(number, When.AFTER), name)

    def _number(self, name: str) -> int:
        if self.is_dead:
            raise Crash
        self.names.append(name)
        return len(self.names)

    def _strike(self, here: Point, name: str) -> None:
        if here != self.point:
            return
        try:
            self.struck(name)
        except Crash:
            self.is_dead = True
            raise


def die(_name: str) -> None:
    """End the process."""
    raise Crash


def seen_calls(client_call: Callable[..., Any], calls: Calls) -> Callable[..., Any]:
    """Wrap botocore's one door to AWS."""

    def call(client: Any, operation: str, parameters: Any) -> Any:
        return calls.through(operation, lambda: client_call(client, operation, parameters))

    return call
