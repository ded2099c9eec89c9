"""The bulk functions killed after every call that changes something: each row is written and booked exactly once."""

import os
from collections.abc import Callable
from typing import Any

import pytest

from lockstep.domain.loads import LoadState
from lockstep.domain.rejects import LINE_COLUMN
from tests.chaos.crashes import READS, Calls, Point, When, die
from tests.fakes.bulk_lane import HEADER, BulkLane, bulk_lane

CLAIMED = {"version_fence": False}
ALL = bool(os.environ.get("BULK_CRASHES"))  # else a part, for the sake of time
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


def _submit(lane: BulkLane) -> None:
    lane.step("chunks")


def _poll(lane: BulkLane) -> None:
    lane.clock.advance(6)
    lane.step("polls")


def _nothing(_lane: BulkLane) -> None:
    """Do nothing."""


STEPS: dict[str, tuple[Callable[[BulkLane], None], Callable[[BulkLane], None]]] = {
    "submit": (_submit, _nothing),
    "poll": (_poll, _submit),
}


def _changes(step: str, route: dict[str, Any]) -> list[int]:
    """Return the numbers of a step's calls that change something."""
    calls = Calls()
    with bulk_lane(calls, **route) as lane:
        _run(lane, step, calls, None)
        return [number for number, name in enumerate(calls.names, 1) if name not in READS]


def _run(lane: BulkLane, step: str, calls: Calls, point: Point | None) -> None:
    act, before = STEPS[step]
    _drop(lane)
    before(lane)
    calls.names.clear()
    calls.point, calls.struck = point, die
    act(lane)
    calls.point = None


@pytest.mark.parametrize("step", list(STEPS))
@pytest.mark.parametrize(("route", "each"), [({}, 2), (CLAIMED, 5)], ids=["fenced", "claimed"])
def test_each_row_ends_once_wherever_a_function_dies(step, route, each):
    numbers = _changes(step, route)

    assert len(numbers) > 10
    for number in numbers[:: 1 if ALL else each]:
        calls = Calls()
        with bulk_lane(calls, **route) as lane:
            _run(lane, step, calls, Point(number, When.AFTER))
            lane.heal(step_s=520)
            _check(lane, f"after {calls.names[number - 1]}, call {number}")


def _check(lane: BulkLane, where: str) -> None:
    assert lane.records() == {"k1": "newest", "k4": "locked", "k5": "good"}, where
    counts = lane.counts()
    assert counts.on_their_way == 0, where
    assert (counts.read, counts.collapsed, counts.rejected, counts.logged) == (6, 1, 1, 1), where
    assert counts.succeeded + counts.by_rest == 3, where
    assert sorted(entry["external_id"]["S"] for entry in lane.world.errors("Pending").values()) == ["k2", "k3"], where
    assert lane.load().state is LoadState.DONE, where
    assert set(lane.jobs()) <= {"JobComplete", "Aborted", "Open"}, where


CORRECTED = [["k2", 3, "corrected", "Bonn", 4], ["new", 3, "had no key", "", 5], ["k5", 3, "newer", "", ""]]


def _corrects(lane: BulkLane) -> None:
    """Load a file with bad rows, one of them without a key, and an older file's; then what corrects them."""
    lane.drop([["k1", 1, "good", ""], ["k9", 1, "", "waits"], ["k2", 2, "", ""], ["", 2, "no key", ""]])
    lane.drop([["k5", 2, "", "older"]], name="load-0")
    lane.work()
    lane.clock.advance(120)
    load = lane.drop(CORRECTED, name="load-2", header=[*HEADER, LINE_COLUMN])
    assert lane.book.save_load(load.changed(part_of="load-1"))
    _submit(lane)


def _settled(calls: Calls, point: Point | None) -> list[int]:
    """Let the poller book the corrected rows, and die there; return the numbers of the calls that change something."""
    with bulk_lane(calls) as lane:
        _corrects(lane)
        calls.names.clear()
        calls.point, calls.struck = point, die
        _poll(lane)
        calls.point = None
        numbers = [number for number, name in enumerate(calls.names, 1) if name not in READS]
        lane.heal(step_s=520)
        open_ones = lane.world.errors("Pending", "Retrying").values()
        assert [entry["external_id"]["S"] for entry in open_ones] == ["k9"], point
        assert {entry["resolved_as"]["S"] for entry in lane.world.errors("Resolved").values()} == {"Superseded"}, point
        assert lane.world.states() == {"Superseded": 2, "Pending": 1}, point
        assert lane.records() == {"k1": "good", "k2": "corrected", "new": "had no key", "k5": "newer"}, point
        assert lane.load("load-2").state is LoadState.DONE, point
        return numbers


def test_failures_are_settled_once_wherever_the_poller_dies_that_settles_them():
    numbers = _settled(Calls(), None)

    assert len(numbers) > 10
    for number in numbers[:: 1 if ALL else 6]:
        _settled(Calls(), Point(number, When.AFTER))
