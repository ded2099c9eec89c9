"""AWS in process (moto), with the tables, queues and bucket as template.yaml makes them."""

import json

import boto3
import pytest
from moto import mock_aws

from functions.monitor import handler as monitor_handler
from functions.retry import handler as retry_handler
from functions.upsert import handler
from local.org.in_process import OrgAdapter
from local.org.org import Org
from lockstep.adapters import lanes, salesforce_session
from lockstep.runtime import bootstrap
from tests.fakes.clients import client
from tests.fakes.quick_moto import quicken
from tests.fakes.short_wire import shorten
from tests.fakes.tables import make_tables
from tests.functional.upsert_stack import Stack
from tests.integration.org_doors import repository_schema

ORG_URL = "https://org.example"
SCHEMA = repository_schema()


@pytest.fixture
def aws(monkeypatch):
    """AWS with what the stack has; nothing outlives the test but the clients."""
    monkeypatch.setattr(boto3, "client", client)
    quicken(monkeypatch)
    shorten(monkeypatch)
    with mock_aws():
        make_tables(boto3.client("dynamodb"))
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


@pytest.fixture
def org(monkeypatch):
    made = Org(SCHEMA)

    class Session(salesforce_session.TimeLimitedSession):
        def __init__(self):
            super().__init__()
            self.mount(ORG_URL, OrgAdapter(made))

    monkeypatch.setattr(salesforce_session, "TimeLimitedSession", Session)
    return made


@pytest.fixture
def stack(aws, org, monkeypatch):
    settings = {
        "CHANGE_LOG_TABLE": "change-log",
        "CHANGE_LOG_RETENTION_DAYS": "90",
        "VERSION_GUARD_TABLE": "version-guard",
        "GUARD_LEASE_SECONDS": "75",
        "ERROR_LOG_TABLE": "error-log",
        "LEASE_TABLE": "leases",
        "ALERT_TOPIC_ARN": boto3.client("sns").create_topic(Name="alerts")["TopicArn"],
        "CONNECTION_TABLE": "connection",
        "CIRCUIT_TOPIC_ARN": boto3.client("sns").create_topic(Name="circuit")["TopicArn"],
        "API_RESERVE_PERCENT": "20",
        "DESCRIBE_MAX_AGE_SECONDS": "3600",
        "INBOUND_QUEUE_URL": queue_url("inbound"),
        "INBOUND_DEAD_LETTER_QUEUE_URL": queue_url("dead-letters"),
        "LOAD_TABLE": "loads",
        "CHUNK_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/chunks",
        "BULK_THRESHOLD": "0",
        "UPSERT_BATCH_SIZE": "1000",
        "PAYLOAD_BUCKET": "payloads",
        "SECRET_PREFIX": "stack/",
        "SECRET_MAX_AGE_SECONDS": "300",
        "SALESFORCE_LOGIN_URL": ORG_URL,
        "ALLOWED_INSTANCE_HOSTS": "org.example",
        "SALESFORCE_API_VERSION": "66.0",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    credentials = org.settings.credentials
    secret = {name: getattr(credentials, name) for name in ("client_id", "client_secret", "refresh_token")}
    boto3.client("secretsmanager").create_secret(Name="stack/salesforce", SecretString=json.dumps(secret))
    handler.upsert_changes.cache_clear()
    yield Stack(org)
    handler.upsert_changes.cache_clear()


@pytest.fixture
def site(stack, monkeypatch):
    from tests.functional.monitor_site import Lanes, Site

    made = Site(stack)
    monkeypatch.setenv("LANE_MAPPING_IDS", "mapping-1")
    monkeypatch.setattr(lanes, "EventSourceMappings", Lanes)
    monkeypatch.setattr(Lanes, "are_on", True)
    monkeypatch.setattr(bootstrap, "utc_now", made.clock)
    cached = (monitor_handler.monitor_connection, retry_handler.send_due_retries)
    for each in (*cached, handler.upsert_changes):
        each.cache_clear()
    yield made
    for each in cached:
        each.cache_clear()
