"""What goes wrong at a call: the process dies, AWS refuses, an answer is lost, a call arrives late, others work."""

import contextlib
import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NoReturn, TypeVar

import requests
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.chaos.crashes import Calls, Crash, When
from tests.chaos.surroundings import Clock

Answer = TypeVar("Answer")
DEEPEST = 2  # processes at work inside each other's calls
# Once this often at a call, on either side of it.
RATES = {"death": 0.004, "refusal": 0.01, "other": 0.06}
LATE = 0.12  # of the calls that write to the org
DIES_WAITING = 0.3  # of those who wait for such a call
CALL_LIFE_S = 600  # Salesforce ends a call after ten minutes


@dataclass
class Trouble(Calls):
    """Sees every call, and spoils some of them while `is_on`.

    `other` lets somebody else work; `late` are calls to the org that its caller has given up, or did not live to see
    answered. They arrive at some time, and at the latest when the org would end them, by the world's `clock`.
    """

    chance: random.Random = field(default_factory=random.Random)
    other: Callable[[], None] = lambda: None
    is_on: bool = False
    can_be_late: bool = True
    late: list[Callable[[], Any]] = field(default_factory=list)
    clock: Clock = field(default_factory=Clock)
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
            self._leave(call)
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

    def _leave(self, call: Callable[[], Any]) -> NoReturn:
        """Leave a call on its way: its caller gives it up, or dies."""
        self.late.append(call)
        self.happened["late call"] += 1
        self.clock.at(self.clock.now + timedelta(seconds=CALL_LIFE_S), lambda: self._arrives(call))
        if self.chance.random() < DIES_WAITING:
            self.happened["death in a call"] += 1
            self.is_dead = True
            raise Crash
        raise requests.ReadTimeout("nobody knows")

    def arrive(self) -> None:
        """Let a late call arrive."""
        if self.late:
            self._arrives(self.chance.choice(self.late))

    def _arrives(self, call: Callable[[], Any]) -> None:
        if call not in self.late:
            return
        self.late.remove(call)
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
