"""One sign-in for many containers, on AWS in this process and the local org with rotation."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count

import boto3
import pytest
from botocore.client import BaseClient

from lockstep.adapters import salesforce_session
from lockstep.adapters.refresh_turns import DynamoDbRefreshTurns
from lockstep.adapters.salesforce import SalesforceRest
from lockstep.adapters.secrets import StoredConnection
from lockstep.adapters.token_endpoint import HttpTokenEndpoint
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.ports.sign_in import Turn
from lockstep.services.session_refresh import ROTATION_LOST, TURN_LEASE_S
from tests.chaos.crashes import Calls, Crash, Point, When, die, every_point, seen_calls
from tests.fakes.changes import change
from tests.fakes.sign_in import NOON, Clock, broker
from tests.functional.conftest import ORG_URL

CONTAINERS = 30
TOKEN_PATH = "/services/oauth2/token"


@pytest.fixture
def rotating(stack, org):
    org.change_app(rotation=True, reuse_ends_family=True)
    return org


def container(clock, wait, session=None):
    session = session or salesforce_session.TimeLimitedSession()
    endpoint = HttpTokenEndpoint(ORG_URL, session, clock)
    turns = DynamoDbRefreshTurns("leases")
    sign_in = broker(StoredConnection("stack/", "salesforce"), endpoint, turns, {"org.example"}, clock, wait)
    return SalesforceRest(sign_in, "66.0", session), sign_in


def refreshes(org):
    return len([call for call in org.calls() if call.path == TOKEN_PATH])


def test_thirty_containers_with_an_expired_token_refresh_once_and_all_calls_succeed(rotating, monkeypatch):
    alone, moto = threading.Lock(), BaseClient._make_api_call
    monkeypatch.setattr(BaseClient, "_make_api_call", lambda *args: _locked(alone, moto, *args))
    real_time, waited = lambda: datetime.now(UTC), threading.Event()
    gateways = [container(real_time, lambda seconds: waited.wait(seconds / 20)) for _ in range(CONTAINERS)]
    gateways[0][1].token()
    for _, sign_in in gateways:
        sign_in.token()
    rotating.expire_sessions()
    at_once = threading.Barrier(CONTAINERS)

    def call(number):
        at_once.wait()
        return gateways[number][0].upsert("Account", "ERP_Account_ID__c", [_account(number)])

    with ThreadPoolExecutor(CONTAINERS) as pool:
        results = list(pool.map(call, range(CONTAINERS)))

    assert [result.failure for (result,) in results] == [None] * CONTAINERS
    assert len(rotating.records("Account")) == CONTAINERS
    assert refreshes(rotating) == 2


def _locked(lock, moto, *args):
    with lock:
        return moto(*args)


def _account(number):
    return {"ERP_Account_ID__c": str(number), "Name": f"Account {number}"}


def _calls_of_a_refresh(org, calls, clock):
    """Refresh once where every call to AWS and to the org is seen."""
    session = salesforce_session.TimeLimitedSession()
    send = session.get_adapter(ORG_URL).send
    session.get_adapter(ORG_URL).send = lambda *a, **k: calls.through("org POST", lambda: send(*a, **k))
    _, sign_in = container(clock, clock.wait, session)
    with calls.watch():
        sign_in.token()


def _world(org, calls, monkeypatch):
    monkeypatch.setattr(BaseClient, "_make_api_call", seen_calls(BaseClient._make_api_call, calls))


STEPS = ["GetSecretValue", "UpdateItem", "GetSecretValue", "UpdateItem", "org POST", "PutSecretValue", "org POST",
         "GetSecretValue", "PutSecretValue", "UpdateItem"]  # fmt: skip
UNSAVABLE = [Point(5, When.AFTER), Point(6, When.BEFORE)]


def test_refresh_is_these_steps(rotating, monkeypatch):
    calls = Calls()
    _world(rotating, calls, monkeypatch)

    _calls_of_a_refresh(rotating, calls, Clock())

    assert calls.names == STEPS


@pytest.mark.parametrize("point", every_point(len(STEPS)), ids=str)
def test_refresh_that_dies_at_any_step_loses_no_sign_in_but_the_one_that_cannot_be_saved(rotating, monkeypatch, point):
    clock, calls = Clock(), Calls(point, die)
    with monkeypatch.context() as patch:
        _world(rotating, calls, patch)
        with pytest.raises(Crash):
            _calls_of_a_refresh(rotating, calls, clock)
    clock.wait(TURN_LEASE_S)
    _, survivor = container(clock, clock.wait)

    if point in UNSAVABLE:
        with pytest.raises(SyncError, match="lockstep auth login") as caught:
            survivor.token()
        assert (caught.value.kind, caught.value.error_code) == (FailureKind.CREDENTIALS_REJECTED, ROTATION_LOST)
        rotating.restore_refresh_tokens()  # somebody signs in again
        return
    token = survivor.token()
    survivor.discard(token)
    assert survivor.token().value != token.value
    assert container(clock, clock.wait)[1].token() == survivor.token()


def test_session_that_ends_in_the_middle_of_a_batch_is_replaced_and_each_record_written_once(rotating, stack):
    customers = [
        change(str(n), source="shopify", entity="customer", payload=json.dumps({"id": n, "first_name": f"Arc {n}"}))
        for n in range(400)
    ]
    assert stack.invoke(customers[0]) == []
    calls_before, moved = len(stack.calls()), count()
    upsert, expire = SalesforceRest.upsert, rotating.expire_sessions

    def ends_between(gateway, *args):
        if next(moved) == 1:
            expire()
        return upsert(gateway, *args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SalesforceRest, "upsert", ends_between)
        assert stack.invoke(*customers) == []

    assert len(rotating.records("Account")) == 400
    statuses = [call.status for call in stack.calls()[calls_before:]]
    assert statuses.count(401) == 1
    assert refreshes(rotating) == 2


def test_planted_credentials_appear_in_no_log_error_or_table(stack, rotating, capsys):
    secrets = boto3.client("secretsmanager")
    planted = {"client_id": "id", "client_secret": "hunter2-client", "refresh_token": "hunter2-refresh"}
    known = secrets.get_secret_value(SecretId="stack/salesforce")["SecretString"]
    secrets.put_secret_value(SecretId="stack/salesforce", SecretString=json.dumps({**json.loads(known), **planted}))

    stack.invoke(change("1", source="shopify", entity="customer", payload='{"id": 1, "first_name": "Arc"}'))

    told = capsys.readouterr()
    items = [boto3.client("dynamodb").scan(TableName=name)["Items"] for name in ("leases", "change-log")]
    assert "CREDENTIALS_REJECTED" in told.out
    assert "hunter2" not in told.out + told.err + json.dumps(items)


def test_session_of_a_good_sign_in_appears_in_no_log_or_table(stack, rotating, capsys):
    stack.invoke(change("1", source="shopify", entity="customer", payload='{"id": 1, "first_name": "Arc"}'))

    told = capsys.readouterr()
    items = [boto3.client("dynamodb").scan(TableName=name)["Items"] for name in ("leases", "change-log")]
    kept = json.loads(boto3.client("secretsmanager").get_secret_value(SecretId="stack/salesforce")["SecretString"])
    for key in ("access_token", "refresh_token", "client_secret"):
        assert kept[key]
        assert kept[key] not in told.out + told.err + json.dumps(items)


# The turns themselves.


@pytest.fixture
def turns(aws):
    return DynamoDbRefreshTurns("leases")


def test_turn_is_one_containers_until_it_ends_or_its_lease_does(turns):
    assert turns.take("a", 90, NOON) == Turn()
    assert turns.take("b", 90, NOON + timedelta(seconds=89)) is None
    turns.end("a", forgets_mark=True)
    assert turns.take("b", 90, NOON + timedelta(seconds=89)) == Turn()
    assert turns.take("c", 90, NOON + timedelta(seconds=179)) == Turn()


def test_one_whose_lease_has_ended_neither_marks_nor_ends_anothers_turn(turns):
    turns.take("late", 90, NOON)
    turns.take("next", 90, NOON + timedelta(seconds=90))

    assert turns.mark("late", "m") is False
    turns.end("late", forgets_mark=True, spent="s")

    assert turns.take("third", 90, NOON + timedelta(seconds=179)) is None
    assert turns.take("third", 90, NOON + timedelta(seconds=180)) == Turn()


def test_mark_is_left_for_the_next_one_until_it_is_forgotten(turns):
    turns.take("a", 90, NOON)
    assert turns.mark("a", "m")
    assert turns.take("b", 90, NOON + timedelta(seconds=90)) == Turn(unfinished="m")
    turns.end("b", forgets_mark=False)
    assert turns.take("c", 90, NOON) == Turn(unfinished="m")
    turns.end("c", forgets_mark=True, spent="s")

    assert turns.take("d", 90, NOON) == Turn(spent="s")
