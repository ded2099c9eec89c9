"""Both functions with an AWS and an org in this process, on one clock that only the test moves."""

import base64
import json
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.config import Config
from moto import mock_aws
from moto.sqs import models as moto_sqs

from functions.upsert import handler as upsert_handler
from functions.webhook import handler as webhook_handler
from local.org.in_process import OrgAdapter
from local.org.org import Org, OrgSettings
from lockstep.adapters import aws, salesforce_session
from lockstep.domain.intake import take_in
from lockstep.domain.messages import message_body
from lockstep.runtime import bootstrap
from lockstep.runtime.config_files import load_sources
from lockstep.runtime.http import webhook_request
from tests.chaos.crashes import Calls, Crash, seen_calls
from tests.fakes import senders
from tests.integration.org_doors import repository_schema

ORG_URL = "https://org.example"
SCHEMA = repository_schema()
SOURCES = load_sources()
CLAIM_LEASE_S = 15
GUARD_LEASE_S = 75
VISIBILITY_S = 360
MAX_RECEIVES = 5
MOST_ROUNDS = 60
NOON = datetime(2026, 5, 6, 12, 0, tzinfo=UTC)
_new_client = boto3.client
KEY_FIELDS = {"Account": "Shopify_Customer_Id__c", "Order": "Shopify_Order_Id__c"}


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def seconds(self, _at: object = None) -> float:
        return self.now.timestamp()

    def millis(self, _at: object = None) -> float:
        return self.now.timestamp() * 1000


@dataclass(frozen=True)
class Event:
    """What a shop tells of one record; `second` is its version."""

    topic: str
    id: int
    second: int = 1
    body: Mapping[str, Any] = field(default_factory=dict)

    def content(self) -> bytes:
        stamp = f"2026-05-06T11:00:{self.second:02d}Z"
        usual = {"id": self.id, "updated_at": stamp, "created_at": stamp, "first_name": f"v{self.second}"}
        return json.dumps({**usual, "name": f"v{self.second}", **self.body}).encode()

    def headers(self) -> dict[str, str]:
        return {
            "X-Shopify-Topic": self.topic,
            "X-Shopify-Event-Id": f"{self.topic}-{self.id}-{self.second}",
            "X-Shopify-Triggered-At": f"2026-05-06T11:00:{self.second:02d}Z",
            **senders.shopify_headers(self.content()),
        }


def customer(id_: int, second: int = 1, **more: Any) -> Event:
    return Event("customers/update", id_, second, more)


def order(id_: int, customer_id: int, second: int = 1) -> Event:
    return Event("orders/updated", id_, second, {"customer": {"id": customer_id}})


def deletion(id_: int, second: int) -> Event:
    return Event("customers/delete", id_, second)


class World:
    """What a test does, and what it looks at in the end."""

    def __init__(self, clock: Clock, calls: Calls, org: Org) -> None:
        self.clock = clock
        self.calls = calls
        self.org = org
        self.accepted: set[str] = set()
        self._sqs = boto3.client("sqs")

    # The sender's side.

    def post(self, event: Event) -> int | None:
        """Post a delivery; None where the function died and so nothing was answered."""
        try:
            with self._process():
                answer = webhook_handler.lambda_handler(_api_event(event), _context("webhook"))
        except Crash:
            self.new_process()
            return None
        status: int = answer["statusCode"]
        if status == 202:
            self.accepted |= set(json.loads(answer["body"])["correlation_ids"])
        return status

    def deliver(self, *events: Event) -> None:
        """Post as a sender does: again and again, later each time, until it is accepted."""
        for event in events:
            for _ in range(10):
                if self.post(event) == 202:
                    break
                self.clock.advance(CLAIM_LEASE_S + 1)
            else:
                raise AssertionError(f"never accepted: {event}")

    def enqueue(self, *events: Event) -> None:
        """Put events on the queue as the webhook function does; cheaper than to post them."""
        for event in events:
            request = webhook_request(_api_event(event), self.clock.now)
            (change,) = take_in(SOURCES["shopify"], request).changes
            self._sqs.send_message(QueueUrl=queue_url("inbound"), MessageBody=message_body(change))
            self.accepted.add(change.correlation_id)

    # Lambda's side.

    def receive(self, most: int = 1000) -> list[Any]:
        """Take the visible messages."""
        taken: list[Any] = []
        while len(taken) < most:
            asked = min(10, most - len(taken))
            batch = self._sqs.receive_message(QueueUrl=queue_url("inbound"), MaxNumberOfMessages=asked)
            if "Messages" not in batch:
                break
            taken += batch["Messages"]
        return taken

    def invoke(self, messages: Sequence[Any]) -> bool:
        """Hand messages to the upsert function; delete what it does not want again. False where it died."""
        event = {"Records": [{"messageId": each["MessageId"], "body": each["Body"]} for each in messages]}
        try:
            with self._process():
                answer = upsert_handler.lambda_handler(event, _context("upsert"))
        except Crash:
            self.new_process()
            return False
        self.acknowledge(messages, {each["itemIdentifier"] for each in answer["batchItemFailures"]})
        return True

    def acknowledge(self, messages: Sequence[Any], again: set[str]) -> None:
        for message in messages:
            if message["MessageId"] not in again:
                self._sqs.delete_message(QueueUrl=queue_url("inbound"), ReceiptHandle=message["ReceiptHandle"])

    @contextmanager
    def _process(self) -> Iterator[None]:
        """Run a function; one that dies counts nothing, and Powertools, which cannot know that, complains."""
        with warnings.catch_warnings(), self.calls.watch():
            warnings.filterwarnings("ignore", message="No application metrics to publish")
            yield

    def new_process(self) -> None:
        """Forget what a process holds: its clients, its token, its threads."""
        aws._pool().shutdown(wait=True)
        aws._pool.cache_clear()
        self.calls.is_dead = False
        forget_environment()

    def drain(self, batch: int = 1000) -> None:
        """Let time pass and work until nothing is left on the queue."""
        for _ in range(MOST_ROUNDS):
            while messages := self.receive(batch):
                self.invoke(messages)
            if self.depth("inbound") == 0:
                return
            self.clock.advance(VISIBILITY_S + 1)
        raise AssertionError(f"{self.depth('inbound')} messages never end: {self.states()}")

    # What is there.

    def depth(self, name: str) -> int:
        """Count a queue's messages, those that are in flight or wait included."""
        kinds = ["", "NotVisible", "Delayed"]
        names: list[Any] = [f"ApproximateNumberOfMessages{kind}" for kind in kinds]
        found = self._sqs.get_queue_attributes(QueueUrl=queue_url(name), AttributeNames=names)["Attributes"]
        return sum(int(found[each]) for each in names)

    def log(self) -> dict[str, Any]:
        items = boto3.client("dynamodb").scan(TableName="change-log")["Items"]
        return {item["correlation_id"]["S"]: item for item in items}

    def states(self) -> Counter[str]:
        return Counter(item["state"]["S"] for item in self.log().values())

    def names(self, object_name: str) -> dict[str, str]:
        """Return the version that each record shows, by External ID; two of one ID are an error."""
        records = [each for each in self.org.records(object_name) if each[KEY_FIELDS[object_name]]]
        shown = "Name" if object_name == "Account" else "Shopify_Order_Number__c"
        found = {each[KEY_FIELDS[object_name]]: each[shown] for each in records}
        assert len(found) == len(records), "two records of one External ID"
        return found

    def check_books(self) -> None:
        """Everything accepted is settled, nothing is left, and no record's version ever went back."""
        assert self.depth("inbound") == 0
        assert self.depth("dead-letters") == 0
        log = self.log()
        assert set(log) == self.accepted
        assert {item["state"]["S"] for item in log.values()} <= {"Applied", "Superseded", "Duplicate"}
        self.check_versions()
        writers = boto3.client("dynamodb").scan(TableName="version-guard")["Items"]
        assert {log[item["correlation_id"]["S"]]["state"]["S"] for item in writers} <= {"Applied"}
        assert not any("failure_kind" in item for item in log.values())

    def check_versions(self) -> None:
        for object_name in KEY_FIELDS:
            for record in self.org.records(object_name):
                written = [entry["values"] for entry in self.org.history_of(record["Id"])]
                versions = [each["Shopify_Version__c"] for each in written if "Shopify_Version__c" in each]
                assert versions == sorted(versions), "a version went back"


@cache
def _client(service: str, config: Config | None = None) -> Any:
    """Make a client once: they hold nothing, and making them is most of what a world costs."""
    return _new_client(service, config=config)


@contextmanager
def new_world(calls: Calls | None = None) -> Iterator[World]:
    """Make AWS, the org and both functions; nothing outlives the block."""
    clock, calls = Clock(), calls or Calls()
    org = Org(SCHEMA, OrgSettings(keeps_history=True))
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(boto3, "client", _client)
        _make_aws(org)
        patch.setattr(moto_sqs, "unix_time_millis", clock.millis)
        patch.setattr(moto_sqs, "unix_time", clock.seconds)
        patch.setattr(bootstrap, "utc_now", clock)
        patch.setattr(webhook_handler, "datetime", SimpleNamespace(now=lambda _zone: clock.now))
        patch.setattr(salesforce_session, "TimeLimitedSession", _session_with(org, calls))
        patch.setattr(BaseClient, "_make_api_call", seen_calls(BaseClient._make_api_call, calls))
        for name, value in _settings().items():
            patch.setenv(name, value)
        forget_environment()
        yield World(clock, calls, org)
        forget_environment()


def forget_environment() -> None:
    for cached in (upsert_handler.upsert_changes, webhook_handler.settings, webhook_handler.accept_webhook):
        cached.cache_clear()


def queue_url(name: str) -> str:
    return f"https://sqs.us-east-1.amazonaws.com/123456789012/{name}"


def _make_aws(org: Org) -> None:
    dynamodb = boto3.client("dynamodb")
    for table, key in (("change-log", "correlation_id"), ("version-guard", "record")):
        dynamodb.create_table(
            TableName=table,
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
    _make_queues()
    boto3.client("s3").create_bucket(Bucket="payloads")
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
    arn = "arn:aws:sqs:us-east-1:123456789012:dead-letters"
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": MAX_RECEIVES})
    sqs.create_queue(QueueName="inbound", Attributes={"VisibilityTimeout": str(VISIBILITY_S), "RedrivePolicy": redrive})


def _settings() -> dict[str, str]:
    return {
        "CHANGE_LOG_TABLE": "change-log",
        "CHANGE_LOG_RETENTION_DAYS": "90",
        "CLAIM_LEASE_SECONDS": str(CLAIM_LEASE_S),
        "VERSION_GUARD_TABLE": "version-guard",
        "GUARD_LEASE_SECONDS": str(GUARD_LEASE_S),
        "INBOUND_QUEUE_URL": queue_url("inbound"),
        "INBOUND_DEAD_LETTER_QUEUE_URL": queue_url("dead-letters"),
        "PAYLOAD_BUCKET": "payloads",
        "PUBLIC_BASE_URL": "",
        "SECRET_PREFIX": "stack/",
        "SECRET_MAX_AGE_SECONDS": "300",
        "SALESFORCE_LOGIN_URL": ORG_URL,
        "SALESFORCE_API_VERSION": "66.0",
    }


def _session_with(org: Org, calls: Calls) -> type[salesforce_session.TimeLimitedSession]:
    class Adapter(OrgAdapter):
        def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
            name = f"org {request.method}"
            return calls.through(name, lambda: super(Adapter, self).send(request, *args, **kwargs))

    class Session(salesforce_session.TimeLimitedSession):
        def __init__(self) -> None:
            super().__init__()
            self.mount(ORG_URL, Adapter(org))

    return Session


def _api_event(event: Event) -> dict[str, Any]:
    return {
        "httpMethod": "POST",
        "path": "/webhooks/shopify",
        "headers": event.headers(),
        "pathParameters": {"source": "shopify"},
        "requestContext": {"domainName": "hooks.example.com", "path": "/v1/webhooks/shopify"},
        "body": base64.b64encode(event.content()).decode(),
        "isBase64Encoded": True,
    }


def _context(name: str) -> Any:
    return SimpleNamespace(
        function_name=name,
        memory_limit_in_mb=512,
        invoked_function_arn=f"arn:aws:lambda:us-east-1:123456789012:function:{name}",
        aws_request_id="request-1",
        get_remaining_time_in_millis=lambda: 60_000,
    )
