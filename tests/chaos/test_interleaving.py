"""A second worker runs between any two calls of the first: a version never goes back, and no record is made twice."""

import pytest

from lockstep.domain.changes import Change
from lockstep.runtime import bootstrap
from lockstep.runtime.settings import UpsertSettings
from lockstep.services.upsert_changes import Delivery
from tests.chaos.crashes import Point, When, every_gap
from tests.chaos.shop import customer, deletion, order
from tests.chaos.surroundings import GUARD_LEASE_S
from tests.chaos.warm import warm_world
from tests.chaos.world import new_world

ID = 9007199254740993001
NEWER_LATER = (customer(ID, 1), customer(ID, 2))
OLDER_LATER = (customer(ID, 2), customer(ID, 1))


def _other_worker(world, *, messages):
    """Let another environment write these messages, start to end."""
    parts = bootstrap.build_upsert_changes(UpsertSettings.from_env())
    deliveries = [Delivery(each["MessageId"], Change.model_validate_json(each["Body"])) for each in messages]
    world.acknowledge(messages, set(parts.use_case(deliveries, lambda: True).again))


def _two_messages(world, first, second):
    """Put two changes on the queue, and take one for each worker."""
    world.enqueue(first)
    mine = world.receive()
    world.enqueue(second)
    others = world.receive()
    world.calls.names.clear()
    return mine, others


def _calls(first, second, make_world=new_world):
    with make_world() as world:
        mine, _ = _two_messages(world, first, second)
        world.invoke(mine)
        return list(world.calls.names)


@pytest.mark.parametrize(
    ("first", "second", "name", "make_world"),
    [
        (*NEWER_LATER, "v2", new_world),
        (*OLDER_LATER, "v2", warm_world),
        (customer(ID, 1), deletion(ID, 2), None, warm_world),
        (deletion(ID, 2), customer(ID, 1), None, warm_world),
        (customer(ID, 1), order(7, ID), "v1", warm_world),
        (order(7, ID), customer(ID, 1), "v1", new_world),
    ],
    ids=["newer", "older", "deletion", "older than a deletion", "child", "parent"],
)
def test_other_worker_between_any_two_calls_never_turns_a_version_back(first, second, name, make_world, subtests):
    names = _calls(first, second, make_world)
    for point in every_gap(len(names)):
        with subtests.test(f"{point}, {names[point.call - 1]}"), make_world() as world:
            mine, others = _two_messages(world, first, second)

            def other(_name, world=world, others=others):
                with world.calls.paused():
                    _other_worker(world, messages=others)

            world.calls.point, world.calls.struck = point, other
            assert world.invoke(mine)
            world.drain()

            assert len(world.names("Account")) <= 1
            assert name is None or set(world.names("Account").values()) == {name}
            world.check_books()


def test_same_message_at_two_workers_is_written_once(subtests):
    names = _calls(customer(ID, 1), customer(1, 1), warm_world)
    for point in every_gap(len(names)):
        with subtests.test(f"{point}, {names[point.call - 1]}"), warm_world() as world:
            world.enqueue(customer(ID, 1))
            mine = world.receive()

            def other(_name, world=world, mine=mine):
                with world.calls.paused():
                    _other_worker(world, messages=mine)

            world.calls.names.clear()
            world.calls.point, world.calls.struck = point, other
            world.invoke(mine)
            world.drain()

            (record,) = world.org.records("Account")
            versions = [each for each in world.org.history_of(record["Id"]) if "Shopify_Version__c" in each["values"]]
            assert len(versions) == 1
            world.check_books()


def test_worker_that_is_slower_than_its_lease_does_not_undo_what_the_guard_knows():
    call = _calls(*NEWER_LATER).index("org PATCH") + 1
    with new_world() as world:
        first, second = _two_messages(world, *NEWER_LATER)

        def other(_name):
            with world.calls.paused():
                world.clock.advance(GUARD_LEASE_S + 1)
                _other_worker(world, messages=second)

        world.calls.point, world.calls.struck = Point(call, When.AFTER), other
        assert world.invoke(first)
        world.drain()
        world.enqueue(customer(ID, 1, note="late"))
        world.drain()

        assert world.names("Account") == {str(ID): "v2"}
        world.check_books()


def test_second_delivery_between_any_two_calls_of_the_first_makes_no_second_record(subtests):
    event = customer(ID, 1)
    with new_world() as world:
        world.post(event)
        names = world.calls.names
    for point in every_gap(len(names)):
        with subtests.test(f"{point}, {names[point.call - 1]}"), new_world() as world:
            answers = []

            def other(_name, world=world, answers=answers):
                with world.calls.paused():
                    answers.append(world.post(event))

            world.calls.point, world.calls.struck = point, other
            answers.append(world.post(event))
            assert 202 in answers
            assert set(answers) <= {202, 503}

            world.deliver(event)
            world.drain()

            assert world.names("Account") == {str(ID): "v1"}
            assert world.states() == {"Applied": 1}
            world.check_books()
