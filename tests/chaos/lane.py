"""The upsert use case over the real org client and the small ports, with workers that start in each other's calls."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any, NamedTuple

import requests

from local.org.in_process import OrgAdapter
from local.org.org import Org, OrgSettings
from lockstep.adapters.salesforce import SalesforceRest
from lockstep.domain.changes import Change, State
from lockstep.domain.connection import AccessToken
from lockstep.domain.error_log import EntryStatus, ErrorEntry
from lockstep.domain.guard import GuardClaim
from lockstep.runtime.route_files import load_routes
from lockstep.services.check_routes import OpenGate
from lockstep.services.log_failures import LogFailures
from lockstep.services.send_due_retries import SendDueRetries
from lockstep.services.settle_changes import SettleChanges
from lockstep.services.upsert_changes import Delivery, UpsertChanges
from lockstep.services.write_records import WriteRecords
from tests.chaos.crashes import Crash
from tests.chaos.surroundings import GUARD_LEASE_S, ORG_URL, VISIBILITY_S, Clock
from tests.chaos.world import SCHEMA
from tests.fakes.connection import FakeCircuits
from tests.fakes.errors import FakeErrorLog
from tests.fakes.intake import FakeChangeLog, FakePayloadStore
from tests.fakes.org import FakeGuard

ROUTES = load_routes()
DEEPEST = 3  # workers inside each other


class Message(NamedTuple):
    """A change on the queue, visible from `due` on."""

    id: str
    change: Change
    due: datetime


@dataclass
class TimedQueue:
    """Implements `ports.InboundQueue`, on the clock of the test."""

    clock: Clock
    messages: dict[str, Message] = field(default_factory=dict)
    receives: Counter[str] = field(default_factory=Counter)
    numbers: count = field(default_factory=count)

    def send(self, changes: Sequence[Change], *, delay_s: int = 0) -> Sequence[bool]:
        for change in changes:
            self.put(f"m{next(self.numbers)}", change, delay_s)
        return [True] * len(changes)

    def put(self, name: str, change: Change, delay_s: int) -> None:
        moved = Clock(self.clock.now)
        moved.advance(delay_s)
        self.messages[name] = Message(name, change, moved.now)

    def receive(self, chance: random.Random, most: int) -> list[Message]:
        """Take visible messages, in no order; they are hidden for the visibility timeout."""
        visible = [each for each in self.messages.values() if each.due <= self.clock.now]
        taken = chance.sample(visible, min(most, len(visible)))
        for message in taken:
            self.receives[message.id] += 1
            self.put(message.id, message.change, VISIBILITY_S)
        return taken


class Token:
    """Implements `ports.sign_in.SignIn` with one session."""

    def __init__(self, org: Org) -> None:
        self._token = AccessToken(org.open_session(), ORG_URL)

    def token(self) -> AccessToken:
        return self._token

    def discard(self, token: AccessToken) -> None:
        raise AssertionError("the session ended")


class _Guard(FakeGuard):
    """A process that died says nothing more, whatever its `finally` holds."""

    is_dying = False

    def suspend(
        self,
        claims: Sequence[GuardClaim],
        owner: str,
        *,
        failed_at: datetime | None = None,
        given_up_at: datetime | None = None,
    ) -> None:
        if self.is_dying:
            raise Crash
        super().suspend(claims, owner, failed_at=failed_at, given_up_at=given_up_at)


class Lane:
    """One queue, one org, any number of workers."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.clock = Clock()
        self.org = Org(SCHEMA, OrgSettings(keeps_history=True, daily_api_requests=10**6))
        self.log = FakeChangeLog()
        self.guard = _Guard(GUARD_LEASE_S)
        self.queue = TimedQueue(self.clock)
        self.errors = FakeErrorLog()
        self.payloads = FakePayloadStore()
        self.trouble = 0.0
        self.happened: Counter[str] = Counter()
        self._depth = 0
        self._owners = count()
        self._use_case = self._build()

    def _build(self) -> UpsertChanges:
        with_org = requests.Session()
        with_org.mount(ORG_URL, _Adapter(self.org, self))
        settle = SettleChanges(
            change_log=self.log,
            guard=self.guard,
            inbound=self.queue,
            error_log=self.errors,
            log_failures=LogFailures(self.errors, self.payloads),
            clock=self.clock,
            uniform=self.chance.uniform,
        )
        gateway = SalesforceRest(Token(self.org), "66.0", with_org)
        return UpsertChanges(
            gate=OpenGate(ROUTES),
            change_log=self.log,
            guard=self.guard,
            write_records=WriteRecords(gateway=gateway, payloads=self.payloads),
            settle_changes=settle,
            clock=self.clock,
            new_owner=lambda: f"worker {next(self._owners)}",
        )

    def accept(self, changes: Sequence[Change]) -> None:
        """Put changes on the queue as the webhook function leaves them."""
        for change in changes:
            self.log.state_by_id.setdefault(change.correlation_id, State.QUEUED)
        self.queue.send(changes)

    def work(self) -> None:
        """Let one worker take a batch of any size; it may die."""
        messages = self.queue.receive(self.chance, self.chance.randint(1, 12))
        if not messages:
            return
        self._depth += 1
        try:
            report = self._use_case([Delivery(each.id, each.change) for each in messages], lambda: True)
        except Crash:
            self.guard.is_dying = False
            self.happened["crash"] += 1
        else:
            for message in messages:
                if message.id not in report.again:
                    del self.queue.messages[message.id]
        finally:
            self._depth -= 1

    def retry(self) -> None:
        """Send what is due in the error log."""
        send = SendDueRetries(error_log=self.errors, inbound=self.queue, circuits=FakeCircuits(), clock=self.clock)
        self.happened["retried"] += send(lambda: True).sent

    def errors_to_retry(self) -> list[ErrorEntry]:
        """Return what the error log will send."""
        return [each for each in self.errors.entry_by_name.values() if each.status is EntryStatus.RETRYING]

    def around(self, call: Callable[[], Any]) -> Any:
        """Make a call to the org as the world is: others are at work, calls fail, processes die."""
        self._maybe("before")
        answer = call()
        self._maybe("after")
        return answer

    def _maybe(self, when: str) -> None:
        if self._depth < DEEPEST and self.chance.random() < 0.4:
            self.happened[f"worker {when}"] += 1
            self.work()
        if self.chance.random() >= self.trouble:
            return
        if self.chance.random() < 0.3:
            self.guard.is_dying = True
            raise Crash
        self.happened[f"broken {when}"] += 1
        raise requests.ConnectionError("broken")

    def run(self) -> None:
        """Work through troubled times, then heal and work until nothing is left."""
        self.trouble = 0.2
        for _ in range(20):
            self.work()
            self.retry()
            self.clock.advance(self.chance.choice([0, 1, 5, 80, 400]))
        self.trouble = 0.0
        for _ in range(1_000):
            if not self.queue.messages and not self.errors_to_retry():
                return
            self.work()
            self.retry()
            self.clock.advance(61)
        raise AssertionError(f"never ends: {[each.change.external_id for each in self.queue.messages.values()]}")


class _Adapter(OrgAdapter):
    def __init__(self, org: Org, lane: Lane) -> None:
        super().__init__(org)
        self._lane = lane

    def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return self._lane.around(lambda: super(_Adapter, self).send(request, *args, **kwargs))
