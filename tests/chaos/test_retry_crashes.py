"""The retry and dead_letter functions die before or after any of their calls: nothing is lost, nothing doubled."""

import boto3

from tests.chaos.crashes import Calls, Point, When, die, every_death, every_gap
from tests.chaos.shop import customer, order
from tests.chaos.surroundings import VISIBILITY_S, queue_url
from tests.chaos.world import new_world

UNKNOWN = {"row": True, "error_code": "UNKNOWN_EXCEPTION"}


def _prepare(world):
    """Leave three changes in the error log, due."""
    world.org.plan_faults(*[{**UNKNOWN, "match": {"external_id": str(number)}} for number in (1, 2)])
    world.enqueue(customer(1, 2), customer(2), customer(3), order(71, 1))
    world.invoke(world.receive())
    world.clock.advance(600)
    assert len(world.errors("Retrying")) == 2
    world.new_process()
    world.calls.names.clear()


def _calls():
    with new_world() as world:
        _prepare(world)
        world.retry()
        return list(world.calls.names)


def test_retries_arrive_once_when_the_retry_function_dies_at_any_call(subtests):
    names = _calls()
    assert {"Query", "UpdateItem", "SendMessageBatch"} <= set(names)

    for point in every_death(names):
        with subtests.test(f"{point}, {names[point.call - 1]}"), new_world() as world:
            _prepare(world)
            world.calls.point, world.calls.struck = point, die
            assert world.retry() is False
            assert world.calls.names == names[: point.call]

            world.enqueue(customer(1, 1))
            world.drain()

            assert world.names("Account") == {"1": "v2", "2": "v1", "3": "v1"}
            assert world.names("Order") == {"71": "v1"}
            world.check_books()


def _prepare_one(world):
    world.org.plan_faults({**UNKNOWN, "match": {"external_id": "1"}})
    world.enqueue(customer(1))
    world.invoke(world.receive())
    world.clock.advance(600)
    world.new_process()
    world.calls.names.clear()


def test_two_runs_at_once_send_nothing_twice(subtests):
    with new_world() as world:
        _prepare_one(world)
        world.retry()
        names = list(world.calls.names)
    for point in every_gap(len(names)):
        with subtests.test(f"{point}, {names[point.call - 1]}"), new_world() as world:
            _prepare_one(world)

            def other(_name, world=world):
                with world.calls.paused():
                    assert world.retry()

            world.calls.point, world.calls.struck = point, other
            assert world.retry()

            assert world.depth("inbound") == 1


def test_dead_letters_are_kept_once_when_the_function_dies_at_any_call(subtests):
    with new_world() as world:
        _bury(world)
        world.take_dead_letters()
        names = list(world.calls.names)
    assert len(names) >= 3

    for point in every_death(names):
        with subtests.test(f"{point}, {names[point.call - 1]}"), new_world() as world:
            _bury(world)
            world.calls.point, world.calls.struck = point, die
            assert world.take_dead_letters() is False
            world.clock.advance(VISIBILITY_S)
            assert world.take_dead_letters()

            assert world.depth("dead-letters") == 0
            assert len(world.errors("Pending")) == 2
            assert world.states() == {"Pending": 1}


def _bury(world):
    """Put a change and something else into the dead letters."""
    world.enqueue(customer(1))
    (message,) = world.receive()
    world.acknowledge([message], set())
    sqs = boto3.client("sqs")
    for body in (message["Body"], "not json"):
        sqs.send_message(QueueUrl=queue_url("dead-letters"), MessageBody=body)
    world.new_process()
    world.calls.names.clear()


def test_change_that_kills_its_function_ends_pending_and_arrives_when_a_person_retries_it():
    with new_world(Calls(Point(1, When.BEFORE), die)) as world:
        world.calls.point = None
        world.enqueue(customer(1))
        world.calls.point = Point(1, When.BEFORE)
        for _ in range(5):
            world.calls.names.clear()
            assert world.invoke(world.receive()) is False
            world.clock.advance(VISIBILITY_S + 1)
        world.calls.point = None
        world.drain()

        assert world.take_dead_letters()
        (name,) = world.errors("Pending")
        assert world.states() == {"Pending": 1}

        world.reopen(name)
        world.drain()
        assert world.names("Account") == {"1": "v1"}
        world.check_books()


def _prepare_failures(world):
    """Put a batch on the queue of which one needs a person, one is tried again, and one settles an older failure."""
    refused = {"row": True, "error_code": "STRING_TOO_LONG"}
    world.org.plan_faults(
        {**refused, "match": {"external_id": "3"}},
        {**refused, "match": {"external_id": "1"}, "times": None},
        {**UNKNOWN, "match": {"external_id": "2"}},
    )
    world.enqueue(customer(3, 1))
    world.invoke(world.receive())
    world.enqueue(customer(1), customer(2), customer(3, 2))
    world.new_process()
    world.calls.names.clear()


def test_failures_are_booked_once_when_the_upsert_function_dies_at_any_call(subtests):
    with new_world() as world:
        _prepare_failures(world)
        world.invoke(world.receive())
        names = list(world.calls.names)
    assert "Query" in names

    for point in every_death(names):
        with subtests.test(f"{point}, {names[point.call - 1]}"), new_world() as world:
            _prepare_failures(world)
            world.calls.point, world.calls.struck = point, die
            assert world.invoke(world.receive()) is False
            assert world.calls.names == names[: point.call]

            world.drain()

            assert world.names("Account") == {"2": "v1", "3": "v2"}
            assert world.states() == {"Applied": 2, "Superseded": 1, "Pending": 1}
            log = world.log()
            for name, entry in world.errors().items():
                assert entry.get("resolved_as", entry["status"])["S"] == log[name]["state"]["S"]
            (pending,) = world.errors("Pending").values()
            assert pending["external_id"]["S"] == "1"
