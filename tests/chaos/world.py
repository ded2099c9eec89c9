"""Both functions with an AWS and an org in this process, on one clock that only the test moves."""

import json
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from moto import mock_aws
from moto.sqs import models as moto_sqs

from functions.dead_letter import handler as dead_letter_handler
from functions.monitor import handler as monitor_handler
from functions.retry import handler as retry_handler
from functions.upsert import handler as upsert_handler
from functions.webhook import handler as webhook_handler
from local.org.clock import OrgClock
from local.org.org import Org, OrgSettings
from lockstep.adapters import aws, lanes, salesforce_session
from lockstep.adapters.error_log import DynamoDbErrorLog
from lockstep.domain.failures import SyncError
from lockstep.domain.intake import take_in
from lockstep.domain.messages import message_body
from lockstep.runtime import bootstrap, sign_in
from lockstep.runtime.config_files import load_sources
from lockstep.runtime.http import webhook_request
from tests.chaos.crashes import Calls, Crash, seen_calls
from tests.chaos.shop import Event, api_event
from tests.chaos.surroundings import (
    CLAIM_LEASE_S,
    VISIBILITY_S,
    Clock,
    FakeLanes,
    make_aws,
    queue_url,
    session_with,
    settings,
)
from tests.fakes.clients import client
from tests.fakes.quick_moto import quicken
from tests.fakes.short_wire import shorten
from tests.integration.org_doors import repository_schema

SCHEMA = repository_schema()
SOURCES = load_sources()
MOST_ROUNDS = 60
KEY_FIELDS = {"Account": "Shopify_Customer_Id__c", "Order": "Shopify_Order_Id__c"}


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
                answer = webhook_handler.lambda_handler(api_event(event), _context("webhook"))
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
            request = webhook_request(api_event(event), self.clock.now)
            (change,) = take_in(SOURCES["shopify"], request).changes
            self._sqs.send_message(QueueUrl=queue_url("inbound"), MessageBody=message_body(change))
            self.accepted.add(change.correlation_id)

    # Lambda's side.

    def receive(self, most: int = 1000, queue: str = "inbound") -> list[Any]:
        """Take the visible messages."""
        taken: list[Any] = []
        while len(taken) < most:
            asked = min(10, most - len(taken))
            batch = self._sqs.receive_message(QueueUrl=queue_url(queue), MaxNumberOfMessages=asked)
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

    def monitor(self) -> dict[str, Any]:
        """Run the monitor function, as every minute."""
        return dict(monitor_handler.lambda_handler({}, _context("monitor")))

    def retry(self) -> bool:
        """Let the minute's run of the retry function do its work. False where it died, or failed."""
        try:
            with self._process():
                retry_handler.lambda_handler({}, _context("retry"))
        except (Crash, SyncError):
            self.new_process()
            return False
        return True

    def take_dead_letters(self) -> bool:
        """Let the dead_letter function take a batch. False where it died, or failed."""
        messages = self.receive(10, "dead-letters")
        if not messages:
            return True
        event = {"Records": [{"messageId": each["MessageId"], "body": each["Body"]} for each in messages]}
        try:
            with self._process():
                answer = dead_letter_handler.lambda_handler(event, _context("dead_letter"))
        except (Crash, SyncError):
            self.new_process()
            return False
        self.acknowledge(messages, {each["itemIdentifier"] for each in answer["batchItemFailures"]}, "dead-letters")
        return True

    def acknowledge(self, messages: Sequence[Any], again: set[str], queue: str = "inbound") -> None:
        for message in messages:
            if message["MessageId"] not in again:
                self._sqs.delete_message(QueueUrl=queue_url(queue), ReceiptHandle=message["ReceiptHandle"])

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
            self.monitor()
            while FakeLanes.are_on and (messages := self.receive(batch)):
                self.invoke(messages)
            if self.depth("inbound") == 0 and not self.errors("Retrying"):
                return
            self.retry()
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

    def errors(self, *statuses: str) -> dict[str, Any]:
        """Return the error log's entries, those of some statuses or all."""
        items = boto3.client("dynamodb").scan(TableName="error-log")["Items"]
        return {item["correlation_id"]["S"]: item for item in items if not statuses or item["status"]["S"] in statuses}

    def reopen(self, *names: str) -> None:
        """Retry failures as a person does."""
        assert DynamoDbErrorLog("error-log", 90).reopen(names, self.clock.now) == sorted(names)

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
        for name, entry in self.errors().items():
            assert (entry["status"]["S"], entry["resolved_as"]["S"]) == ("Resolved", log[name]["state"]["S"])
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


@contextmanager
def new_world(calls: Calls | None = None) -> Iterator[World]:
    """Make AWS, the org and both functions; nothing outlives the block."""
    clock, calls = Clock(), calls or Calls()
    org = Org(SCHEMA, OrgSettings(keeps_history=True), OrgClock(clock.seconds))
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        quicken(patch)
        shorten(patch)
        patch.setattr(boto3, "client", client)
        make_aws(org)
        patch.setattr(moto_sqs, "unix_time_millis", clock.millis)
        patch.setattr(moto_sqs, "unix_time", clock.seconds)
        patch.setattr(bootstrap, "utc_now", clock)
        patch.setattr(lanes, "EventSourceMappings", FakeLanes)
        patch.setattr(FakeLanes, "are_on", True)
        patch.setattr(sign_in, "wait", clock.advance)
        patch.setattr(webhook_handler, "datetime", SimpleNamespace(now=lambda _zone: clock.now))
        patch.setattr(salesforce_session, "TimeLimitedSession", session_with(org, calls))
        patch.setattr(BaseClient, "_make_api_call", seen_calls(BaseClient._make_api_call, calls))
        for name, value in settings().items():
            patch.setenv(name, value)
        forget_environment()
        yield World(clock, calls, org)
        forget_environment()


def forget_environment() -> None:
    for cached in (
        upsert_handler.upsert_changes,
        webhook_handler.settings,
        webhook_handler.accept_webhook,
        monitor_handler.monitor_connection,
        retry_handler.send_due_retries,
        dead_letter_handler.take_dead_letters,
    ):
        cached.cache_clear()


def _context(name: str) -> Any:
    return SimpleNamespace(
        function_name=name,
        memory_limit_in_mb=512,
        invoked_function_arn=f"arn:aws:lambda:us-east-1:123456789012:function:{name}",
        aws_request_id="request-1",
        get_remaining_time_in_millis=lambda: 60_000,
    )
