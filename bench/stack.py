"""The webhook and upsert functions with moto's AWS and the local org in this process."""

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import boto3
from moto import mock_aws

from functions.bulk_poll import handler as poll_handler
from functions.bulk_submit import handler as submit_handler
from functions.upsert import handler as upsert_handler
from functions.webhook import handler as webhook_handler
from local.org.in_process import OrgAdapter
from local.org.org import Org
from local.org.schema_loader import load_schema
from lockstep.adapters import salesforce_session
from lockstep.runtime.observability import metrics

ORG_URL = "https://org.example"
SENDER_SECRET = "bench-secret"
_SALESFORCE = Path(__file__).parents[1] / "salesforce"
_QUEUES = "https://sqs.us-east-1.amazonaws.com/123456789012"
_TOPICS = "arn:aws:sns:us-east-1:123456789012"
_KEY_BY_TABLE = {"change-log": "correlation_id", "version-guard": "record", "leases": "name", "connection": "name"}
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_DEFAULT_REGION": "us-east-1",
    "POWERTOOLS_SERVICE_NAME": "bench",
    "POWERTOOLS_METRICS_NAMESPACE": "Lockstep/bench",
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
    "CHANGE_LOG_TABLE": "change-log",
    "CHANGE_LOG_RETENTION_DAYS": "90",
    "CLAIM_LEASE_SECONDS": "15",
    "VERSION_GUARD_TABLE": "version-guard",
    "GUARD_LEASE_SECONDS": "600",
    "ERROR_LOG_TABLE": "error-log",
    "LEASE_TABLE": "leases",
    "CONNECTION_TABLE": "connection",
    "ALERT_TOPIC_ARN": f"{_TOPICS}:alerts",
    "CIRCUIT_TOPIC_ARN": f"{_TOPICS}:circuit",
    "API_RESERVE_PERCENT": "20",
    "DESCRIBE_MAX_AGE_SECONDS": "3600",
    "INBOUND_QUEUE_URL": f"{_QUEUES}/inbound",
    "INBOUND_DEAD_LETTER_QUEUE_URL": f"{_QUEUES}/dead-letters",
    "LOAD_TABLE": "loads",
    "CHUNK_QUEUE_URL": f"{_QUEUES}/chunks",
    "POLL_QUEUE_URL": f"{_QUEUES}/polls",
    "BULK_THRESHOLD": "0",
    "UPSERT_BATCH_SIZE": "1000",
    "BULK_JOBS_PER_OBJECT": "4",
    "CHUNK_LEASE_SECONDS": "600",
    "BULK_CLAIM_HOURS": "6",
    "BULK_GIVE_BACK_MINUTES": "60",
    "BULK_STUCK_AFTER_MINUTES": "60",
    "MAX_TRIES": "7",
    "PAYLOAD_BUCKET": "payloads",
    "PUBLIC_BASE_URL": "",
    "SECRET_PREFIX": "bench/",
    "SECRET_MAX_AGE_SECONDS": "600",
    "SALESFORCE_LOGIN_URL": ORG_URL,
    "ALLOWED_INSTANCE_HOSTS": "org.example",
    "SALESFORCE_API_VERSION": "66.0",
}


def new_org() -> Org:
    """Make an org with the repository's objects and no records."""
    return Org(load_schema([_SALESFORCE]))


@contextmanager
def running(org: Org) -> Iterator[None]:
    """Make AWS, and let both functions meet it and the org; their logs and metrics are swallowed."""

    class Session(salesforce_session.TimeLimitedSession):
        def __init__(self) -> None:
            super().__init__()
            self.mount(ORG_URL, OrgAdapter(org))

    with (
        patch.dict(os.environ, ENVIRONMENT),
        # Powertools has read its variables when the functions were imported.
        patch.object(metrics.provider, "namespace", ENVIRONMENT["POWERTOOLS_METRICS_NAMESPACE"]),
        mock_aws(),
        patch.object(salesforce_session, "TimeLimitedSession", Session),
        redirect_stdout(StringIO()),
    ):
        logging.disable()
        _make_aws(org)
        _forget()
        yield
        _forget()
        logging.disable(logging.NOTSET)


def context(function_name: str) -> Any:
    """Make what Lambda hands to a function beside the event."""
    return SimpleNamespace(
        function_name=function_name,
        memory_limit_in_mb=512,
        invoked_function_arn=f"arn:aws:lambda:us-east-1:123456789012:function:{function_name}",
        aws_request_id="bench",
        get_remaining_time_in_millis=lambda: 600_000,
    )


def _make_aws(org: Org) -> None:
    dynamodb, sqs, secrets = boto3.client("dynamodb"), boto3.client("sqs"), boto3.client("secretsmanager")
    for table, key in _KEY_BY_TABLE.items():
        dynamodb.create_table(
            TableName=table,
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
    dynamodb.create_table(
        TableName="loads",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("load_id", "part")],
        KeySchema=[{"AttributeName": "load_id", "KeyType": "HASH"}, {"AttributeName": "part", "KeyType": "RANGE"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for queue in ("inbound", "dead-letters", "chunks", "polls"):
        sqs.create_queue(QueueName=queue)
    boto3.client("s3").create_bucket(Bucket="payloads")
    credentials = org.settings.credentials
    login = {name: getattr(credentials, name) for name in ("client_id", "client_secret", "refresh_token")}
    secrets.create_secret(Name="bench/salesforce", SecretString=json.dumps(login))
    secrets.create_secret(Name="bench/shopify", SecretString=json.dumps({"current": SENDER_SECRET}))


def _forget() -> None:
    for cached in (
        upsert_handler.upsert_changes,
        webhook_handler.settings,
        webhook_handler.accept_webhook,
        submit_handler.submit_chunk,
        poll_handler.poll_job,
    ):
        cached.cache_clear()
