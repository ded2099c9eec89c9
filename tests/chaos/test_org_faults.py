"""The org fails in the middle of the work: what failed is tried again, nothing else is, and nothing is doubled."""

import pytest

from tests.chaos.shop import customer, order
from tests.chaos.world import new_world

LOST_ANSWER = {"match": {"path_contains": "composite"}, "when": "after", "drop_connection": True}
FAULTS = {
    "down": {"match": {"path_contains": "composite"}, "status": 503, "error_code": "SERVER_UNAVAILABLE", "times": 3},
    "error page": {"match": {"path_contains": "composite"}, "status": 503, "html": True, "times": 3},
    "down when signing in": {"match": {"path_contains": "token"}, "status": 503, "html": True, "times": 3},
    "quota spent": {"match": {"path_contains": "composite"}, "error_code": "REQUEST_LIMIT_EXCEEDED", "times": 3},
    "answer lost after the commit": LOST_ANSWER,
    "error after the commit": {**LOST_ANSWER, "drop_connection": False, "error_code": "UNKNOWN_EXCEPTION"},
    "connection broken before": {"match": {"path_contains": "composite"}, "drop_connection": True},
    "too slow, and done": {"match": {"path_contains": "composite"}, "when": "after", "delay_s": 25},
    "session ended": {"match": {"path_contains": "composite"}, "error_code": "INVALID_SESSION_ID", "times": 2},
    "down for hours": {"match": {"path_contains": "composite"}, "status": 503, "times": 15},
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_every_change_arrives_once_when_the_org_fails(fault):
    with new_world() as world:
        world.org.plan_faults(fault)
        world.enqueue(*[customer(number, 2) for number in range(1, 6)], customer(1, 1))

        world.drain()

        (planned,) = world.org.faults.state()
        assert planned["fired"] == planned["times"]
        assert world.names("Account") == {str(number): "v2" for number in range(1, 6)}
        world.check_books()


def test_locked_rows_alone_are_written_again():
    with new_world() as world:
        locked = {"row": True, "error_code": "UNABLE_TO_LOCK_ROW"}
        world.org.plan_faults(*[{**locked, "match": {"external_id": str(number)}} for number in (2, 5)])
        world.enqueue(*[customer(number) for number in range(1, 7)])

        world.invoke(world.receive())
        assert set(world.names("Account")) == {"1", "3", "4", "6"}
        world.drain()

        assert set(world.names("Account")) == {str(number) for number in range(1, 7)}
        assert [call.rows for call in world.org.calls() if call.method == "PATCH"] == [6, 2]
        world.check_books()


@pytest.mark.parametrize(("later", "name"), [(1, "v2"), (3, "v3")], ids=["older", "newer"])
def test_other_version_that_comes_while_nobody_knows_whether_one_was_written(later, name):
    with new_world() as world:
        world.org.plan_faults(LOST_ANSWER)
        world.enqueue(customer(1, 2))
        world.invoke(world.receive())
        world.enqueue(customer(1, later))
        world.invoke(world.receive())

        assert world.names("Account") == {"1": name}
        world.drain()

        assert world.names("Account") == {"1": name}
        assert world.states() == {"Applied": 1, "Superseded": 1}
        world.check_books()


def test_org_that_is_down_is_asked_once_by_a_batch():
    with new_world() as world:
        world.org.plan_faults({**FAULTS["down"], "times": None})
        world.enqueue(customer(1), customer(2), order(71, 1))  # two objects: two calls where the org answers

        world.invoke(world.receive())

        assert len([call for call in world.org.calls() if call.method == "PATCH"]) == 1
        assert world.depth("inbound") == 3
        world.org.faults.clear()
        world.drain()
        assert (set(world.names("Account")), set(world.names("Order"))) == ({"1", "2"}, {"71"})
        world.check_books()
