"""The stores in memory for many threads at once: each item is read and written in one piece, as DynamoDB does."""

import random
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from lockstep.domain.changes import Change, Outcome, State
from lockstep.domain.guard import GuardAnswer, GuardClaim
from tests.fakes.intake import FakeChangeLog
from tests.fakes.org import FakeGuard


@dataclass
class SharedGuard(FakeGuard):
    """A guard that locks for one record at a time, so that others come between two records of a batch."""

    lock: threading.Lock = field(default_factory=threading.Lock)

    def _claim(self, claim: GuardClaim, owner: str, now: datetime) -> GuardAnswer:
        with self.lock:
            return super()._claim(claim, owner, now)

    def commit(self, claims: Sequence[GuardClaim], owner: str) -> None:
        for claim in claims:
            with self.lock:
                super().commit([claim], owner)

    def suspend(
        self,
        claims: Sequence[GuardClaim],
        owner: str,
        *,
        failed_at: datetime | None = None,
        given_up_at: datetime | None = None,
    ) -> None:
        for claim in claims:
            with self.lock:
                super().suspend([claim], owner, failed_at=failed_at, given_up_at=given_up_at)

    def release(self, claims: Sequence[GuardClaim], owner: str, *, failed_at: datetime) -> None:
        for claim in claims:
            with self.lock:
                super().release([claim], owner, failed_at=failed_at)


@dataclass
class SharedChangeLog(FakeChangeLog):
    """A change log that locks for one call at a time."""

    lock: threading.Lock = field(default_factory=threading.Lock)

    def states(self, correlation_ids: Collection[str]) -> Mapping[str, State]:
        with self.lock:
            return super().states(correlation_ids)

    def record(self, outcomes: Sequence[Outcome], now: datetime, *, written: Collection[str] = ()) -> None:
        with self.lock:
            super().record(outcomes, now, written=written)


@dataclass
class SharedQueue:
    """Implements `ports.InboundQueue`; gives messages out in random order, and what is sent later at once."""

    chance: random.Random
    waiting: list[Change] = field(default_factory=list)
    in_flight: int = 0
    sent_again: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, changes: Sequence[Change], *, delay_s: int = 0) -> Sequence[bool]:
        with self.lock:
            for change in changes:
                self._put(change)
            self.sent_again += len(changes)
        return [True] * len(changes)

    def _put(self, change: Change) -> None:
        """Put it anywhere: what is taken from the end is random then."""
        self.waiting.append(change)
        place = self.chance.randrange(len(self.waiting))
        self.waiting[-1], self.waiting[place] = self.waiting[place], self.waiting[-1]

    def receive(self, most: int) -> list[Change]:
        """Take messages; they are in flight until `acknowledge` is told of as many."""
        with self.lock:
            taken = [self.waiting.pop() for _ in range(min(self.chance.randint(1, most), len(self.waiting)))]
            self.in_flight += len(taken)
            return taken

    def acknowledge(self, count: int) -> None:
        """Say that so many of the messages are gone for good."""
        with self.lock:
            self.in_flight -= count

    @property
    def is_done(self) -> bool:
        """True when nothing waits and nothing that is in flight can come back."""
        with self.lock:
            return not self.waiting and not self.in_flight
