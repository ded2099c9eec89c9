"""What a backlog costs in Salesforce API calls, beside a loop of single upserts, and in AWS's units and requests."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from simple_salesforce.api import Salesforce

from bench.aws_use import AwsUse, counted
from bench.figures import Figure
from bench.stack import ORG_URL, SENDER_SECRET, context, new_org, running
from functions.upsert import handler as upsert_handler
from functions.webhook import handler as webhook_handler
from local.org.in_process import OrgAdapter
from local.org.org import Org
from lockstep.adapters import salesforce_session

KEY = "Shopify_Customer_Id__c"
CHANGES = 1000  # the size of a batch (template.yaml: UpsertBatchSize)
TABLES_PER_CHANGE = ("change-log", "version-guard")
_NOON = datetime(2026, 5, 6, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Cost:
    calls: int
    use: AwsUse


def measure() -> list[Figure]:
    """Write the same backlogs both ways."""
    spread, hot = _by_lockstep(CHANGES), _by_lockstep(CHANGES // 10)
    naive = _by_single_upserts(CHANGES)
    return [
        Figure("API calls: 1,000 changes to 1,000 records", spread.calls, "calls", "<=", 6),
        Figure("API calls: 1,000 changes to 100 records", hot.calls, "calls", "<=", 2),
        Figure("API calls: the same by single upserts (simple-salesforce)", naive, "calls"),
        Figure("API calls, Lockstep : single upserts", spread.calls / naive, "ratio"),
        *_aws_figures("1,000 changes to 1,000 records", spread.use),
        *_aws_figures("1,000 changes to 100 records", hot.use),
    ]


def _aws_figures(what: str, use: AwsUse) -> list[Figure]:
    """Show what both functions spent; the aims are five write units and six requests per change in all."""
    once = {table: units for table, units in use.write_units.items() if table not in TABLES_PER_CHANGE}
    of_changes = sum(use.write_units[table] for table in TABLES_PER_CHANGE)
    return [
        Figure(f"DynamoDB writes: {what}", of_changes, "units", "<=", 5 * CHANGES),
        Figure(f"DynamoDB writes: {what}, once per container", sum(once.values()), "units"),
        Figure(f"DynamoDB consistent reads: {what}", sum(use.read_units.values()), "units"),
        Figure(f"DynamoDB requests: {what}", use.requests["dynamodb"], "requests"),
        Figure(f"DynamoDB, largest item: {what}", use.largest_item, "bytes", "<=", 1024),
        Figure(f"SQS requests, Lambda's own included: {what}", use.sqs_requests, "requests"),
        Figure(f"DynamoDB and SQS requests per change, in all: {what}", use.requests_in_all / CHANGES, "", "<=", 6),
    ]


def _by_lockstep(records: int) -> _Cost:
    """Post each change to the webhook function, then hand all that is queued to the upsert function at once."""
    org = new_org()
    with running(org), counted() as use:
        for number in range(CHANGES):
            answer = webhook_handler.lambda_handler(_delivery(number, records), context("webhook"))
            if answer["statusCode"] != 202:
                raise SystemExit(f"a delivery was answered {answer['statusCode']}")
        event = {"Records": [{"messageId": f"m{n}", "body": body} for n, body in enumerate(use.messages)]}
        answer = upsert_handler.lambda_handler(event, context("upsert"))
    if answer["batchItemFailures"] or len(org.records("Account")) != records or len(use.messages) != CHANGES:
        raise SystemExit("the backlog was not written")
    return _Cost(_calls(org), use)


def _by_single_upserts(records: int) -> int:
    org = new_org()
    session = salesforce_session.TimeLimitedSession()
    session.mount(ORG_URL, OrgAdapter(org))
    client: Any = Salesforce(session_id=org.open_session(), instance_url=ORG_URL, session=session, version="66.0")
    for number in range(records):
        client.Account.upsert(f"{KEY}/{number}", {"Name": f"Customer {number}"})
    return _calls(org)


def _calls(org: Org) -> int:
    return sum("/services/data/" in call.path for call in org.calls())


def _delivery(number: int, records: int) -> dict[str, Any]:
    """Return the event of API Gateway for the next version of one of the records."""
    stamp = (_NOON + timedelta(seconds=number)).isoformat().replace("+00:00", "Z")
    customer = {"id": number % records, "first_name": f"Customer {number % records}", "last_name": "Ltd"}
    body = json.dumps({**customer, "email": f"customer.{number % records}@example.com", "updated_at": stamp}).encode()
    headers = {
        "X-Shopify-Topic": "customers/update",
        "X-Shopify-Event-Id": f"b54557e4-bdd9-4b37-8a5f-{number:012}",
        "X-Shopify-Triggered-At": stamp,
        "X-Shopify-Hmac-Sha256": base64.b64encode(hmac.digest(SENDER_SECRET.encode(), body, hashlib.sha256)).decode(),
    }
    return {
        "httpMethod": "POST",
        "path": "/webhooks/shopify",
        "headers": headers,
        "pathParameters": {"source": "shopify"},
        "requestContext": {"domainName": "hooks.example.com", "path": "/v1/webhooks/shopify"},
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }
