"""What goes wrong around a job: slots, time, limits, lost messages, results that do not add up, an org that is away."""

from datetime import timedelta

import pytest

from lockstep.adapters.salesforce_bulk import SalesforceBulk
from lockstep.domain import job_outcome
from lockstep.domain.bulk_results import ResultFile
from lockstep.domain.chunks import ChunkState
from lockstep.domain.loads import LoadState
from lockstep.domain.row_counts import RowCounts
from lockstep.ports.bulk import UpsertJob
from lockstep.services import failed_rows, prepare_rows
from tests.fakes.bulk_lane import BulkLane, bulk_lane
from tests.functional.test_bulk_lane import fault, rows


@pytest.fixture
def lane():
    with bulk_lane() as made:
        yield made


def test_no_more_jobs_are_at_work_than_there_are_slots_and_each_chunk_has_its_turn():
    with bulk_lane(slots=2) as lane:
        lane.org.set_bulk(starts_after_s=30)
        lane.drop(rows(50), per_chunk=10)
        most = 0
        for _ in range(60):
            for queue in ("chunks", "polls"):
                while lane.step(queue) is not None:
                    pass
            most = max(most, sum(state != "JobComplete" for state in lane.jobs()))
            lane.clock.advance(5)
            lane.org.advance_clock(5)

        assert most == 2
        assert [chunk.state for chunk in lane.chunks()] == [ChunkState.DONE] * 5
        assert len(lane.records()) == 50


def test_rows_that_do_not_fit_into_a_job_are_the_next_ones(lane, monkeypatch):
    monkeypatch.setattr(prepare_rows, "MAX_JOB_BYTES", 700)
    lane.drop(rows(60))

    lane.work()

    assert len(lane.records()) == 60
    assert lane.counts() == RowCounts(read=60, succeeded=60)
    assert lane.chunks()[0].attempt > 2
    assert lane.chunks()[0].tries == 0


def test_failures_that_no_invocation_has_time_for_are_stored_part_by_part(lane, monkeypatch):
    monkeypatch.setattr(failed_rows, "AT_ONCE", 10)
    lane.drop([*rows(5), *([f"x{number}", 1, "", ""] for number in range(35))])
    lane.remaining_ms = [60_000, 60_000, 1_000]

    done = [lane.step("chunks")]
    (chunk,) = lane.chunks()
    assert (chunk.state, chunk.booked, chunk.booked_counts.rejected) == (ChunkState.QUEUED, 20, 20)
    assert lane.jobs() == []
    lane.remaining_ms = []
    lane.work()

    assert done == [True]
    counts = lane.counts()
    assert (counts.read, counts.succeeded, counts.rejected, counts.on_their_way) == (40, 5, 35, 0)
    assert len(lane.world.errors("Pending")) == 35
    (key,) = lane.files("loads/load-1/rejects/")
    assert len(lane.file(key).splitlines()) == 36


def test_refusals_of_a_job_that_no_look_has_time_for_are_stored_part_by_part(lane, monkeypatch):
    monkeypatch.setattr(failed_rows, "AT_ONCE", 10)
    fault(lane, row=True, error_code="FIELD_CUSTOM_VALIDATION_EXCEPTION", message="no", times=35)
    lane.drop(rows(40))
    lane.step("chunks")
    lane.clock.advance(6)
    lane.remaining_ms = [60_000, 60_000, 1_000]
    lane.step("polls")

    (chunk,) = lane.chunks()
    assert (chunk.state, chunk.booked, chunk.booked_counts.logged) == (ChunkState.IN_JOB, 20, 20)
    lane.remaining_ms = []
    lane.work()

    counts = lane.counts()
    assert (counts.read, counts.succeeded, counts.logged, counts.on_their_way) == (40, 5, 35, 0)
    assert len(lane.world.errors("Pending")) == 35


def test_rows_that_no_result_names_are_told_and_go_again(lane, monkeypatch):
    fetch = SalesforceBulk.fetch
    lies = [True] * 3  # as often as a download is made again

    def fetch_less(self, job_id, which, into):
        fetch(self, job_id, which, into)
        if which is ResultFile.SUCCESSFUL and lies:
            lies.pop()
            lines = list(into.lines())
            into.clear()
            into.append([line.encode() for line in lines[:-3]])

    monkeypatch.setattr(SalesforceBulk, "fetch", fetch_less)
    lane.drop(rows(10))

    lane.heal()

    (chunk,) = lane.chunks()
    assert chunk.job.missing == 3
    assert lane.alerts() == ["alert#load#load-1#unaccounted"]
    assert len(lane.records()) == 10
    assert (lane.counts().succeeded, lane.counts().logged, lane.counts().on_their_way) == (7, 3, 0)
    assert {entry["failure_kind"]["S"] for entry in lane.world.errors().values()} == {"ROWS_UNACCOUNTED"}


def test_a_header_that_is_read_as_a_row_is_told(lane):
    lane.drop([["k1", 1, "Ada", ""], ["k2", 1, "Bo", ""]], per_chunk=1)
    first, _ = lane.chunks()
    assert lane.book.save_chunk(first.changed(first_byte=0, first_line=1))
    lane.work()

    assert sorted(lane.records()) == ["k1", "k2"]
    assert [(chunk.rows_at.rows, chunk.read, chunk.misread) for chunk in lane.chunks()] == [(1, 2, 1), (1, 1, 0)]
    assert [name for name in lane.alerts() if "misread" in name] == ["alert#load#load-1#misread"]


def test_a_row_that_is_cut_and_not_read_is_told_also_where_rows_go_again(lane, monkeypatch):
    monkeypatch.setattr(job_outcome, "MOST_BY_REST", 5)
    fault(lane, job="fail", after_rows=200)
    lane.drop(rows(212))
    (chunk,) = lane.chunks()
    assert lane.book.save_chunk(chunk.changed(rows=213))
    lane.heal()

    (chunk,) = lane.chunks()
    assert (chunk.attempt, chunk.rows, chunk.rows_at.rows, chunk.misread) == (2, 12, 213, -1)
    assert "alert#load#load-1#misread" in lane.alerts()


def test_rows_of_a_job_that_the_org_forgot_go_again(lane):
    lane.org.set_bulk(starts_after_s=600)
    lane.drop(rows(10))
    lane.step("chunks")
    lane.org.advance_clock(8 * 24 * 3600)  # it keeps jobs and their results for seven days

    lane.heal()

    assert len(lane.records()) == 10
    assert lane.counts().on_their_way == 0


def test_a_message_that_was_lost_is_found_by_the_sweep(lane):
    for queue in ("chunks", "polls"):
        lane.drop(rows(5), name=queue)
        if queue == "polls":
            lane.step("chunks")
            lane.clock.advance(6)
        lane.world.acknowledge(lane.world.receive(10, queue), set(), queue)
        if queue == "polls":
            lane.sweep()
            assert lane.world.depth(queue) == 0, "too early"
        lane.clock.advance(16 * 60)
        lane.sweep()
        lane.work()

        assert lane.load(queue).state is LoadState.DONE


def test_a_load_whose_chunk_waits_for_a_person_and_which_does_not_is_told_of_by_the_sweep(lane):
    lane.drop(rows(5))
    (chunk,) = lane.chunks()
    waiting = {"state": ChunkState.WAITING, "waits_for": "the job was aborted", "updated_at": lane.clock.now}
    assert lane.book.save_chunk(chunk.changed(**waiting))  # whoever let it wait died before the load did
    lane.work()
    lane.sweep()
    assert (lane.load().state, lane.alerts()) == (LoadState.RUNNING, []), "too early: a person may just let it go on"

    lane.clock.advance(16 * 60)
    for _ in range(2):
        lane.sweep()

    assert (lane.load().state, lane.load().waits_for) == (LoadState.WAITING, "the job was aborted")
    assert lane.alerts() == ["alert#load#load-1#waits"]
    lane.resume("load-1")
    lane.clock.advance(60)
    lane.sweep()
    lane.work()
    assert lane.load().state is LoadState.DONE
    assert len(lane.records()) == 5


def test_only_a_forgotten_job_of_ours_is_aborted_by_the_sweep(lane):
    lane.clock.now = lane.org_time()
    lane.drop(rows(5))
    lane.work()
    with lane.world._process():
        bulk = lane.kit().bulk
        ours = bulk.create(UpsertJob("Account", "ERP_Account_ID__c"))
        bulk.create(UpsertJob("Account", "Shopify_Customer_Id__c"))
    lane.clock.advance(600)
    lane.sweep()
    assert lane.jobs() == ["JobComplete", "Open", "Open"], "too early"
    lane.clock.now = lane.org_time() + timedelta(hours=3)
    lane.sweep()

    assert lane.jobs() == ["JobComplete", "Aborted", "Open"]
    assert ours


def test_an_org_that_is_away_costs_no_try_and_the_load_goes_on_by_itself(lane):
    fault(lane, status=503, times=4, match={"path_contains": "jobs/ingest"})
    lane.drop(rows(10))
    for _ in range(20):
        lane.work_for(120, step_s=60)
        lane.world.monitor()

    assert len(lane.records()) == 10
    assert (lane.chunks()[0].tries, lane.chunks()[0].attempt) == (0, 1)


def test_an_answer_that_is_lost_makes_no_second_effect(lane):
    for method, path in (("POST", "jobs/ingest"), ("PUT", "batches"), ("PATCH", "jobs/ingest")):
        fault(lane, when="after", drop_connection=True, match={"method": method, "path_contains": path})
    lane.drop(rows(10))

    lane.heal()

    assert len(lane.records()) == 10
    assert lane.counts() == RowCounts(read=10, succeeded=10)
    assert lane.jobs().count("JobComplete") == 1


def test_a_user_who_may_not_use_bulk_is_told_of_once(lane):
    fault(lane, status=403, error_code="FUNCTIONALITY_NOT_ENABLED", times=2, match={"path_contains": "jobs/ingest"})
    lane.drop(rows(10), per_chunk=5)
    lane.work()

    assert {chunk.state for chunk in lane.chunks()} == {ChunkState.WAITING}
    assert lane.alerts() == ["alert#load#load-1#waits"]

    lane.org.faults.clear()
    lane.resume()
    lane.work()

    assert len(lane.records()) == 10


def test_a_chunk_whose_tries_are_used_up_gives_its_rows_to_people(lane, monkeypatch):
    monkeypatch.setattr(job_outcome, "MOST_BY_REST", 5)
    fault(lane, job="fail", after_rows=0, times=None)
    lane.drop(rows(10))
    for _ in range(12):
        lane.work_for(10, step_s=5)
        lane.clock.advance(3_000)

    (chunk,) = lane.chunks()
    assert (chunk.state, chunk.attempt) == (ChunkState.DONE, 7)
    assert (lane.counts().logged, lane.counts().on_their_way) == (10, 0)
    assert len(lane.world.errors("Abandoned")) == 10
    assert lane.load().state is LoadState.DONE


def test_a_file_that_was_deleted_before_it_was_read_waits_for_a_person(lane: BulkLane):
    lane.drop(rows(10))
    lane.remove("erp_account/load-1.csv")

    lane.work()

    assert lane.load().state is LoadState.WAITING
    assert "erp_account/load-1.csv was deleted" in lane.load().waits_for
