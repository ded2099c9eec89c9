"""Files through bulk_submit and bulk_poll, into the local org."""

import pytest

from lockstep.domain import job_outcome
from lockstep.domain.chunks import ChunkState
from lockstep.domain.loads import LoadState
from lockstep.domain.row_counts import JobRows, RowCounts
from tests.fakes.bulk_lane import KEY, ROUTE, bulk_lane


@pytest.fixture
def lane():
    with bulk_lane() as made:
        yield made


def rows(count, version=1, first=0):
    return [[f"k{number:05d}", version, f"Name {number}", "Köln"] for number in range(first, first + count)]


def test_a_file_becomes_records_and_its_books_balance(lane):
    lane.drop(rows(300), per_chunk=100)

    lane.work()

    assert lane.records() == {f"k{number:05d}": f"Name {number}" for number in range(300)}
    assert [chunk.state for chunk in lane.chunks()] == [ChunkState.DONE] * 3
    assert lane.counts() == RowCounts(read=300, succeeded=300)
    assert (lane.load().state, lane.load().totals) == (LoadState.DONE, lane.counts())
    assert [chunk.job for chunk in lane.chunks()] == [JobRows(submitted=100, successful=100)] * 3


def test_rows_that_cannot_be_mapped_are_in_the_error_log_and_the_rejects_and_the_others_go(lane):
    bad = [["k00007", 1, "", "Köln"], ["k00008", 1, "Name", "a city that is too long"], ["", 1, "Name", ""]]
    lane.drop([*rows(3), *bad, ["k00009", "old", "Name", ""]])

    lane.work()

    assert set(lane.records()) == {"k00000", "k00001", "k00002"}
    counts = lane.counts()
    assert (counts.read, counts.succeeded, counts.rejected, counts.on_their_way) == (7, 3, 4, 0)
    assert counts.failures == {"MAPPING_FAILED": 4}
    entries = lane.world.errors("Pending").values()
    assert sorted(entry["external_id"]["S"] for entry in entries if "external_id" in entry) == ["k00007", "k00008"]
    assert len(entries) == 4
    (key,) = lane.files("loads/load-1/rejects/")
    written = lane.file(key).splitlines()
    assert written[0] == "no,version,name,city,lockstep_line,lockstep_code,lockstep_message"
    assert [line.split(",")[4] for line in written[1:]] == ["5", "6", "7", "8"]


def test_a_person_who_mends_a_rejected_row_finds_it_in_the_org(lane):
    lane.drop([["k1", 1, "", "Köln"]])
    lane.work()
    (name,) = lane.world.errors("Pending")
    before = lane.world.log()[name]

    lane.world.reopen(name)
    lane.world.retry()
    lane.work()

    assert (before["state"]["S"], before["topic"]["S"], before["event_id"]["S"]) == ("Pending", "file", "load-1:2")
    assert lane.world.errors("Pending")  # it is as wrong as it was, and said so by the other lane


def test_of_rows_of_one_record_the_newest_goes_and_of_equal_ones_the_later(lane):
    lane.drop([["k1", 5, "newest", ""], ["k1", 4, "older", ""], ["k2", 1, "first", ""], ["k2", 1, "second", ""]])

    lane.work()

    assert lane.records() == {"k1": "newest", "k2": "second"}
    assert lane.counts() == RowCounts(read=4, succeeded=2, collapsed=2)


def test_a_row_older_than_the_record_is_refused_by_the_org_and_superseded(lane):
    lane.drop([["k1", 5, "new", ""], ["k2", 5, "new", ""]])
    lane.work()

    lane.drop([["k1", 4, "old", ""], ["k2", 6, "newer", ""]], name="load-2")
    lane.work()

    assert lane.records() == {"k1": "new", "k2": "newer"}
    assert lane.counts("load-2") == RowCounts(read=2, succeeded=1, superseded=1)
    assert not lane.world.errors()


def fault(lane, **plan):
    lane.org.plan_faults(plan)


def test_a_row_whose_record_is_locked_goes_again_by_itself(lane):
    fault(lane, row=True, error_code="UNABLE_TO_LOCK_ROW", match={"external_id": "k00003"})
    lane.drop(rows(10))

    lane.heal()

    assert len(lane.records()) == 10
    counts = lane.counts()
    assert (counts.read, counts.succeeded, counts.by_rest) == (10, 9, 1)


def test_a_row_that_the_org_refuses_is_in_the_error_log_with_its_line(lane):
    fault(lane, row=True, error_code="FIELD_CUSTOM_VALIDATION_EXCEPTION", message="no", match={"external_id": "k00003"})
    lane.drop(rows(10))

    lane.work()

    counts = lane.counts()
    assert (counts.succeeded, counts.logged, counts.failures) == (9, 1, {"RECORD_INVALID": 1})
    (entry,) = lane.world.errors("Pending").values()
    assert (entry["external_id"]["S"], entry["error_code"]["S"]) == ("k00003", "FIELD_CUSTOM_VALIDATION_EXCEPTION")
    (key,) = lane.files("loads/load-1/rejects/")
    assert lane.file(key).splitlines()[1].startswith("k00003,1,Name 3,Köln,5,FIELD_CUSTOM_VALIDATION_EXCEPTION,")


@pytest.mark.parametrize("most_by_rest", [2_000, 5], ids=["one by one", "in a job of their own"])
def test_what_a_failed_job_has_not_processed_goes_again_and_the_sum_is_right(lane, monkeypatch, most_by_rest):
    monkeypatch.setattr(job_outcome, "MOST_BY_REST", most_by_rest)
    fault(lane, job="fail", after_rows=200)
    lane.drop(rows(212))

    lane.heal()

    assert len(lane.records()) == 212
    counts, (chunk,) = lane.counts(), lane.chunks()
    assert (counts.read, counts.on_their_way, counts.rejected) == (212, 0, 0)
    assert (counts.succeeded, counts.logged) == ((200, 12) if most_by_rest == 2_000 else (212, 0))
    assert (chunk.attempt, chunk.tries) == ((1, 0) if most_by_rest == 2_000 else (2, 1))
    results = [key for key in lane.files("loads/load-1/results/") if ".1." in key]
    assert len(results) == 3


def test_of_the_results_is_kept_what_the_org_says_of_each_row_and_no_other_value(lane):
    fault(lane, row=True, error_code="FIELD_CUSTOM_VALIDATION_EXCEPTION", match={"external_id": "k00001"})
    lane.drop(rows(2))

    lane.work()

    kept = {key.split(".")[-2]: lane.file(key).splitlines() for key in lane.files("loads/load-1/results/")}
    (record,) = lane.org.records("Account")
    assert kept["successful"] == [f"{KEY},sf__Id", f"k00000,{record['Id']}"]
    assert kept["failed"][0] == f"{KEY},sf__Error"
    assert kept["failed"][1].startswith("k00001,FIELD_CUSTOM_VALIDATION_EXCEPTION:")
    assert kept["unprocessed"] == [KEY]


def test_results_that_were_kept_whole_by_an_older_version_are_read(lane):
    lane.drop(rows(2))
    lane.step("chunks")
    of_the_org = (
        f'"sf__Id","sf__Created","{KEY}","Name"\n"001","true","k00000","Name 0"\n"002","true","k00001","Name 1"\n'
    )
    lane.put("loads/load-1/results/000001.1.successful.csv", of_the_org)

    lane.work()

    assert lane.counts() == RowCounts(read=2, succeeded=2)
    assert lane.file("loads/load-1/results/000001.1.successful.csv") == of_the_org


def test_a_job_whose_header_the_org_refuses_lets_the_load_wait_for_a_person_and_costs_no_try():
    with bulk_lane(fields={**ROUTE["fields"], "Nowhere__c": {"type": "constant", "value": "x"}}) as lane:
        lane.hold_no_route()
        lane.drop(rows(10), per_chunk=5)
        lane.work()

        assert {(chunk.state, chunk.tries) for chunk in lane.chunks()} == {(ChunkState.WAITING, 0)}
        assert lane.load().state is LoadState.WAITING
        assert "Nowhere__c" in lane.load().waits_for
        assert lane.alerts().count("alert#load#load-1#waits") == 1
        assert (lane.records(), lane.world.errors()) == ({}, {})

        lane.route(ROUTE)
        lane.resume()
        lane.work()

        assert len(lane.records()) == 10
        assert lane.counts() == RowCounts(read=10, succeeded=10)


def test_an_aborted_job_waits_for_a_person_with_the_rows_it_had_not_come_to(lane):
    fault(lane, job="abort", after_rows=200)
    lane.drop(rows(210))
    lane.work()

    (chunk,) = lane.chunks()
    assert (chunk.state, chunk.attempt, chunk.rows, chunk.counts.succeeded) == (ChunkState.WAITING, 2, 10, 200)
    assert "aborted" in lane.load().waits_for

    lane.resume()
    lane.work()

    assert len(lane.records()) == 210
    assert lane.counts() == RowCounts(read=210, succeeded=210)
    assert lane.load().state is LoadState.DONE


def test_a_job_that_does_not_end_is_told_once_and_watched_on(lane):
    lane.org.set_bulk(starts_after_s=3 * 3600)
    lane.drop(rows(5))

    lane.work_for(2 * 3600, step_s=120)
    told = lane.alerts()
    lane.org.advance_clock(4 * 3600)
    lane.work()

    assert told == ["alert#load#load-1#stuck"]
    assert len(lane.records()) == 5


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "jobs/ingest"), ("PUT", "batches"), ("PATCH", "jobs/ingest"), ("GET", "jobs/ingest"), ("GET", "Results")],
    ids=["create", "upload", "close", "poll", "download"],
)
def test_a_session_that_ends_changes_nothing_in_the_outcome(lane, method, path, when):
    fault(lane, ends_sessions=True, when=when, match={"method": method, "path_contains": path})
    lane.drop(rows(10))

    lane.work()

    assert len(lane.records()) == 10
    assert lane.counts() == RowCounts(read=10, succeeded=10)
    assert not lane.world.errors()
    assert len(lane.jobs()) == 1


@pytest.mark.parametrize(
    "plan", [{"after_bytes": 100}, {"after_bytes": 100, "chunked": True}, {"drop_connection": True}]
)
@pytest.mark.parametrize("path", ["successfulResults", "failedResults", "batches"])
def test_a_transfer_that_breaks_off_is_made_again(lane, plan, path):
    fault(lane, match={"path_contains": path}, **plan)
    fault(lane, row=True, error_code="REQUIRED_FIELD_MISSING", match={"external_id": "k00003"})
    lane.drop(rows(10))

    lane.work()

    assert len(lane.records()) == 9
    counts = lane.counts()
    assert (counts.succeeded, counts.logged) == (9, 1)


def test_a_chunk_that_is_held_back_until_all_are_checked_goes_by_no_stray_message(lane):
    lane.drop(rows(3))
    (chunk,) = lane.chunks()
    lane.book.save_chunk(chunk.changed(state=ChunkState.HELD))

    assert lane.step("chunks") is True

    assert lane.jobs() == []
    assert lane.chunks()[0].state is ChunkState.HELD
