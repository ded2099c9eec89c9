"""The upsert use case with fakes of its ports."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lockstep.domain.changes import Change, State
from lockstep.domain.error_log import ErrorEntry
from lockstep.services.check_routes import Gate, OpenGate
from lockstep.services.find_lookups import FindLookups
from lockstep.services.log_failures import LogFailures
from lockstep.services.parent_turns import Turns
from lockstep.services.send_due_retries import SendDueRetries
from lockstep.services.settle_changes import SettleChanges
from lockstep.services.upsert_changes import Delivery, UpsertChanges, UpsertReport
from lockstep.services.write_records import WriteRecords
from tests.fakes.changes import NOON
from tests.fakes.connection import FakeCircuits
from tests.fakes.errors import FakeErrorLog
from tests.fakes.intake import FakeChangeLog, FakePayloadStore, FakeQueue
from tests.fakes.org import FakeGateway, FakeGuard


@dataclass
class Lane:
    """The use case and all that it touches; `routes` are by (source, entity)."""

    routes: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    log: FakeChangeLog = field(default_factory=FakeChangeLog)
    guard: FakeGuard = field(default_factory=FakeGuard)
    gateway: FakeGateway = field(default_factory=FakeGateway)
    payloads: FakePayloadStore = field(default_factory=FakePayloadStore)
    inbound: FakeQueue = field(default_factory=FakeQueue)
    errors: FakeErrorLog = field(default_factory=FakeErrorLog)
    now: datetime = NOON
    gate: Gate | None = None
    turns: Turns | None = None
    owners: int = 0

    def __post_init__(self) -> None:
        self.lookups = FindLookups(lambda: self.now)

    def run(self, *changes: Change, has_time: Callable[[], bool] = lambda: True) -> UpsertReport:
        """Deliver the changes as one batch."""
        settle = SettleChanges(
            change_log=self.log,
            guard=self.guard,
            inbound=self.inbound,
            error_log=self.errors,
            log_failures=LogFailures(self.errors, self.payloads),
            clock=lambda: self.now,
            uniform=lambda _low, high: high,
        )
        use_case = UpsertChanges(
            gate=self.gate or OpenGate(self.routes),
            change_log=self.log,
            guard=self.guard,
            write_records=WriteRecords(
                gateway=self.gateway, payloads=self.payloads, lookups=self.lookups, turns=self.turns
            ),
            settle_changes=settle,
            clock=lambda: self.now,
            new_owner=self._new_owner,
        )
        return use_case([Delivery(f"m{n}", each) for n, each in enumerate(changes)], has_time)

    def retry_all(self) -> list[Change]:
        """Let time pass until everything that is Retrying is due, and return what is sent to the queue."""
        due = [each.next_try_at for each in self.errors.entry_by_name.values() if each.next_try_at]
        self.now = max([self.now, *due])
        queue = FakeQueue()
        SendDueRetries(error_log=self.errors, inbound=queue, circuits=FakeCircuits(), clock=lambda: self.now)(
            lambda: True
        )
        return queue.sent

    def entry(self, one: Change) -> ErrorEntry | None:
        """Return what the error log has of the change."""
        return self.errors.entry_by_name.get(one.correlation_id)

    def _new_owner(self) -> str:
        self.owners += 1
        return f"owner-{self.owners}"

    def state(self, one: Change) -> State | None:
        """Return what the change log says of the change."""
        return self.log.state_by_id.get(one.correlation_id)
