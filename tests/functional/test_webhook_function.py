"""The webhook function: an event of API Gateway in, an answer and the state of AWS out."""

import base64
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import boto3
import pytest

from functions.webhook import handler
from lockstep.domain.changes import Change, State
from lockstep.domain.failures import DISPOSITIONS, Disposition, FailureKind, SyncError
from lockstep.runtime.http import lower_cased_headers, problem
from lockstep.runtime.observability import logger
from lockstep.runtime.webhook_api import respond
from tests.fakes import senders
from tests.functional.conftest import queue_url

EVENTS = Path(__file__).parents[2] / "events" / "webhook"
CONTEXT = SimpleNamespace(
    function_name="webhook",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:webhook",
    aws_request_id="request-1",
)
PREFIX = "stack/sources/"
BODY = b'{"type": "account.upserted", "timestamp": "2026-01-31T12:00:00Z", "data": {"id": "000123", "revision": 17}}'
VALUE = "Ada Secretperson"


SETTINGS = {
    "CHANGE_LOG_TABLE": "change-log",
    "PAYLOAD_BUCKET": "payloads",
    "SECRET_PREFIX": PREFIX,
    "PUBLIC_BASE_URL": "",
    "CLAIM_LEASE_SECONDS": "15",
    "CHANGE_LOG_RETENTION_DAYS": "30",
    "SECRET_MAX_AGE_SECONDS": "300",
    "MAX_BODY_BYTES": "400000",
}


class Stack:
    """What the function works with, as its tests look at it."""

    def __init__(self):
        self.dynamodb = boto3.client("dynamodb")
        self.sqs = boto3.client("sqs")
        self.s3 = boto3.client("s3")
        self.secrets = boto3.client("secretsmanager")
        self.queue_url = queue_url("inbound")
        for name, secret in senders.SECRET_BY_SOURCE.items():
            self.secrets.create_secret(Name=PREFIX + name, SecretString=json.dumps({"current": secret}))

    def messages(self):
        found = self.sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10, VisibilityTimeout=0)
        return [Change.model_validate_json(message["Body"]) for message in found.get("Messages", [])]

    def states(self):
        return [item["state"]["S"] for item in self.dynamodb.scan(TableName="change-log")["Items"]]


@pytest.fixture
def stack(aws, monkeypatch):
    for name, value in (SETTINGS | {"INBOUND_QUEUE_URL": queue_url("inbound")}).items():
        monkeypatch.setenv(name, value)
    forget_environment()
    yield Stack()
    forget_environment()


@pytest.fixture
def log():
    stream = io.StringIO()
    usual = logger.registered_handler.setStream(stream)
    yield stream
    logger.registered_handler.setStream(usual)


def forget_environment():
    handler.settings.cache_clear()
    handler.accept_webhook.cache_clear()


def event(source, body, headers, **changes):
    return {
        "path": f"/webhooks/{source}",
        "httpMethod": "POST",
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "multiValueQueryStringParameters": None,
        "pathParameters": {"source": source},
        "requestContext": {"domainName": "hooks.example.com", "path": f"/prod/webhooks/{source}"},
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
        **changes,
    }


def erp(body=BODY, **changes):
    return event("erp", body, senders.standard_headers(body, at=datetime.now(UTC)), **changes)


def invoke(event_):
    answer = handler.lambda_handler(event_, CONTEXT)
    return answer["statusCode"], json.loads(answer["body"]), answer["headers"]


def test_signed_event_is_accepted_and_its_change_is_on_the_queue(stack):
    status, body, _ = invoke(erp())

    (change,) = stack.messages()
    assert (status, body) == (
        202,
        {"correlation_ids": [change.correlation_id], "queued": 1, "known": 0, "ignored": 0},
    )
    assert (change.external_id, change.version, change.payload) == ("000123", 17, BODY.decode())
    assert stack.states() == [State.QUEUED]


def test_second_delivery_is_accepted_and_the_queue_still_holds_one_message(stack):
    first = invoke(erp())[1]

    status, body, _ = invoke(erp())

    assert (status, body) == (202, {**first, "queued": 0, "known": 1})
    assert len(stack.messages()) == 1


def test_payload_above_the_limit_of_a_message_is_stored_in_s3(stack):
    body = BODY.replace(b'"revision": 17', b'"revision": 17, "note": "' + b"x" * 300_000 + b'"')

    assert invoke(erp(body))[0] == 202

    (change,) = stack.messages()
    stored = stack.s3.get_object(Bucket="payloads", Key=change.payload_reference.key)["Body"].read()
    assert stored == body


def test_hubspot_is_verified_against_the_public_base_url_where_one_is_set(stack, monkeypatch):
    monkeypatch.setenv("PUBLIC_BASE_URL", "https://sync.example.org/in/")
    body = b"[]"
    headers = senders.hubspot_headers(body, url="https://sync.example.org/in/webhooks/hubspot", at=datetime.now(UTC))

    assert invoke(event("hubspot", body, headers))[0] == 202


def test_hubspot_is_verified_against_the_apis_own_address_with_stage_and_query_otherwise(stack):
    url = "https://hooks.example.com/prod/webhooks/hubspot?to=a@b&n=1"
    headers = senders.hubspot_headers(b"[]", url=url, at=datetime.now(UTC))
    query = {"to": ["a@b"], "n": ["1"]}

    assert invoke(event("hubspot", b"[]", headers, multiValueQueryStringParameters=query))[0] == 202


REFUSED = [
    pytest.param(lambda: event("erp", BODY, {}), 401, "The signature is not valid", id="unsigned"),
    pytest.param(
        lambda: event("erp", BODY + b" ", senders.standard_headers(BODY, at=datetime.now(UTC))),
        401,
        "The signature is not valid",
        id="forged",
    ),
    pytest.param(lambda: event("erp", BODY, senders.standard_headers(BODY)), 401, "The signature", id="stale"),
    pytest.param(lambda: event("nobody", BODY, {}), 404, "No such source", id="unknown source"),
    pytest.param(lambda: erp(pathParameters=None), 404, "No such source", id="no source"),
    pytest.param(lambda: erp(b""), 400, "The request cannot be read", id="empty"),
    pytest.param(lambda: {**erp(b""), "body": None, "isBase64Encoded": False}, 400, "The req", id="no body"),
    pytest.param(lambda: erp(b"\xff\xfe\x00"), 400, "The request cannot be read", id="not UTF-8"),
    pytest.param(lambda: erp(b"webhook_id=17"), 400, "The request cannot be read", id="form"),
    pytest.param(lambda: erp(b"[" * 200_000), 400, "The request cannot be read", id="deep"),
    pytest.param(
        lambda: erp(b'{"type":"account.upserted","data":{"id":' + b"9" * 5000 + b"}}"),
        400,
        "The request",
        id="huge int",
    ),
    pytest.param(lambda: {**erp(), "body": "!" + erp()["body"]}, 400, "The request cannot be read", id="not base64"),
    pytest.param(lambda: erp(b"x" * 400_001), 413, "The request is too large", id="too large"),
    pytest.param(dict, 404, "No such source", id="no event at all"),
]


@pytest.mark.parametrize(("make", "status", "title"), REFUSED)
def test_bad_request_is_refused_with_a_problem_and_nothing_is_queued(stack, make, status, title):
    given, told, headers = invoke(make())

    assert (given, told["status"]) == (status, status)
    assert told["title"].startswith(title)
    assert told["detail"]
    assert told["request_id"] == "request-1"
    assert headers["Content-Type"] == "application/problem+json"
    assert stack.messages() == []
    assert stack.states() == []


def test_refusals_of_unsigned_and_wrongly_signed_requests_are_the_same_to_the_sender(stack):
    wrong = senders.standard_headers(BODY, "whsec_b3RoZXI=", at=datetime.now(UTC))

    assert invoke(event("erp", BODY, {})) == invoke(event("erp", BODY, wrong))


def test_duplicate_signature_headers_are_accepted_where_one_is_right(stack):
    given = event("woocommerce", b'{"id":1}', {"X-WC-Webhook-Topic": "other"})
    shown = senders.woocommerce_headers(b'{"id":1}')["X-WC-Webhook-Signature"]
    given["multiValueHeaders"]["x-wc-webhook-signature"] = ["wrong", shown]

    assert invoke(given)[0] == 202


def test_event_without_base64_and_with_single_value_headers_only_is_read_too(stack):
    given = {**erp(), "body": BODY.decode(), "isBase64Encoded": False, "multiValueHeaders": None}

    assert invoke(given)[0] == 202


def test_secret_that_is_missing_is_named_in_the_log_and_not_in_the_answer(stack, log):
    stack.secrets.delete_secret(SecretId=PREFIX + "erp", ForceDeleteWithoutRecovery=True)

    answer = invoke(erp())

    assert PREFIX + "erp" in log.getvalue()
    assert PREFIX + "erp" not in str(answer)


@pytest.mark.parametrize("broken", ["secret", "queue", "table", "bucket"])
def test_sender_is_told_to_come_again_when_aws_is_not_ready(stack, broken):
    body = BODY.replace(b'"revision": 17', b'"revision": 17, "note": "' + b"x" * 300_000 + b'"')
    if broken == "secret":
        stack.secrets.delete_secret(SecretId=PREFIX + "erp", ForceDeleteWithoutRecovery=True)
    elif broken == "queue":
        stack.sqs.delete_queue(QueueUrl=stack.queue_url)
    elif broken == "table":
        stack.dynamodb.delete_table(TableName="change-log")
    else:
        stack.s3.delete_bucket(Bucket="payloads")

    status, told, headers = invoke(erp(body))

    assert (status, told["status"]) == (503, 503)
    assert int(headers["Retry-After"]) > 0
    assert "erp" not in told["detail"]


def test_missing_setting_is_503_and_the_log_names_it(stack, monkeypatch, log):
    monkeypatch.delenv("CHANGE_LOG_TABLE")
    monkeypatch.setenv("CLAIM_LEASE_SECONDS", "0")

    status, _, headers = invoke(erp())

    assert (status, headers["Retry-After"]) == (503, "30")
    assert "CHANGE_LOG_TABLE: Field required" in log.getvalue()
    assert "CLAIM_LEASE_SECONDS: Input should be greater than 0" in log.getvalue()


def test_log_and_answer_hold_no_value_of_the_delivery(stack, log, capsys):
    body = json.dumps({"type": "account.upserted", "data": {"id": [VALUE], "revision": 1, "name": VALUE}}).encode()

    answer = invoke(erp(body))

    told = log.getvalue() + capsys.readouterr().out + str(answer)
    assert answer[0] == 400
    assert "external_id (body.data.id): neither text nor a whole number" in log.getvalue()
    assert VALUE not in told
    assert senders.STANDARD_SECRET not in told


def test_unexpected_error_is_500_and_its_text_stays_out_of_log_and_answer(log):
    def fail():
        raise KeyError(VALUE)

    answer = respond(fail, "erp", "request-1")

    assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (500, "30")
    assert '"error_type":"KeyError"' in log.getvalue()
    assert "test_webhook_function.py" in log.getvalue()
    assert VALUE not in log.getvalue() + str(answer)


STATUS_BY_EVENT = {"shopify_customer_update": 202, "shopify_forged": 401, "woocommerce_ping": 200}


def test_every_sample_event_is_tried():
    assert {path.stem for path in EVENTS.glob("*.json")} == set(STATUS_BY_EVENT)


@pytest.mark.parametrize("name", STATUS_BY_EVENT)
def test_sample_event_gets_the_answer_that_its_name_promises(stack, name):
    sample = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))

    assert invoke(sample)[0] == STATUS_BY_EVENT[name]


def test_counts_are_metrics_by_kind(stack, capsys):
    invoke(erp())
    invoke(erp())
    invoke(event("erp", BODY, {}))

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    assert [(line.get("ChangesQueued"), line.get("ChangesDuplicate")) for line in lines[:2]] == [
        ([1.0], [0.0]),
        ([0.0], [1.0]),
    ]
    assert (lines[2]["DeliveriesRefused"], lines[2]["failure_kind"]) == ([1.0], "SIGNATURE_INVALID")
    assert {line["_aws"]["CloudWatchMetrics"][0]["Namespace"] for line in lines} == {"Lockstep/tests"}


@pytest.mark.parametrize("kind", [kind for kind in FailureKind if DISPOSITIONS[kind] is Disposition.REJECT])
def test_every_rejection_is_a_4xx_that_says_what_to_do(kind):
    answer = problem(SyncError(kind, "place: reason. Remedy"), "request-1")

    assert 400 <= answer["statusCode"] < 500
    assert json.loads(answer["body"])["detail"]


@pytest.mark.parametrize("kind", [kind for kind in FailureKind if DISPOSITIONS[kind] is not Disposition.REJECT])
def test_every_other_failure_is_a_5xx_that_asks_the_sender_to_come_again_and_keeps_its_detail(kind):
    answer = problem(SyncError(kind, "our own trouble", retry_after_s=7), "request-1")

    assert answer["statusCode"] >= 500
    assert answer["headers"]["Retry-After"] == "7"
    assert "our own trouble" not in answer["body"]


def test_headers_are_merged_by_name_and_what_is_no_text_is_left_out():
    given = {
        "multiValueHeaders": {"X-A": ["1", None], "x-a": ["2"], "X-None": None, "X-Empty": []},
        "headers": {"X-A": "ignored", "X-B": "3", "X-C": None},
    }

    assert lower_cased_headers(given) == {"x-a": ("1", "2"), "x-b": ("3",)}
