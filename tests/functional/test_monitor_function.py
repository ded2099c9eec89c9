"""The monitor function beside the upsert function, with an org in this process: an outage costs nothing."""

import json
from datetime import timedelta

import boto3
import pytest

from functions.upsert import handler as upsert_handler
from lockstep.adapters import lane_metrics
from lockstep.adapters.circuit_store import DynamoDbCircuits
from lockstep.domain.changes import State
from lockstep.services.breaker import close_circuit
from tests.contract.template import resources
from tests.functional.monitor_site import MAINTENANCE, SERVICE, Lanes, metrics_of


def test_refused_sign_in_spends_no_try_and_makes_one_alert(site):
    site.org.revoke_refresh_tokens()
    changes = site.write(1, 2, 3)
    calls = len(site.org.calls())

    for _ in range(3):
        site.write(1, 2, 3)
    site.look(3)

    assert len(site.org.calls()) == calls
    assert {site.stack.state(one) for one in changes} == {State.QUEUED}
    assert {one.deferrals for one in site.queued[len(changes) :]} == {0}
    assert len(site.alerts) == 1
    assert "lockstep auth login" in site.alerts[0]
    assert not Lanes.are_on


def test_new_sign_in_lets_the_backlog_flow_without_another_command(site):
    site.org.revoke_refresh_tokens()
    site.write(1)
    site.look()
    signed_in = site.org.sessions.open_family("api refresh_token")
    secrets = boto3.client("secretsmanager")
    secret = json.loads(secrets.get_secret_value(SecretId="stack/salesforce")["SecretString"])
    secret["refresh_token"] = signed_in.refresh_token
    secrets.put_secret_value(SecretId="stack/salesforce", SecretString=json.dumps(secret))

    assert site.look() == {"circuit": "closed", "reason": None}

    assert Lanes.are_on
    site.now += timedelta(seconds=6)
    (one,) = site.write(1)
    assert site.stack.state(one) is State.APPLIED
    assert len(site.alerts) == 2


def test_circuit_that_a_person_closes_is_put_in_line_by_the_next_run(site):
    site.org.revoke_refresh_tokens()
    site.write(1)
    site.look()
    site.org.sessions.restore_refresh_tokens()

    assert close_circuit(DynamoDbCircuits("connection"), "lockstep auth login", site.now)
    site.look()

    assert Lanes.are_on
    assert "closed by lockstep auth login" in site.alerts[1]


def test_maintenance_opens_after_three_batches_and_is_over_when_the_probe_says_so(site):
    site.write(0)
    site.org.plan_faults({**MAINTENANCE, "match": {"path_contains": "/services/data"}})

    site.write(1)
    site.write(2)
    assert DynamoDbCircuits("connection").load().is_closed
    site.write(3)
    assert not DynamoDbCircuits("connection").load().is_closed
    calls = len(site.stack.calls())
    site.write(4)
    assert len(site.stack.calls()) == calls

    assert site.look(120) == {"circuit": "open", "reason": "ORG_UNAVAILABLE"}
    site.org.faults.clear()
    assert site.look(6) == {"circuit": "closed", "reason": None}

    (one,) = site.write(4)
    assert site.stack.state(one) is State.APPLIED
    assert len(site.alerts) == 2


def test_spent_day_opens_at_once_and_closes_when_calls_are_free_again(site):
    site.write(0)
    site.org.plan_faults(
        {"error_code": "REQUEST_LIMIT_EXCEEDED", "times": None, "match": {"path_contains": "/services/data"}}
    )

    changes = site.write(1, 2)

    assert site.look(16) == {"circuit": "open", "reason": "DAILY_LIMIT_SPENT"}
    site.org.faults.clear()
    site.look(16)
    assert Lanes.are_on
    site.write(1, 2)
    assert {site.stack.state(one) for one in changes} == {State.APPLIED}
    assert len(site.alerts) == 2


def test_reserve_is_left_to_people(site):
    site.org.set_limits(daily_api_requests_max=100, used=79)
    (one,) = site.write(1)
    assert site.stack.state(one) is State.APPLIED  # the calls that reach the reserve

    (other,) = site.write(2)
    assert site.stack.state(other) is State.QUEUED
    assert "reserved for people" in DynamoDbCircuits("connection").load().detail
    site.look()
    assert not Lanes.are_on

    site.org.set_limits(used=50)
    site.look(15)
    site.write(2)
    assert site.stack.state(other) is State.APPLIED


def test_calls_are_counted_by_lane_and_object(site, capsys):
    site.write(1)

    counted = metrics_of(capsys)

    assert counted["ApiCalls", (("lane", "webhooks"), ("object", "Account"), SERVICE)] == [
        2.0
    ]  # a describe and a write
    assert ("ApiCalls", (("lane", "webhooks"), ("object", "none"), SERVICE)) not in counted


def test_run_counts_what_alarms_and_people_look_at(site, capsys):
    site.org.set_limits(daily_api_requests_max=1000, used=300)
    site.look()
    quiet = metrics_of(capsys)
    site.org.revoke_refresh_tokens()
    site.org.expire_sessions()
    upsert_handler.upsert_changes.cache_clear()
    site.write(1)
    site.look()
    opened = metrics_of(capsys)

    assert quiet["CircuitIsOpen", (SERVICE,)] == [0.0]
    assert quiet["ApiRequestsMax", (SERVICE,)] == [1000.0]
    assert quiet["ApiRequestsUsed", (SERVICE,)][0] >= 300
    assert 69 <= quiet["ApiRequestsLeftPercent", (SERVICE,)][0] <= 70
    assert opened["CircuitIsOpen", (SERVICE,)] == [1.0]
    assert opened["CircuitOpened", (("reason", "SIGN_IN_REFUSED"), SERVICE)] == [1.0]


@pytest.mark.parametrize("name", ["CircuitOpenAlarm", "ApiReserveAlarm", "RetriesLateAlarm"])
def test_alarm_looks_at_a_metric_that_the_monitor_counts(site, capsys, name):
    alarm = resources("AWS::CloudWatch::Alarm")[name]
    site.look()

    (counted,) = [dimensions for metric, dimensions in metrics_of(capsys) if metric == alarm["MetricName"]]

    assert [key for key, _value in counted] == [each["Name"] for each in alarm["Dimensions"]]
    assert alarm["Namespace"] == {"Fn::Sub": lane_metrics.namespace("${AWS::StackName}")}


def test_log_of_an_outage_holds_no_secret(site, capsys):
    secret = json.loads(boto3.client("secretsmanager").get_secret_value(SecretId="stack/salesforce")["SecretString"])
    site.org.revoke_refresh_tokens()
    site.write(1)
    site.look()

    printed = capsys.readouterr()
    stored = json.dumps(boto3.client("dynamodb").scan(TableName="connection")["Items"])
    for value in (secret["refresh_token"], secret["client_secret"]):
        assert value not in printed.out + printed.err + stored + "".join(site.alerts)
