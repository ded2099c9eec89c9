"""What tests make quicker in moto answers as moto does."""

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.fakes.quick_moto import quicken

KEY = {"id": {"S": "a"}}
CALLS = [
    ("put_item", {"Item": {**KEY, "tries": {"N": "1"}, "tags": {"L": [{"NULL": True}]}, "gone": {"S": "-"}}}),
    ("put_item", {"Item": KEY, "ConditionExpression": "attribute_not_exists(id)"}),
    ("get_item", {"Key": KEY}),
    ("get_item", {"Key": {"id": {"S": "nobody"}}}),
    ("update_item", {
        "Key": KEY,
        "UpdateExpression": "SET #tries = #tries + :one, tags = list_append(tags, :tags) REMOVE gone",
        "ConditionExpression": "#tries < :most",
        "ExpressionAttributeNames": {"#tries": "tries"},
        "ExpressionAttributeValues": {":one": {"N": "1"}, ":tags": {"L": [{"S": "y"}]}, ":most": {"N": "3"}},
        "ReturnValues": "ALL_OLD",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }),
    ("update_item", {"Key": KEY, "UpdateExpression": "SET tries = :n", "ExpressionAttributeValues": {":n": {"N": "9"}},
                     "ReturnValues": "ALL_NEW"}),
    ("update_item", {"Key": KEY, "UpdateExpression": "SET id = :n", "ExpressionAttributeValues": {":n": {"S": "b"}}}),
    ("update_item", {"Key": KEY, "UpdateExpression": "SET tries = :n, tries = :n",
                     "ExpressionAttributeValues": {":n": {"N": "9"}}}),
    ("update_item", {"Key": KEY, "UpdateExpression": "SET tries = missing + :n",
                     "ExpressionAttributeValues": {":n": {"N": "9"}}}),
    ("update_item", {"Key": KEY, "UpdateExpression": "SET"}),
    ("scan", {}),
]  # fmt: skip


def answers(*, times):
    """Make the calls in a new AWS, each so many times, and return what comes of each."""
    with mock_aws():
        dynamodb = boto3.client("dynamodb")
        dynamodb.create_table(
            TableName="t",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        return [answer(dynamodb, name, more) for _ in range(times) for name, more in CALLS]


def answer(dynamodb, name, more):
    try:
        found = getattr(dynamodb, name)(TableName="t", **more)
    except ClientError as exc:
        found = exc.response
    return {key: value for key, value in found.items() if key != "ResponseMetadata"}


def test_quick_moto_answers_every_call_as_moto_does():
    expected = answers(times=2)
    with pytest.MonkeyPatch.context() as patch:
        quicken(patch)
        found = answers(times=2)

    assert found == expected
    assert len({each["Error"]["Code"] for each in expected if "Error" in each}) >= 2
    assert any("Attributes" in each for each in expected)
