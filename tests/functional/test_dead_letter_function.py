"""The dead_letter function: every message becomes an entry of the error log, whatever it is."""

import json

import boto3
import pytest

from functions.dead_letter import handler
from lockstep.adapters.version_guard import DynamoDbVersionGuard
from lockstep.domain.changes import Outcome, State, Version
from lockstep.domain.error_log import EntryStatus, Resolution, name_of_body
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.guard import GuardAnswer, GuardClaim
from lockstep.domain.messages import message_body
from tests.fakes.changes import NOON, change
from tests.functional.test_error_log import failure

CUSTOMER = change("1", source="shopify", entity="customer", tries=2)


@pytest.fixture
def take(stack):
    def take(*bodies):
        records = [{"messageId": f"m{n}", "body": body} for n, body in enumerate(bodies)]
        answer = handler.lambda_handler({"Records": records}, stack.context())
        return [each["itemIdentifier"] for each in answer["batchItemFailures"]]

    handler.take_dead_letters.cache_clear()
    yield take
    handler.take_dead_letters.cache_clear()


def _entries():
    return boto3.client("dynamodb").scan(TableName="error-log")["Items"]


def test_change_that_no_function_could_handle_is_pending_with_its_cause(stack, take):
    assert take(message_body(CUSTOMER)) == []

    entry = stack.entry(CUSTOMER)
    assert (entry.status, entry.failure_kind) == (EntryStatus.PENDING, FailureKind.HANDLER_FAILED)
    assert (entry.tries, entry.object_name) == (2, "Account")
    assert entry.change == CUSTOMER.model_copy(update={"is_logged": True})
    assert stack.state(CUSTOMER) is State.PENDING


HOSTILE = {
    "no JSON": "not json",
    "other shape": '{"source": "shopify"}',
    "list": "[]",
    "null": "null",
    "field of another version": json.dumps({**json.loads(message_body(CUSTOMER)), "from": "the future"}),
    "256 KB": "x" * 262_144,
    "256 KB of other characters": "ü" * 131_072,
    "nested": "[" * 100_000,
    "no character": "a\x00b",
}


@pytest.mark.known_bug(3)
@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_unparseable_message_of_the_dead_letter_queue_is_kept_as_it_is_and_once(stack, take, body):
    assert take(body) == []
    assert take(body, body) == []

    (item,) = _entries()
    (entry,) = stack.errors.get([name_of_body(body)])
    assert item["correlation_id"]["S"] == name_of_body(body)
    assert (entry.status, entry.failure_kind) == (EntryStatus.PENDING, FailureKind.MESSAGE_INVALID)
    kept = entry.raw_body
    if kept is None:
        reference = entry.raw_reference
        kept = boto3.client("s3").get_object(Bucket=reference.bucket, Key=reference.key)["Body"].read().decode()
    assert kept == body


def test_half_a_character_is_kept_as_json(stack, take):
    assert take("a\ud800b") == []

    (item,) = _entries()
    assert json.loads(item["raw_body"]["S"]) == "a\ud800b"


def test_large_change_is_kept_beside_its_entry(stack, take):
    large = change("1", payload=json.dumps({"note": "x" * 200_000}))

    assert take(message_body(large)) == []

    assert stack.entry(large).change.payload_reference


def test_change_that_was_settled_meanwhile_needs_nobody_and_its_failure_is_closed(stack, take):
    stack.errors.log([failure(CUSTOMER)])
    stack.log.record([Outcome(CUSTOMER, State.APPLIED)], NOON)

    assert take(message_body(CUSTOMER)) == []

    assert stack.state(CUSTOMER) is State.APPLIED
    assert stack.entry(CUSTOMER).status is EntryStatus.RESOLVED


def test_closed_failure_is_not_opened_by_its_dead_letter(stack, take):
    stack.errors.log([failure(CUSTOMER)])
    stack.errors.resolve([Resolution(CUSTOMER.correlation_id, State.SUPERSEDED)], NOON)

    take(message_body(CUSTOMER))

    assert stack.entry(CUSTOMER).status is EntryStatus.RESOLVED
    assert stack.state(CUSTOMER) is State.SUPERSEDED


def test_message_that_cannot_be_kept_now_comes_again(stack, take):
    boto3.client("s3").delete_bucket(Bucket="payloads")

    assert take("x" * 200_000, message_body(CUSTOMER)) == ["m0"]


def test_whole_batch_comes_again_when_aws_refuses(stack, take):
    boto3.client("dynamodb").delete_table(TableName="change-log")

    with pytest.raises(SyncError):
        take(message_body(CUSTOMER))


def test_log_holds_no_body(stack, take, capsys):
    take("Ada Secretperson", message_body(change("1", payload='{"name": "Ada Secretperson"}')))

    assert "Secretperson" not in capsys.readouterr().out


def test_newer_version_that_succeeds_settles_the_failure_of_a_change_that_never_claimed_its_record(stack, take):
    payload = json.dumps({"id": 1, "first_name": "Arc", "last_name": "Lamps", "email": "post@example.com"})
    newer = change("1", 2, source="shopify", entity="customer", payload=payload)
    other = change("2", 2, source="shopify", entity="customer", payload=payload)
    take(message_body(CUSTOMER))

    assert stack.invoke(other) == []
    assert stack.entry(CUSTOMER).status is EntryStatus.PENDING
    assert stack.invoke(newer) == []

    assert (stack.entry(CUSTOMER).status, stack.entry(CUSTOMER).resolved_as) == (EntryStatus.RESOLVED, State.SUPERSEDED)
    assert stack.state(CUSTOMER) is State.SUPERSEDED


def test_dead_letter_takes_a_record_from_nobody_who_writes_it(stack, take):
    guard = DynamoDbVersionGuard("version-guard", 75)
    version = Version(5, 5, 5)
    claim = GuardClaim("shopify", "Account", "1", version, "hash", "c5")
    guard.claim([claim], "writer", NOON)

    take(message_body(CUSTOMER))

    assert guard.claim([claim], "another", NOON) == [GuardAnswer.HELD]
    guard.commit([claim], "writer")
    assert guard.claim([claim], "another", NOON) == [GuardAnswer.WRITTEN]


def test_guard_that_cannot_be_told_lets_the_letters_come_again_and_logs_nothing(stack, take):
    boto3.client("dynamodb").delete_table(TableName="version-guard")

    with pytest.raises(SyncError):
        take(message_body(CUSTOMER))
    assert _entries() == []
