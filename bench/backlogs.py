"""What a backlog costs in Salesforce API calls, by REST and by a job of Bulk API 2.0, side by side.

Only calls to Salesforce are counted. The tables of changes and versions grant everything here, and the inbound queue is
a list: every change is the first one of its record, and moto would take minutes to say so.
"""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import boto3
from botocore.client import BaseClient

from bench.figures import Figure
from bench.stack import ENVIRONMENT, context, new_org, running
from functions.bulk_poll import handler as poll_handler
from functions.bulk_submit import handler as submit_handler
from functions.upsert import handler as upsert_handler
from local.org.org import Org
from lockstep.domain.changes import Change, Operation, content_hash, correlation_id
from lockstep.domain.messages import message_body

_BATCH = 1_000  # template.yaml: UpsertBatchSize
_AT_ONCE = 10
_MOST_LOOKS = 60
_GRANTS_ALL = ("change-log", "version-guard")
_call = vars(BaseClient)["_make_api_call"]
_NOON = datetime(2026, 5, 6, 12, tzinfo=UTC)


def measure(sizes: Sequence[int]) -> list[Figure]:
    """Write the same backlogs both ways."""
    figures = []
    for size in sizes:
        by_rest, by_bulk = _by_rest(size), _by_bulk(size)
        figures += [
            Figure(f"API calls: a backlog of {size:,} changes, by REST", by_rest, "calls"),
            Figure(f"API calls: a backlog of {size:,} changes, by Bulk", by_bulk, "calls", "<=", by_rest),
        ]
    return figures


def _by_rest(size: int) -> int:
    org = new_org()
    with running(org), _open_aws([]):
        for start in range(0, size, _BATCH):
            _upsert(_records(_bodies(start, min(start + _BATCH, size))))
    return _calls(org, size)


def _by_bulk(size: int) -> int:
    """Let the upsert function find the queue full, and the bulk functions do the rest."""
    org = new_org()
    inbound = _bodies(0, size)
    with running(org), _open_aws(inbound), patch.dict("os.environ", {"BULK_THRESHOLD": "2000"}):
        while inbound:
            batch, inbound[:_BATCH] = inbound[:_BATCH], []
            _upsert(_records(batch))
        for message in _received("chunks", size):
            _invoke(submit_handler, message)
            _look(message)
    return _calls(org, size)


@contextmanager
def _open_aws(inbound: list[str]) -> Iterator[None]:
    """Answer for the inbound queue, and for tables that know nothing yet."""

    def call(client: Any, operation: str, parameters: Any) -> Any:
        tables = json.dumps(parameters.get("RequestItems") or parameters.get("TableName"), default=str)
        if any(name in tables for name in _GRANTS_ALL):
            return {"Responses": {name: [] for name in parameters.get("RequestItems", ())}}
        if str(parameters.get("QueueUrl", "")).endswith("/inbound"):
            return _of_inbound(inbound, operation)
        return _call(client, operation, parameters)

    with patch.object(BaseClient, "_make_api_call", call):
        yield


def _of_inbound(inbound: list[str], operation: str) -> dict[str, Any]:
    if operation == "GetQueueAttributes":
        names = ("ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed")
        return {"Attributes": {"ApproximateNumberOfMessages": str(len(inbound)), **dict.fromkeys(names, "0")}}
    if operation == "ReceiveMessage":
        taken, inbound[:_AT_ONCE] = inbound[:_AT_ONCE], []
        return {"Messages": [{"MessageId": body[:40], "ReceiptHandle": body, "Body": body} for body in taken]}
    if operation == "DeleteMessageBatch":
        return {}
    raise SystemExit(f"the backlog was not written: the inbound queue was asked for {operation}")


def _look(message: dict[str, Any]) -> None:
    """Look at a job when its looks are due, until there is nothing to look at."""
    for _ in range(_MOST_LOOKS):
        looks = _received("polls", 1)
        if looks:
            _invoke(poll_handler, looks[0])
        elif _is_done(message):
            return
        time.sleep(0.5)
    raise SystemExit("the job does not end")


def _is_done(message: dict[str, Any]) -> bool:
    key = {"load_id": {"S": json.loads(message["body"])["load_id"]}, "part": {"S": "#load"}}
    content: str = boto3.client("dynamodb").get_item(TableName="loads", Key=key)["Item"]["content"]["S"]
    return bool(json.loads(content).get("state") == "Done")


def _upsert(records: list[dict[str, Any]]) -> None:
    if upsert_handler.lambda_handler({"Records": records}, context("upsert"))["batchItemFailures"]:
        raise SystemExit("the backlog was not taken")


def _invoke(handler: Any, message: dict[str, Any]) -> None:
    if handler.lambda_handler({"Records": [message]}, context("bulk"))["batchItemFailures"]:
        raise SystemExit("a message of the backlog was not taken")


def _received(queue: str, most: int) -> list[dict[str, Any]]:
    """Receive as Lambda does, and delete at once: a batch that fails ends the benchmark."""
    sqs, url = boto3.client("sqs"), ENVIRONMENT["INBOUND_QUEUE_URL"].replace("inbound", queue)
    found: list[dict[str, Any]] = []
    while len(found) < most:
        asked = min(_AT_ONCE, most - len(found))
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=asked).get("Messages", [])
        for each in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
        found += [{"messageId": each["MessageId"], "body": each["Body"]} for each in messages]
        if not messages:
            break
    return found


def _records(bodies: Sequence[str]) -> list[dict[str, Any]]:
    return [{"messageId": f"m{place}", "body": body} for place, body in enumerate(bodies)]


def _bodies(first: int, end: int) -> list[str]:
    return [message_body(_change(number)) for number in range(first, end)]


def _change(number: int) -> Change:
    payload = json.dumps({"id": number, "first_name": f"Customer {number}", "email": f"customer.{number}@example.com"})
    return Change(
        correlation_id=correlation_id("shopify", f"backlog-{number}"),
        source="shopify",
        entity="customer",
        operation=Operation.UPSERT,
        external_id=str(number),
        version=1,
        event_id=f"backlog-{number}",
        topic="customers/update",
        event_at_ms=1,
        received_at=_NOON,
        content_hash=content_hash(payload.encode()),
        payload=payload,
    )


def _calls(org: Org, size: int) -> int:
    if len(org.records("Account")) != size:
        raise SystemExit("the backlog was not written")
    return sum("/services/data/" in call.path for call in org.calls())
