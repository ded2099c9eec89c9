"""Files that are the whole truth: what they do not name is reported, or taken away within a limit."""

from datetime import timedelta
from typing import Any

import pytest

from lockstep.domain.comparisons import Stage
from lockstep.domain.loads import LoadState
from lockstep.domain.stamps import epoch_ms
from lockstep.services import comparison_steps
from tests.fakes.bulk_lane import BulkLane, bulk_lane
from tests.functional.test_bulk_versions import webhook

HEADER = ("no", "version", "name", "city")
FLAG = "Is_Deleted_In_ERP__c"


def whole(missing: str, **more: Any) -> dict[str, Any]:
    file = {"external_id": "no", "version": "file_time", "whole": {"missing": missing, **more}}
    return {"on_delete": "delete" if missing == "delete" else {"mark": {FLAG: True}}, "file": file}


@pytest.fixture
def lane_of(request):
    """Make a lane with a route, and 40 accounts of an earlier file in the org."""
    open_lanes = []

    def made(missing: str, *, calls=None, **more: Any) -> BulkLane:
        context = bulk_lane(calls, **whole(missing, **more))
        lane = context.__enter__()
        open_lanes.append(context)
        drop(lane, range(40), "earlier", hour=0)
        lane.work()
        assert len(lane.records()) == 40
        return lane

    yield made
    for context in open_lanes:
        context.__exit__(None, None, None)


def drop(lane: BulkLane, numbers, name="load-1", *, hour=1, per_chunk=1_000, bad=()):
    """Drop a file that was written at an hour, counted from when the accounts were made."""
    rows = [[f"k{number:05d}", 1, f"Name {number}", "Köln"] for number in numbers]
    return lane.drop([*rows, *bad], name=name, per_chunk=per_chunk, file_time_ms=at_hour(lane, hour))


def at_hour(lane: BulkLane, hour: float) -> int:
    return epoch_ms(lane.org_time() + timedelta(hours=hour))


def listed(lane: BulkLane, name="load-1") -> list[str]:
    lists = [lane.file(key).splitlines()[1:] for key in lane.files(f"loads/{name}/missing/")]
    return sorted(line.split(",")[1] for lines in lists for line in lines)


def found(lane: BulkLane, name="load-1"):
    comparison = lane.load(name).comparison
    assert comparison is not None
    return comparison


def test_report_lists_exactly_the_records_that_the_file_does_not_name_and_writes_nothing(lane_of):
    lane = lane_of("report")

    drop(lane, range(2, 40), per_chunk=10)
    lane.work()

    assert lane.load().state is LoadState.DONE
    assert (found(lane).stage, found(lane).known, found(lane).missing) == (Stage.DONE, 40, 2)
    assert listed(lane) == ["k00000", "k00001"]
    assert len(lane.records()) == 40
    assert not any(lane.records(FLAG).values())


def test_missing_records_are_marked_within_the_limit_and_are_not_missing_again(lane_of):
    lane = lane_of("mark", limit_percent=5)

    drop(lane, range(2, 40))
    lane.work()
    drop(lane, range(2, 40), "load-2", hour=2)
    lane.work()

    assert [key for key, marked in sorted(lane.records(FLAG).items()) if marked] == ["k00000", "k00001"]
    assert (found(lane).sent, lane.load().state) == (2, LoadState.DONE)
    assert (found(lane, "load-2").known, found(lane, "load-2").missing) == (38, 0)


def test_missing_records_are_deleted_within_the_limit(lane_of):
    lane = lane_of("delete", limit_percent=5)

    drop(lane, range(1, 40))
    lane.work()

    assert sorted(lane.records()) == [f"k{number:05d}" for number in range(1, 40)]


def test_above_the_limit_the_load_asks_and_goes_on_when_a_person_agrees(lane_of):
    lane = lane_of("delete", limit_percent=5)
    drop(lane, range(3, 40))
    lane.work()
    asked = lane.load()
    records = len(lane.records())

    lane.resume(accepts_missing=True)
    lane.work()

    assert (asked.state, found(lane).accepted, records) == (LoadState.WAITING, True, 40)
    assert "3 of 40 records" in asked.waits_for
    assert "7.50 %" in asked.waits_for
    assert "alert#load#load-1#waits" in lane.alerts()
    assert (lane.load().state, len(lane.records())) == (LoadState.DONE, 37)


def test_a_load_that_asks_does_not_go_on_without_consent(lane_of):
    lane = lane_of("delete", limit_percent=5)
    drop(lane, range(3, 40))
    lane.work()

    lane.resume()
    lane.work()
    lane.sweep()
    lane.work()

    assert (lane.load().state, len(lane.records())) == (LoadState.WAITING, 40)


def test_a_record_that_changed_after_the_file_was_written_is_not_missing(lane_of):
    lane = lane_of("delete", limit_percent=50)
    webhook(lane, "k00000", at_hour(lane, 2), "changed")

    drop(lane, range(2, 40))
    lane.work()

    assert "k00000" in lane.records()
    assert "k00001" not in lane.records()


def test_a_file_with_a_row_that_has_no_key_is_not_the_whole_truth(lane_of):
    lane = lane_of("delete", limit_percent=100)

    drop(lane, range(20, 40), bad=[["", 1, "Name", "Köln"]])
    lane.work()

    assert found(lane).stage is Stage.NOT_MADE
    assert found(lane).why == "1 of its rows have no key that could be read"
    assert "alert#load#load-1#not-whole" in lane.alerts()
    assert (lane.load().state, len(lane.records())) == (LoadState.DONE, 40)


def test_a_row_that_cannot_be_mapped_is_in_the_file_all_the_same(lane_of):
    lane = lane_of("report")

    drop(lane, range(1, 40), bad=[["k00000", 1, "", "Köln"]])
    lane.work()

    assert (found(lane).missing, lane.counts().rejected) == (0, 1)


def test_a_broken_end_of_a_file_deletes_nothing(lane_of):
    lane = lane_of("delete", limit_percent=100)

    dropped = drop(lane, range(20, 40))
    broken = lane.load().changed(file_problems=("the compressed file ends too early",))
    assert lane.book.save_load(broken)
    lane.work()

    assert dropped.load_id == "load-1"
    assert (found(lane).stage, found(lane).why) == (Stage.NOT_MADE, "not all of the file could be read")
    assert len(lane.records()) == 40


def test_a_part_of_a_file_is_compared_with_nothing(lane_of):
    lane = lane_of("delete", limit_percent=100)

    drop(lane, range(20, 40))
    assert lane.book.save_load(lane.load().changed(is_part=True))
    lane.work()

    assert (lane.load().state, lane.load().comparison, len(lane.records())) == (LoadState.DONE, None, 40)


@pytest.mark.parametrize(
    "plan",
    [
        {"after_bytes": 300, "match": {"path_contains": "/results"}},
        {"drop_connection": True, "match": {"path_contains": "/results"}},
        {"status": 503, "match": {"path_contains": "jobs/query"}},
        {"status": 400, "error_code": "INVALID_QUERY_LOCATOR", "match": {"path_contains": "/results"}},
        {"status": 404, "error_code": "NOT_FOUND", "match": {"path_contains": "/results"}},
        {"ends_sessions": True, "match": {"method": "POST", "path_contains": "jobs/query"}},
        {"ends_sessions": True, "match": {"method": "GET", "path_contains": "jobs/query"}},
        {"ends_sessions": True, "match": {"path_contains": "/results"}},
    ],
    ids=["broken", "dropped", "unavailable", "locator", "gone", "session create", "session look", "session page"],
)
def test_what_the_list_meets_changes_nothing_in_the_outcome(lane_of, plan):
    lane = lane_of("mark", limit_percent=5)
    drop(lane, range(2, 40))
    lane.org.plan_faults(plan)

    lane.work()

    assert [key for key, marked in sorted(lane.records(FLAG).items()) if marked] == ["k00000", "k00001"]
    assert (found(lane).missing, found(lane).sent, lane.load().state) == (2, 2, LoadState.DONE)


def test_an_org_that_refuses_the_list_lets_the_load_wait_for_a_person(lane_of):
    lane = lane_of("report")
    drop(lane, range(2, 40))
    refuses = {"status": 400, "error_code": "INVALID_FIELD", "match": {"path_contains": "jobs/query"}}
    lane.org.plan_faults({**refuses, "times": None})

    lane.work()
    waiting = lane.load()
    lane.org.faults.clear()
    lane.resume()
    lane.work()

    assert (waiting.state, "could not be found out" in waiting.waits_for) == (LoadState.WAITING, True)
    assert (lane.load().state, found(lane).missing) == (LoadState.DONE, 2)


def meets(lane: BulkLane, **plan: Any) -> None:
    """Let the query job of the comparison meet a fault: the file's own job is over then."""
    drop(lane, range(2, 40))
    while lane.load().comparison is None:
        lane.work_for(5)
    lane.org.plan_faults(plan)


def test_a_query_job_that_fails_is_made_once_more(lane_of):
    lane = lane_of("mark", limit_percent=5)
    meets(lane, job="fail")

    lane.work()

    assert (found(lane).run, found(lane).missing, found(lane).sent) == (2, 2, 2)
    assert lane.load().state is LoadState.DONE


def test_a_query_job_that_always_fails_lets_the_load_wait_with_the_reason_and_takes_nothing_away(lane_of):
    lane = lane_of("delete", limit_percent=100)
    meets(lane, job="fail", times=None, message="InternalServerError : too much")

    lane.work()

    waiting = lane.load()
    assert (waiting.state, found(lane).run, len(lane.records())) == (LoadState.WAITING, 6, 40)
    assert "failed: too much" in waiting.waits_for
    assert "alert#load#load-1#waits" in lane.alerts()

    lane.org.faults.clear()
    lane.resume()
    lane.work()
    assert (lane.load().state, len(lane.records())) == (LoadState.DONE, 38)


def test_a_query_job_that_somebody_aborts_lets_the_load_wait_and_is_made_anew_when_it_goes_on(lane_of):
    lane = lane_of("mark", limit_percent=5)
    meets(lane, job="abort")

    lane.work()

    waiting = lane.load()
    assert (waiting.state, found(lane).job_id, found(lane).sent) == (LoadState.WAITING, "", 0)
    assert "somebody aborted the query job" in waiting.waits_for
    assert "alert#load#load-1#waits" in lane.alerts()

    lane.resume()
    lane.work()
    assert (lane.load().state, found(lane).missing, found(lane).sent) == (LoadState.DONE, 2, 2)


def test_a_query_job_that_does_not_end_is_told_once_and_watched_on(lane_of):
    lane = lane_of("mark", limit_percent=5)
    meets(lane, job="stick")

    lane.work_for(50 * 60, step_s=120)
    assert "alert#load#load-1#stuck-list" not in lane.alerts()
    lane.work_for(20 * 60, step_s=120)
    assert "alert#load#load-1#stuck-list" in lane.alerts()
    assert (found(lane).told_stuck, found(lane).stage, found(lane).run) == (True, Stage.QUERYING, 1)

    lane.org.faults.clear()
    lane.work()
    assert (lane.load().state, found(lane).missing, found(lane).sent) == (LoadState.DONE, 2, 2)


def test_pages_and_parts_add_up(lane_of, monkeypatch):
    monkeypatch.setattr("lockstep.services.load_key_lists.KEYS_AT_ONCE", 15)
    monkeypatch.setattr(comparison_steps.ComparisonSteps.__init__, "__kwdefaults__", {"page_records": 7})
    lane = lane_of("mark", limit_percent=50)

    drop(lane, range(11, 40), per_chunk=10)
    lane.work()

    assert (found(lane).parts, found(lane).known, found(lane).missing, found(lane).sent) == (2, 40, 11, 11)
    assert listed(lane) == [f"k{number:05d}" for number in range(11)]
    assert sum(lane.records(FLAG).values()) == 11
