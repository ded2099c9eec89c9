"""The comparison of a whole file killed after every call that changes something: each record is taken away once."""

from datetime import timedelta

from lockstep.domain.comparisons import Stage
from lockstep.domain.loads import LoadState
from lockstep.domain.stamps import epoch_ms
from tests.chaos.crashes import READS, Calls, Point, When, die
from tests.fakes.bulk_lane import BulkLane, bulk_lane

ROUTE = {
    "on_delete": "delete",
    "file": {"external_id": "no", "version": "file_time", "whole": {"missing": "delete", "limit_percent": 50}},
}
NAMES = ["k1", "k2", "k3", "k4", "k5"]


def _compared_to_the_end(lane: BulkLane, calls: Calls, point: Point | None) -> None:
    """Load five records, then a file of three of them, and let its comparison's looks be killed at one call."""
    lane.drop(_rows(NAMES), name="earlier", file_time_ms=epoch_ms(lane.org_time()))
    lane.work()
    lane.drop(_rows(NAMES[:3]), file_time_ms=epoch_ms(lane.org_time() + timedelta(hours=1)))
    while lane.load().comparison is None:
        lane.step("chunks")
        lane.clock.advance(6)
        lane.step("polls")
    calls.names.clear()
    calls.point, calls.struck = point, die
    for _ in range(6):
        lane.step("polls")
        lane.clock.advance(10)
    calls.point = None


def _rows(names: list[str]) -> list[list[object]]:
    return [[name, 1, "Name", "Köln"] for name in names]


def _changes() -> list[int]:
    calls = Calls()
    with bulk_lane(calls, **ROUTE) as lane:
        _compared_to_the_end(lane, calls, None)
        assert lane.load().state is LoadState.DONE
        return [number for number, name in enumerate(calls.names, 1) if name not in READS]


def test_each_missing_record_is_sent_once_wherever_a_function_dies():
    numbers = _changes()

    assert len(numbers) > 10
    for number in numbers[::2]:  # the rest are its neighbours: saved before it is told, told before it is saved
        calls = Calls()
        with bulk_lane(calls, **ROUTE) as lane:
            _compared_to_the_end(lane, calls, Point(number, When.AFTER))
            lane.heal(step_s=520)
            _check(lane, f"call {number}: {calls.names[number - 1]}")


def _check(lane: BulkLane, where: str) -> None:
    load = lane.load()
    assert load.comparison is not None, where
    assert (load.state, load.comparison.stage) == (LoadState.DONE, Stage.DONE), where
    assert (load.comparison.known, load.comparison.missing, load.comparison.sent) == (5, 2, 2), where
    assert sorted(lane.records()) == NAMES[:3], where
    deletes = [item for item in lane.world.log().values() if ":missing:" in item["event_id"]["S"]]
    assert [item["state"]["S"] for item in deletes] == ["Applied", "Applied"], where
