"""The upsert use case where one payload makes several records: one verdict, causes first, harmless repetition."""

import json
from functools import partial

import pytest

from lockstep.domain.changes import Operation, State
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.lookups import Several
from lockstep.domain.mapping import compile_route
from lockstep.domain.routes import Route
from tests.fakes.changes import change
from tests.fakes.lane import Lane

HEAD = {"source": "shop", "version_field": "V__c", "on_delete": {"mark": {"Gone__c": True}}}
NAME = {"type": "text", "from": "name"}
CUSTOMER = {
    **HEAD,
    "entity": "customer",
    "object": "Account",
    "external_id": {"field": "Key__c"},
    "fields": {"Name": NAME},
}
ORDER = {
    **HEAD,
    "entity": "order",
    "object": "Order",
    "external_id": {"field": "Key__c"},
    "when": "!test",
    "fields": {"Name": NAME, "AccountId": {"type": "reference", "from": "customer", "to": "Account", "by": "Key__c"}},
    "also": [
        {
            "object": "OrderItem",
            "each": "lines",
            "external_id": {"field": "Line__c", "from": "item.id"},
            "fields": {
                "OrderId": {
                    "type": "reference",
                    "from": "body.id",
                    "to": "Order",
                    "by": "Key__c",
                    "create_only": True,
                },
                "Quantity": {"type": "number", "from": "item.quantity"},
                "PricebookEntryId": {
                    "type": "lookup",
                    "object": "PricebookEntry",
                    "match": {"Product2.ProductCode": {"from": "item.sku"}},
                    "create_only": True,
                },
            },
        },
        {
            "object": "Contact",
            "external_id": {"field": "Mail__c", "from": "mail"},
            "when": "mail",
            "fields": {"LastName": NAME},
        },
    ],
}
ROUTES = {("shop", each["entity"]): compile_route(Route.model_validate(each)) for each in (CUSTOMER, ORDER)}
customer = partial(change, entity="customer")


def line(number, quantity=1, **more):
    return {"id": number, "quantity": quantity, **more}


def order(external_id="7", version=1, *lines, **payload):
    body = {"id": external_id, "name": f"v{version}", "customer": "c1", "lines": list(lines), **payload}
    return change(external_id, version, entity="order", payload=json.dumps(body))


@pytest.fixture
def lane():
    made = Lane(ROUTES)
    made.gateway.knows_parents = True
    made.gateway.create_only = frozenset({"Order", "OrderId", "PricebookEntryId"})
    made.gateway.found["PricebookEntry", ("A1",)] = "01u-A1"
    return made


@pytest.fixture
def with_customer(lane):
    lane.run(customer("c1"))
    lane.gateway.calls.clear()
    return lane


def _failure(kind, **more):
    return SyncError(kind, "as the test wants", **more)


def _writes(lane):
    return [(name, count) for what, name, count in lane.gateway.calls if what == "upsert"]


def test_order_and_its_lines_are_written_parents_first_and_the_change_is_the_order(with_customer):
    lane = with_customer

    (outcome,) = lane.run(order("7", 1, line(1), line(2))).outcomes

    assert _writes(lane) == [("Order", 1), ("OrderItem", 2)]
    assert (outcome.state, outcome.record_id, outcome.created) == (State.APPLIED, "id-7", True)
    assert lane.gateway.records["OrderItem", "2"]["Order"] == {"Key__c": "7"}


def test_customer_and_its_order_with_lines_in_one_batch_take_one_call_each(lane):
    lane.run(order("7", 1, line(1)), order("8", 1, line(2)), customer("c1"))

    assert _writes(lane) == [("Account", 1), ("Order", 2), ("OrderItem", 2)]


def test_order_before_its_customer_waits_whole_and_then_all_of_it_arrives(lane):
    lane.run(one := order("7", 1, line(1)))

    assert lane.state(one) is State.QUEUED
    assert _writes(lane) == [("Order", 1)]  # its lines are not tried
    (deferred,) = lane.inbound.sent

    lane.run(customer("c1"))
    lane.run(deferred)

    assert lane.state(one) is State.APPLIED
    assert ("OrderItem", "1") in lane.gateway.records


def test_line_that_fails_names_its_place_and_its_neighbours_are_written(with_customer):
    lane = with_customer
    lane.gateway.failures["2"] = _failure(FailureKind.RECORD_INVALID, error_code="STRING_TOO_LONG")

    outcomes = {
        each.change.external_id: each for each in lane.run(order("7", 1, line(1), line(2)), order("8", 1)).outcomes
    }

    assert outcomes["7"].state is State.PENDING
    assert outcomes["7"].detail == "also[0].item 1: as the test wants"
    assert outcomes["7"].error_code == "STRING_TOO_LONG"
    assert outcomes["8"].state is State.APPLIED
    assert ("OrderItem", "1") in lane.gateway.records


def test_refused_order_is_the_cause_and_its_lines_say_nothing(with_customer):
    lane = with_customer
    lane.gateway.failures["7"] = _failure(FailureKind.RECORD_INVALID)

    (outcome,) = lane.run(order("7", 1, line(1))).outcomes

    assert (outcome.state, outcome.detail) == (State.PENDING, "as the test wants")
    assert _writes(lane) == [("Order", 1)]


WORST = {
    "a person before a wait": (FailureKind.ROW_LOCKED, FailureKind.RECORD_INVALID, FailureKind.RECORD_INVALID),
    "a person before an outage": (FailureKind.ORG_UNAVAILABLE, FailureKind.RECORD_INVALID, FailureKind.RECORD_INVALID),
    "the longer wait": (FailureKind.ROW_LOCKED, FailureKind.OUTCOME_UNKNOWN, FailureKind.OUTCOME_UNKNOWN),
    "of two alike the first": (FailureKind.ROW_LOCKED, FailureKind.UNIQUE_VALUE_RACE, FailureKind.ROW_LOCKED),
}


@pytest.mark.parametrize(("first", "second", "worst"), WORST.values(), ids=WORST)
def test_change_has_the_worst_of_its_records_failures(with_customer, first, second, worst):
    lane = with_customer
    lane.gateway.failures = {"1": _failure(first), "2": _failure(second)}

    (outcome,) = lane.run(order("7", 1, line(1), line(2), line(3))).outcomes

    assert outcome.failure_kind == worst


def test_nothing_older_passes_a_change_of_which_a_part_stands_in_the_org(with_customer):
    lane = with_customer
    lane.gateway.failures["1"] = _failure(FailureKind.RECORD_INVALID)
    lane.run(order("7", 2, line(1)))
    lane.gateway.failures.clear()

    lane.run(older := order("7", 1))

    assert lane.state(older) is State.SUPERSEDED
    assert lane.gateway.records["Order", "7"]["Name"] == "v2"


def test_change_of_which_a_part_stands_is_written_when_it_is_redriven(with_customer):
    lane = with_customer
    lane.gateway.failures["1"] = _failure(FailureKind.RECORD_INVALID)
    lane.run(one := order("7", 2, line(1)))
    lane.gateway.failures.clear()

    lane.run(one)

    assert lane.state(one) is State.APPLIED


def test_crash_between_parent_and_child_is_made_good_by_the_next_delivery(with_customer, monkeypatch):
    lane = with_customer
    one = order("7", 1, line(1, sku="A1"), line(2))
    upsert = lane.gateway.upsert

    def dies(object_name, *rest):
        if object_name == "OrderItem":
            raise ZeroDivisionError
        return upsert(object_name, *rest)

    monkeypatch.setattr(lane.gateway, "upsert", dies)
    with pytest.raises(ZeroDivisionError):
        lane.run(one)
    monkeypatch.undo()
    assert ("Order", "7") in lane.gateway.records

    lane.run(one)

    assert lane.state(one) is State.APPLIED
    assert lane.gateway.records["OrderItem", "1"]["PricebookEntryId"] == "01u-A1"


def test_redelivery_after_a_crash_before_the_booking_sends_nothing_that_can_be_set_once(with_customer):
    lane = with_customer
    lane.run(one := order("7", 1, line(1, sku="A1")))
    lane.log.state_by_id.clear()
    lane.guard.held_by_record.clear()

    lane.run(one)

    assert lane.state(one) is State.APPLIED


def test_later_version_updates_lines_that_are_there_and_makes_new_ones(with_customer):
    lane = with_customer
    lane.run(order("7", 1, line(1)))
    lane.run(second := order("7", 2, line(1, 5), line(2)))

    assert lane.state(second) is State.APPLIED
    assert lane.gateway.records["OrderItem", "1"]["Quantity"] == 5
    assert lane.gateway.records["OrderItem", "2"]["Order"] == {"Key__c": "7"}


def test_record_that_two_changes_share_is_sent_once_the_newest(with_customer):
    lane = with_customer
    old, new = order("7", 1, mail="a@x"), order("8", 2, mail="a@x")

    lane.run(new, old)

    assert ("Contact", 1) in _writes(lane)
    assert lane.gateway.records["Contact", "a@x"]["LastName"] == "v2"
    assert (lane.state(old), lane.state(new)) == (State.APPLIED, State.APPLIED)


def test_record_that_two_changes_share_fails_for_both(with_customer):
    lane = with_customer
    lane.gateway.failures["a@x"] = _failure(FailureKind.ROW_LOCKED)
    old, new = order("7", 1, mail="a@x"), order("8", 2, mail="a@x")

    lane.run(new, old)

    assert (lane.state(old), lane.state(new)) == (State.QUEUED, State.QUEUED)
    assert {each.external_id for each in lane.inbound.sent} == {"7", "8"}


def test_record_of_two_routes_takes_two_calls_the_older_first():
    guest = {
        "object": "Account",
        "external_id": {"field": "Key__c", "from": "customer"},
        "fields": {"Name": NAME},
    }
    routes = {**ROUTES, ("shop", "order"): compile_route(Route.model_validate({**ORDER, "also": [guest]}))}
    lane = Lane(routes)

    lane.run(order("7", 2), customer("c1", 1))

    assert [call for call in _writes(lane) if call[0] == "Account"] == [("Account", 1), ("Account", 1)]
    account = lane.gateway.records["Account", "c1"]
    assert (account["Name"], account["V__c"]) == ("v2", 1)  # the order says the name, the customer its version


def test_unmappable_line_keeps_the_whole_change_from_the_org(with_customer):
    lane = with_customer

    (outcome,) = lane.run(order("7", 1, line(1), line(2, "many"))).outcomes

    assert outcome.state is State.PENDING
    assert outcome.detail.startswith("also[0].item 1 Quantity: ")
    assert lane.gateway.calls == []


def test_thousands_of_problems_are_told_in_a_detail_that_can_be_kept(with_customer):
    lane = with_customer
    lane.gateway.found["PricebookEntry", ("A1",)] = Several.SEVERAL

    (mapped,) = lane.run(order("7", 1, *(line(number, "many") for number in range(1000)))).outcomes
    (looked_up,) = lane.run(order("8", 1, *(line(number, sku="A1") for number in range(1000)))).outcomes

    assert mapped.detail.endswith("; and 980 more problems")
    assert len(mapped.detail) < 4_000
    assert len(looked_up.detail) < 4_000


def test_change_that_the_condition_does_not_hold_for_is_settled_without_a_call(lane):
    (outcome,) = lane.run(one := order("7", 1, line(1), test=True)).outcomes

    assert (outcome.state, outcome.detail) == (State.APPLIED, "the route's condition does not hold")
    assert lane.gateway.calls == []
    assert lane.run(one).outcomes == ()


def test_newest_version_decides_whether_the_condition_holds(with_customer):
    lane = with_customer
    lane.run(order("7", 2, test=True))

    lane.run(late := order("7", 1))

    assert lane.state(late) is State.SUPERSEDED


def test_delete_marks_the_main_record_and_asks_for_no_condition(with_customer):
    lane = with_customer
    lane.run(order("7", 1, line(1)))

    lane.run(change("7", 2, entity="order", operation=Operation.DELETE, payload='{"id": 7, "test": true}'))

    assert lane.gateway.records["Order", "7"]["Gone__c"] is True
    assert "Gone__c" not in lane.gateway.records["OrderItem", "1"]


def test_lookups_of_a_batch_are_one_query_and_are_remembered(with_customer):
    lane = with_customer
    lane.gateway.found["PricebookEntry", ("B2",)] = "01u-B2"

    lane.run(order("7", 1, line(1, sku="A1"), line(2, sku="B2")), order("8", 1, line(3, sku="A1")))
    lane.run(order("9", 1, line(4, sku="B2")))

    assert [call for call in lane.gateway.calls if call[0] == "find"] == [("find", "PricebookEntry", 2)]
    assert lane.gateway.records["OrderItem", "4"]["PricebookEntryId"] == "01u-B2"


def test_remembered_lookup_is_asked_for_again_when_it_is_old(with_customer):
    from datetime import timedelta

    lane = with_customer
    lane.run(order("7", 1, line(1, sku="A1")))
    lane.gateway.found["PricebookEntry", ("A1",)] = "01u-new"
    lane.now += timedelta(seconds=301)

    lane.run(order("8", 1, line(2, sku="A1")))

    assert lane.gateway.records["OrderItem", "2"]["PricebookEntryId"] == "01u-new"


def test_lookup_of_a_refused_record_is_forgotten(with_customer):
    lane = with_customer
    lane.gateway.failures["1"] = _failure(FailureKind.RECORD_INVALID)
    lane.run(one := order("7", 1, line(1, sku="A1")))
    lane.gateway.failures.clear()
    lane.gateway.found["PricebookEntry", ("A1",)] = "01u-new"

    lane.run(one)

    assert lane.gateway.records["OrderItem", "1"]["PricebookEntryId"] == "01u-new"


def test_lookup_that_finds_nothing_lets_the_whole_change_wait_and_its_neighbour_pass(with_customer):
    lane = with_customer
    waits, passes = order("7", 1, line(1, sku="unknown"), line(2, sku="A1")), order("8", 1, line(3, sku="A1"))

    outcomes = {each.change.external_id: each for each in lane.run(waits, passes).outcomes}

    assert (outcomes["7"].state, outcomes["7"].failure_kind) == (State.QUEUED, FailureKind.PARENT_MISSING)
    assert outcomes["7"].detail == (
        "also[0].item 0 PricebookEntryId: no record is in the org yet (PricebookEntry by Product2.ProductCode)"
    )
    assert outcomes["8"].state is State.APPLIED
    assert ("Order", "7") not in lane.gateway.records


def test_lookup_that_finds_several_needs_a_person_and_names_every_line(with_customer):
    lane = with_customer
    lane.gateway.found["PricebookEntry", ("A1",)] = Several.SEVERAL

    (outcome,) = lane.run(order("7", 1, line(1, sku="A1"), line(2, sku="none"), line(3, sku="A1"))).outcomes

    assert (outcome.state, outcome.failure_kind) == (State.PENDING, FailureKind.MAPPING_FAILED)
    assert "also[0].item 0 PricebookEntryId" in outcome.detail
    assert "also[0].item 2 PricebookEntryId" in outcome.detail
    assert "A1" not in outcome.detail


def test_org_that_is_away_at_the_lookup_lets_all_wait_and_no_call_follows(with_customer):
    lane = with_customer
    lane.gateway.outages = [_failure(FailureKind.ORG_UNAVAILABLE)]

    lane.run(one := order("7", 1, line(1, sku="A1")), other := order("8", 1))

    assert (lane.state(one), lane.state(other)) == (State.QUEUED, State.QUEUED)
    assert len(lane.gateway.calls) == 1


def test_many_lines_take_a_call_for_200(with_customer):
    lane = with_customer

    lane.run(order("7", 1, *(line(number) for number in range(201))))

    assert _writes(lane) == [("Order", 1), ("OrderItem", 200), ("OrderItem", 1)]
    assert [call for call in lane.gateway.calls if call[0] == "existing"] == [("existing", "OrderItem", 201)]
