"""Children of one parent, written by several workers to an org that locks parents: after a refused lock one at a time.

The gateway here locks as Salesforce does: while a call is under way that writes children of a parent, rows of others
that name it are refused. Other workers come in the middle of a call.
"""

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace

import pytest

from lockstep.domain.changes import State
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.mapped import Mapped, ParentKey
from lockstep.ports.org import WriteResult
from lockstep.services.parent_turns import HOT_FOR, TURN_S, NoTurns, ParentTurns
from tests.fakes.changes import NOON, change
from tests.fakes.describes import FakeLeases
from tests.fakes.lane import Lane
from tests.fakes.org import FakeGateway

LOCKED = SyncError(FailureKind.ROW_LOCKED, "locked", error_code="UNABLE_TO_LOCK_ROW")


def _route(object_name, entity):
    def to_record(payload, external_id, version, change_id):
        named = payload.get("parents", [])
        parents = tuple(ParentKey("Account", "Key__c", name) for name in named)
        return Mapped({"Key__c": external_id, "Parents": tuple(named), "V__c": version}, (), parents)

    return SimpleNamespace(
        source="shop",
        entity=entity,
        object_name=object_name,
        external_id_field="Key__c",
        on_delete="delete",
        condition=None,
        also=(),
        create_only=frozenset(),
        as_written=None,
        change_field=None,
        to_record=to_record,
    )


ROUTES = {("shop", "customer"): _route("Account", "customer"), ("shop", "order"): _route("Order", "order")}


@dataclass
class LockingGateway(FakeGateway):
    """Refuses rows whose parent, or which themselves, are locked by a call that is under way."""

    locked: set[str] = field(default_factory=set)
    refusals: int = 0
    meanwhile: Callable[[], None] = lambda: None

    def upsert(self, object_name, external_id_field, records):
        needed = [_locks(object_name, record) for record in records]
        free = [not locks & self.locked for locks in needed]
        taken = {each for locks, is_free in zip(needed, free, strict=True) if is_free for each in locks} - self.locked
        self.locked |= taken
        self.meanwhile()
        self.locked -= taken
        self.refusals += free.count(False)
        answers = iter(
            super().upsert(object_name, external_id_field, [r for r, f in zip(records, free, strict=True) if f])
        )
        return [next(answers) if is_free else WriteResult(failure=LOCKED) for is_free in free]


def _locks(object_name, record):
    return set(record["Parents"]) | ({record["Key__c"]} if object_name == "Account" else set())


class Workers:
    """Containers that share all stores and the org, and remember for themselves."""

    def __init__(self, turns=ParentTurns):
        self.now = NOON
        self.gateway = LockingGateway()
        self.leases = FakeLeases()
        self.shared = Lane(ROUTES, gateway=self.gateway)
        self._turns = turns

    def new(self):
        shared = self.shared
        turns = ParentTurns(self.leases, lambda: self.now) if self._turns is ParentTurns else NoTurns()
        return Lane(
            ROUTES, shared.log, shared.guard, self.gateway, shared.payloads, shared.inbound, shared.errors, turns=turns
        )

    def during_a_call(self, act):
        """Do something once, in the middle of the next call to the org."""

        def once():
            self.gateway.meanwhile = lambda: None
            act()

        self.gateway.meanwhile = once

    def take_sent(self):
        sent, self.shared.inbound.sent = self.shared.inbound.sent, []
        return sent


@pytest.fixture
def workers():
    return Workers()


def order(number, *parents, **more):
    return change(str(number), entity="order", payload=json.dumps({"parents": list(parents)}), **more)


def put_off(number, *parents):
    return order(number, *parents, deferrals=1)


def test_without_a_refused_lock_nobody_asks_for_a_turn(workers):
    one = workers.new()
    one.run(order(1, "P"), order(2, "P"), change("P"))
    one.run(order(3, "P"))

    assert workers.leases.asked == []


def test_child_that_met_a_lock_waits_for_the_turn_of_its_parent_without_a_call_to_the_org(workers):
    first, second, third = workers.new(), workers.new(), workers.new()
    a, b, c = order(1, "P"), order(2, "P"), order(3, "P")
    workers.during_a_call(lambda: second.run(b, c))
    first.run(a)
    again = workers.take_sent()
    assert [(each.external_id, each.deferrals) for each in again] == [("2", 1), ("3", 1)]
    calls = len(workers.gateway.calls)

    workers.during_a_call(lambda: second.run(again[1]))
    third.run(again[0])

    assert len(workers.gateway.calls) == calls + 1
    assert (third.state(again[0]), second.state(again[1])) == (State.APPLIED, State.QUEUED)
    (waits,) = workers.take_sent()
    assert (waits.deferrals, waits.tries) == (1, 0)
    assert second.run(waits).outcomes[0].state is State.APPLIED
    assert workers.gateway.refusals == 2
    assert workers.leases.until_by_name == {}


def test_container_that_met_a_lock_lets_fresh_children_of_the_parent_wait_their_turn_for_two_minutes(workers):
    first, second = workers.new(), workers.new()
    workers.during_a_call(lambda: second.run(order(2, "P")))
    first.run(order(1, "P"))
    workers.leases.asked.clear()

    second.run(order(3, "P"), order(4, "Q"))
    assert len(workers.leases.asked) == 1
    first.run(order(5, "P"))  # it was not refused, and knows nothing
    workers.now += HOT_FOR + timedelta(seconds=1)
    second.run(order(6, "P"))

    assert len(workers.leases.asked) == 1


def test_parent_itself_waits_too_where_its_lock_was_refused(workers):
    first, second = workers.new(), workers.new()
    workers.during_a_call(lambda: second.run(change("P")))
    first.run(order(1, "P"))
    (parent,) = workers.take_sent()

    workers.during_a_call(lambda: second.run(parent))
    workers.new().run(put_off(2, "P"))

    (parent,) = workers.take_sent()
    assert parent.deferrals == 1
    second.run(parent)
    assert second.state(parent) is State.APPLIED


def test_child_of_two_parents_needs_both_turns_and_keeps_none_that_it_cannot_use(workers):
    first, second = workers.new(), workers.new()
    workers.during_a_call(lambda: second.run(put_off(2, "P", "Q"), put_off(3, "Q")))
    first.run(put_off(1, "P"))

    assert {each.external_id for each in workers.take_sent()} == {"2"}
    assert second.state(put_off(3, "Q")) is State.APPLIED
    assert workers.leases.until_by_name == {}


def test_turn_that_a_dead_container_did_not_give_back_ends_by_itself(workers, monkeypatch):
    first, second = workers.new(), workers.new()
    with monkeypatch.context() as dying:
        dying.setattr(workers.leases, "give_back_each", lambda _names: None)
        first.run(put_off(1, "P"))

    second.run(put_off(2, "P"))
    (waits,) = workers.take_sent()
    workers.now += timedelta(seconds=TURN_S + 1)
    second.run(waits)

    assert second.state(waits) is State.APPLIED


def test_aws_that_takes_no_turn_back_leaves_the_batch_written_and_booked(workers, monkeypatch):
    def refused(_names):
        raise SyncError(FailureKind.AWS_UNAVAILABLE, "AWS refused")

    monkeypatch.setattr(workers.leases, "give_back_each", refused)
    one = workers.new()

    assert one.run(put_off(1, "P")).outcomes[0].state is State.APPLIED


def _storm(turns):
    """Let workers that meet in the middle of calls write 120 children of two parents, in random batches."""
    chance, workers = random.Random(20261126), Workers(turns)
    pool, depth = [workers.new() for _ in range(6)], 0
    waiting = [order(number, chance.choice("PQ")) for number in range(120)]

    def work():
        nonlocal depth
        batch = [waiting.pop(chance.randrange(len(waiting))) for _ in range(min(len(waiting), 5))]
        depth += 1
        chance.choice(pool).run(*batch)
        depth -= 1
        waiting.extend(workers.take_sent())

    def meanwhile():
        if depth < 3 and waiting:
            work()

    workers.gateway.meanwhile = meanwhile
    for _ in range(2_000):
        if not waiting:
            return workers
        work()
    raise AssertionError("never ends")


def test_storm_of_locks_among_our_own_workers_ends_with_turns_and_spends_tries_without_them():
    calm, wild = _storm(ParentTurns), _storm(NoTurns)

    assert Counter(calm.shared.log.state_by_id.values()) == {State.APPLIED: 120}
    assert calm.shared.errors.entry_by_name == {}
    assert len(wild.shared.errors.entry_by_name) > 0
    assert calm.gateway.refusals * 3 < wild.gateway.refusals
