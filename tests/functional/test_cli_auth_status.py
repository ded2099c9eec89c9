"""`lockstep auth status`: what is known of the connection, and whether it is well."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from lockstep.adapters.circuit_store import DynamoDbUsages
from lockstep.domain.budget import Usage
from lockstep.domain.circuit import PROBE_DELAYS_S, Reason, Trouble, half_opened, opened
from lockstep.services.breaker import advance
from tests.functional.cli_auth import AuthStack
from tests.functional.conftest import ORG_URL
from tests.integration.sign_in import key_pair

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


@pytest.fixture
def auth(aws, org, monkeypatch):
    return AuthStack(org, ORG_URL, monkeypatch)


@pytest.fixture
def status(auth):
    """Run `lockstep auth status --json`; return exit code and report."""

    def status_():
        result = auth.run("status", "--json")
        return result.exit_code, json.loads(result.stdout)

    return status_


def by_refresh_token(auth):
    known = auth.org.settings.credentials
    auth.store(client_id=known.client_id, client_secret=known.client_secret, refresh_token=known.refresh_token)


def by_jwt(auth):
    known = auth.org.settings.credentials
    auth.org.change_app(certificate=key_pair()[1])
    auth.store(client_id=known.client_id, username=known.username, private_key=key_pair()[0])


def by_client_credentials(auth):
    known = auth.org.settings.credentials
    auth.store(client_id=known.client_id, client_secret=known.client_secret)


def open_circuit(auth, reason, detail="the reason in words"):
    advance(auth.circuits, lambda circuit: opened(circuit, Trouble(reason, detail), NOW))


@pytest.mark.parametrize(
    ("signed_in", "grant"),
    [
        (by_refresh_token, "refresh_token"),
        (by_jwt, "jwt_bearer"),
        (by_client_credentials, "client_credentials"),
    ],
    ids=["refresh token", "jwt", "client credentials"],
)
def test_healthy_connection_of_each_grant_is_told(auth, status, signed_in, grant):
    signed_in(auth)

    code, report = status()

    assert code == 0, report
    known = auth.org.settings
    said = {
        "verdict": "healthy",
        "problem": "",
        "stack": "acme",
        "login_url": ORG_URL,
        "instance_url": ORG_URL,
        "grant": grant,
        "username": known.credentials.username,
        "org_id": known.organization_id,
        "org_name": "Local Org",
        "org_kind": "a developer's org",
        "circuit": "closed",
        "waiting_changes": 0,
    }
    assert {name: report[name] for name in said} == said
    assert "api" in report["scopes"]
    assert report["calls"] >= 1
    assert report["allowed_calls"] == known.daily_api_requests
    assert datetime.fromisoformat(report["signed_in_at"])


def test_end_of_the_session_is_told_where_it_is_known(auth, status):
    by_refresh_token(auth)
    status()
    ends_at = datetime.now(UTC) + timedelta(hours=1)
    auth.store(**{**auth.secret, "expires_at": ends_at.isoformat()})

    _, report = status()

    assert datetime.fromisoformat(report["session_ends_at"]) == ends_at


def test_people_get_lines(auth):
    by_refresh_token(auth)

    result = auth.run("status")

    assert result.exit_code == 0
    for said in ("stack            acme", "grant            refresh_token", "circuit          closed", "Local Org"):
        assert said in result.output


def test_session_that_has_ended_is_renewed_as_a_function_would(auth, status):
    by_refresh_token(auth)
    status()
    auth.org.expire_sessions()

    code, report = status()

    assert code == 0, report
    assert auth.org.sessions.is_valid(auth.secret["access_token"])


def test_second_look_signs_in_no_more(auth, status):
    by_refresh_token(auth)
    status()
    token = auth.secret["access_token"]

    status()

    assert auth.secret["access_token"] == token


def test_rotated_refresh_token_is_stored_by_the_look_that_spent_it(auth, status):
    by_refresh_token(auth)
    auth.org.change_app(rotation=True)
    former = auth.secret["refresh_token"]

    code, _ = status()

    assert code == 0
    assert auth.secret["refresh_token"] != former
    assert auth.org.sessions.refresh_token(auth.secret["refresh_token"]) is not None


@pytest.mark.parametrize("reason", Reason)
def test_open_circuit_is_told_with_reason_and_next_probe_and_nothing_is_asked(auth, status, reason):
    by_refresh_token(auth)
    open_circuit(auth, reason)

    code, report = status()

    assert code == 1
    assert report["verdict"] == "unhealthy"
    assert (report["circuit"], report["circuit_reason"]) == ("open", reason.value)
    assert report["problem"] == "the reason in words"
    assert datetime.fromisoformat(report["circuit_since"]) == NOW
    assert datetime.fromisoformat(report["next_probe_at"]) > NOW
    assert auth.org.calls() == []


def test_open_circuit_is_told_to_people_with_what_is_known_besides(auth):
    known = auth.org.settings.credentials
    auth.store(
        client_id=known.client_id, refresh_token="r" * 20, username="ada@example.com", org_id="00D1", scope="api id"
    )
    DynamoDbUsages("connection").save(Usage(used=14_000, maximum=15_000, read_at=NOW))
    open_circuit(auth, Reason.DAILY_LIMIT_SPENT)
    advance(auth.circuits, lambda circuit: half_opened(circuit, NOW + timedelta(minutes=15)))

    result = auth.run("status")

    assert result.exit_code == 1
    for said in ("half-open: DAILY_LIMIT_SPENT", "ada@example.com", "00D1", "14000 of 15000", "the reason in words"):
        assert said in result.output


def test_nobody_signed_in_is_unhealthy_with_the_remedy(status):
    code, report = status()

    assert code == 1
    assert "lockstep auth login" in report["problem"]


def test_revoked_refresh_token_is_unhealthy_with_the_remedy(auth, status):
    by_refresh_token(auth)
    auth.org.revoke_refresh_tokens()

    code, report = status()

    assert code == 1
    assert "invalid_grant" in report["problem"]
    assert "lockstep auth login" in report["problem"]


@pytest.mark.parametrize(
    ("secret", "named"),
    [
        ({"client_id": "x"}, "refresh_token"),
        ({"grant": "password", "client_id": "x"}, "grant"),
        ({"grant": "jwt_bearer", "client_id": "x", "username": "u"}, "private_key"),
    ],
    ids=["no grant", "unknown grant", "no key"],
)
def test_secret_that_lacks_a_key_is_unhealthy_and_the_key_is_named(auth, status, secret, named):
    auth.store(**secret)

    code, report = status()

    assert code == 1
    assert named in report["problem"]


def test_credentials_of_another_org_are_unhealthy(auth, status):
    by_client_credentials(auth)
    auth.store(**auth.secret, org_id="00D000000000999AAA")

    code, report = status()

    assert code == 1
    assert "00D000000000999AAA" in report["problem"]


def test_session_at_a_strangers_address_is_unhealthy_and_is_not_sent_there(auth, status):
    by_refresh_token(auth)
    status()
    auth.parameters["AllowedInstanceHosts"] = ""
    asked = len(auth.org.calls())

    code, report = status()

    assert code == 1
    assert "AllowedInstanceHosts" in report["problem"]
    assert len(auth.org.calls()) == asked


def test_org_that_does_not_answer_leaves_it_open(auth, status):
    by_refresh_token(auth)
    auth.org.plan_faults({"match": {"path_contains": "/services/"}, "times": None, "status": 503})

    code, report = status()

    assert code == 2
    assert report["verdict"] == "unknown"
    assert report["problem"]


def test_aws_that_refuses_is_one_line_and_exit_code_2(auth):
    by_refresh_token(auth)
    auth.clients["dynamodb"].delete_table(TableName="connection")

    result = auth.run("status")

    assert result.exit_code == 2
    assert "ResourceNotFoundException" in result.output


def test_secret_that_is_no_json_is_named_and_not_shown(auth):
    auth.clients["secretsmanager"].create_secret(Name="acme/salesforce", SecretString="hunter2hunter2")

    result = auth.run("status")

    assert result.exit_code == 2
    assert "acme/salesforce" in result.output
    assert "hunter2" not in result.output


def test_hurried_probe_is_due_at_once_and_the_monitor_is_woken(auth):
    open_circuit(auth, Reason.DAILY_LIMIT_SPENT)

    result = auth.run("probe")

    assert result.exit_code == 0, result.output
    assert "DAILY_LIMIT_SPENT: the reason in words" in result.stdout
    assert "tries the connection now" in result.stdout
    assert auth.circuits.load().next_probe_at != NOW + timedelta(seconds=PROBE_DELAYS_S[Reason.DAILY_LIMIT_SPENT][0])
    assert auth.woken == ["acme-Monitor-1"]


def test_closed_circuit_needs_no_probe(auth):
    result = auth.run("probe")

    assert (result.exit_code, "nothing waits" in result.stdout) == (0, True)
    assert auth.woken == []


def test_programs_are_told_what_the_probe_found(auth):
    closed = json.loads(auth.run("probe", "--json").stdout)
    open_circuit(auth, Reason.DAILY_LIMIT_SPENT)
    opened_ = json.loads(auth.run("probe", "--json").stdout)

    assert closed == {"circuit": "closed", "reason": None, "is_monitor_woken": False}
    assert opened_ == {"circuit": "open", "reason": "DAILY_LIMIT_SPENT", "is_monitor_woken": True}
