"""The change log, the real one and the fake: claim, lease, outcome."""

from datetime import timedelta

import boto3
import pytest

from lockstep.adapters.change_log import QUEUED_LEASE, DynamoDbChangeLog
from lockstep.domain.changes import Outcome, State
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.ports import ClaimAnswer
from tests.fakes.changes import NOON, change
from tests.fakes.intake import FakeChangeLog

LEASE_S = 15
LATER = NOON + timedelta(seconds=LEASE_S + 1)


@pytest.fixture(params=["dynamodb", "fake"])
def log(request, aws):
    return DynamoDbChangeLog("change-log", LEASE_S, 90) if request.param == "dynamodb" else FakeChangeLog(LEASE_S)


@pytest.fixture
def real(aws):
    return DynamoDbChangeLog("change-log", LEASE_S, 90)


def item(one):
    key = {"correlation_id": {"S": one.correlation_id}}
    return boto3.client("dynamodb").get_item(TableName="change-log", Key=key)["Item"]


def test_first_claim_is_granted_and_the_next_is_held(log):
    assert log.claim([change()], NOON) == [ClaimAnswer.GRANTED]
    assert log.claim([change()], NOON) == [ClaimAnswer.HELD]


def test_claim_without_an_outcome_expires(log):
    log.claim([change()], NOON)

    assert log.claim([change()], LATER) == [ClaimAnswer.GRANTED]


def test_queued_change_is_known(log):
    log.claim([change()], NOON)
    log.mark_queued([change()], NOON)

    assert log.claim([change()], LATER) == [ClaimAnswer.KNOWN]
    assert log.states([change().correlation_id]) == {change().correlation_id: State.QUEUED}


def test_queued_change_is_taken_in_anew_when_no_queue_can_hold_it_any_more(real):
    real.claim([change()], NOON)
    real.mark_queued([change()], NOON)

    assert real.claim([change()], NOON + QUEUED_LEASE + timedelta(seconds=1)) == [ClaimAnswer.GRANTED]


@pytest.mark.parametrize("state", [State.APPLIED, State.SUPERSEDED, State.DUPLICATE, State.PENDING])
def test_change_with_an_outcome_is_known(log, state):
    log.claim([change()], NOON)
    log.record([Outcome(change(), state)], NOON)

    assert log.claim([change()], NOON + timedelta(days=80)) == [ClaimAnswer.KNOWN]


def test_settled_change_is_never_unsettled(log):
    log.claim([change()], NOON)
    log.record([Outcome(change(), State.APPLIED)], NOON)

    log.mark_queued([change()], LATER)
    log.record([Outcome(change(), State.PENDING)], LATER)

    assert log.states([change().correlation_id]) == {change().correlation_id: State.APPLIED}


def test_answers_come_in_the_order_of_the_claims(log):
    log.claim([change("2")], NOON)

    assert log.claim([change("1"), change("2"), change("3")], NOON) == [
        ClaimAnswer.GRANTED,
        ClaimAnswer.HELD,
        ClaimAnswer.GRANTED,
    ]


def test_states_of_more_changes_than_one_read_takes_are_all_found(real):
    changes = [change(str(n)) for n in range(130)]
    real.claim(changes, NOON)

    assert len(real.states([one.correlation_id for one in changes] + ["unknown"])) == 130


def test_item_tells_every_step_and_attempt(real):
    one = change()
    real.claim([one], NOON)
    real.mark_queued([one], NOON)
    real.record([Outcome(one, State.QUEUED, failure_kind="ROW_LOCKED", error_code="UNABLE_TO_LOCK_ROW")], NOON)
    real.record([Outcome(one, State.APPLIED, record_id="001000000000001AAA")], NOON)

    stored = item(one)

    assert [step["M"]["state"]["S"] for step in stored["steps"]["L"]] == ["Claimed", "Queued", "Queued", "Applied"]
    assert stored["steps"]["L"][2]["M"]["failure_kind"] == {"S": "ROW_LOCKED"}
    assert stored["attempts"] == {"N": "2"}
    assert stored["record_id"] == {"S": "001000000000001AAA"}
    assert "failure_kind" not in stored  # it is no longer so; the step keeps it
    assert int(stored["expires_at"]["N"]) == int((NOON + timedelta(days=90)).timestamp())


def test_item_holds_no_payload(real):
    one = change(payload='{"email": "somebody@example.com"}')
    real.claim([one], NOON)

    assert "somebody" not in repr(item(one))


def test_refusal_of_aws_is_named_without_its_text(real):
    boto3.client("dynamodb").delete_table(TableName="change-log")

    with pytest.raises(SyncError) as caught:
        real.claim([change()], NOON)

    assert caught.value.kind is FailureKind.AWS_UNAVAILABLE
    assert caught.value.error_code == "ResourceNotFoundException"
    assert caught.value.retry_after_s


def _queued(log, count):
    changes = [change(str(number)) for number in range(count)]
    log.claim(changes, NOON)
    log.mark_queued(changes, NOON)
    return changes


def test_changes_that_were_written_are_booked_25_in_a_request_and_as_each_alone_would_be(real, monkeypatch):
    changes = _queued(real, 60)
    real.record([Outcome(changes[0], State.QUEUED, failure_kind="ROW_LOCKED", error_code="X", detail="locked")], NOON)
    outcomes = [Outcome(one, State.APPLIED, record_id=f"001{one.external_id}") for one in changes]
    names = [one.correlation_id for one in changes]
    before = [item(one) for one in changes]
    calls = []
    monkeypatch.setattr(real._client, "batch_write_item", _noted(calls, real._client.batch_write_item))

    assert len(real.states(names)) == 60
    real.record(outcomes, LATER, written=names)
    together = [item(one) for one in changes]

    for old in before:
        boto3.client("dynamodb").put_item(TableName="change-log", Item=old)
    real.record(outcomes, LATER)
    assert together == [item(one) for one in changes]
    assert len(together[0]["steps"]["L"]) == 4
    assert len(calls) == 3


def _noted(calls, call):
    def made(**asked):
        calls.append(asked)
        return call(**asked)

    return made


def test_what_dynamodb_hands_back_unwritten_is_booked_one_by_one(real, monkeypatch):
    changes = _queued(real, 3)
    names = [one.correlation_id for one in changes]
    monkeypatch.setattr(
        real._client,
        "batch_write_item",
        lambda RequestItems: {"UnprocessedItems": RequestItems},  # noqa: N803 - AWS's own
    )

    real.states(names)
    real.record([Outcome(one, State.APPLIED) for one in changes], NOON, written=names)

    assert set(real.states(names).values()) == {State.APPLIED}


def test_written_change_that_nobody_has_read_and_one_that_is_not_settled_are_booked_under_their_condition(real):
    changes = _queued(real, 4)
    names = [one.correlation_id for one in changes]
    real.record([Outcome(one, State.SUPERSEDED) for one in changes[:2]], NOON)

    real.record([Outcome(one, State.APPLIED) for one in changes[:2]], LATER, written=names)
    real.states(names[2:])
    real.record([Outcome(one, State.PENDING) for one in changes[2:]], LATER, written=names)

    assert [real.states(names)[name] for name in names] == [State.SUPERSEDED] * 2 + [State.PENDING] * 2
