"""How many Salesforce API calls a backlog costs: the upsert function beside a loop of single upserts."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import boto3
from moto import mock_aws
from simple_salesforce.api import Salesforce

from bench.figures import Figure
from local.org.in_process import OrgAdapter
from local.org.org import Org
from local.org.schema_loader import load_schema
from lockstep.adapters import salesforce_session
from lockstep.domain.changes import Change, Operation, content_hash, correlation_id
from lockstep.domain.messages import message_body

ORG_URL = "https://org.example"
KEY = "Shopify_Customer_Id__c"
CHANGES = 1000
_SALESFORCE = Path(__file__).parents[1] / "salesforce"


def measure() -> list[Figure]:
    """Write the same backlogs both ways."""
    with _environment():
        spread, hot = _by_lockstep(CHANGES), _by_lockstep(CHANGES // 10)
    naive = _by_single_upserts(CHANGES)
    return [
        Figure("API calls: 1,000 changes to 1,000 records", spread, "calls", "<=", 6),
        Figure("API calls: 1,000 changes to 100 records", hot, "calls", "<=", 2),
        Figure("API calls: the same by single upserts (simple-salesforce)", naive, "calls"),
        Figure("API calls, Lockstep : single upserts", spread / naive, "ratio"),
    ]


def _by_lockstep(records: int) -> int:
    """Invoke the upsert function with the event that Lambda would build."""
    from functions.upsert import handler

    org = _org()

    class Session(salesforce_session.TimeLimitedSession):
        def __init__(self) -> None:
            super().__init__()
            self.mount(ORG_URL, OrgAdapter(org))

    with mock_aws(), patch.object(salesforce_session, "TimeLimitedSession", Session):
        _make_stack(org)
        handler.upsert_changes.cache_clear()
        event = {"Records": [_message(number, records) for number in range(CHANGES)]}
        with redirect_stdout(StringIO()):  # the function's logs and metrics
            answer = handler.lambda_handler(event, _context())
        handler.upsert_changes.cache_clear()
    if answer["batchItemFailures"] or len(org.records("Account")) != records:
        raise SystemExit("the backlog was not written")
    return _calls(org)


def _by_single_upserts(records: int) -> int:
    org = _org()
    session = salesforce_session.TimeLimitedSession()
    session.mount(ORG_URL, OrgAdapter(org))
    client: Any = Salesforce(session_id=org.open_session(), instance_url=ORG_URL, session=session, version="66.0")
    for number in range(records):
        client.Account.upsert(f"{KEY}/{number}", {"Name": f"Customer {number}"})
    return _calls(org)


def _org() -> Org:
    return Org(load_schema([_SALESFORCE]))


def _calls(org: Org) -> int:
    return sum("/services/data/" in call.path for call in org.calls())


def _message(number: int, records: int) -> dict[str, Any]:
    external_id = str(number % records)
    payload = json.dumps({"id": number % records, "first_name": f"Customer {external_id}", "last_name": "Ltd"})
    event_id = f"event-{number}"
    change = Change(
        correlation_id=correlation_id("shopify", event_id),
        source="shopify",
        entity="customer",
        operation=Operation.UPSERT,
        external_id=external_id,
        version=number,
        event_id=event_id,
        topic="customers/update",
        event_at_ms=number,
        received_at=datetime(2026, 5, 6, tzinfo=UTC),
        content_hash=content_hash(payload.encode()),
        payload=payload,
    )
    return {"messageId": f"m{number}", "body": message_body(change), "attributes": {}}


def _context() -> Any:
    return SimpleNamespace(
        function_name="upsert",
        memory_limit_in_mb=512,
        invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:upsert",
        aws_request_id="bench",
        get_remaining_time_in_millis=lambda: 600_000,
    )


def _make_stack(org: Org) -> None:
    dynamodb, sqs = boto3.client("dynamodb"), boto3.client("sqs")
    for table, key in (("change-log", "correlation_id"), ("version-guard", "record"), ("leases", "name")):
        dynamodb.create_table(
            TableName=table,
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
    for variable, name in (("INBOUND_QUEUE_URL", "inbound"), ("INBOUND_DEAD_LETTER_QUEUE_URL", "dead-letters")):
        os.environ[variable] = sqs.create_queue(QueueName=name)["QueueUrl"]
    boto3.client("s3").create_bucket(Bucket="payloads")
    credentials = org.settings.credentials
    secret = {name: getattr(credentials, name) for name in ("client_id", "client_secret", "refresh_token")}
    boto3.client("secretsmanager").create_secret(Name="bench/salesforce", SecretString=json.dumps(secret))


@contextmanager
def _environment() -> Iterator[None]:
    settings = {
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_DEFAULT_REGION": "us-east-1",
        "POWERTOOLS_SERVICE_NAME": "bench",
        "POWERTOOLS_LOG_LEVEL": "CRITICAL",
        "CHANGE_LOG_TABLE": "change-log",
        "CHANGE_LOG_RETENTION_DAYS": "90",
        "VERSION_GUARD_TABLE": "version-guard",
        "GUARD_LEASE_SECONDS": "600",
        "ERROR_LOG_TABLE": "error-log",
        "LEASE_TABLE": "leases",
        "ALERT_TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:alerts",
        "DESCRIBE_MAX_AGE_SECONDS": "3600",
        "PAYLOAD_BUCKET": "payloads",
        "SECRET_PREFIX": "bench/",
        "SECRET_MAX_AGE_SECONDS": "600",
        "SALESFORCE_LOGIN_URL": ORG_URL,
        "ALLOWED_INSTANCE_HOSTS": "org.example",
        "SALESFORCE_API_VERSION": "66.0",
    }
    with patch.dict(os.environ, settings):
        yield
