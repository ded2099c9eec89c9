"""The ports of the circuit and the API budget, in memory; any step can be the one at which a process is killed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from lockstep.domain.budget import ApiBudget, Lane, Usage
from lockstep.domain.circuit import Circuit
from lockstep.domain.credentials import ClientCredentials
from lockstep.domain.failures import SyncError
from lockstep.services.breaker import Breaker
from lockstep.services.monitor_connection import MonitorConnection
from lockstep.services.probe_connection import ProbeConnection
from tests.fakes.changes import NOON


class KilledError(BaseException):
    """Raised in place of the death of a process."""


@dataclass
class Steps:
    """Counts what takes effect outside the process; kills it before or after the n-th (1-based)."""

    kill_at: int | None = None
    is_after: bool = False
    seen: list[str] = field(default_factory=list)

    def take(self, name: str, act: Callable[[], None]) -> None:
        self.seen.append(name)
        is_fatal = len(self.seen) == self.kill_at
        if is_fatal and not self.is_after:
            raise KilledError
        act()
        if is_fatal:
            raise KilledError


@dataclass
class FakeCircuits:
    """Implements `ports.CircuitStore`."""

    stored: Circuit = field(default_factory=Circuit)
    steps: Steps = field(default_factory=Steps)
    outage: SyncError | None = None
    before_save: list[Callable[[], None]] = field(default_factory=list)
    loads: int = 0

    def load(self) -> Circuit:
        self.loads += 1
        if self.outage:
            raise self.outage
        return self.stored

    def save(self, circuit: Circuit) -> bool:
        if self.outage:
            raise self.outage
        if self.before_save:
            self.before_save.pop()()
        if self.stored.revision != circuit.revision - 1:
            return False
        self.steps.take("save", lambda: setattr(self, "stored", circuit))
        return True


@dataclass
class FakeUsages:
    """Implements `ports.UsageStore`."""

    stored: Usage | None = None
    saves: int = 0

    def load(self) -> Usage | None:
        return self.stored

    def save(self, usage: Usage) -> None:
        self.saves += 1
        if self.stored is None or self.stored.read_at < usage.read_at:
            self.stored = usage


@dataclass
class FakeMeter:
    """Implements `ports.UsageMeter`."""

    latest: Usage | None = None


@dataclass
class FakeBell:
    """Implements `ports.Bell`."""

    rings: int = 0
    outage: SyncError | None = None

    def ring(self) -> None:
        if self.outage:
            raise self.outage
        self.rings += 1


@dataclass
class FakeLanes:
    """Implements `ports.LaneSwitch`."""

    are_on: bool = True
    steps: Steps = field(default_factory=Steps)
    outage: SyncError | None = None
    switches: int = 0

    def switch(self, *, on: bool) -> None:
        if self.outage:
            raise self.outage
        self.switches += 1
        self.steps.take("switch", lambda: setattr(self, "are_on", on))


@dataclass
class FakeAlertTopic:
    """Implements `ports.Alerts`."""

    steps: Steps = field(default_factory=Steps)
    sent: list[tuple[str, str]] = field(default_factory=list)
    outage: SyncError | None = None

    def tell(self, subject: str, text: str) -> None:
        if self.outage:
            raise self.outage
        self.steps.take("alert", lambda: self.sent.append((subject, text)))


@dataclass
class FakeLimits:
    """Implements `ports.OrgLimits`: raises or returns its answer, and counts the questions."""

    answer: Usage | SyncError | None = None
    asked: int = 0

    def usage(self) -> Usage | None:
        self.asked += 1
        if isinstance(self.answer, SyncError):
            raise self.answer
        return self.answer


class Connection:
    """One stack's connection: containers and monitors that share their stores."""

    def __init__(self, reserve_percent: int = 20) -> None:
        self.now = NOON
        self.steps = Steps()
        self.circuits = FakeCircuits(steps=self.steps)
        self.usages = FakeUsages()
        self.meter = FakeMeter()
        self.bell = FakeBell()
        self.lanes = FakeLanes(steps=self.steps)
        self.alerts = FakeAlertTopic(steps=self.steps)
        self.org = FakeLimits()
        self.credentials = ClientCredentials("client", "first")
        self.budget = ApiBudget(reserve_percent)
        self.troubles: list[SyncError] = []

    def clock(self) -> datetime:
        return self.now

    def breaker(self, lane: Lane = Lane.WEBHOOKS, meter: FakeMeter | None = None) -> Breaker:
        """A container's watch."""
        return Breaker(
            circuits=self.circuits,
            usages=self.usages,
            meter=meter or self.meter,
            bell=self.bell,
            budget=self.budget,
            lane=lane,
            credentials=lambda: self.credentials,
            clock=self.clock,
            on_trouble=self.troubles.append,
        )

    def monitor(self) -> MonitorConnection:
        """A container of the monitor."""
        probe = ProbeConnection(
            circuits=self.circuits,
            usages=self.usages,
            org=self.org,
            budget=self.budget,
            credentials=lambda: self.credentials,
            clock=self.clock,
            on_trouble=self.troubles.append,
        )
        return MonitorConnection(
            circuits=self.circuits,
            usages=self.usages,
            lanes=self.lanes,
            alerts=self.alerts,
            probe=probe,
            clock=self.clock,
        )

    def usage(self, used: int, maximum: int = 100) -> Usage:
        """Usage as read now."""
        return Usage(used=used, maximum=maximum, read_at=self.now)
