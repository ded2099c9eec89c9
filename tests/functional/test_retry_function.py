"""The retry function: what is due goes back to the queue, oldest first, once, and not while the org is away."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import boto3
import pytest

from functions.retry import handler
from lockstep.domain.changes import Change
from lockstep.domain.circuit import Circuit, Reason, Trouble, opened
from lockstep.domain.error_log import EntryStatus
from lockstep.services import send_due_retries
from lockstep.services.send_due_retries import SendDueRetries
from tests.fakes.changes import change
from tests.fakes.connection import FakeCircuits
from tests.fakes.errors import FakeErrorLog
from tests.fakes.intake import FakeQueue
from tests.functional.conftest import messages
from tests.functional.test_error_log import failure

LONG_AGO = datetime.now(UTC) - timedelta(days=1)


@pytest.fixture
def run(stack):
    def run(remaining_ms=60_000):
        context = stack.context()
        context.get_remaining_time_in_millis = lambda: remaining_ms
        return handler.lambda_handler({}, context)["sent"]

    handler.send_due_retries.cache_clear()
    yield run
    handler.send_due_retries.cache_clear()


def _sent():
    return [Change.model_validate_json(each["Body"]) for each in messages("inbound")]


def test_due_change_is_sent_as_it_was_with_its_tries(stack, run):
    one = change("1", deferrals=3)
    stack.errors.log([failure(one, tries=4, at=LONG_AGO), failure(change("2"), at=datetime.now(UTC))])

    assert run() == 1

    assert _sent() == [one.model_copy(update={"tries": 4, "deferrals": 0, "is_logged": True})]


def test_second_run_sends_nothing_twice(stack, run):
    stack.errors.log([failure(change(str(n)), at=LONG_AGO) for n in range(30)])

    assert [run(), run()] == [30, 0]


def test_what_nobody_should_retry_stays(stack, run):
    stack.errors.log([failure(change("1"), EntryStatus.PENDING), failure(change("2"), EntryStatus.ABANDONED)])

    assert run() == 0


def test_run_ends_before_its_time_and_the_next_one_goes_on(stack, run, monkeypatch):
    monkeypatch.setattr(send_due_retries, "AT_ONCE", 10)
    stack.errors.log([failure(change(str(n)), at=LONG_AGO) for n in range(30)])

    assert run(remaining_ms=5_000) == 0
    assert run() == 30


def test_persons_retry_is_sent_with_the_next_run(stack, run):
    one = change("1")
    stack.errors.log([failure(one, EntryStatus.ABANDONED, tries=7)])
    stack.errors.reopen([one.correlation_id], datetime.now(UTC))

    assert run() == 1
    assert [each.tries for each in _sent()] == [0]


def test_entry_that_cannot_be_read_does_not_stop_its_neighbours(stack, run):
    stack.errors.log([failure(change("1"), at=LONG_AGO), failure(change("2"), at=LONG_AGO)])
    boto3.client("dynamodb").update_item(
        TableName="error-log",
        Key={"correlation_id": {"S": change("1").correlation_id}},
        UpdateExpression="SET envelope = :envelope",
        ExpressionAttributeValues={":envelope": {"S": "{}"}},
    )

    assert run() == 1


def _use_case(log, queue, circuits=None):
    return SendDueRetries(
        error_log=log, inbound=queue, circuits=circuits or FakeCircuits(), clock=lambda: datetime.now(UTC)
    )


def test_nothing_is_sent_while_the_org_is_away():
    log, queue = FakeErrorLog(), FakeQueue()
    log.log([failure(at=LONG_AGO)])

    circuits = FakeCircuits(opened(Circuit(), Trouble(Reason.ORG_UNAVAILABLE, "down"), LONG_AGO))

    report = _use_case(log, queue, circuits)(lambda: True)

    assert (report.sent, queue.sent, report.is_held) == (0, [], True)


def test_change_that_the_queue_refuses_is_due_again_later():
    log, queue = FakeErrorLog(), FakeQueue(refused={"1"})
    log.log([failure(at=LONG_AGO), failure(change("2"), at=LONG_AGO)])

    report = _use_case(log, queue)(lambda: True)

    assert (report.sent, report.kept) == (1, 1)
    (entry,) = log.get([change("1").correlation_id])
    assert timedelta(minutes=29) < entry.next_try_at - datetime.now(UTC) <= timedelta(minutes=30)


def test_hundred_thousand_due_entries_are_sent_over_several_runs_oldest_first():
    log, queue = FakeErrorLog(), FakeQueue()
    one = failure(at=LONG_AGO)
    due = [SimpleNamespace(number=number) for number in range(100_000)]
    left = iter(due)
    log.due = lambda _now: left
    log.claim = lambda part, _again_at: [one] * len(part)
    queue.send = lambda changes: [True] * len(changes)
    runs = []
    while not runs or runs[-1]:
        looks = iter([True] * 60)
        runs.append(_use_case(log, queue)(lambda looks=looks: next(looks, False)).sent)

    assert sum(runs) >= 100_000 - 500 * len(runs)
    assert len(runs) > 3
