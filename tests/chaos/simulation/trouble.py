"""What goes wrong at a call: the process dies, AWS refuses, an answer is lost, a call arrives late, others work."""

import contextlib
import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

import requests
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.chaos.crashes import Calls, Crash, When

Answer = TypeVar("Answer")
DEEPEST = 2  # processes at work inside each other's calls
# Once this often at a call, on either side of it.
RATES = {"death": 0.004, "refusal": 0.01, "other": 0.06}
LATE = 0.05  # of the calls that write to the org


@dataclass
class Trouble(Calls):
    """Sees every call, and spoils some of them while `is_on`.

    `other` lets somebody else work; `late` are calls to the org that its caller has given up and that arrive later.
    """

    chance: random.Random = field(default_factory=random.Random)
    other: Callable[[], None] = lambda: None
    is_on: bool = False
    can_be_late: bool = True
    late: list[Callable[[], Any]] = field(default_factory=list)
    happened: Counter[str] = field(default_factory=Counter)
    _depth: int = 0

    def through(self, name: str, call: Callable[[], Answer]) -> Answer:
        """Make the call, or not, or later."""
        if self.is_dead:
            raise Crash
        if not self._watches:
            return call()
        self.happened["calls"] += 1
        self._spoil(name, When.BEFORE)
        if self.is_on and self.can_be_late and name == "org PATCH" and self.chance.random() < LATE:
            self.late.append(call)
            self.happened["late call"] += 1
            raise requests.ReadTimeout("nobody knows")
        try:
            return call()
        finally:
            self._spoil(name, When.AFTER)

    @contextlib.contextmanager
    def quiet(self) -> Iterator[None]:
        """Spoil nothing in this block."""
        was_on, self.is_on = self.is_on, False
        try:
            yield
        finally:
            self.is_on = was_on

    def arrive(self) -> None:
        """Let a late call arrive."""
        if self.late:
            call = self.late.pop(self.chance.randrange(len(self.late)))
            with self.paused(), contextlib.suppress(requests.RequestException):  # nobody waits for its answer
                call()
            self.happened["late arrival"] += 1

    def _spoil(self, name: str, when: When) -> None:
        if not self.is_on:
            return
        draw = self.chance.random()
        for what, rate in RATES.items():
            if draw < rate:
                self._strike_with(what, name, when)
                return
            draw -= rate

    def _strike_with(self, what: str, name: str, when: When) -> None:
        if what == "death":
            self.happened[f"death {when}"] += 1
            self.is_dead = True
            raise Crash
        if what == "refusal":
            self.happened[f"refusal {when}"] += 1
            raise _refusal(name, when)
        if self._depth < DEEPEST:
            self._depth += 1
            self.happened["others at work"] += 1
            try:
                self.other()
            finally:
                self._depth -= 1


def _refusal(name: str, when: When) -> Exception:
    """Fail as the called does when all repetitions of its client are used up."""
    if name.startswith("org "):
        return requests.ConnectionError("broken")
    if when is When.AFTER:
        return ReadTimeoutError(endpoint_url=name)
    return ClientError({"Error": {"Code": "ThrottlingException", "Message": "no"}}, name)


class InlineExecutor:
    """Runs at once what a thread pool would run at some time: a play must repeat exactly."""

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        """Take what a ThreadPoolExecutor takes."""

    def submit(self, call: Callable[..., Answer], *args: Any) -> "Future[Answer]":
        """Run it; as with threads, an error is the future's."""
        future: Future[Answer] = Future()
        try:
            future.set_result(call(*args))
        except Exception as exc:  # noqa: BLE001 - it is raised by whoever asks the future
            future.set_exception(exc)
        return future

    def shutdown(self, *, wait: bool = True) -> None:
        """Nothing is left running."""
