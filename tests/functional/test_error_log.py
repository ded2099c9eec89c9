"""The error log, the real one and the fake: nothing is forgotten, nothing closed is opened by what comes late."""

from dataclasses import replace
from datetime import timedelta

import boto3
import pytest

from lockstep.adapters import index_query
from lockstep.adapters.error_items import shard_of
from lockstep.adapters.error_log import DynamoDbErrorLog
from lockstep.domain.changes import PayloadReference, State
from lockstep.domain.error_log import EntryStatus, ErrorEntry, FailedTry, RecordName, Resolution, unreadable_entry
from lockstep.domain.failures import FailureKind, SyncError
from tests.fakes.changes import NOON, change
from tests.fakes.errors import FakeErrorLog

LATER = NOON + timedelta(hours=1)
ONE = change("1")


@pytest.fixture(params=["dynamodb", "fake"])
def log(request, aws):
    return DynamoDbErrorLog("error-log", 90) if request.param == "dynamodb" else FakeErrorLog()


@pytest.fixture
def real(aws):
    return DynamoDbErrorLog("error-log", 90)


def failure(one=ONE, status=EntryStatus.RETRYING, tries=1, at=NOON, **more):
    kind = FailureKind.OUTCOME_UNKNOWN.value
    return ErrorEntry(
        correlation_id=one.correlation_id,
        status=status,
        failure_kind=kind,
        detail="as the test wants",
        updated_at=at,
        created_at=at,
        change=one,
        object_name="Account",
        tries=tries,
        next_try_at=at + timedelta(minutes=1) if status is EntryStatus.RETRYING else None,
        attempts=(FailedTry(at, kind, "UNKNOWN_EXCEPTION"),),
        **more,
    )


def only(log, one=ONE):
    (entry,) = log.get([one.correlation_id])
    return entry


def is_due(log, now=LATER):
    return [each.correlation_id for each in log.due(now)]


def close(log, state=State.APPLIED, one=ONE):
    log.resolve([Resolution(one.correlation_id, state)], LATER)


def test_entry_comes_back_as_it_was_logged(log):
    entry = failure(
        error_code="UNKNOWN_EXCEPTION", vendor_message="its words", record='{"Name":"ä"}', at=NOON + timedelta(days=1)
    )

    assert log.log([entry]) == [State.RETRYING]

    assert only(log) == replace(entry, change=ONE.model_copy(update={"tries": 1, "is_logged": True}))


def test_message_that_is_no_change_comes_back_as_it_was_logged(log):
    short = unreadable_entry("not json", "no change", NOON)
    long = replace(
        unreadable_entry("long", "no change", NOON),
        raw_body=None,
        raw_reference=PayloadReference(bucket="b", key="k"),
    )

    assert log.log([short, long]) == [State.PENDING, State.PENDING]

    assert sorted(log.get([short.correlation_id, long.correlation_id]), key=str) == sorted([short, long], key=str)


def test_further_try_adds_its_attempt_and_keeps_the_first_payload(log):
    log.log([failure()])
    second = failure(ONE.model_copy(update={"payload": "{}"}), tries=2, at=LATER)

    log.log([second])

    entry = only(log)
    assert [each.at for each in entry.attempts] == [NOON, LATER]
    assert (entry.tries, entry.change.tries, entry.change.payload) == (2, 2, ONE.payload)
    assert (entry.created_at, entry.updated_at) == (NOON, LATER)


def test_copy_that_knows_of_fewer_tries_changes_nothing(log):
    log.log([failure(tries=3)])

    assert log.log([failure(tries=1, at=LATER)]) == [State.RETRYING]

    assert (only(log).tries, only(log).updated_at) == (3, NOON)


@pytest.mark.parametrize("status", [EntryStatus.RETRYING, EntryStatus.PENDING, EntryStatus.ABANDONED])
def test_what_was_abandoned_is_opened_by_no_late_copy(log, status):
    log.log([failure(status=EntryStatus.ABANDONED, tries=7)])

    assert log.log([failure(status=status, tries=9, at=LATER)]) == [State.ABANDONED]

    assert only(log).updated_at == NOON
    assert is_due(log) == []


def test_late_copy_of_what_is_resolved_is_told_what_became_of_it(log):
    log.log([failure()])
    close(log, State.SUPERSEDED)

    assert log.log([failure(tries=9)]) == [State.SUPERSEDED]

    assert only(log).status is EntryStatus.RESOLVED
    assert is_due(log) == []


def test_resolving_what_nobody_logged_or_what_is_resolved_changes_nothing(log):
    close(log)
    assert log.get([ONE.correlation_id]) == []
    log.log([failure()])
    close(log, State.SUPERSEDED)

    close(log, State.APPLIED)

    assert only(log).resolved_as is State.SUPERSEDED


def test_due_entries_come_oldest_first_and_no_others(log):
    changes = [change(str(number)) for number in range(30)]
    for number, one in enumerate(changes):
        log.log([failure(one, at=NOON - timedelta(seconds=number))])
    log.log([failure(change("pending"), EntryStatus.PENDING), failure(change("later"), at=LATER)])

    assert is_due(log, NOON + timedelta(minutes=1)) == [one.correlation_id for one in reversed(changes)]


def test_claimed_retry_is_put_off_and_nobody_else_gets_it(log):
    log.log([failure()])
    due = list(log.due(LATER))

    assert [entry.change.correlation_id for entry in log.claim(due, LATER + timedelta(hours=1))] == [ONE.correlation_id]

    assert log.claim(due, LATER + timedelta(hours=2)) == []
    assert is_due(log) == []
    assert is_due(log, LATER + timedelta(hours=1)) == [ONE.correlation_id]


def test_retry_that_was_resolved_meanwhile_is_not_claimed(log):
    log.log([failure()])
    due = list(log.due(LATER))
    close(log)

    assert log.claim(due, LATER) == []


def test_open_failures_of_a_record_are_found(log):
    other_source, other_record = change("1", source="other"), change("2")
    log.log([failure(), failure(other_source), failure(other_record), failure(change("1", 2), EntryStatus.ABANDONED)])
    log.log([failure(change("1", 3))])
    close(log, one=change("1", 3))

    found = log.open_of([RecordName("shop", "Account", "1")])

    assert {entry.change.version for entry in found} == {1, 2}
    assert {entry.correlation_id for entry in found} >= {ONE.correlation_id}


@pytest.mark.parametrize("status", [EntryStatus.PENDING, EntryStatus.ABANDONED, EntryStatus.RETRYING])
def test_persons_retry_is_due_at_once_with_all_its_tries(log, status):
    log.log([failure(status=status, tries=5)])

    assert log.reopen([ONE.correlation_id, "unknown"], LATER) == [ONE.correlation_id]

    (entry,) = log.claim(list(log.due(LATER)), LATER + timedelta(hours=1))
    assert (entry.tries, entry.change.tries, entry.change.is_logged) == (0, 0, True)


@pytest.mark.parametrize("status", [EntryStatus.PENDING, EntryStatus.ABANDONED, EntryStatus.RETRYING])
def test_persons_retry_is_news_to_those_who_were_told_of_the_failure(log, status):
    log.log([failure(status=status, tries=5)])
    log.mark_told(log.news(10))

    log.reopen([ONE.correlation_id], LATER)

    assert [entry.status for entry in log.news(10)] == [EntryStatus.RETRYING] * status.needs_people


def test_news_of_what_failed_once_more_before_anybody_looked_stays_news(log):
    log.log([failure(status=EntryStatus.PENDING)])
    log.reopen([ONE.correlation_id], LATER)

    log.log([failure(at=LATER + timedelta(minutes=1))])

    assert [entry.status for entry in log.news(10)] == [EntryStatus.RETRYING]


def test_person_cannot_retry_what_is_resolved_or_no_change(log):
    log.log([failure(), unreadable := unreadable_entry("x", "no change", NOON)])
    close(log)

    assert log.reopen([ONE.correlation_id, unreadable.correlation_id], LATER) == []


def test_news_is_what_needs_people_and_that_it_no_longer_does(log):
    log.log([failure(), failure(change("2"), EntryStatus.PENDING), failure(change("3"), EntryStatus.ABANDONED)])
    news = log.news(10)
    assert {entry.change.external_id for entry in news} == {"2", "3"}

    log.mark_told(news)
    assert log.news(10) == []

    close(log)
    close(log, one=change("2"))
    assert [(entry.change.external_id, entry.status) for entry in log.news(10)] == [("2", EntryStatus.RESOLVED)]


def test_news_that_has_changed_since_it_was_read_is_told_again(log):
    log.log([failure(status=EntryStatus.PENDING)])
    news = log.news(10)
    log.log([failure(status=EntryStatus.ABANDONED, at=LATER)])

    log.mark_told(news)

    assert [entry.status for entry in log.news(10)] == [EntryStatus.ABANDONED]


def test_what_the_index_shows_though_it_was_told_is_no_news(real, monkeypatch):
    real.log([failure(status=EntryStatus.PENDING)])
    shown = list(real._news_of(shard_of(ONE.correlation_id)))
    real.mark_told(real.news(10))

    monkeypatch.setattr(real, "_news_of", lambda shard: iter(shown if shard == shard_of(ONE.correlation_id) else ()))

    assert real.news(10) == []


def test_news_comes_oldest_first_and_as_much_as_was_asked_for(log):
    log.log([failure(change(str(n)), EntryStatus.PENDING, at=NOON + timedelta(seconds=n)) for n in range(20)])

    assert [entry.change.external_id for entry in log.news(5)] == ["0", "1", "2", "3", "4"]


def test_more_entries_than_one_page_or_read_holds_are_all_found(real, monkeypatch):
    monkeypatch.setattr(index_query, "KEYS_PER_PAGE", 3)
    changes = [change(str(number)) for number in range(60)]
    real.log([failure(one, at=NOON + timedelta(milliseconds=number)) for number, one in enumerate(changes)])

    assert is_due(real) == [one.correlation_id for one in changes]
    assert len(real.get([one.correlation_id for one in changes])) == 60


def test_only_what_is_resolved_is_ever_deleted_and_leaves_the_indexes(real):
    real.log([failure(), failure(change("2"), EntryStatus.PENDING)])
    close(real)

    items = {item["external_id"]["S"]: item for item in boto3.client("dynamodb").scan(TableName="error-log")["Items"]}

    assert int(items["1"]["expires_at"]["N"]) == int((LATER + timedelta(days=90)).timestamp())
    assert not {"record", "due_shard", "next_try_at", "news"} & items["1"].keys()
    assert "expires_at" not in items["2"]


def test_entry_of_another_version_of_lockstep_is_read_without_its_change(real):
    real.log([failure()])
    boto3.client("dynamodb").update_item(
        TableName="error-log",
        Key={"correlation_id": {"S": ONE.correlation_id}},
        UpdateExpression="SET envelope = :envelope",
        ExpressionAttributeValues={":envelope": {"S": '{"from": "the future"}'}},
    )

    assert only(real).change is None


def test_refusal_of_aws_is_told_for_each_entry_and_otherwise_raised(real):
    boto3.client("dynamodb").delete_table(TableName="error-log")

    assert real.log([failure()]) == [None]
    with pytest.raises(SyncError) as caught:
        close(real)
    assert caught.value.kind is FailureKind.AWS_UNAVAILABLE
