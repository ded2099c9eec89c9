"""AWS and the org of one world, and the clock that only its test moves."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3

from local.org.in_process import OrgAdapter
from local.org.org import Org
from lockstep.adapters import salesforce_session
from tests.chaos.crashes import Calls
from tests.fakes import senders
from tests.fakes.tables import make_tables

ORG_URL = "https://org.example"
CLAIM_LEASE_S = 15
GUARD_LEASE_S = 75
VISIBILITY_S = 360
BULK_VISIBILITY_S = 510
MAX_RECEIVES = 5
NOON = datetime(2026, 5, 6, 12, 0, tzinfo=UTC)


@dataclass
class Clock:
    """Stands still until it is moved; what is to happen at a moment happens when it is moved there, or past it."""

    now: datetime = NOON
    _to_come: list[tuple[datetime, Callable[[], None]]] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.now

    def at(self, moment: datetime, happens: Callable[[], None]) -> None:
        """Let something happen at a moment that is still to come."""
        self._to_come.append((moment, happens))

    def advance(self, seconds: float) -> None:
        until = self.now + timedelta(seconds=seconds)
        while due := [each for each in self._to_come if each[0] <= until]:
            first = min(due, key=lambda each: each[0])
            self._to_come.remove(first)
            self.now = max(self.now, first[0])
            first[1]()
        self.now = max(self.now, until)

    def seconds(self, _at: object = None) -> float:
        return self.now.timestamp()

    def millis(self, _at: object = None) -> float:
        return self.now.timestamp() * 1000


class FakeLanes:
    """Stands for the lanes' triggers, whichever they are."""

    are_on = True

    def __init__(self, _mapping_ids: object) -> None:
        pass

    def switch(self, *, on: bool) -> None:
        FakeLanes.are_on = on


def queue_url(name: str) -> str:
    return f"https://sqs.us-east-1.amazonaws.com/123456789012/{name}"


def make_aws(org: Org) -> None:
    make_tables(boto3.client("dynamodb"))
    _make_queues()
    boto3.client("s3").create_bucket(Bucket="payloads")
    for topic in ("alerts", "circuit"):
        boto3.client("sns").create_topic(Name=topic)
    credentials = org.settings.credentials
    login = {name: getattr(credentials, name) for name in ("client_id", "client_secret", "refresh_token")}
    secrets = boto3.client("secretsmanager")
    secrets.create_secret(Name="stack/salesforce", SecretString=json.dumps(login))
    secrets.create_secret(
        Name="stack/shopify", SecretString=json.dumps({"current": senders.SECRET_BY_SOURCE["shopify"]})
    )


def _make_queues() -> None:
    sqs = boto3.client("sqs")
    sqs.create_queue(QueueName="dead-letters")
    for queue in ("chunks", "polls"):
        sqs.create_queue(QueueName=queue, Attributes={"VisibilityTimeout": str(BULK_VISIBILITY_S)})
    arn = "arn:aws:sqs:us-east-1:123456789012:dead-letters"
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": MAX_RECEIVES})
    sqs.create_queue(QueueName="inbound", Attributes={"VisibilityTimeout": str(VISIBILITY_S), "RedrivePolicy": redrive})


def settings() -> dict[str, str]:
    return {
        "CHANGE_LOG_TABLE": "change-log",
        "CHANGE_LOG_RETENTION_DAYS": "90",
        "CLAIM_LEASE_SECONDS": str(CLAIM_LEASE_S),
        "VERSION_GUARD_TABLE": "version-guard",
        "GUARD_LEASE_SECONDS": str(GUARD_LEASE_S),
        "ERROR_LOG_TABLE": "error-log",
        "LEASE_TABLE": "leases",
        "ALERT_TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:alerts",
        "CONNECTION_TABLE": "connection",
        "CIRCUIT_TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:circuit",
        "LANE_MAPPING_IDS": "upsert",
        "API_RESERVE_PERCENT": "20",
        "DESCRIBE_MAX_AGE_SECONDS": "3600",
        "INBOUND_QUEUE_URL": queue_url("inbound"),
        "INBOUND_DEAD_LETTER_QUEUE_URL": queue_url("dead-letters"),
        "LOAD_TABLE": "loads",
        "CHUNK_QUEUE_URL": queue_url("chunks"),
        "BULK_THRESHOLD": "0",
        "UPSERT_BATCH_SIZE": "1000",
        "PAYLOAD_BUCKET": "payloads",
        "PUBLIC_BASE_URL": "",
        "SECRET_PREFIX": "stack/",
        "SECRET_MAX_AGE_SECONDS": "300",
        "SALESFORCE_LOGIN_URL": ORG_URL,
        "ALLOWED_INSTANCE_HOSTS": "org.example",
        "SALESFORCE_API_VERSION": "66.0",
    }


def session_with(org: Org, calls: Calls) -> type[salesforce_session.TimeLimitedSession]:
    class Adapter(OrgAdapter):
        def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
            name = f"org {request.method}"
            return calls.through(name, lambda: super(Adapter, self).send(request, *args, **kwargs))

    class Session(salesforce_session.TimeLimitedSession):
        def __init__(self) -> None:
            super().__init__()
            self.mount(ORG_URL, Adapter(org))

    return Session
