"""AWS in process (moto), with the tables, queues and bucket as template.yaml makes them."""

import boto3
import pytest
from moto import mock_aws


def _table(client, name, key):
    client.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
        KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )


@pytest.fixture
def aws():
    """AWS with what the stack has; nothing outlives the test."""
    with mock_aws():
        dynamodb = boto3.client("dynamodb")
        _table(dynamodb, "change-log", "correlation_id")
        _table(dynamodb, "version-guard", "record")
        sqs = boto3.client("sqs")
        sqs.create_queue(QueueName="inbound")
        sqs.create_queue(QueueName="dead-letters")
        boto3.client("s3").create_bucket(Bucket="payloads")
        yield


def queue_url(name):
    """Return the address of one of the queues."""
    return boto3.client("sqs").get_queue_url(QueueName=name)["QueueUrl"]


def messages(name):
    """Take every visible message of a queue."""
    client = boto3.client("sqs")
    taken = []
    while batch := client.receive_message(QueueUrl=queue_url(name), MaxNumberOfMessages=10).get("Messages"):
        taken += batch
    return taken
