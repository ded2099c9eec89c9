"""The account function: reads the books a part at a time, tells gaps and what waits too long, and forgets no gap."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from unittest.mock import patch

import boto3
import pytest

from functions.account import handler
from lockstep.adapters import change_log_reader
from lockstep.adapters.circuit_store import DynamoDbCircuits
from lockstep.adapters.leases import DynamoDbLeases
from lockstep.adapters.load_table import DynamoDbLoadBook
from lockstep.domain.accounts import Gap
from lockstep.domain.backlogs import backlog_key, backlog_lines, new_backlog
from lockstep.domain.changes import Outcome, PayloadReference, State
from lockstep.domain.circuit import Reason, Trouble, closed, opened
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.loads import LoadState
from lockstep.domain.messages import message_body
from lockstep.services.breaker import advance
from lockstep.services.watch_books import LEASE
from tests.fakes.changes import change
from tests.functional.conftest import queue_url
from tests.functional.monitor_site import metrics_of

LONG_AGO = datetime.now(UTC) - timedelta(hours=2)
SERVICE = ("service", "tests")
PAGE = 10


@pytest.fixture
def books(stack, monkeypatch):
    monkeypatch.setenv("INBOUND_DEAD_LETTER_QUEUE_URL", queue_url("dead-letters"))
    monkeypatch.setenv("ACCOUNT_MEGABYTES", "100")
    monkeypatch.setenv("LATE_AFTER_SECONDS", "900")
    monkeypatch.setattr(change_log_reader, "ITEMS_PER_PAGE", PAGE)
    handler.watch_books.cache_clear()
    yield Books(stack)
    handler.watch_books.cache_clear()


class Books:
    def __init__(self, stack):
        self.stack = stack

    def read(self, remaining_ms=300_000):
        context = self.stack.context()
        context.get_remaining_time_in_millis = lambda: remaining_ms
        return handler.lambda_handler({}, context)

    def take_in(self, *changes, at=LONG_AGO):
        self.stack.log.claim(changes, at)
        self.stack.log.mark_queued(changes, at)

    def applied(self, count):
        changes = [change(f"applied {number}") for number in range(count)]
        self.take_in(*changes)
        self.stack.log.record([Outcome(one, State.APPLIED) for one in changes], LONG_AGO)


def queued(*changes, name="inbound"):
    for one in changes:
        boto3.client("sqs").send_message(QueueUrl=queue_url(name), MessageBody=message_body(one))


def late(number, at=LONG_AGO):
    return change(f"late {number}", received_at=at)


def hand_over(changes):
    """Give changes to the bulk lane, as the upsert function does; return the load."""
    text = b"".join(backlog_lines(changes))
    key = backlog_key("backlog")
    boto3.client("s3").put_object(Bucket="payloads", Key=key, Body=text)
    file = PayloadReference(bucket="payloads", key=key)
    route = SimpleNamespace(source="test", entity="thing", object_name="Account")
    load, chunk = new_backlog("backlog", "test_thing", route, file, len(text), len(changes), LONG_AGO)
    book = DynamoDbLoadBook("loads")
    assert book.save_chunk(chunk)
    assert book.save_load(load)
    return load


def told(caplog):
    """Return what the log lines say of gaps: kind to named changes."""
    return {line.gap: line.correlation_ids for line in caplog.records if line.message == "books do not balance"}


def test_balanced_books_are_counted_as_such(books, capsys):
    books.applied(25)
    waits, young = late(1, datetime.now(UTC)), late(2, datetime.now(UTC))
    books.take_in(waits, young)
    queued(waits)

    assert books.read() == {"read": 27, "gaps": 0}

    counted = metrics_of(capsys)
    assert counted["AccountingGap", (SERVICE,)] == [0]
    assert counted["OldestChangeSeconds", (SERVICE,)] == [0]
    assert counted["ChangesAccounted", (SERVICE,)] == [27]


def test_change_that_is_in_no_queue_is_a_gap_and_named(books, caplog):
    lost, waits = late(1), late(2)
    books.take_in(lost, waits)
    queued(waits, name="dead-letters")

    assert books.read() == {"read": 2, "gaps": 1}
    assert set(told(caplog)["NOT_QUEUED"]) == {lost.correlation_id, waits.correlation_id}


def test_changes_that_wait_for_an_ingest_job_are_no_gap_and_not_late(books, caplog, capsys):
    lost, *handed = (late(number) for number in range(1, 5))
    books.take_in(lost, *handed)
    hand_over(handed)

    assert books.read() == {"read": 4, "gaps": 1}
    assert told(caplog) == {"NOT_QUEUED": [lost.correlation_id]}

    books.stack.log.record([Outcome(lost, State.APPLIED)], datetime.now(UTC))
    books.read()
    metrics_of(capsys)
    assert books.read()["gaps"] == 0
    assert metrics_of(capsys)["OldestChangeSeconds", (SERVICE,)] == [0]


def test_of_more_late_changes_than_are_named_those_that_wait_for_jobs_are_no_gap(books, monkeypatch):
    monkeypatch.setattr("lockstep.domain.book_round.MOST_LATE", 4)
    monkeypatch.setattr("lockstep.services.watch_books.MOST_LATE", 4)
    waits = [late(number, LONG_AGO - timedelta(hours=1)) for number in range(2)]
    handed = [late(number) for number in range(2, 12)]
    books.take_in(*waits, at=LONG_AGO - timedelta(hours=1))
    books.take_in(*handed)
    queued(*waits)
    hand_over(handed)

    assert books.read()["gaps"] == 0


@pytest.mark.parametrize("end", ["done", "gone"])
def test_changes_of_a_backlog_that_is_over_or_gone_are_in_no_job(books, end):
    one = late(1)
    books.take_in(one)
    load = hand_over([one])
    if end == "done":
        assert DynamoDbLoadBook("loads").save_load(load.changed(state=LoadState.DONE))
    else:
        boto3.client("s3").delete_object(Bucket="payloads", Key=load.file.key)

    assert books.read()["gaps"] == 1


def test_change_that_waits_for_two_hours_is_too_old_though_its_message_is_young(books, capsys):
    one = late(1)
    books.take_in(one)
    queued(one)

    assert books.read()["gaps"] == 0
    (seconds,) = metrics_of(capsys)["OldestChangeSeconds", (SERVICE,)]
    assert 7200 <= seconds <= (datetime.now(UTC) - LONG_AGO).total_seconds()


def test_wait_for_the_org_is_not_too_old_while_the_circuit_is_open_nor_right_after_it(books, capsys):
    one = late(1)
    books.take_in(one)
    queued(one)
    circuits = DynamoDbCircuits("connection")
    trouble = Trouble(Reason.ORG_UNAVAILABLE, "down")
    advance(circuits, lambda each: opened(each, trouble, LONG_AGO))

    books.read()
    assert metrics_of(capsys)["OldestChangeSeconds", (SERVICE,)] == [0]

    advance(circuits, lambda each: closed(each, "probe", datetime.now(UTC)))
    books.read()
    (seconds,) = metrics_of(capsys)["OldestChangeSeconds", (SERVICE,)]
    assert seconds < 60


def test_entry_that_is_missing_and_one_that_is_left_open_are_gaps(books, caplog):
    pending, settled = change("pending"), change("settled")
    books.take_in(pending)
    books.stack.log.record([Outcome(pending, State.PENDING)], LONG_AGO)
    books.stack.log.claim([settled], LONG_AGO)
    books.stack.errors.log([_failure(settled)])
    books.stack.log.record([Outcome(settled, State.APPLIED)], LONG_AGO)

    assert books.read()["gaps"] == 2
    assert told(caplog) == {
        Gap.ENTRY_MISSING.value: [pending.correlation_id],
        Gap.ENTRY_LEFT_OPEN.value: [settled.correlation_id],
    }


def _failure(one):
    from tests.functional.test_error_log import failure

    return failure(one, at=LONG_AGO)


def test_large_books_are_read_in_as_many_runs_as_it_takes_and_begun_anew_then(books, monkeypatch, caplog):
    monkeypatch.setenv("ACCOUNT_MEGABYTES", "2")
    books.applied(45)
    lost = late(1)
    books.take_in(lost)

    assert [books.read()["read"] for _ in range(3)] == [2 * PAGE, 2 * PAGE, 6]
    assert set(told(caplog)) == {"NOT_QUEUED"}
    assert books.read()["read"] == 2 * PAGE


def test_run_without_time_reads_one_page_and_the_next_reads_on(books):
    books.applied(25)

    assert [books.read(remaining_ms=100_000)["read"] for _ in range(4)] == [PAGE, PAGE, 5, PAGE]


def test_gap_is_told_until_a_whole_round_finds_none(books, monkeypatch):
    monkeypatch.setenv("ACCOUNT_MEGABYTES", "1")
    books.applied(15)
    lost = late(1)
    books.take_in(lost)
    assert [books.read()["gaps"] for _ in range(2)] == [0, 1]

    books.stack.log.record([Outcome(lost, State.APPLIED)], datetime.now(UTC))

    assert [books.read()["gaps"] for _ in range(4)] == [1, 1, 0, 0]


def test_change_that_was_late_in_an_earlier_run_and_is_settled_since_is_no_gap(books, monkeypatch):
    monkeypatch.setenv("ACCOUNT_MEGABYTES", "1")
    lates = [late(number) for number in range(15)]
    books.take_in(*lates)
    books.read()
    books.stack.log.record([Outcome(one, State.APPLIED) for one in lates], datetime.now(UTC))

    assert books.read() == {"read": 5, "gaps": 0}


def test_run_that_dies_before_it_has_stored_how_far_it_came_is_repeated(books, monkeypatch):
    monkeypatch.setenv("ACCOUNT_MEGABYTES", "1")
    books.applied(15)
    with patch("lockstep.adapters.round_store.DynamoDbRounds.save", _refused), pytest.raises(SyncError):
        books.read()

    assert [books.read()["read"] for _ in range(2)] == [PAGE, 5]


def _refused(_store, _round):
    raise SyncError(FailureKind.AWS_UNAVAILABLE, "AWS refused")


def test_second_run_at_the_same_time_reads_nothing(books):
    books.applied(3)
    DynamoDbLeases("leases").take(LEASE, 300, datetime.now(UTC))

    assert books.read() == {"read": 0, "gaps": 0}


def test_round_that_cannot_be_read_names_the_item_to_delete(books):
    boto3.client("dynamodb").put_item(TableName="connection", Item={"name": {"S": "book-round"}, "content": {"S": "{"}})

    with pytest.raises(SyncError, match=r"book-round.*delete it") as caught:
        books.read()
    assert caught.value.kind is FailureKind.CONFIGURATION_INVALID
