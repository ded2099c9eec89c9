"""Changes of a queue that holds much, by jobs of Bulk API 2.0 and back."""

from datetime import timedelta

import boto3
import pytest

from lockstep.adapters.change_log_reader import ChangeLogReader
from lockstep.domain.chunks import ChunkState
from lockstep.domain.loads import LoadState
from lockstep.domain.row_counts import RowCounts
from lockstep.services import hand_over
from tests.chaos.crashes import Calls
from tests.chaos.shop import customer, deletion, order
from tests.chaos.world import KEY_FIELDS
from tests.fakes.backlog_lane import THRESHOLD, backlog_lane


@pytest.fixture
def lane():
    with backlog_lane() as made:
        yield made


def newest(count, second=1):
    return {str(number): f"v{second}" for number in range(1, count + 1)}


def rest_calls(lane):
    return [call for call in lane.org.calls() if "composite" in call.path]


def test_a_backlog_goes_by_one_job_and_each_change_is_booked_as_itself(lane):
    lane.queue(60)

    assert lane.upsert()
    assert lane.world.depth("inbound") == 0
    lane.work()

    assert lane.names() == newest(60)
    assert lane.world.states() == {"Applied": 60}
    assert rest_calls(lane) == []
    (load,) = lane.backlogs()
    assert (load.state, load.name, load.totals) == (
        LoadState.DONE,
        "backlog of shopify_customer",
        RowCounts(read=60, succeeded=60),
    )
    lane.world.check_books()


def test_a_change_that_a_job_has_written_knows_its_record(lane):
    lane.queue(30)
    lane.upsert()
    lane.work()

    ids = {record[KEY_FIELDS["Account"]]: record["Id"] for record in lane.org.records("Account")}
    changes = ChangeLogReader("change-log", timedelta(days=90)).histories(lane.world.log())
    guard = boto3.client("dynamodb").scan(TableName="version-guard")["Items"]
    writer_by_key = {item["record"]["S"].rpartition("#")[2]: item["correlation_id"]["S"] for item in guard}
    assert {key: changes[name].record_id for key, name in writer_by_key.items()} == ids
    assert all(change.steps[-1].record_id == change.record_id for change in changes.values())


def test_a_queue_that_holds_little_goes_by_rest(lane):
    lane.queue(THRESHOLD)

    lane.work()

    assert lane.names() == newest(THRESHOLD)
    assert lane.backlogs() == []


def test_a_batch_that_is_not_full_asks_nothing():
    with backlog_lane(Calls()) as lane:
        lane.queue(9)

        lane.upsert()

        assert "GetQueueAttributes" not in lane.calls.names


def test_of_changes_of_one_record_the_newest_is_written_and_the_others_are_superseded(lane):
    for second in (2, 3, 1):
        lane.queue(10, second)

    lane.upsert()
    lane.work()

    assert lane.names() == newest(10, 3)
    assert lane.world.states() == {"Applied": 10, "Superseded": 20}
    assert lane.backlog_counts() == RowCounts(read=30, succeeded=10, superseded=20)
    lane.world.check_books()


def test_changes_wait_for_the_job_that_has_their_record_and_an_older_one_is_superseded_then(lane):
    lane.queue(30, 5)
    lane.upsert()
    lane.step("chunks")
    lane.world.enqueue(customer(1, 6), customer(2, 4))

    while messages := lane.world.receive():
        lane.world.invoke(messages)
    held = lane.world.depth("inbound")
    lane.work()

    assert held == 2
    assert lane.names() == {**newest(30, 5), "1": "v6"}
    assert lane.world.states() == {"Applied": 31, "Superseded": 1}
    lane.world.check_books()


def test_a_delete_waits_for_the_job_and_has_the_last_word(lane):
    lane.queue(30, 5)
    lane.upsert()
    lane.step("chunks")
    lane.world.enqueue(deletion(1, 6))

    lane.work()

    (marked,) = [each for each in lane.org.records("Account") if each["Is_Deleted_In_Shopify__c"]]
    assert marked["Shopify_Customer_Id__c"] == "1"
    lane.world.check_books()


def test_what_is_no_plain_change_goes_by_rest_in_the_same_invocation(lane):
    lane.queue(30)
    lane.world.enqueue(deletion(31, 1), *(order(number, number) for number in range(1, 4)))

    lane.upsert()
    by_rest = lane.world.states()
    lane.work()

    (load,) = lane.backlogs()
    assert by_rest == {"Applied": 1, "Queued": 3}  # orders wait for their customers
    assert load.totals == RowCounts(read=30, succeeded=30)
    assert lane.world.states() == {"Applied": 34}
    lane.world.check_books()


def test_too_few_plain_changes_make_no_job(lane, monkeypatch):
    monkeypatch.setattr(hand_over, "LEAST_CHANGES", 31)
    lane.queue(30)

    lane.work()

    assert (lane.backlogs(), lane.names()) == ([], newest(30))


def fault(lane, **plan):
    lane.org.plan_faults(plan)


def test_what_the_org_refuses_is_in_the_error_log_and_what_heals_goes_by_rest(lane):
    fault(lane, row=True, error_code="FIELD_CUSTOM_VALIDATION_EXCEPTION", message="no", match={"external_id": "3"})
    fault(lane, row=True, error_code="UNABLE_TO_LOCK_ROW", match={"external_id": "4"})
    lane.queue(30)

    lane.upsert()
    lane.rest()

    assert lane.names() == {key: name for key, name in newest(30).items() if key != "3"}
    assert lane.backlog_counts().failures == {"RECORD_INVALID": 1}
    assert (lane.backlog_counts().succeeded, lane.backlog_counts().by_rest) == (28, 1)
    (entry,) = lane.world.errors().values()
    assert (entry["external_id"]["S"], entry["status"]["S"]) == ("3", "Pending")


@pytest.mark.parametrize("job", [{"job": "fail", "after_rows": 0}, {"job": "abort", "after_rows": 0}], ids=str)
def test_a_job_that_ends_before_its_rows_gives_them_back_at_once_and_costs_no_try(lane, job):
    fault(lane, **job)
    lane.queue(30)

    lane.upsert()
    lane.rest()

    assert lane.names() == newest(30)
    assert lane.world.errors() == {}
    assert lane.backlogs()[0].state is LoadState.DONE
    assert lane.backlog_counts() == RowCounts(read=30, by_rest=30)
    lane.world.check_books()


def test_a_stuck_job_gives_its_changes_back_where_the_org_refuses_what_is_older(lane):
    fault(lane, job="stick", after_rows=0)
    lane.queue(30)
    lane.upsert()

    lane.work_for(29 * 60)
    assert lane.names() == {}
    lane.work_for(3 * 60)
    lane.rest()

    assert lane.names() == newest(30)
    assert "alert#load" in "".join(lane.alerts())
    assert lane.backlog_chunks()[0].state is ChunkState.DONE
    lane.world.check_books()


def test_a_stuck_job_keeps_its_changes_where_its_rows_could_do_harm_later():
    with backlog_lane(version_fence=False) as lane:
        fault(lane, job="stick", after_rows=0)
        lane.queue(30)
        lane.upsert()

        lane.work_for(40 * 60)

        assert lane.backlog_chunks()[0].state is ChunkState.IN_JOB
        lane.org.faults.clear()


def test_changes_of_which_no_job_can_be_made_go_back_and_by_rest(lane):
    fault(lane, match={"method": "POST", "path_contains": "/jobs/ingest"}, error_code="FEATURENOTENABLED", times=9)
    lane.queue(30)

    lane.upsert()
    lane.rest()

    assert lane.names() == newest(30)
    assert lane.backlog_chunks()[0].by_rest
    assert lane.world.errors() == {}


def test_a_message_that_comes_twice_is_written_once(lane):
    lane.queue(30)
    messages = lane.world.receive(10)
    lane.world.invoke(messages)

    for message in messages:
        lane.send_body("inbound", message["Body"])
    lane.work()

    assert lane.names() == newest(30)
    assert lane.world.states() == {"Applied": 30}
    lane.world.check_books()
