"""What other integrations got wrong, asked of this one: `pytest -m known_bug` runs them all, wherever they stand.

A number is that of the finding; one that another file shows has its mark there.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise

import pytest
import requests
import yaml

from functions.webhook import handler as webhook_handler
from lockstep.domain.error_mirror import OBJECT as MIRROR
from lockstep.domain.routes import Route
from lockstep.runtime import route_files
from lockstep.runtime.config_files import config_folder
from lockstep.runtime.http import webhook_request
from tests.chaos.crashes import Point, When
from tests.chaos.shop import api_event, customer, order
from tests.chaos.surroundings import NOON, FakeLanes
from tests.chaos.world import new_world

DOWN = {"match": {"path_contains": "/services/"}, "status": 503, "error_code": "SERVER_UNAVAILABLE"}


def _writes(world):
    """Return the calls that write what the shop tells; the monitor shows failures in an object of their own."""
    return [call for call in world.org.calls() if call.method == "PATCH" and MIRROR not in call.path]


def _before_the_write():
    """Return the point at which a first batch is about to be written."""
    with new_world() as world:
        world.enqueue(customer(1))
        messages = world.receive()
        world.calls.names.clear()
        world.invoke(messages)
        return Point(world.calls.names.index("org PATCH") + 1, When.BEFORE)


@pytest.mark.known_bug(2)
def test_connect_timeout_must_retry():
    def time_out(_name):
        raise requests.ConnectTimeout("the org does not answer")

    point = _before_the_write()
    with new_world() as world:
        world.enqueue(customer(1))
        messages = world.receive()
        world.calls.names.clear()
        world.calls.point, world.calls.struck = point, time_out

        world.invoke(messages)
        assert world.names("Account") == {}
        world.drain()

        assert world.names("Account") == {"1": "v1"}
        world.check_books()


@pytest.mark.known_bug(2)
def test_503_must_retry_and_400_must_not():
    with new_world() as world:
        refused = {"row": True, "error_code": "STRING_TOO_LONG", "times": None}
        world.org.plan_faults({**DOWN, "times": 3}, {**refused, "match": {"external_id": "2"}})
        world.enqueue(customer(1), customer(2))

        for _ in range(40):
            world.monitor()
            while FakeLanes.are_on and (messages := world.receive()):
                world.invoke(messages)
            world.retry()
            world.clock.advance(400)

        assert world.names("Account") == {"1": "v1"}
        (entry,) = world.errors().values()
        assert (entry["status"]["S"], entry["error_code"]["S"]) == ("Pending", "STRING_TOO_LONG")
        assert len(entry["attempts"]["L"]) == 1
        assert [call.rows for call in _writes(world) if call.status == 200] == [2]


@pytest.mark.known_bug(4)
def test_concurrent_adds_are_all_kept():
    events = [customer(number) for number in range(1, 17)]
    with new_world() as world:
        accept = webhook_handler.accept_webhook()
        with ThreadPoolExecutor(16) as senders:
            answers = senders.map(lambda event: accept(webhook_request(api_event(event), world.clock.now)), events)
            world.accepted = {name for answer in answers for name in answer.correlation_ids}

        assert world.depth("inbound") == len(events)
        world.drain()

        assert world.names("Account") == {str(event.id): "v1" for event in events}
        world.check_books()


@pytest.mark.known_bug(4)
@pytest.mark.parametrize("late", [customer(1, 2), customer(2)], ids=["the same record", "another record"])
def test_add_during_a_flush_survives(late):
    point = _before_the_write()
    with new_world() as world:
        world.enqueue(customer(1))
        messages = world.receive()

        def deliver(_name):
            with world.calls.paused():
                world.deliver(late)

        world.calls.names.clear()
        world.calls.point, world.calls.struck = point, deliver
        world.invoke(messages)
        assert world.depth("inbound") == 1
        world.drain()

        assert world.names("Account") == {"1": "v1"} | {str(late.id): f"v{late.second}"}
        world.check_books()


@pytest.mark.known_bug(9)
def test_null_clears_and_absent_keeps():
    with new_world() as world:
        for event in (customer(1, 1, note="one", phone="+1 555"), customer(1, 2, note=None), customer(1, 3)):
            world.deliver(event)
            world.drain()

        (account,) = world.org.records("Account")
        assert (account["Name"], account["Description"], account["Phone"]) == ("v3", None, "+1 555")
        world.check_books()


@pytest.mark.known_bug(10)
@pytest.mark.parametrize(
    "created_at", ["2022-03-25T09:00", "2022-03-25T00:30", "2022-03-24T23:30:00Z"], ids=["day", "night", "in UTC"]
)
def test_nine_oclock_in_tokyo_stays_on_25_march_as_a_date(created_at, monkeypatch):
    written = yaml.safe_load((config_folder("routes") / "shopify_order.yaml").read_text())
    written["fields"]["EffectiveDate"]["zone"] = "Asia/Tokyo"
    routes = {**route_files.load_route_models(), "shopify_order": Route.model_validate(written)}
    monkeypatch.setattr(route_files, "load_route_models", lambda: routes)
    with new_world() as world:
        told = order(71, 1)
        world.enqueue(customer(1), type(told)(told.topic, 71, 1, {**told.body, "created_at": created_at}))

        world.drain()

        (shipped,) = world.org.records("Order")
        assert shipped["EffectiveDate"] == "2022-03-25"


@pytest.mark.known_bug(11)
def test_lock_error_on_5_of_200_rows_retries_only_those_5_grouped_by_parent():
    customers = range(1, 11)
    orders = [order(1000 + number, number % 10 + 1) for number in range(200)]
    locked = [str(event.id) for event in orders if event.body["customer"]["id"] == 4][:5]
    with new_world() as world:
        world.enqueue(*[customer(number) for number in customers])
        world.drain()
        world.org.plan_faults(
            *[{"row": True, "error_code": "UNABLE_TO_LOCK_ROW", "match": {"external_id": name}} for name in locked]
        )
        world.enqueue(*orders)
        before = len(_writes(world))
        world.invoke(world.receive())
        assert set(world.names("Order")) == {str(event.id) for event in orders} - set(locked)

        world.drain()

        assert [call.rows for call in _writes(world)[before:]] == [200, 5]
        parents = [record["AccountId"] for record in sorted(world.org.records("Order"), key=lambda each: each["Id"])]
        assert sum(one != other for one, other in pairwise(parents)) <= len(customers)
        world.check_books()


@pytest.mark.known_bug(13)
def test_salesforce_down_for_2_hours_spends_no_tries_and_abandons_no_rows():
    with new_world() as world:
        world.org.plan_faults({**DOWN, "times": None})
        world.enqueue(*[customer(number) for number in range(1, 21)])
        while world.clock.now < NOON + timedelta(hours=2):
            world.monitor()
            while FakeLanes.are_on and (messages := world.receive()):
                world.invoke(messages)
            world.retry()
            world.clock.advance(60)

        assert world.errors() == {}
        assert world.depth("inbound") == 20
        assert world.depth("dead-letters") == 0
        world.org.faults.clear()
        world.drain()

        assert world.names("Account") == {str(number): "v1" for number in range(1, 21)}
        assert world.errors() == {}
        world.check_books()
