"""What real senders sent ends where it should, once, with its exact key; forged copies leave no trace."""

from collections import Counter

import pytest

from tests.acceptance import made
from tests.acceptance.captured import DELETE_TOPICS
from tests.acceptance.trial import FINAL, waits_for_parent

KEY_FIELDS = {
    ("shopify", "Account"): "Shopify_Customer_Id__c",
    ("shopify", "Order"): "Shopify_Order_Id__c",
    ("stripe", "Account"): "Stripe_Customer_Id__c",
}
CAPTURED = ("orders before their customer", "captured", "deletes")
END = "deletes"


def _records(look, source, object_name):
    """Return the object's records by the source's key."""
    field = KEY_FIELDS[source, object_name]
    return {each[field]: each for each in look.records[object_name] if each[field]}


def _captured_keys(deliveries, source, object_name):
    return {each.external_id for each in deliveries if (each.source, each.object_name) == (source, object_name)}


def test_inputs_hold_what_this_suite_is_about(deliveries):
    written = Counter((each.source, each.object_name) for each in deliveries if each.object_name)

    assert set(written) == set(KEY_FIELDS)
    assert any(int(each.external_id) > 2**53 for each in deliveries if each.object_name and each.source == "shopify")


@pytest.mark.parametrize("how", made.FORGERIES)
def test_forged_copy_of_each_delivery_is_refused(story, how):
    accepted = [(each.delivery.name, each.status) for each in story.refused[how] if each.status != 401]

    assert accepted == []


def test_forged_copies_leave_no_trace(story):
    look = story.looks["forged"]

    assert look.log == {}
    assert look.records == {"Account": [], "Order": []}


def test_every_genuine_delivery_is_accepted(story):
    refused = [(sent.delivery.name, sent.status, sent.answer) for sent in story.all_sent() if sent.status != 202]

    assert refused == []


@pytest.mark.parametrize(("source", "object_name"), KEY_FIELDS, ids=["-".join(key) for key in KEY_FIELDS])
def test_every_captured_record_stands_once_under_its_exact_key(story, deliveries, source, object_name):
    field = KEY_FIELDS[source, object_name]
    found = Counter(each[field] for each in story.looks["orders arrived"].records[object_name] if each[field])
    extra = {made.customer_of(each).external_id for each in deliveries if each.object_name == "Order"}

    wanted = _captured_keys(deliveries, source, object_name)
    if (source, object_name) == ("shopify", "Account"):
        wanted |= extra
    assert found == dict.fromkeys(wanted, 1)


def test_order_waits_for_its_customer_and_arrives_by_itself(story, deliveries):
    waiting = story.sent["orders before their customer"]
    before = story.looks["orders before their customer"]
    ids = [name for each in waiting for name in each.ids]
    assert any(waits_for_parent(before.log[name]) for name in ids)
    assert before.records["Order"] == []

    arrived = story.looks["orders arrived"]
    states = Counter(arrived.log[name]["state"] for name in ids)
    assert states["Applied"] >= 1
    assert set(states) <= {"Applied", "Duplicate", "Superseded"}
    (order,) = arrived.records["Order"]
    customer = _records(arrived, "shopify", "Account")[made.customer_of(waiting[0].delivery).external_id]
    assert order["AccountId"] == customer["Id"]


def test_second_delivery_of_each_is_known_and_changes_nothing(story):
    again = story.sent["delivered again"]

    assert [each.delivery.name for each in again if each.answer["queued"]] == []
    before, after = story.looks["orders arrived"], story.looks["delivered again"]
    assert after.records == before.records
    assert set(after.log) == set(before.log)


@pytest.mark.parametrize(("source", "object_name"), KEY_FIELDS, ids=["-".join(key) for key in KEY_FIELDS])
def test_newer_version_is_written_and_an_older_one_is_not(story, source, object_name):
    newer = next(
        each
        for each in story.sent["newer"]
        if (each.delivery.source, each.delivery.object_name) == (source, object_name)
    )
    older = next(
        each
        for each in story.sent["older"]
        if (each.delivery.source, each.delivery.object_name) == (source, object_name)
    )
    look = story.looks["older"]

    assert [look.log[name]["state"] for name in newer.ids] == ["Applied"]
    assert [look.log[name]["state"] for name in older.ids] == ["Superseded"]
    record = _records(look, source, object_name)[newer.delivery.external_id]
    assert made.NEW_NAME in (record["Description"] or record["Name"])
    assert record[f"{source.capitalize()}_Version__c"] == int(look.log[newer.ids[0]]["version"])


def test_order_without_a_customer_needs_a_person_who_is_told_the_field(story):
    (sent,) = story.sent["nobody's order"]
    (item,) = [story.looks[END].log[name] for name in sent.ids]

    assert (item["state"], item["failure_kind"]) == ("Pending", "MAPPING_FAILED")
    assert "AccountId" in item["detail"]
    assert made.OTHER_ORDER_ID not in _records(story.looks[END], "shopify", "Order")


def test_deleted_customer_keeps_its_account_and_is_marked(story, deliveries):
    deleted = {each.external_id for each in deliveries if each.topic == "customers/delete"}
    accounts = _records(story.looks[END], "shopify", "Account")

    assert {key: accounts[key]["Is_Deleted_In_Shopify__c"] for key in deleted} == dict.fromkeys(deleted, True)
    assert not any(each["Is_Deleted_In_Shopify__c"] for key, each in accounts.items() if key not in deleted)


def test_delete_of_an_order_that_never_came_makes_no_record(story, deliveries):
    (delete,) = [each for each in deliveries if each.topic == "orders/delete"]

    assert delete.external_id not in _captured_keys(deliveries, "shopify", "Order")
    assert delete.external_id not in _records(story.looks[END], "shopify", "Order")


def test_what_no_route_takes_is_ignored_or_waits_for_a_person_with_a_reason(story):
    others = [
        sent
        for part in CAPTURED
        for sent in story.sent[part]
        if sent.delivery.object_name is None and sent.delivery.topic not in DELETE_TOPICS
    ]
    log = story.looks[END].log
    unaccounted = [
        sent.delivery.name
        for sent in others
        if len(sent.ids) + sent.answer["ignored"] != 1
        or any((log[name]["state"], log[name]["failure_kind"]) != ("Pending", "ROUTE_MISSING") for name in sent.ids)
    ]

    assert others
    assert unaccounted == []


def test_every_change_gets_where_it_should_in_time(story):
    assert story.late == []


def test_books_balance(story):
    end = story.looks[END]
    accepted = {name for sent in story.all_sent() for name in sent.ids}

    assert set(end.log) == accepted
    assert {item["state"] for item in end.log.values()} <= FINAL
    assert (story.queued, story.dead) == (0, 0)
    assert story.failed == {name for name, item in end.log.items() if item["state"] == "Pending"}
