"""`lockstep status`: whether changes flow, and whether somebody has to do something."""

from datetime import UTC, datetime, timedelta

import boto3
import pytest

from cli import status_facts
from lockstep.adapters.circuit_store import DynamoDbUsages
from lockstep.domain.budget import Usage
from lockstep.domain.circuit import Reason, Trouble, opened
from lockstep.domain.error_log import EntryStatus
from lockstep.domain.messages import message_body
from lockstep.services.breaker import advance
from tests.functional.cli_operator import LONG_AGO, Operator, customer, payload, unmappable
from tests.functional.conftest import queue_url
from tests.functional.test_error_log import failure

KEYS = {
    "verdict",
    "stack",
    "at",
    "problems",
    "queues",
    "oldest_change_s",
    "oldest_dead_letter_s",
    "circuit",
    "api",
    "last_hour",
    "errors",
    "given_up",
}


@pytest.fixture
def operator(stack, monkeypatch):
    return Operator(stack, monkeypatch)


def metric(name, dimension, value, namespace="Lockstep/acme", at=None, figure=1.0):
    datum = {
        "MetricName": name,
        "Dimensions": [{"Name": dimension, "Value": value}],
        "Timestamp": at or datetime.now(UTC) - timedelta(minutes=2),
        "Value": figure,
    }
    boto3.client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=[datum])


def test_quiet_stack_is_healthy(operator):
    code, answer = operator.json("status")

    assert (code, answer["verdict"], answer["problems"]) == (0, "healthy", [])
    assert answer.keys() == KEYS
    assert answer["queues"]["inbound"] == {"visible": 0, "in_flight": 0, "delayed": 0}
    assert (answer["circuit"]["position"], answer["api"], answer["errors"]) == ("closed", None, {})


def test_queues_are_counted(operator):
    client = boto3.client("sqs")
    client.send_message(QueueUrl=queue_url("inbound"), MessageBody="a")
    client.send_message(QueueUrl=queue_url("inbound"), MessageBody="b", DelaySeconds=60)
    client.send_message(QueueUrl=queue_url("dead-letters"), MessageBody=message_body(customer("1")))

    _, answer = operator.json("status")

    assert answer["queues"] == {
        "inbound": {"visible": 1, "in_flight": 0, "delayed": 1},
        "dead_letters": {"visible": 1, "in_flight": 0, "delayed": 0},
    }


def test_rates_come_from_the_metrics_where_there_are_some(operator):
    for name, figure in (("Applied", 5), ("Superseded", 2), ("Duplicate", 1), ("Pending", 1), ("Retrying", 3)):
        metric(f"Changes{name}", "service", "upsert", figure=figure)
    metric("ChangesApplied", "service", "upsert", at=datetime.now(UTC) - timedelta(hours=3), figure=100)

    _, answer = operator.json("status")

    assert answer["last_hour"] == {
        "counts": {"applied": 5, "superseded": 2, "duplicate": 1, "failed": 4},
        "told_by": "metrics",
    }


def test_rates_and_the_oldest_change_come_from_the_change_log_otherwise(operator):
    operator.sync(customer("1", payload=payload()), unmappable("2"))
    operator.take_in(customer("3", received_at=datetime.now(UTC) - timedelta(minutes=5)))

    _, answer = operator.json("status")

    assert answer["last_hour"] == {
        "counts": {"applied": 1, "superseded": 0, "duplicate": 0, "failed": 1},
        "told_by": "change log",
    }
    assert 300 <= answer["oldest_change_s"] < 400


def test_large_change_log_is_not_read_to_its_end(operator, monkeypatch):
    monkeypatch.setattr(status_facts, "MOST_READ", 2)
    operator.take_in(*(customer(str(number)) for number in range(3)))

    code, answer = operator.json("status")

    assert (code, answer["last_hour"], answer["oldest_change_s"]) == (0, None, None)


def test_failures_are_counted_by_kind_and_age(operator):
    now, log = datetime.now(UTC), operator.stack.errors
    ages = {"hour": timedelta(minutes=5), "day": timedelta(hours=5), "week": timedelta(days=5), "older": timedelta(8)}
    for name, age in ages.items():
        log.log([failure(customer(name), EntryStatus.PENDING, at=now - age)])
    log.log([failure(customer("retrying"), at=now)])

    code, answer = operator.json("status")

    assert code == 1
    assert answer["errors"] == {
        "Pending": {"OUTCOME_UNKNOWN": dict.fromkeys(ages, 1)},
        "Retrying": {"OUTCOME_UNKNOWN": {"hour": 1}},
    }
    assert answer["problems"] == ["4 failures are Pending: `lockstep errors list --status Pending`"]


def test_what_is_retried_by_itself_needs_nobody(operator):
    operator.stack.errors.log([failure(customer("1"), at=datetime.now(UTC))])

    assert operator.json("status")[0] == 0


def test_what_a_person_has_given_up_needs_nobody(operator):
    one = unmappable("1")
    operator.sync(one)
    operator.run("errors", "abandon", one.correlation_id, "--reason", "why", "--yes")

    code, answer = operator.json("status")

    assert (code, answer["errors"], answer["given_up"]) == (0, {}, 1)


def test_open_circuit_is_told_and_that_changes_wait_is_no_second_problem(operator):
    operator.take_in(customer("1", received_at=LONG_AGO))
    advance(operator.circuits, lambda circuit: opened(circuit, Trouble(Reason.ORG_UNAVAILABLE, "down"), LONG_AGO))

    code, answer = operator.json("status")

    assert code == 1
    assert answer["circuit"]["reason"] == "ORG_UNAVAILABLE"
    assert datetime.fromisoformat(answer["circuit"]["next_probe_at"]) > LONG_AGO
    assert len(answer["problems"]) == 1
    assert "ORG_UNAVAILABLE" in operator.run("status").output


def test_change_that_waits_too_long_is_a_problem(operator):
    operator.take_in(customer("1", received_at=LONG_AGO))

    assert "upsert function" in operator.json("status")[1]["problems"][0]


def test_ages_come_from_the_metrics(operator):
    metric("ChangesApplied", "service", "upsert")
    metric("ApproximateAgeOfOldestMessage", "QueueName", "inbound", "AWS/SQS", figure=40)
    metric("ApproximateAgeOfOldestMessage", "QueueName", "dead-letters", "AWS/SQS", figure=1000)

    code, answer = operator.json("status")

    assert (answer["oldest_change_s"], answer["oldest_dead_letter_s"]) == (40, 1000)
    assert (code, "dead_letter function" in answer["problems"][0]) == (1, True)


def test_spent_reserve_is_a_problem(operator):
    DynamoDbUsages("connection").save(Usage(used=81, maximum=100, read_at=datetime.now(UTC)))

    code, answer = operator.json("status")

    assert (code, answer["api"]["used"], "reserve" in answer["problems"][0]) == (1, 81, True)


def test_people_get_lines(operator):
    operator.sync(unmappable("1"))

    output = operator.run("status").output

    for said in ("stack           acme", "inbound queue   about 0 visible", "MAPPING_FAILED", "needs people"):
        assert said in output


def test_nobody_can_tell_when_aws_refuses(operator):
    boto3.client("dynamodb").delete_table(TableName="connection")

    assert operator.run("status").exit_code == 2
