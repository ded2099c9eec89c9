"""The whole path on the local stack: a signed webhook over HTTP, a record in the org, IAM enforced."""

import json
import subprocess
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from local.stack.deploy import STACK_NAME
from local.stack.environment import ACCESS_KEY, REGION, SECRET_KEY, clean_environment

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).parents[2]


def _customer(customer_id, **more):
    return {
        "id": customer_id,
        "first_name": "Harbour",
        "last_name": "Supplies",
        "email": "orders@harbour.example",
        "updated_at": "2026-02-03T04:05:06-05:00",
        **more,
    }


def test_signed_webhook_becomes_a_record_with_its_exact_id(shop):
    response = shop.post(_customer(9007199254740993001), "first")

    (correlation_id,) = response.json()["correlation_ids"]
    assert response.status_code == 202
    assert shop.settled(correlation_id)["state"] == {"S": "Applied"}
    (record,) = shop.records("9007199254740993001")
    assert (record["Name"], record["Email__c"]) == ("Harbour Supplies", "orders@harbour.example")


def test_second_delivery_of_an_event_is_known_and_makes_no_second_record(shop):
    first = shop.post(_customer(9007199254740993002), "twice").json()
    shop.settled(first["correlation_ids"][0])

    second = shop.post(_customer(9007199254740993002), "twice").json()

    assert second["correlation_ids"] == first["correlation_ids"]
    assert (second["queued"], second["known"]) == (0, 1)
    assert len(shop.records("9007199254740993002")) == 1


def test_older_update_that_arrives_later_is_superseded(shop):
    newer = _customer(9007199254740993003, last_name="New", updated_at="2026-02-03T04:05:07-05:00")
    shop.settled(shop.post(newer, "newer").json()["correlation_ids"][0])

    older = shop.post(_customer(9007199254740993003, last_name="Old"), "older").json()

    assert shop.settled(older["correlation_ids"][0])["state"] == {"S": "Superseded"}
    assert [each["Name"] for each in shop.records("9007199254740993003")] == ["Harbour New"]


def test_forged_delivery_is_refused_and_leaves_nothing(shop):
    response = shop.post(_customer(9007199254740993004), "forged", secret="not the shop's")

    assert response.status_code == 401
    assert shop.records("9007199254740993004") == []


def test_delivery_is_refused_for_now_when_the_function_may_not_send(shop):
    with _without(shop.stack, "sqs:SendMessage"):
        refused = shop.post(_customer(9007199254740993005), "may-not-send")
    # Another event: the claim of the refused one has to run out first.
    taken = shop.post(_customer(9007199254740993005), "may-send")

    assert (refused.status_code, taken.status_code) == (503, 202)
    assert int(refused.headers["Retry-After"]) > 0
    assert shop.settled(taken.json()["correlation_ids"][0])["state"] == {"S": "Applied"}


def test_function_keeps_the_describe_for_all_containers(shop):
    shop.settled(shop.post(_customer(9007199254740993006), "describe").json()["correlation_ids"][0])

    kept = _get_describe(shop.stack, "Account")
    assert kept["describe"]["name"] == "Account"
    assert kept["describe"]["fields"]


def test_route_that_does_not_fit_is_held_and_told(shop):
    alerts = _subscribed(shop.stack)
    describe = {"name": "Order", "createable": True, "updateable": True, "fields": []}
    _put_describe(shop.stack, "Order", {"asked_at": datetime.now(UTC).isoformat(), "describe": describe})

    order = {"id": 71, "name": "#71", "customer": {"id": 9007199254740993007}, "created_at": "2026-02-03T04:05:06Z"}
    accepted = shop.post({**order, "updated_at": order["created_at"]}, "held", topic="orders/updated").json()

    (message,) = shop.stack.aws("sqs").receive_message(QueueUrl=alerts, WaitTimeSeconds=20)["Messages"]
    assert "shopify_order" in json.loads(message["Body"])["Subject"]
    assert shop.log_item(accepted["correlation_ids"][0])["state"] == {"S": "Queued"}


@pytest.mark.parametrize("signs_in_by", ["the local stack's state", "the deployed stack's secret"])
def test_operators_command_finds_the_shipped_routes_clean(shop, signs_in_by):
    stack = shop.stack
    is_local = signs_in_by == "the local stack's state"
    command = [ROOT / "lockstep", "mapping", "check", *(["--state-folder", stack.folders.top] if is_local else [])]
    aws = {"AWS_ENDPOINT_URL": stack.aws_url, "AWS_CA_BUNDLE": stack.org.ca_file, "AWS_REGION": REGION}
    aws |= {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
    env = clean_environment() | ({} if is_local else {**aws, "REQUESTS_CA_BUNDLE": stack.org.ca_file})

    checked = subprocess.run(command, env=env, capture_output=True, text=True, check=False)

    assert (checked.returncode, checked.stderr) == (0, "")
    assert "fit the org" in checked.stdout


def _subscribed(stack):
    """Return the address of a queue that gets the alerts."""
    sqs, arn = stack.aws("sqs"), "arn:aws:sqs:us-east-1:000000000000:alerts"
    allowed = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    queue = sqs.create_queue(QueueName="alerts", Attributes={"Policy": policy})["QueueUrl"]
    stack.aws("sns").subscribe(TopicArn=_physical(stack, "AlertTopic"), Protocol="sqs", Endpoint=arn)
    return queue


def _physical(stack, logical_id):
    answer = stack.aws("cloudformation").describe_stack_resource(StackName=STACK_NAME, LogicalResourceId=logical_id)
    return answer["StackResourceDetail"]["PhysicalResourceId"]


def _get_describe(stack, name):
    answer = stack.aws("s3").get_object(Bucket=_physical(stack, "PayloadBucket"), Key=f"describes/{name}.json")
    return json.loads(answer["Body"].read())


def _put_describe(stack, name, kept):
    body = json.dumps(kept).encode()
    stack.aws("s3").put_object(Bucket=_physical(stack, "PayloadBucket"), Key=f"describes/{name}.json", Body=body)


@contextmanager
def _without(stack, action):
    """Take one right from the webhook function's role, as deployed from the template, and give it back."""
    iam = stack.aws("iam")
    role = next(each["RoleName"] for each in iam.list_roles()["Roles"] if "WebhookFunctionRole" in each["RoleName"])
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    deployed = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    kept = [each for each in deployed["Statement"] if each["Action"] != action]
    assert len(kept) == len(deployed["Statement"]) - 1
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps({**deployed, "Statement": kept}))
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(deployed))
