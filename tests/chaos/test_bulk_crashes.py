"""The bulk functions killed on either side of every call: each row is written and booked exactly once."""

from collections.abc import Callable
from typing import Any

import pytest

from lockstep.domain.loads import LoadState
from tests.chaos.crashes import Calls, Point, When, die
from tests.fakes.bulk_lane import BulkLane, bulk_lane

CLAIMED = {"version_fence": False}
ROWS = [
    ["k1", 2, "newest", "Köln"],
    ["k1", 1, "collapsed", "Köln"],
    ["k2", 1, "", "rejected"],
    ["k3", 1, "refused", ""],
    ["k4", 1, "locked", ""],
    ["k5", 1, "good", ""],
]


def _drop(lane: BulkLane) -> None:
    lane.org.plan_faults(
        {"row": True, "error_code": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "times": None, "match": {"external_id": "k3"}},
        {"row": True, "error_code": "UNABLE_TO_LOCK_ROW", "times": 1, "match": {"external_id": "k4"}},
    )
    lane.drop(ROWS)


def _calls_of(step: Callable[[BulkLane], Any], before: Callable[[BulkLane], Any], **route: Any) -> int:
    """Count the calls of a step that nothing disturbs."""
    calls = Calls()
    with bulk_lane(calls, **route) as lane:
        _drop(lane)
        before(lane)
        calls.names.clear()
        step(lane)
        return len(calls.names)


def _submit(lane: BulkLane) -> None:
    lane.step("chunks")


def _poll(lane: BulkLane) -> None:
    lane.clock.advance(6)
    lane.step("polls")


def _nothing(lane: BulkLane) -> None:
    """Do nothing."""


STEPS = {"submit": (_submit, _nothing), "poll": (_poll, _submit)}


@pytest.mark.parametrize("name", list(STEPS))
@pytest.mark.parametrize("route", [{}, CLAIMED], ids=["fenced", "claimed"])
def test_each_row_ends_once_wherever_a_function_dies(name, route):
    step, before = STEPS[name]
    for call in range(1, _calls_of(step, before, **route) + 1):
        for when in When:
            _dies_once(step, before, Point(call, when), route)


def _dies_once(
    step: Callable[[BulkLane], Any], before: Callable[[BulkLane], Any], point: Point, route: dict[str, Any]
) -> None:
    calls = Calls()
    with bulk_lane(calls, **route) as lane:
        _drop(lane)
        before(lane)
        calls.names.clear()
        calls.point, calls.struck = point, die
        step(lane)
        calls.point = None
        lane.heal()
        _check(lane, f"{point}: {calls.names[: point.call]}")


def _check(lane: BulkLane, where: str) -> None:
    assert lane.records() == {"k1": "newest", "k4": "locked", "k5": "good"}, where
    counts = lane.counts()
    assert counts.on_their_way == 0, where
    assert (counts.read, counts.collapsed, counts.rejected, counts.logged) == (6, 1, 1, 1), where
    assert counts.succeeded + counts.by_rest == 3, where
    assert sorted(entry["external_id"]["S"] for entry in lane.world.errors("Pending").values()) == ["k2", "k3"], where
    assert lane.load().state is LoadState.DONE, where
    assert set(lane.jobs()) <= {"JobComplete", "Aborted", "Open"}, where
