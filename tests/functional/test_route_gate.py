"""A route that does not fit the org: its changes wait, people are told once, and it heals by itself."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import boto3
import pytest

from functions.upsert import handler
from lockstep.adapters.alert_topic import SnsAlerts
from lockstep.adapters.describe_store import S3DescribeStore
from lockstep.adapters.leases import DynamoDbLeases
from lockstep.domain.changes import Change, State
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.ports.org import KeptDescribe
from lockstep.runtime import bootstrap
from tests.fakes.changes import change
from tests.fakes.describes import FakeDescribeStore, FakeLeases
from tests.functional.conftest import messages, queue_url

NOON = datetime(2026, 5, 6, 12, 0, tzinfo=UTC)
customer = partial(change, source="shopify", entity="customer", payload='{"id": 1, "first_name": "Ada", "note": "x"}')


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test moves."""
    now = [NOON]
    monkeypatch.setattr(bootstrap, "utc_now", lambda: now[0])
    return lambda seconds: now.append(now.pop() + timedelta(seconds=seconds))


@pytest.fixture
def alerts(aws):
    """Give what subscribers of the alert topic have got."""
    topic = boto3.client("sns").create_topic(Name="alerts")["TopicArn"]
    boto3.client("sqs").create_queue(QueueName="alerts")
    arn = "arn:aws:sqs:us-east-1:123456789012:alerts"
    boto3.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return lambda: [json.loads(message["Body"]) for message in messages("alerts")]


def new_container():
    """Forget what this process knows."""
    handler.upsert_changes.cache_clear()


def without(org, name):
    """Take a field of the Account away, as an administrator does; call what it returns to put it back."""
    table = org.store.table("Account")
    before = table.schema
    table.schema = replace(before, fields={key: field for key, field in before.fields.items() if key != name})
    return lambda: setattr(table, "schema", before)


def describes(org):
    return [call.path for call in org.calls() if call.path.endswith("/describe")]


@pytest.fixture
def broken(org):
    """An org without a field of the customer's route; gives what mends it."""
    return without(org, "Email__c")


def test_changes_of_a_broken_route_wait_and_one_alert_is_sent_by_two_containers(stack, org, broken, alerts, clock):
    assert stack.invoke(one := customer("1"), two := customer("2")) == []
    new_container()
    assert stack.invoke(customer("3")) == []

    assert org.records("Account") == []
    assert (stack.state(one), stack.state(two)) == (State.QUEUED, State.QUEUED)
    (alert,) = alerts()
    assert "shopify_customer" in alert["Subject"]
    assert "fields.Email__c" in alert["Message"]
    assert stack.errors.get([one.correlation_id, two.correlation_id]) == []


def test_held_changes_are_one_line_of_the_log(stack, broken, clock, caplog):
    stack.invoke(*[customer(str(number)) for number in range(20)])

    assert [(each.message, each.changes) for each in caplog.records] == [("route is held", 20)]


def test_held_change_arrives_by_itself_when_the_org_is_mended(stack, org, broken, alerts, clock):
    stack.invoke(one := customer("1"))
    (waiting,) = _delayed()
    broken()
    clock(600)

    assert waiting.deferrals == 0
    assert stack.invoke(waiting) == []

    assert stack.state(one) is State.APPLIED
    assert len(alerts()) == 1


def test_field_that_vanishes_while_the_function_runs_does_not_fail_the_records(stack, org, alerts, clock):
    stack.invoke(customer("1"))
    without(org, "Description")
    for external_id in ("2", "3"):
        org.plan_faults({"match": {"external_id": external_id}, "row": True, "error_code": "INVALID_FIELD"})
    clock(60)

    assert stack.invoke(two := customer("2"), three := customer("3")) == []

    assert (stack.state(two), stack.state(three)) == (State.QUEUED, State.QUEUED)
    assert stack.errors.get([two.correlation_id, three.correlation_id]) == []
    assert len(alerts()) == 1
    assert len(describes(org)) == 2


def test_many_containers_ask_the_org_once_for_each_object_and_hour(stack, org, clock):
    for number in range(5):
        stack.invoke(customer(str(number)))
        new_container()

    assert len(describes(org)) == 1
    clock(3601)
    stack.invoke(customer("9"))
    assert len(describes(org)) == 2


def test_route_runs_where_the_describe_cannot_be_kept(stack, org, clock):
    boto3.client("s3").delete_bucket(Bucket="payloads")

    stack.invoke(one := customer("1"))

    assert stack.state(one) is State.APPLIED


def _delayed():
    from moto.sqs.models import sqs_backends

    queue = sqs_backends["123456789012"]["us-east-1"].queues["inbound"]
    assert queue_url("inbound")
    return [Change.model_validate_json(message.body) for message in queue._messages]


@pytest.fixture(params=["s3", "fake"])
def store(request, aws):
    return S3DescribeStore("payloads") if request.param == "s3" else FakeDescribeStore()


def test_store_gives_back_what_was_kept(store):
    kept = KeptDescribe({"name": "Account", "fields": []}, NOON)

    assert store.get("Account") is None
    store.put("Account", kept)
    store.put("Nothing__c", KeptDescribe(None, NOON))

    assert store.get("Account") == kept
    assert store.get("Nothing__c") == KeptDescribe(None, NOON)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"asked_at": "x", "describe": 1}', '{"asked_at": "2026-05-06"}']
)
def test_store_takes_what_it_cannot_read_for_not_there(aws, text):
    boto3.client("s3").put_object(Bucket="payloads", Key="describes/Account.json", Body=text.encode())

    assert S3DescribeStore("payloads").get("Account") is None


@pytest.mark.parametrize("is_real", [True, False], ids=["dynamodb", "fake"])
def test_lease_is_taken_once_until_it_ends_or_is_given_back(aws, is_real):
    leases = DynamoDbLeases("leases") if is_real else FakeLeases()
    other = DynamoDbLeases("leases") if is_real else leases

    assert leases.take("a", 30, NOON)
    assert not other.take("a", 30, NOON + timedelta(seconds=29))
    assert other.take("b", 30, NOON)
    assert other.take("a", 30, NOON + timedelta(seconds=30))
    other.give_back("a")
    assert leases.take("a", 30, NOON + timedelta(seconds=31))


def test_subject_that_sns_would_refuse_is_made_to_fit(alerts):
    topic = boto3.client("sns").create_topic(Name="alerts")["TopicArn"]

    SnsAlerts(topic, "stack").tell("Straße\n" + "x" * 200, "text")

    (alert,) = alerts()
    assert alert["Subject"].startswith("[stack] Stra?e x")
    assert len(alert["Subject"]) == 100


def test_alert_to_a_topic_that_is_gone_is_said(aws):
    with pytest.raises(SyncError) as caught:
        SnsAlerts("arn:aws:sns:us-east-1:123456789012:gone", "stack").tell("subject", "text")

    assert caught.value.kind is FailureKind.AWS_UNAVAILABLE
