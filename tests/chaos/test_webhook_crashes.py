"""The webhook function dies before or after any of its calls, and its sender comes again: nothing is lost."""

import pytest

from tests.chaos.crashes import Calls, Point, die, every_death
from tests.chaos.shop import customer
from tests.chaos.world import new_world

SMALL = customer(9007199254740993123, 7)
LARGE = customer(9007199254740993123, 7, note="x" * 20_000, tags="y" * 300_000)


def _calls_of(event):
    with new_world() as world:
        world.post(event)
        return world.calls.names


@pytest.mark.known_bug(1)
@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (SMALL, ["GetSecretValue", "UpdateItem", "SendMessageBatch", "UpdateItem"]),
        (LARGE, ["GetSecretValue", "UpdateItem", "PutObject", "SendMessageBatch", "UpdateItem"]),
    ],
    ids=["small", "large"],
)
def test_handler_that_fails_after_the_dedupe_claim_or_at_any_call_processes_the_redelivery(event, expected, subtests):
    names = _calls_of(event)
    assert names == expected

    for point in every_death(names):
        with subtests.test(f"{point}, {names[point.call - 1]}"), new_world(Calls(point, die)) as world:
            world.deliver(event)
            assert world.depth("inbound") > 0

            world.drain()

            assert world.names("Account") == {"9007199254740993123": "v7"}
            world.check_books()


def test_change_that_was_applied_before_the_sender_came_again_stays_applied():
    names = _calls_of(SMALL)
    with new_world(Calls(Point(names.index("SendMessageBatch") + 1, "after"), die)) as world:
        assert world.post(SMALL) is None

        world.drain()
        world.deliver(SMALL)

        assert world.depth("inbound") == 0
        world.check_books()


def test_second_delivery_is_held_off_while_the_first_may_still_be_at_work():
    names = _calls_of(SMALL)
    with new_world(Calls(Point(names.index("SendMessageBatch") + 1, "before"), die)) as world:
        assert world.post(SMALL) is None

        assert world.post(SMALL) == 503
        assert world.depth("inbound") == 0
