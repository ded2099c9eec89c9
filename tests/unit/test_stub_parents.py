"""A parent that is missing is made where the route says so, counted, and never written over."""

import json

import pytest

from lockstep.domain.changes import State
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.mapped import ParentKey, Stub, Unmappable
from lockstep.domain.mapping import compile_route
from lockstep.domain.routes import Route
from tests.fakes.changes import change
from tests.fakes.lane import Lane

STUB = {
    "Name": {"type": "text", "from": "customer.name", "required": True, "max_length": 10, "on_too_long": "truncate"},
    "Site": {"type": "text", "from": "customer.site"},
    "Type": {"type": "constant", "value": "Stub", "when": "customer.is_new"},
}
ORDER = {
    "source": "shop",
    "entity": "order",
    "object": "Order",
    "external_id": {"field": "Key__c"},
    "on_delete": "ignore",
    "fields": {
        "AccountId": {
            "type": "reference",
            "from": "customer.id",
            "to": "Account",
            "by": "Key__c",
            "create_missing": STUB,
        }
    },
}
ROUTE = compile_route(Route.model_validate(ORDER))
MADE = ("Account", "Key__c", "made as a parent, because it was missing")


def order(external_id, version=1, **customer):
    customer = {"id": "c1", "name": f"v{version}", **customer}
    return change(external_id, version, entity="order", payload=json.dumps({"customer": customer}))


@pytest.fixture
def lane():
    made = Lane({("shop", "order"): ROUTE})
    made.gateway.knows_parents = True
    return made


def test_stub_has_the_parents_key_and_what_the_payload_says_of_it():
    mapped = ROUTE.to_record({"customer": {"id": 7, "name": "a very long name", "site": None}}, "1", 1)

    assert mapped.stubs == (Stub(ParentKey("Account", "Key__c", "7"), {"Key__c": "7", "Name": "a very lon"}),)


@pytest.mark.parametrize("payload", [{"customer": {"id": None}}, {}], ids=["null", "absent"])
def test_record_that_names_no_parent_has_no_stub(payload):
    assert ROUTE.to_record(payload, "1", 1).stubs == ()


def test_value_that_does_not_fit_the_stub_is_a_problem_of_the_record():
    found = ROUTE.to_record({"customer": {"id": 7}}, "1", 1)

    assert isinstance(found, Unmappable)
    assert [each.field for each in found.problems] == ["AccountId.create_missing.Name"]


def test_key_of_the_parent_is_not_filled_twice():
    fields = {"AccountId": {**ORDER["fields"]["AccountId"], "create_missing": {"KEY__C": STUB["Name"]}}}

    with pytest.raises(ValueError, match="create_missing names Key__c, which Lockstep fills by itself"):
        Route.model_validate({**ORDER, "fields": fields})


def test_missing_parents_are_made_in_one_call_and_counted(lane):
    report = lane.run(one := order("1"), other := order("2", 2, is_new=True), third := order("3", id="c2"))

    assert {lane.state(each) for each in (one, other, third)} == {State.APPLIED}
    assert [call for call in lane.gateway.calls if call[0] == "create"] == [("create", "Account", 2)]
    assert lane.gateway.records["Account", "c1"] == {"Key__c": "c1", "Name": "v2", "Type": "Stub"}
    assert report.notes == {MADE: 2}


def test_parent_that_is_there_is_left_as_it_is(lane):
    lane.gateway.records["Account", "c1"] = {"Name": "its own"}

    lane.run(order("1"))

    assert lane.gateway.records["Account", "c1"] == {"Name": "its own"}
    assert [what for what, _, _ in lane.gateway.calls] == ["upsert"]


def test_parent_that_arrives_before_it_is_made_is_left_as_it_is(lane, monkeypatch):
    create = lane.gateway.create

    def late(*asked):
        lane.gateway.records["Account", "c1"] = {"Name": "its own"}
        return create(*asked)

    monkeypatch.setattr(lane.gateway, "create", late)
    report = lane.run(one := order("1"))

    assert lane.state(one) is State.APPLIED
    assert lane.gateway.records["Account", "c1"] == {"Name": "its own"}
    assert report.notes == {}


def test_parent_that_cannot_be_made_is_the_childs_failure(lane):
    lane.gateway.failures["c1"] = SyncError(FailureKind.RECORD_INVALID, "a rule", error_code="X")

    (outcome,) = lane.run(order("1")).outcomes

    assert (outcome.state, outcome.error_code) == (State.PENDING, "X")
    assert outcome.detail == "the missing Account could not be made: a rule"


def test_org_that_goes_away_before_the_parent_is_made_lets_the_child_wait(lane, monkeypatch):
    def away(*_):
        raise SyncError(FailureKind.ORG_UNAVAILABLE, "away")

    monkeypatch.setattr(lane.gateway, "create", away)

    lane.run(one := order("1"))

    assert lane.state(one) is State.QUEUED
