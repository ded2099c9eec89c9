"""SQS, S3 and Secrets Manager as the use cases see them."""

import json

import boto3
import pytest

from lockstep.adapters.inbound_queue import SqsQueue
from lockstep.adapters.payload_store import S3PayloadStore
from lockstep.adapters.secrets import SecretsManagerSecrets
from lockstep.domain.changes import Change, PayloadReference
from lockstep.domain.failures import FailureKind, SyncError
from tests.fakes.changes import change
from tests.functional.conftest import messages, queue_url


@pytest.fixture
def queue(aws):
    return SqsQueue(queue_url("inbound"))


def test_every_change_arrives_whole(queue):
    changes = [change(str(n), payload=f'{{"name": "ü\\u0000 {n}"}}') for n in range(25)]

    assert queue.send(changes) == [True] * 25

    arrived = [Change.model_validate_json(message["Body"]) for message in messages("inbound")]
    assert sorted(arrived, key=lambda one: int(one.external_id)) == changes


def test_large_changes_share_no_batch(queue):
    changes = [change(str(n), payload=json.dumps("x" * 100_000)) for n in range(7)]

    assert queue.send(changes) == [True] * 7
    assert len(messages("inbound")) == 7


def test_bodies_that_are_no_change_are_kept_as_they_are(queue):
    assert queue.send_bodies(["<html>", "{"]) == [True, True]
    assert sorted(message["Body"] for message in messages("inbound")) == ["<html>", "{"]


def test_missing_queue_is_a_refusal(aws):
    with pytest.raises(SyncError) as caught:
        SqsQueue(queue_url("inbound") + "-gone").send([change()])

    assert caught.value.kind is FailureKind.AWS_UNAVAILABLE


def test_nothing_to_send_is_no_call(aws):
    assert SqsQueue("https://nowhere.invalid/queue").send([]) == []


def test_payload_comes_back_and_storing_it_twice_is_one_object(aws):
    store = S3PayloadStore("payloads")

    first = store.put("c1", '{"name": "Å"}')
    second = store.put("c1", '{"name": "Å"}')

    assert first == second
    assert store.get(first) == '{"name": "Å"}'
    assert boto3.client("s3").list_objects_v2(Bucket="payloads")["KeyCount"] == 1


def test_payload_that_is_gone_is_said_to_be(aws):
    with pytest.raises(SyncError) as caught:
        S3PayloadStore("payloads").get(PayloadReference(bucket="payloads", key="payloads/none"))

    assert caught.value.kind is FailureKind.MESSAGE_INVALID


class Clock:
    """Seconds that a test moves."""

    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def secrets(aws, clock):
    boto3.client("secretsmanager").create_secret(Name="stack/sources/shop", SecretString='{"current": "one"}')
    return SecretsManagerSecrets("stack/sources/", 300, clock)


def _change_secret(value):
    boto3.client("secretsmanager").put_secret_value(SecretId="stack/sources/shop", SecretString=value)


def test_secret_is_kept_for_its_age_and_then_read_anew(secrets, clock):
    secrets.get("shop")
    _change_secret('{"current": "two"}')

    clock.now = 300
    assert secrets.get("shop") == {"current": "one"}
    clock.now = 301
    assert secrets.get("shop") == {"current": "two"}


def test_stored_secret_is_seen_at_once_by_this_container_and_by_others(secrets):
    secrets.get("shop")
    secrets.put("shop", {"current": "three"})

    assert secrets.get("shop") == {"current": "three"}
    assert SecretsManagerSecrets("stack/sources/", 300).get("shop") == {"current": "three"}


@pytest.mark.parametrize(
    "value",
    ["hunter2 is not JSON", '["hunter2"]', '{"current": {"hunter2": 1}}', '{"current": 2}'],
    ids=["text", "array", "nested", "number"],
)
def test_broken_secret_is_named_and_its_value_is_not(secrets, value):
    _change_secret(value)

    with pytest.raises(SyncError) as caught:
        secrets.get("shop")

    assert caught.value.kind is FailureKind.CONFIGURATION_INVALID
    assert "stack/sources/shop" in caught.value.detail
    assert "hunter2" not in repr(caught.value)
    assert caught.value.__cause__ is None


def test_missing_secret_is_named(secrets):
    with pytest.raises(SyncError, match="stack/sources/erp does not exist") as caught:
        secrets.get("erp")

    assert caught.value.kind is FailureKind.CONFIGURATION_INVALID
