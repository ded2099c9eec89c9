"""The upsert function dies before or after any of its calls, and the queue delivers again: one record each."""

import pytest

from tests.chaos.crashes import Calls, Point, When, die, every_death
from tests.chaos.shop import customer, deletion, order
from tests.chaos.world import new_world

A, B, C = "9007199254740993001", "9007199254740993002", "9007199254740993003"


def _prepare(world):
    """Put a batch on the queue that does a bit of everything."""
    world.enqueue(customer(int(C)))
    assert world.invoke(world.receive())
    world.enqueue(
        customer(int(A), 2),
        customer(int(A), 1),
        order(71, int(A)),
        order(72, int(B)),  # its customer has not come
        deletion(int(C), 9),
    )
    world.org.expire_sessions()  # so that the refresh, too, is died in
    world.new_process()
    world.calls.names.clear()


def _check(world):
    world.enqueue(customer(int(B)))
    world.drain()

    assert world.names("Account") == {A: "v2", B: "v1", C: "v1"}
    assert world.names("Order") == {"71": "v1", "72": "v1"}
    assert [each["Is_Deleted_In_Shopify__c"] for each in world.org.records("Account", Shopify_Customer_Id__c=C)] == [
        True
    ]
    world.check_books()


def _calls():
    with new_world() as world:
        _prepare(world)
        world.invoke(world.receive())
        return list(world.calls.names)


def test_batch_arrives_once_when_the_function_dies_at_any_call(subtests):
    names = _calls()
    assert {"GetSecretValue", "BatchGetItem", "UpdateItem", "SendMessageBatch", "org POST", "org PATCH"} <= set(names)

    for point in every_death(names):
        with subtests.test(f"{point}, {names[point.call - 1]}"), new_world() as world:
            _prepare(world)
            world.calls.point, world.calls.struck = point, die
            assert world.invoke(world.receive()) is False
            assert world.calls.names == names[: point.call]

            _check(world)


def test_function_that_dies_twice_at_the_org_still_writes_each_record_once(subtests):
    at = _calls().index("org PATCH") + 1
    for when in When:
        with subtests.test(str(when)), new_world() as world:
            _prepare(world)
            world.calls.point, world.calls.struck = Point(at, when), die
            for _ in range(2):
                world.calls.names.clear()
                assert world.invoke(world.receive()) is False
                world.clock.advance(361)
            world.calls.point = None

            _check(world)


@pytest.mark.parametrize("deaths", [4, 5])
def test_message_that_is_received_too_often_is_kept_in_the_dead_letters(deaths):
    with new_world(Calls(Point(1, When.BEFORE), die)) as world:
        world.calls.point = None
        world.enqueue(customer(1))
        world.calls.point = Point(1, When.BEFORE)
        for _ in range(deaths):
            world.calls.names.clear()
            assert world.invoke(world.receive()) is False
            world.clock.advance(361)
        world.calls.point = None

        world.drain()

        assert world.depth("dead-letters") == (deaths == 5)
        assert len(world.names("Account")) == (deaths < 5)
