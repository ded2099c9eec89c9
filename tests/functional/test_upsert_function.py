"""The upsert function: an SQS batch in, records in the org and a partial batch response out."""

import json
from functools import partial
from pathlib import Path
from unittest.mock import patch

import boto3
import pytest
from moto.sqs.models import sqs_backends
from simple_salesforce.api import Salesforce

from functions.upsert import handler
from lockstep.adapters import salesforce_session
from lockstep.adapters.payload_store import KEPT, RESOLVED_TAG, S3PayloadStore
from lockstep.domain.changes import Change, PayloadReference, State
from lockstep.domain.error_log import EntryStatus
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.mapping import CompiledRoute
from tests.fakes.changes import NOON, change
from tests.functional.conftest import ORG_URL, messages

EVENTS = Path(__file__).parents[2] / "events" / "upsert"
PERSON = "Ada Secretperson"

customer = partial(change, source="shopify", entity="customer")
order = partial(change, source="shopify", entity="order")


def customer_payload(name="Arc Lamps", **more):
    return json.dumps({"id": 1, "first_name": name, "last_name": "Ltd", "email": "post@example.com", **more})


def order_payload(customer_id):
    return json.dumps(
        {"id": 7, "name": "#1001", "created_at": "2026-05-06T12:00:00Z", "customer": {"id": int(customer_id)}}
    )


def test_customer_becomes_an_account_with_its_exact_external_id(stack, org):
    one = customer("9007199254740993123", payload=customer_payload())

    assert stack.invoke(one) == []

    (account,) = org.records("Account")
    assert account["Shopify_Customer_Id__c"] == "9007199254740993123"
    assert account["Name"] == "Arc Lamps Ltd"
    assert stack.state(one) is State.APPLIED


def test_order_and_its_customer_in_one_batch_are_both_written(stack, org):
    assert stack.invoke(order("7", payload=order_payload("11")), customer("11", payload=customer_payload())) == []

    (account,), (written,) = org.records("Account"), org.records("Order")
    assert written["AccountId"] == account["Id"]


def test_update_of_an_order_leaves_a_status_that_people_have_set(stack, org):
    stack.invoke(customer("11", payload=customer_payload()), order("7", payload=order_payload("11")))
    _edit_by_hand(org, "Order", org.records("Order")[0]["Id"], Status="Activated")

    stack.invoke(order("7", version=2, payload=order_payload("11")))

    (written,) = org.records("Order")
    assert (written["Status"], written["Shopify_Version__c"]) == ("Activated", 2)


def _edit_by_hand(org, object_name, record_id, **values):
    session = salesforce_session.TimeLimitedSession()
    client = Salesforce(session_id=org.open_session(), instance_url=ORG_URL, session=session)
    assert getattr(client, object_name).update(record_id, values) == 204


def test_order_waits_for_its_customer_and_then_arrives(stack, org):
    one = order("7", payload=order_payload("11"))

    assert stack.invoke(one) == []
    assert org.records("Order") == []
    assert stack.state(one) is State.QUEUED
    deferred = Change.model_validate_json(_deferred_body())

    stack.invoke(customer("11", payload=customer_payload()))
    stack.invoke(deferred)

    assert len(org.records("Order")) == 1
    assert stack.state(one) is State.APPLIED


def _deferred_body():
    """Read the one delayed message, whose time may or may not have come by now."""
    (message,) = sqs_backends["123456789012"]["us-east-1"].queues["inbound"]._messages
    assert message.delayed_until - message.sent_timestamp >= 1000
    return message.body


def test_backlog_takes_one_call_for_200_records(stack):
    assert stack.invoke(*[customer(str(n), payload=customer_payload()) for n in range(201)]) == []

    assert len(stack.calls()) == 2


def test_bad_change_goes_to_the_error_log_and_its_neighbour_to_the_org(stack, org):
    bad = order("1", payload='{"id": 1, "name": "#1", "created_at": "2026-05-06T12:00:00Z"}')  # nobody's order

    assert stack.invoke(bad, customer("2", payload=customer_payload())) == []

    assert [account["Shopify_Customer_Id__c"] for account in org.records("Account")] == ["2"]
    assert stack.entry(bad).change.payload == bad.payload
    assert (stack.state(bad), stack.entry(bad).status) == (State.PENDING, EntryStatus.PENDING)
    assert messages("dead-letters") == []


DISPOSED = [
    ("UNABLE_TO_LOCK_ROW", FailureKind.ROW_LOCKED, State.QUEUED),
    ("UNKNOWN_EXCEPTION", FailureKind.OUTCOME_UNKNOWN, State.RETRYING),
    ("SOMETHING_NEW", FailureKind.UNEXPECTED, State.RETRYING),
    ("LIMIT_EXCEEDED", FailureKind.ORG_LIMIT_EXCEEDED, State.RETRYING),
    ("STORAGE_LIMIT_EXCEEDED", FailureKind.STORAGE_FULL, State.QUEUED),
    ("STRING_TOO_LONG", FailureKind.RECORD_INVALID, State.PENDING),
]


@pytest.mark.parametrize(("code", "kind", "state"), DISPOSED, ids=[each[0] for each in DISPOSED])
def test_refused_record_waits_where_its_failure_belongs(stack, org, code, kind, state):
    org.plan_faults({"match": {"external_id": "1"}, "row": True, "error_code": code, "message": PERSON})

    one, two = customer("1", payload=customer_payload()), customer("2")
    assert stack.invoke(one, two) == []

    assert (stack.state(one), stack.state(two)) == (state, State.APPLIED)
    entry = stack.entry(one)
    assert (entry is None) == (state is State.QUEUED)
    if entry:
        assert (entry.status.value, entry.failure_kind, entry.error_code) == (state.value, kind.value, code)
        assert json.loads(entry.record)["Shopify_Customer_Id__c"] == "1"
        assert entry.vendor_message == PERSON
        assert PERSON not in entry.detail
        assert entry.tries == (state is State.RETRYING)


def test_last_try_ends_abandoned_and_is_news(stack, org):
    org.plan_faults({"match": {"external_id": "1"}, "row": True, "error_code": "UNKNOWN_EXCEPTION"})

    stack.invoke(one := customer("1", tries=6, is_logged=True))

    assert (stack.state(one), stack.entry(one).status) == (State.ABANDONED, EntryStatus.ABANDONED)
    assert [each.correlation_id for each in stack.errors.news(10)] == [one.correlation_id]


def test_retried_change_that_is_applied_resolves_its_failure(stack, org):
    org.plan_faults({"match": {"external_id": "1"}, "row": True, "error_code": "UNKNOWN_EXCEPTION"})
    stack.invoke(one := customer("1"))

    stack.invoke(stack.entry(one).change)

    assert stack.state(one) is State.APPLIED
    assert (stack.entry(one).status, stack.entry(one).resolved_as) == (EntryStatus.RESOLVED, State.APPLIED)


def test_copy_of_an_abandoned_change_does_not_open_its_failure_again(stack, org):
    org.plan_faults({"match": {"external_id": "1"}, "row": True, "error_code": "UNKNOWN_EXCEPTION", "times": 2})
    stack.invoke(one := customer("1", tries=6, is_logged=True))

    stack.invoke(customer("1"))

    assert (stack.state(one), stack.entry(one).status) == (State.ABANDONED, EntryStatus.ABANDONED)


@pytest.mark.parametrize("first", ["RECORD_INVALID", "Abandoned"])
def test_newer_version_that_is_applied_settles_the_older_failure_as_superseded(stack, org, first):
    code = "STRING_TOO_LONG" if first == "RECORD_INVALID" else "UNKNOWN_EXCEPTION"
    org.plan_faults({"match": {"external_id": "1"}, "row": True, "error_code": code})
    old = customer("1", 1, tries=6)
    stack.invoke(old)

    stack.invoke(customer("1", 2, payload=customer_payload()))

    assert stack.state(old) is State.SUPERSEDED
    assert (stack.entry(old).status, stack.entry(old).resolved_as) == (EntryStatus.RESOLVED, State.SUPERSEDED)


def test_older_version_that_is_applied_leaves_the_newer_failure_open(stack, org):
    org.plan_faults({"match": {"external_id": "1"}, "row": True, "error_code": "STRING_TOO_LONG"})
    stack.invoke(new := customer("1", 2))

    stack.invoke(old := customer("1", 1, payload=customer_payload()))

    assert (stack.state(old), stack.state(new)) == (State.APPLIED, State.PENDING)
    assert stack.entry(new).status is EntryStatus.PENDING


def test_stale_write_that_the_org_refuses_is_superseded_and_no_failure(stack, org):
    stale = {"error_code": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": "LOCKSTEP_STALE_VERSION: a newer version"}
    org.plan_faults({"match": {"external_id": "1"}, "row": True, **stale})

    stack.invoke(one := customer("1"))

    assert (stack.state(one), stack.entry(one)) == (State.SUPERSEDED, None)


def test_large_payload_of_a_failure_lies_in_the_bucket(stack, org):
    org.plan_faults({"match": {"external_id": "1"}, "row": True, "error_code": "STRING_TOO_LONG"})
    payload = customer_payload(note="x" * 120_000)

    stack.invoke(one := customer("1", payload=payload))

    kept = stack.entry(one).change.payload_reference
    assert boto3.client("s3").get_object(Bucket=kept.bucket, Key=kept.key)["Body"].read().decode() == payload


def _tags(reference):
    found = boto3.client("s3").get_object_tagging(Bucket=reference.bucket, Key=reference.key)
    return [(each["Key"], each["Value"]) for each in found["TagSet"]]


def test_large_payload_stays_while_its_failure_is_open_and_is_let_go_when_it_is_resolved(stack, org):
    org.plan_faults({"match": {"external_id": "1"}, "row": True, "error_code": "STRING_TOO_LONG"})
    payload = customer_payload(note="x" * 300_000)
    queued = S3PayloadStore("payloads").put("c1", payload)  # as the webhook function claim-checks it
    one = customer("1", payload=None, payload_reference=queued)
    stack.invoke(one)
    boto3.client("s3").delete_object(Bucket=queued.bucket, Key=queued.key)  # its time is up

    kept = stack.entry(one).change.payload_reference
    assert kept.key.startswith(KEPT)
    assert _tags(kept) == []

    stack.errors.reopen([one.correlation_id], NOON)
    stack.invoke(stack.entry(one).change)

    assert (stack.state(one), stack.entry(one).status) == (State.APPLIED, EntryStatus.RESOLVED)
    assert _tags(kept) == [tuple(RESOLVED_TAG.values())]


def test_payload_that_died_with_its_writer_between_resolving_and_letting_go_is_let_go_by_the_next_delivery(stack, org):
    org.plan_faults({"match": {"external_id": "1"}, "row": True, "error_code": "STRING_TOO_LONG"})
    stack.invoke(one := customer("1", payload=customer_payload(note="x" * 120_000)))
    again = stack.entry(one).change
    refused = SyncError(FailureKind.AWS_UNAVAILABLE, "AWS refused")
    with patch.object(S3PayloadStore, "let_go", side_effect=refused):
        assert stack.invoke(again) == ["m0"]

    assert stack.invoke(again) == []

    assert stack.state(one) is State.APPLIED
    assert _tags(again.payload_reference) == [tuple(RESOLVED_TAG.values())]


def test_failure_whose_payload_is_gone_already_is_logged_all_the_same(stack):
    gone = PayloadReference(bucket="payloads", key="payloads/c1/none.json")

    assert stack.invoke(one := customer("1", payload=None, payload_reference=gone)) == []

    assert (stack.entry(one).failure_kind, stack.entry(one).change.payload_reference) == ("MESSAGE_INVALID", gone)


@pytest.mark.known_bug(3)
@pytest.mark.parametrize("body", ["not json", '{"source": "shopify"}', "[]", '{"deferrals": "x"}'])
def test_unparseable_message_reaches_the_dead_letter_queue_as_it_is(stack, body):
    assert stack.invoke(body, customer("2", payload=customer_payload())) == []

    assert [message["Body"] for message in messages("dead-letters")] == [body]


def test_whole_batch_comes_again_when_aws_refuses(stack):
    boto3.client("dynamodb").delete_table(TableName="version-guard")

    assert stack.invoke(customer("1", payload=customer_payload()), customer("2", payload=customer_payload())) == [
        "m0",
        "m1",
    ]


def test_change_that_crashes_the_function_comes_again_alone(stack, org, monkeypatch, capsys):
    def crash(self, payload, external_id, *rest, map_one=CompiledRoute.to_record):
        if external_id == "bad":
            raise ZeroDivisionError(PERSON)
        return map_one(self, payload, external_id, *rest)

    monkeypatch.setattr(CompiledRoute, "to_record", crash)
    changes = [customer(name, payload=customer_payload()) for name in ("1", "2", "bad", "4")]

    assert stack.invoke(*changes) == ["m2"]

    assert {account["Shopify_Customer_Id__c"] for account in org.records("Account")} == {"1", "2", "4"}
    assert {stack.state(one) for one in changes if one.external_id != "bad"} == {State.APPLIED}
    assert PERSON not in capsys.readouterr().out


def test_refused_sign_in_defers_everything_and_loses_nothing(stack, org):
    org.revoke_refresh_tokens()

    assert stack.invoke(one := customer("1", payload=customer_payload())) == []

    assert stack.state(one) is State.QUEUED
    assert stack.calls() == []


def test_time_that_is_up_defers_what_is_left(stack):
    stack.remaining_ms = 10_000

    assert stack.invoke(one := customer("1", payload=customer_payload())) == []

    assert stack.calls() == []
    assert stack.state(one) is State.QUEUED


@pytest.mark.parametrize("event", [{}, {"Records": []}, {"Records": None}])
def test_event_that_is_no_batch_is_a_mis_wired_trigger(stack, event):
    with pytest.raises(SyncError, match="trigger") as caught:
        handler.lambda_handler(event, stack.context())

    assert caught.value.kind is FailureKind.CONFIGURATION_INVALID


def test_log_holds_no_value_of_a_record(stack, capsys):
    stack.invoke(
        customer("1", payload=json.dumps({"id": 1, "first_name": PERSON * 40, "email": PERSON})),
        customer("2", payload=json.dumps({"id": 1, "first_name": {"x": PERSON}})),
        customer("3", payload=customer_payload(PERSON)),
    )

    printed = capsys.readouterr()
    assert PERSON not in printed.out + printed.err


@pytest.mark.parametrize("path", sorted(EVENTS.glob("*.json")), ids=lambda path: path.stem)
def test_sample_event_is_what_the_function_takes(stack, path):
    event = json.loads(path.read_text())

    assert handler.lambda_handler(event, stack.context()) == {"batchItemFailures": []}
    changes = [Change.model_validate_json(record["body"]) for record in event["Records"]]
    assert {stack.state(one) for one in changes} <= {State.APPLIED, State.SUPERSEDED}


def test_there_are_sample_events():
    assert sorted(path.stem for path in EVENTS.glob("*.json")) == ["customer_and_order", "two_versions"]
