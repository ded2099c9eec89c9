"""Any order of arrival, any batches, any number of workers, deaths, broken calls: the newest version stands, once."""

import json
from collections import Counter
from functools import partial

import pytest

from lockstep.domain.changes import Operation, State
from lockstep.domain.error_log import EntryStatus
from tests.chaos.lane import Lane
from tests.fakes.changes import change

SEEDS = range(40)
CUSTOMERS = {"9007199254740993001": 4, "9007199254740993002": 3, "11": 2}
ORDERS = {"71": ("9007199254740993001", 3), "72": ("11", 2), "73": ("11", 1)}
DELETED = "9007199254740993002"

customer = partial(change, source="shopify", entity="customer")
order = partial(change, source="shopify", entity="order")


def _customer(id_, version, **more):
    payload = json.dumps({"id": int(id_), "first_name": f"v{version}", **more})
    return customer(id_, version, payload=payload)


def _order(id_, version):
    parent = int(ORDERS[id_][0])
    payload = {"id": int(id_), "name": f"v{version}", "created_at": "2026-05-06T12:00:00Z", "customer": {"id": parent}}
    return order(id_, version, payload=json.dumps(payload))


def _changes():
    """Every version of every record, a delete that is the newest, and events that tell the same twice."""
    yield from (_customer(id_, version) for id_, last in CUSTOMERS.items() for version in range(1, last + 1))
    yield from (_order(id_, version) for id_, (_, last) in ORDERS.items() for version in range(1, last + 1))
    yield customer(DELETED, 9, operation=Operation.DELETE, payload=f'{{"id": {DELETED}}}')
    yield customer("11", 2, payload=_customer("11", 2).payload, event_id="the same, told under another name")


def _run(seed):
    """Let a lane work on the changes in the seed's order, some of them delivered more than once."""
    lane = Lane(seed)
    changes = [each for each in _changes() for _ in range(lane.chance.choice([1, 1, 2, 3]))]
    lane.chance.shuffle(changes)
    cut = lane.chance.randrange(len(changes))
    lane.accept(changes[:cut])
    lane.work()
    lane.accept(changes[cut:])
    lane.run()
    return lane


@pytest.fixture(scope="module", params=SEEDS)
def lane(request):
    return _run(request.param)


@pytest.mark.known_bug(6)
def test_same_key_with_stamps_out_of_order_ends_at_the_newest_once(lane):
    accounts = Counter(
        (each["Shopify_Customer_Id__c"], each["Shopify_Version__c"]) for each in lane.org.records("Account")
    )
    orders = Counter(
        (each["Shopify_Order_Id__c"], each["Shopify_Order_Number__c"]) for each in lane.org.records("Order")
    )

    accounts.pop((DELETED, 9), None)  # where the delete came first there is nothing to mark
    assert accounts == {(id_, last): 1 for id_, last in CUSTOMERS.items() if id_ != DELETED}
    assert orders == {(id_, f"v{last}"): 1 for id_, (_, last) in ORDERS.items()}


def test_version_of_no_record_ever_goes_back(lane):
    for object_name in ("Account", "Order"):
        for record in lane.org.records(object_name):
            values = [entry["values"] for entry in lane.org.history_of(record["Id"])]
            versions = [each["Shopify_Version__c"] for each in values if "Shopify_Version__c" in each]
            assert versions == sorted(versions)


def test_every_change_is_settled(lane):
    assert set(lane.log.state_by_id.values()) <= {State.APPLIED, State.SUPERSEDED, State.DUPLICATE}
    assert lane.queue.messages == {}
    assert {each.status for each in lane.errors.entry_by_name.values()} <= {EntryStatus.RESOLVED}


def test_troubles_are_real():
    happened = sum((_run(seed).happened for seed in SEEDS[:10]), Counter())

    assert set(happened) == {"crash", "broken before", "broken after", "worker before", "worker after", "retried"}
    assert min(happened.values()) >= 3
