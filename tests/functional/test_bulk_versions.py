"""Never older over newer, between files and webhooks in any order: with a fence, with claims, without versions."""

import pytest

from lockstep.adapters.inbound_queue import SqsQueue
from lockstep.domain.changes import Change, Operation, content_hash, correlation_id
from lockstep.domain.loads import LoadState
from lockstep.domain.row_counts import RowCounts
from tests.chaos.crashes import Calls
from tests.chaos.surroundings import queue_url
from tests.fakes.bulk_lane import bulk_lane

FENCED: dict = {}
CLAIMED = {"version_fence": False}
DELETES = {"on_delete": "delete"}
MODES = pytest.mark.parametrize("route", [FENCED, CLAIMED], ids=["fenced", "claimed"])
UNVERSIONED = {"external_id": "no"}
OVERWRITES = {"external_id": "no", "unversioned": "overwrite"}
FILE_TIME = {"external_id": "no", "version": "file_time"}
EARLY_MS, LATE_MS = 1_600_000_000_000, 1_900_000_000_000


def webhook(lane, key, version, name, operation=Operation.UPSERT, city="Bonn"):
    """Let a webhook's change go by REST."""
    payload = f'{{"name": "{name}", "city": "{city}"}}'
    event_id = f"{key}-{version}-{operation}"
    change = Change(
        correlation_id=correlation_id("erp", event_id),
        source="erp",
        entity="account",
        operation=operation,
        external_id=key,
        version=version,
        event_id=event_id,
        topic="account",
        event_at_ms=int(lane.clock.now.timestamp() * 1000),
        received_at=lane.clock.now,
        content_hash=content_hash(payload.encode()),
        payload=payload,
    )
    SqsQueue(queue_url("inbound")).send([change])
    lane.world.invoke(lane.world.receive())


def delete(lane, key, version):
    webhook(lane, key, version, "gone", Operation.DELETE)


@MODES
def test_a_file_does_not_write_over_what_a_webhook_has_newer(route):
    with bulk_lane(**route) as lane:
        webhook(lane, "k1", 5, "webhook")
        lane.drop([["k1", 4, "file", ""], ["k2", 4, "file", ""]])
        lane.work()

        assert lane.records() == {"k1": "webhook", "k2": "file"}
        assert lane.counts() == RowCounts(read=2, succeeded=1, superseded=1)


@MODES
def test_a_webhook_does_not_write_over_what_a_file_has_newer(route):
    with bulk_lane(**route) as lane:
        lane.drop([["k1", 5, "file", ""]])
        lane.work()
        webhook(lane, "k1", 4, "webhook")
        lane.work()

        assert lane.records() == {"k1": "file"}
        assert lane.world.states() == {"Superseded": 1}


@MODES
def test_a_webhook_that_comes_while_the_job_works_ends_as_its_version_says(route):
    with bulk_lane(**route) as lane:
        lane.org.set_bulk(starts_after_s=600)
        lane.drop([["k1", 5, "file", ""], ["k2", 5, "file", ""]])
        lane.step("chunks")
        webhook(lane, "k1", 4, "webhook")
        webhook(lane, "k2", 6, "webhook")
        lane.org.advance_clock(700)
        lane.work()

        assert lane.records() == {"k1": "file", "k2": "webhook"}
        assert lane.counts().on_their_way == 0


@pytest.mark.parametrize("route", [DELETES, {**DELETES, **CLAIMED}, FENCED], ids=["deletes", "claimed", "marks"])
def test_a_row_older_than_a_deletion_does_not_bring_the_record_back(route):
    with bulk_lane(**route) as lane:
        webhook(lane, "k1", 2, "webhook")
        delete(lane, "k1", 5)
        delete(lane, "k2", 5)  # it was never there
        lane.drop([["k1", 4, "file", ""], ["k2", 4, "file", ""], ["k3", 4, "file", ""]])
        lane.work()

        assert {name for name in lane.records().values() if name != "webhook"} == {"file"}
        assert set(lane.records()) - {"k1"} == {"k3"}
        assert lane.counts() == RowCounts(read=3, succeeded=1, superseded=2)


@pytest.mark.parametrize("route", [DELETES, {**DELETES, **CLAIMED}], ids=["fenced", "claimed"])
def test_a_row_newer_than_a_deletion_makes_the_record_anew(route):
    with bulk_lane(**route) as lane:
        delete(lane, "k1", 5)
        lane.drop([["k1", 6, "file", ""]])
        lane.work()

        assert lane.records() == {"k1": "file"}


@pytest.mark.parametrize("route", [DELETES, FENCED], ids=["deletes", "marks"])
def test_what_a_job_brought_back_of_a_record_deleted_meanwhile_is_taken_back(route):
    with bulk_lane(**route) as lane:
        lane.org.set_bulk(starts_after_s=600)
        lane.drop([["k1", 4, "file", ""], ["k2", 9, "file", ""]])
        lane.step("chunks")
        delete(lane, "k1", 5)
        delete(lane, "k2", 5)
        lane.org.advance_clock(700)
        lane.work()

        is_deleted = lane.records("Is_Deleted_In_ERP__c")
        if route:
            assert set(is_deleted) == {"k2"}
        else:
            assert is_deleted == {"k1": True, "k2": False}


def test_of_a_deleted_record_only_what_the_row_left_is_taken_back():
    with bulk_lane(**DELETES) as lane:
        lane.org.set_bulk(starts_after_s=600)
        lane.drop([["k1", 4, "file", ""]])
        lane.step("chunks")
        delete(lane, "k1", 5)
        lane.org.advance_clock(700)
        webhook(lane, "k1", 6, "made anew")
        lane.work()

        assert lane.records() == {"k1": "made anew"}


def test_a_row_that_an_older_delete_took_away_after_it_was_written_is_written_again():
    with bulk_lane(**DELETES) as lane:
        lane.org.set_bulk(starts_after_s=600)
        lane.drop([["k1", 9, "file", ""]])
        lane.step("chunks")
        delete(lane, "k1", 5)
        lane.org.advance_clock(700)
        with lane.world._process():
            lane.kit().gateway.delete("Account", "ERP_Account_ID__c", ["k1"])  # the delete's own call, arriving late
        lane.work()

        assert lane.records() == {"k1": "file"}
        assert lane.counts() == RowCounts(read=1, succeeded=1)


@MODES
def test_a_file_without_versions_writes_only_what_nobody_has_written_with_one(route):
    with bulk_lane(**route, file=UNVERSIONED) as lane:
        webhook(lane, "k1", 5, "webhook")
        lane.drop([["k1", 0, "file", ""], ["k2", 0, "file", ""]])
        lane.work()
        webhook(lane, "k2", 1, "webhook")
        lane.work()

        assert lane.records() == {"k1": "webhook", "k2": "webhook"}
        assert lane.counts() == RowCounts(read=2, succeeded=1, superseded=1)


def test_a_file_that_overwrites_leaves_the_version_and_what_was_deleted_after_it_alone():
    with bulk_lane(file=OVERWRITES, **DELETES) as lane:
        webhook(lane, "k1", 5, "webhook")
        delete(lane, "k2", 5)
        lane.drop([["k1", 0, "file", ""], ["k2", 0, "file", ""]], file_time_ms=EARLY_MS)
        lane.work()

        assert (lane.records(), lane.records("ERP_Version__c")) == ({"k1": "file"}, {"k1": 5})

        lane.drop([["k2", 0, "later", ""]], name="load-2", file_time_ms=LATE_MS)
        lane.work()

        assert lane.records() == {"k1": "file", "k2": "later"}


@MODES
def test_files_in_the_wrong_order_end_as_the_later_one_says(route):
    with bulk_lane(**route, file=FILE_TIME) as lane:
        lane.drop([["k1", 0, "late", ""]], file_time_ms=LATE_MS)
        lane.drop([["k1", 0, "early", ""]], name="load-2", file_time_ms=EARLY_MS)
        lane.work()

        assert lane.records() == {"k1": "late"}
        counts = lane.counts("load-2")
        assert counts.superseded + counts.by_rest == 1  # by REST where the first job still had the record


@MODES
def test_a_failed_row_that_is_overtaken_meanwhile_ends_superseded(route):
    with bulk_lane(**route) as lane:
        lane.org.plan_faults({"row": True, "error_code": "UNABLE_TO_LOCK_ROW", "match": {"external_id": "k1"}})
        lane.drop([["k1", 5, "file", ""]])
        lane.step("chunks")
        lane.clock.advance(6)
        lane.step("polls")
        webhook(lane, "k1", 6, "webhook")
        lane.heal()

        assert lane.records() == {"k1": "webhook"}
        assert lane.world.states() == {"Applied": 1, "Superseded": 1}


@MODES
def test_a_newer_change_that_succeeds_settles_the_refused_row_of_its_record(route):
    with bulk_lane(**route) as lane:
        lane.drop([["k1", 5, "file", "a city that is too long"]])
        lane.work()
        assert len(lane.world.errors("Pending")) == 1
        lane.clock.advance(120)
        webhook(lane, "k1", 6, "webhook")

        assert lane.records() == {"k1": "webhook"}
        (entry,) = lane.world.errors().values()
        assert (entry["status"]["S"], entry["resolved_as"]["S"]) == ("Resolved", "Superseded")


@MODES
def test_a_newer_row_that_is_written_settles_the_older_failures_of_its_record_and_no_other(route):
    with bulk_lane(**route) as lane:
        lane.drop([["k1", 5, "file", "a city that is too long"], ["k2", 9, "file", "a city that is too long"]])
        webhook(lane, "k1", 4, "a webhook", city="a city that is too long")
        lane.work()
        assert len(lane.world.errors("Pending")) == 3
        lane.clock.advance(120)
        lane.drop([["k1", 6, "newer", "Bonn"], ["k2", 8, "older", "Bonn"]], name="load-2")
        lane.work()

        assert lane.records() == {"k1": "newer", "k2": "older"}
        closed = [entry["external_id"]["S"] for entry in lane.world.errors("Resolved").values()]
        (left,) = lane.world.errors("Pending").values()
        assert (closed, left["external_id"]["S"]) == (["k1", "k1"], "k2")
        assert lane.world.states() == {"Superseded": 2, "Pending": 1}


def test_failures_that_one_look_has_no_time_to_settle_are_settled_by_the_next(monkeypatch):
    monkeypatch.setattr("lockstep.services.settle_earlier._AT_ONCE", 2)
    rows = [[f"k{number}", 5, "file", "a city that is too long"] for number in range(5)]
    with bulk_lane() as lane:
        lane.drop(rows)
        lane.work()
        lane.clock.advance(120)
        lane.drop([[key, 6, "newer", "Bonn"] for key, *_ in rows], name="load-2")
        lane.step("chunks")
        lane.clock.advance(6)
        lane.remaining_ms = [60_000, 10_000]
        lane.step("polls")
        assert len(lane.world.errors("Resolved")) == 2
        lane.remaining_ms = []
        lane.work()

        assert len(lane.world.errors("Resolved")) == 5
        assert lane.counts("load-2") == RowCounts(read=5, succeeded=5)


def test_where_nothing_failed_a_job_lists_the_open_failures_once_however_many_rows_it_has():
    calls = Calls()
    with bulk_lane(calls) as lane:
        made = []
        for load, count in (("load-1", 1), ("load-2", 300)):
            lane.drop([[f"k{number}", 5, "file", "Bonn"] for number in range(count)], name=load)
            lane.step("chunks")
            lane.clock.advance(6)
            calls.names.clear()
            lane.step("polls")
            made.append((calls.names.count("Query"), calls.names.count("BatchGetItem")))
        assert made == [(5, 0), (5, 0)]  # deletions, the three kinds of open failures, the load's chunks


@pytest.mark.parametrize("file", [FILE_TIME, UNVERSIONED], ids=["file time", "unversioned"])
@MODES
def test_of_a_key_in_several_chunks_the_last_row_wins_whichever_job_ends_last(route, file):
    with bulk_lane(slots=1, **route, file=file) as lane:
        repeated = [["k1", 0, "first", ""], ["k2", 0, "only", ""], ["k1", 0, "second", ""], ["k3", 0, "only", ""]]
        lane.drop([*repeated, ["k1", 0, "last", ""]], per_chunk=2)
        lane.work_backwards()

        assert lane.records() == {"k1": "last", "k2": "only", "k3": "only"}
        counts, load = lane.counts(), lane.load()
        assert (counts.read, counts.on_their_way, load.state) == (5, 0, LoadState.DONE)


def test_rows_with_versions_of_their_own_are_not_compared_at_the_end():
    with bulk_lane() as lane:
        lane.drop([["k1", 2, "newest", ""], ["k1", 1, "older", ""]], per_chunk=1)
        lane.work()

        assert lane.records() == {"k1": "newest"}
        assert len(lane.chunks()) == 2


def test_keys_in_another_case_are_two_records_where_the_org_says_so():
    with bulk_lane() as lane:
        lane.drop([["k1", 1, "first", ""], ["K1", 2, "second", ""]])
        lane.work()

        assert lane.records() == {"k1": "first", "K1": "second"}


@MODES
def test_a_deletion_older_than_a_row_does_not_take_its_record_away(route):
    with bulk_lane(**route, **DELETES) as lane:
        lane.drop([["k1", 5, "file", ""], ["k2", 3, "file", ""]])
        lane.work()

        delete(lane, "k1", 4)
        delete(lane, "k2", 4)

        assert lane.records() == {"k1": "file"}
