"""The ports of the webhook side, in memory; each call can be made to fail before or after it took effect."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lockstep.domain.changes import Change, Outcome, PayloadReference, State, content_hash
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.ports import ClaimAnswer


@dataclass
class Crashes:
    """A plan of one crash: at the n-th call (1-based) of a method, before or after it took effect."""

    at: str | None = None
    call: int = 1
    is_after: bool = False
    error: Callable[[], Exception] = RuntimeError
    calls: dict[str, int] = field(default_factory=dict)

    def before(self, method: str) -> None:
        self.calls[method] = self.calls.get(method, 0) + 1
        self._raise(method, is_after=False)

    def after(self, method: str) -> None:
        self._raise(method, is_after=True)

    def _raise(self, method: str, *, is_after: bool) -> None:
        if (self.at, self.call, self.is_after) == (method, self.calls[method], is_after):
            raise self.error()


def no_crashes() -> Crashes:
    return Crashes()


@dataclass
class FakeChangeLog:
    """Implements `ports.ChangeLog`."""

    lease_s: int = 15
    crashes: Crashes = field(default_factory=no_crashes)
    state_by_id: dict[str, State] = field(default_factory=dict)
    lease_end_by_id: dict[str, datetime] = field(default_factory=dict)

    def claim(self, changes: Sequence[Change], now: datetime) -> Sequence[ClaimAnswer]:
        self.crashes.before("claim")
        answers = [self._claim(change.correlation_id, now) for change in changes]
        self.crashes.after("claim")
        return answers

    def _claim(self, name: str, now: datetime) -> ClaimAnswer:
        state = self.state_by_id.get(name)
        if state is not None and state is not State.CLAIMED:
            return ClaimAnswer.KNOWN
        if state is State.CLAIMED and not self.lease_end_by_id[name] < now:
            return ClaimAnswer.HELD
        self.state_by_id[name] = State.CLAIMED
        self.lease_end_by_id[name] = now + timedelta(seconds=self.lease_s)
        return ClaimAnswer.GRANTED

    def mark_queued(self, changes: Sequence[Change], now: datetime) -> None:
        self.crashes.before("mark_queued")
        for change in changes:
            if self.state_by_id[change.correlation_id] is State.CLAIMED:
                self.state_by_id[change.correlation_id] = State.QUEUED
        self.crashes.after("mark_queued")

    def states(self, correlation_ids: Collection[str]) -> Mapping[str, State]:
        return {name: self.state_by_id[name] for name in correlation_ids if name in self.state_by_id}

    def record(self, outcomes: Sequence[Outcome], now: datetime, *, written: Collection[str] = ()) -> None:
        for outcome in outcomes:
            name = outcome.change.correlation_id
            if name not in self.state_by_id or not self.state_by_id[name].is_settled:
                self.state_by_id[name] = outcome.state


@dataclass
class FakeQueue:
    """Implements `ports.InboundQueue`; refuses the changes whose External ID is in `refused`."""

    crashes: Crashes = field(default_factory=no_crashes)
    sent: list[Change] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    delays_s: list[int] = field(default_factory=list)

    def send(self, changes: Sequence[Change], *, delay_s: int = 0) -> Sequence[bool]:
        self.crashes.before("send")
        answers = [change.external_id not in self.refused for change in changes]
        self.sent += [change for change, is_sent in zip(changes, answers, strict=True) if is_sent]
        self.delays_s += [delay_s] * sum(answers)
        self.crashes.after("send")
        return answers

    @property
    def ids(self) -> set[str]:
        return {change.correlation_id for change in self.sent}


@dataclass
class FakePayloadStore:
    """Implements `ports.PayloadStore`."""

    crashes: Crashes = field(default_factory=no_crashes)
    text_by_key: dict[str, str] = field(default_factory=dict)
    let_go_keys: set[str] = field(default_factory=set)

    def put(self, correlation_id: str, payload: str) -> PayloadReference:
        self.crashes.before("put")
        reference = self._stored("payloads/", correlation_id, payload)
        self.crashes.after("put")
        return reference

    def keep(self, correlation_id: str, payload: str) -> PayloadReference:
        return self._stored("failures/", correlation_id, payload)

    def keep_stored(self, reference: PayloadReference) -> PayloadReference:
        if reference.key not in self.text_by_key or not reference.key.startswith("payloads/"):
            return reference
        key = reference.key.replace("payloads/", "failures/", 1)
        self.text_by_key[key] = self.text_by_key[reference.key]
        return PayloadReference(bucket="fake", key=key)

    def let_go(self, references: Iterable[PayloadReference]) -> None:
        self.let_go_keys |= {each.key for each in references if each.key.startswith("failures/")}

    def _stored(self, prefix: str, correlation_id: str, payload: str) -> PayloadReference:
        key = f"{prefix}{correlation_id}/{content_hash(payload.encode())}.json"
        self.text_by_key[key] = payload
        return PayloadReference(bucket="fake", key=key)

    def get(self, reference: PayloadReference) -> str:
        if reference.key not in self.text_by_key:
            raise SyncError(FailureKind.MESSAGE_INVALID, "the stored payload is gone")
        return self.text_by_key[reference.key]


@dataclass
class FakeSecrets:
    """Implements `ports.Secrets`."""

    values: dict[str, Mapping[str, str]] = field(default_factory=dict)
    crashes: Crashes = field(default_factory=no_crashes)
    reads: int = 0

    def get(self, name: str) -> Mapping[str, str]:
        self.crashes.before("get")
        self.reads += 1
        if name not in self.values:
            raise SyncError(FailureKind.CONFIGURATION_INVALID, f"the secret {name} does not exist")
        return self.values[name]
