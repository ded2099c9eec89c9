"""A write whose answer was lost: the org is asked before it is made again, and a delete waits until it is known."""

import json
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from lockstep.domain.changes import Operation, State
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.guard import CALL_LIFE, GuardClaim
from lockstep.domain.mapping import compile_route
from lockstep.domain.routes import Route
from tests.fakes.changes import NOON, change
from tests.fakes.lane import Lane
from tests.fakes.org import FakeGateway

LOST = SyncError(FailureKind.OUTCOME_UNKNOWN, "nobody knows", error_code="ReadTimeout")
AWAY = SyncError(FailureKind.ORG_UNAVAILABLE, "the org is away")
NAME = {"type": "text", "from": "name"}
CUSTOMER = {
    "source": "shop",
    "entity": "customer",
    "object": "Account",
    "external_id": {"field": "Key__c"},
    "version_field": "V__c",
    "change_field": "Change__c",
    "on_delete": {"mark": {"Gone__c": True}},
    "fields": {"Name": NAME},
}
LINES = {
    "object": "OrderItem",
    "each": "lines",
    "external_id": {"field": "Line__c", "from": "item"},
    "change_field": "Change__c",
    "fields": {"Name": {"type": "text", "from": "item"}},
}
ORDER = {**CUSTOMER, "entity": "order", "object": "Order", "also": [LINES]}


@dataclass
class LossyGateway(FakeGateway):
    """Loses the answers to its next writes; `commits` says of each whether it takes effect all the same."""

    commits: list[bool] = field(default_factory=list)

    def upsert(self, object_name, external_id_field, records):
        if not self.commits:
            return super().upsert(object_name, external_id_field, records)
        if self.commits.pop(0):
            super().upsert(object_name, external_id_field, records)
        else:
            self._call("upsert", object_name, len(records))
        raise LOST

    def asked(self):
        """Return the kinds of the calls since the last time, with their objects and how many records they had."""
        calls, self.calls[:] = list(self.calls), []
        return calls


def lane_of(*commits, **more):
    routes = [{**CUSTOMER, **more}, {**ORDER, **more}]
    compiled = {("shop", each["entity"]): compile_route(Route.model_validate(each)) for each in routes}
    return Lane(compiled, gateway=LossyGateway(commits=list(commits)))


def again(lane):
    """Let time pass until what is in the error log is due, and deliver it."""
    return lane.run(*lane.retry_all())


def waited(lane):
    """Let the time pass for which the last change waits in the queue, and deliver it."""
    lane.now += timedelta(seconds=lane.inbound.delays_s[-1])
    lane.run(lane.inbound.sent[-1])


def delete(external_id="1", version=9):
    return change(external_id, version, operation=Operation.DELETE, payload="{}")


def name(lane, external_id="1"):
    return lane.gateway.records["Account", external_id]["Name"]


def test_write_that_took_effect_before_its_answer_was_lost_is_not_made_again():
    lane = lane_of(True)
    lane.run(one := change())
    lane.gateway.asked()

    (outcome,) = again(lane).outcomes

    assert lane.gateway.asked() == [("standing", "Account", 1)]
    assert (lane.state(one), outcome.record_id) == (State.APPLIED, "id-1")


def test_write_that_did_not_take_effect_is_made_again():
    lane = lane_of(False)
    lane.run(one := change())
    lane.gateway.asked()

    again(lane)

    assert lane.gateway.asked() == [("standing", "Account", 1), ("upsert", "Account", 1)]
    assert (lane.state(one), name(lane)) == (State.APPLIED, "v1")


def test_it_is_asked_again_when_a_second_answer_is_lost_too():
    lane = lane_of(False, True)
    lane.run(one := change())
    again(lane)
    lane.gateway.asked()

    again(lane)

    assert lane.gateway.asked() == [("standing", "Account", 1)]
    assert lane.state(one) is State.APPLIED


def test_many_are_asked_about_in_one_query_and_what_is_sure_is_not_asked_about():
    lane = lane_of(True)
    lane.run(*[change(str(number)) for number in range(150)])
    lane.gateway.asked()

    lane.run(*lane.retry_all(), change("a"), change("b"))

    assert lane.gateway.asked() == [("standing", "Account", 150), ("upsert", "Account", 2)]


def test_change_that_simply_succeeds_asks_nothing():
    lane = lane_of()

    lane.run(change())

    assert lane.gateway.asked() == [("upsert", "Account", 1)]


def test_org_that_is_away_when_it_is_asked_costs_no_try_and_is_asked_again():
    lane = lane_of(True)
    lane.run(one := change())
    due = lane.retry_all()
    lane.gateway.outages.append(AWAY)

    lane.run(*due)

    assert lane.state(one) is State.QUEUED
    assert [(each.tries, each.deferrals, each.is_unsure) for each in lane.inbound.sent] == [(1, 0, True)]
    lane.gateway.asked()
    waited(lane)
    assert lane.gateway.asked() == [("standing", "Account", 1)]
    assert lane.state(one) is State.APPLIED


def test_question_whose_answer_is_lost_is_a_try_and_nothing_is_written():
    lane = lane_of(False)
    lane.run(one := change())
    due = lane.retry_all()
    lane.gateway.outages.append(LOST)
    lane.gateway.asked()

    lane.run(*due)

    assert lane.gateway.asked() == [("standing", "Account", 1)]
    assert (lane.entry(one).tries, lane.entry(one).change.is_unsure) == (2, True)


def test_record_that_another_change_wrote_last_is_written_again():
    """Another source may share the record, or a person have had it written."""
    lane = lane_of(True)
    lane.run(one := change())
    lane.gateway.records["Account", "1"] = {**lane.gateway.records["Account", "1"], "Change__c": "another"}
    lane.gateway.asked()

    again(lane)

    assert lane.gateway.asked() == [("standing", "Account", 1), ("upsert", "Account", 1)]
    assert lane.state(one) is State.APPLIED


@pytest.mark.parametrize(("version", "state"), [(2.0, State.SUPERSEDED), (1.0, State.APPLIED)], ids=["newer", "equal"])
def test_version_that_stands_there_decides_where_another_change_wrote_last(version, state):
    lane = lane_of(False)
    lane.run(one := change())
    lane.gateway.records["Account", "1"] = {"Key__c": "1", "V__c": version, "Change__c": "another"}

    again(lane)

    assert lane.state(one) is state


def test_second_worker_that_wrote_a_newer_version_in_between_settles_the_older_without_a_call():
    lane = lane_of(False)
    lane.run(one := change(version=1))
    lane.run(change(version=2))
    lane.gateway.asked()

    again(lane)

    assert lane.gateway.asked() == []
    assert (lane.state(one), name(lane)) == (State.SUPERSEDED, "v2")


def test_route_without_the_field_writes_again():
    lane = lane_of(True, change_field=None)
    lane.run(one := change())
    lane.gateway.asked()

    again(lane)

    assert lane.gateway.asked() == [("upsert", "Account", 1)]
    assert lane.state(one) is State.APPLIED


def test_what_a_person_sends_again_is_written_whatever_the_record_says():
    lane = lane_of(True)
    lane.run(one := change())
    edited = one.model_copy(update={"payload": json.dumps({"id": "1", "name": "edited"})})

    lane.run(edited)

    assert name(lane) == "edited"


def order(*lines):
    return change("7", entity="order", payload=json.dumps({"name": "v1", "lines": list(lines)}))


def test_each_record_of_a_change_is_asked_about_and_what_is_missing_is_written():
    lane = lane_of(False)
    lane.run(one := order("a", "b"))
    lane.gateway.records["OrderItem", "a"] = {"Line__c": "a", "Change__c": one.correlation_id}
    lane.gateway.asked()

    again(lane)

    assert sorted(lane.gateway.asked()) == [
        ("standing", "Order", 1),
        ("standing", "OrderItem", 2),
        ("upsert", "Order", 1),
        ("upsert", "OrderItem", 1),
    ]
    assert lane.state(one) is State.APPLIED


def test_lost_answer_is_remembered_when_another_record_of_the_change_failed_otherwise():
    lane = lane_of()
    lines = [str(number) for number in range(201)]  # two calls
    upsert = lane.gateway.upsert
    ends = {"OrderItem": [LOST, AWAY]}

    def ending(object_name, *rest):
        results = upsert(object_name, *rest)
        if ends.get(object_name):
            raise ends[object_name].pop(0)
        return results

    lane.gateway.upsert = ending
    lane.run(one := order(*lines))

    assert lane.state(one) is State.QUEUED  # the org is away
    assert [each.is_unsure for each in lane.inbound.sent] == [True]


def test_mark_that_was_set_before_its_answer_was_lost_is_not_set_again():
    lane = lane_of()
    lane.run(change())
    lane.gateway.commits = [True]
    lane.run(gone := delete())
    lane.gateway.asked()

    again(lane)

    assert lane.gateway.asked() == [("existing", "Account", 1), ("standing", "Account", 1)]
    assert lane.state(gone) is State.APPLIED


POLICIES = pytest.mark.parametrize("policy", ["delete", {"mark": {"Gone__c": True}}], ids=["delete", "mark"])


def arrive(lane, one):
    """Let a create that was given up arrive."""
    lane.gateway.records["Account", one.external_id] = {"Key__c": one.external_id, "V__c": one.version}


def is_gone(lane):
    record = lane.gateway.records.get(("Account", "1"))
    return record is None or record.get("Gone__c") is True


@POLICIES
def test_delete_waits_until_a_create_that_was_given_up_must_have_arrived_and_looks_again(policy):
    lane = lane_of(False, on_delete=policy)
    lane.run(late := change())
    lane.run(gone := delete())

    assert lane.state(gone) is State.QUEUED
    assert [(each.tries, each.deferrals) for each in lane.inbound.sent] == [(0, 0)]
    assert lane.now + timedelta(seconds=lane.inbound.delays_s[-1]) >= NOON + CALL_LIFE

    arrive(lane, late)
    waited(lane)

    assert lane.state(gone) is State.APPLIED
    assert is_gone(lane)
    again(lane)
    assert lane.state(late) is State.SUPERSEDED


@POLICIES
def test_delete_after_which_nothing_arrives_is_done_with(policy):
    lane = lane_of(False, on_delete=policy)
    lane.run(change())
    lane.run(gone := delete())

    waited(lane)

    assert lane.state(gone) is State.APPLIED
    assert lane.gateway.records == {}


@POLICIES
def test_delete_waits_for_the_writer_that_died_too(policy):
    lane = lane_of(on_delete=policy)
    one = change()
    dead = GuardClaim("shop", "Account", "1", one.order, one.content_hash, one.correlation_id)
    lane.guard.claim([dead], "dead", NOON)
    lane.now += timedelta(seconds=lane.guard.lease_s + 1)

    lane.run(gone := delete())

    assert lane.state(gone) is State.QUEUED


def test_delete_waits_for_a_create_that_was_given_up_before_a_newer_version_was_written():
    """The record goes, and with it the version that would have kept the older write out."""
    lane = lane_of(False, on_delete="delete")
    lane.run(change(version=1))
    lane.run(change(version=2))

    lane.run(gone := delete())

    assert lane.gateway.records == {}
    assert lane.state(gone) is State.QUEUED


def test_mark_on_a_record_that_is_there_waits_for_nothing():
    """The record's own version keeps the older write out."""
    lane = lane_of(False)
    lane.run(change(version=1))
    lane.run(change(version=2))

    lane.run(gone := delete())

    assert lane.state(gone) is State.APPLIED


def test_delete_long_after_a_write_was_given_up_waits_for_nothing():
    lane = lane_of(False)
    lane.run(change())
    lane.now += CALL_LIFE + timedelta(seconds=1)

    lane.run(gone := delete())

    assert lane.state(gone) is State.APPLIED


def test_delete_waits_for_no_write_that_was_answered():
    lane = lane_of()
    lane.gateway.failures["1"] = SyncError(FailureKind.ROW_LOCKED, "locked")
    lane.run(change())

    lane.run(gone := delete())

    assert lane.state(gone) is State.APPLIED
