"""What tests make quicker in moto, and on the way to it, answers as moto does."""

import json

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, ParamValidationError
from moto import mock_aws
from moto.core.botocore_stubber import BotocoreStubber

from tests.fakes.quick_moto import quicken
from tests.fakes.short_wire import shorten

KEY = {"id": {"S": "a"}}
TABLE = {"TableName": "t"}
SET_ID = {"UpdateExpression": "SET id = :n", "ExpressionAttributeValues": {":n": {"S": "b"}}}
NINE = {"ExpressionAttributeValues": {":n": {"N": "9"}}}
BY_NAME = {
    "IndexName": "by-name",
    "KeyConditionExpression": "#name = :name AND begins_with(id, :start)",
    "FilterExpression": "attribute_not_exists(gone) OR tries >= :most",
    "ExpressionAttributeNames": {"#name": "name"},
    "ExpressionAttributeValues": {":name": {"S": "n"}, ":start": {"S": ""}, ":most": {"N": "3"}},
}
ITEM_CALLS = [
    ("put_item", {"Item": {**KEY, "tries": {"N": "1"}, "tags": {"L": [{"NULL": True}]}, "gone": {"S": "-"}}}),
    ("put_item", {"Item": KEY, "ConditionExpression": "attribute_not_exists(id)"}),
    ("put_item", {"Item": {"id": {"S": "b"}, "name": {"S": "n"}, "raw": {"B": b"\x00\xff"}, "some": {"SS": ["x"]}}}),
    ("put_item", {"Item": {"id": {"S": "c"}, "name": {"S": "n"}, "deep": {"M": {"is": {"BOOL": False}}}}}),
    ("put_item", {"Item": {"name": {"S": "n"}}}),
    ("put_item", {"Item": "not an item"}),
    ("get_item", {"Key": KEY}),
    ("get_item", {"Key": {"id": {"S": "b"}}, "ConsistentRead": True}),
    ("get_item", {"Key": {"id": {"S": "nobody"}}}),
    ("query", BY_NAME),
    ("query", {**BY_NAME, "Limit": 1}),
    ("query", {**BY_NAME, "IndexName": "no such index"}),
    ("update_item", {
        "Key": KEY,
        "UpdateExpression": "SET #tries = #tries + :one, tags = list_append(tags, :tags) REMOVE gone",
        "ConditionExpression": "#tries < :most",
        "ExpressionAttributeNames": {"#tries": "tries"},
        "ExpressionAttributeValues": {":one": {"N": "1"}, ":tags": {"L": [{"S": "y"}]}, ":most": {"N": "3"}},
        "ReturnValues": "ALL_OLD",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }),
    ("update_item", {"Key": KEY, "UpdateExpression": "SET tries = :n", **NINE, "ReturnValues": "ALL_NEW"}),
    ("update_item", {"Key": KEY, "UpdateExpression": "SET a = :n", "ConditionExpression": "tries < :n", **NINE,
                     "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}),
    ("update_item", {"Key": KEY, **SET_ID}),
    ("update_item", {"Key": KEY, "UpdateExpression": "SET #x = :n", **NINE, "ExpressionAttributeNames": {"#x": "n"}}),
    ("update_item", {"Key": KEY, "UpdateExpression": "SET #x = :n", **NINE, "ExpressionAttributeNames": {"#x": "id"}}),
    ("update_item", {"Key": KEY, "UpdateExpression": "SET tries = :n, tries = :n", **NINE}),
    ("update_item", {"Key": KEY, "UpdateExpression": "SET tries = missing + :n", **NINE}),
    ("update_item", {"Key": KEY, "UpdateExpression": "SET a = if_not_exists(a, :n), b = :n REMOVE c ADD d :n", **NINE}),
    ("update_item", {"Key": KEY, "UpdateExpression": "SET"}),
    ("delete_item", {"Key": KEY, "ConditionExpression": "tries = :n", **NINE, "ReturnValues": "ALL_OLD"}),
    ("scan", {}),
]  # fmt: skip
BATCH_CALLS = [
    ("batch_get_item", {"RequestItems": {"t": {"Keys": [KEY, {"id": {"S": "b"}}]}}}),
    ("batch_get_item", {"RequestItems": {"no such table": {"Keys": [KEY]}}}),
    ("batch_write_item", {"RequestItems": {"t": [{"DeleteRequest": {"Key": {"id": {"S": "c"}}}}]}}),
    ("transact_write_items", {"TransactItems": [{"Put": {**TABLE, "Item": KEY}}], "ClientRequestToken": "once"}),
    ("transact_write_items", {"TransactItems": [
        {"Put": {**TABLE, "Item": KEY, "ConditionExpression": "attribute_not_exists(id)"}}]}),
]  # fmt: skip
QUEUE_CALLS = [
    ("send_message", {"MessageBody": 'one\n"two" é', "DelaySeconds": 0}),
    ("send_message_batch", {"Entries": [{"Id": "1", "MessageBody": "b"}, {"Id": "2", "MessageBody": "c"}]}),
    ("send_message_batch", {"Entries": [{"Id": "1", "MessageBody": "b"}, {"Id": "1", "MessageBody": "c"}]}),
    ("get_queue_attributes", {"AttributeNames": ["ApproximateNumberOfMessages", "VisibilityTimeout"]}),
    ("receive_message", {"MaxNumberOfMessages": 2, "AttributeNames": ["ApproximateReceiveCount"]}),
    ("receive_message", {"MaxNumberOfMessages": 11}),
    ("delete_message", {"ReceiptHandle": "nobody's"}),
    ("purge_queue", {}),
    ("receive_message", {}),
]  # fmt: skip
SECRET_CALLS = [
    ("create_secret", {"Name": "s", "SecretString": '{"a": 1}'}),
    ("get_secret_value", {"SecretId": "s"}),
    ("get_secret_value", {"SecretId": "nobody's"}),
]  # fmt: skip
DIFFERS = ("ResponseMetadata", "MessageId", "ReceiptHandle", "ARN", "VersionId", "CreatedDate")


def answers():
    """Make the calls in a new AWS, each two times, and return what comes of each."""
    with mock_aws():
        dynamodb, sqs = boto3.client("dynamodb"), boto3.client("sqs")
        dynamodb.create_table(
            **TABLE,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "name")],
            GlobalSecondaryIndexes=[{
                "IndexName": "by-name",
                "KeySchema": [
                    {"AttributeName": "name", "KeyType": "HASH"}, {"AttributeName": "id", "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": "ALL"},
            }],
            BillingMode="PAY_PER_REQUEST",
        )  # fmt: skip
        queue = {"QueueUrl": sqs.create_queue(QueueName="q")["QueueUrl"]}
        calls = [
            *((dynamodb, name, {**TABLE, **more}) for name, more in ITEM_CALLS),
            *((dynamodb, name, more) for name, more in BATCH_CALLS),
            *((sqs, name, {**queue, **more}) for name, more in QUEUE_CALLS),
            *((boto3.client("secretsmanager"), name, more) for name, more in SECRET_CALLS),
            (sqs, "get_queue_url", {"QueueName": "q"}),
            (sqs, "get_queue_url", {"QueueName": "nobody's"}),
            (sqs, "create_queue", {"QueueName": "q3", "Attributes": {"VisibilityTimeout": "7"}}),
            (sqs, "list_queues", {}),
            (sqs, "send_message", {"QueueUrl": "https://nowhere/q2", "MessageBody": "b"}),
        ]
        return [answer(*each) for _ in range(2) for each in calls]


def answer(client, name, parameters):
    try:
        return comparable(getattr(client, name)(**parameters))
    except ClientError as exc:
        return {"raises": type(exc).__name__, "says": str(exc), **comparable(exc.response)}
    except ParamValidationError as exc:
        return {"raises": type(exc).__name__, "says": str(exc)}


def comparable(found):
    """Return an answer without what moto makes up anew for each."""
    if isinstance(found, dict):
        return {key: comparable(value) for key, value in found.items() if key not in DIFFERS}
    return [comparable(each) for each in found] if isinstance(found, list) else found


def test_quick_moto_answers_every_call_as_moto_does():
    expected = answers()
    with pytest.MonkeyPatch.context() as patch:
        quicken(patch)
        shorten(patch)
        found = answers()

    assert found == expected
    assert len({each["raises"] for each in expected if "raises" in each}) >= 5
    assert any("Attributes" in each for each in expected)
    assert any("Item" in each for each in expected if "raises" in each)


def test_nothing_is_carried_on_the_short_way(monkeypatch):
    carried = []
    process = BotocoreStubber.process_request
    with mock_aws():
        sqs = boto3.client("sqs")
        queue = sqs.create_queue(QueueName="q")["QueueUrl"]
        monkeypatch.setattr(
            BotocoreStubber, "process_request", lambda self, request: carried.append(request) or process(self, request)
        )
        shorten(monkeypatch)
        sqs.send_message(QueueUrl=queue, MessageBody=json.dumps({"is": "short"}))
        (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]

    assert json.loads(message["Body"]) == {"is": "short"}
    assert carried == []
    assert BaseClient._make_api_call.__module__ == shorten.__module__
