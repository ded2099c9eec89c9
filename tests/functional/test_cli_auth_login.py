"""`lockstep auth login`: through the browser, or by a pasted address, to stored tokens and a closed circuit."""

import re
import socket
import webbrowser
from datetime import UTC, datetime

import pytest
import typer

from cli import auth_connection
from cli.auth_settle import Desk
from lockstep.adapters.refresh_turns import DynamoDbRefreshTurns
from lockstep.domain.circuit import Reason, Trouble, opened
from lockstep.services.breaker import advance
from tests.functional.cli_auth import AuthStack, Person, free_port, told_secrets, with_query
from tests.functional.conftest import ORG_URL

NOW = datetime(2026, 11, 24, tzinfo=UTC)
OTHER_ORG = "00D000000000999AAA"


@pytest.fixture
def auth(aws, org, monkeypatch):
    return AuthStack(org, ORG_URL, monkeypatch)


@pytest.fixture
def person(org, monkeypatch):
    somebody = Person(org, ORG_URL)
    monkeypatch.setattr(webbrowser, "open", somebody.open)
    return somebody


@pytest.fixture
def login(auth, person):
    """Run `lockstep auth login` with a free port and the org's app."""
    known = auth.org.settings.credentials

    def login_(*options, text=None, **env):
        environ = {"LOCKSTEP_CLIENT_ID": known.client_id, "LOCKSTEP_CLIENT_SECRET": known.client_secret, **env}
        return auth.run("login", "--port", free_port(), *options, text=text, env=environ)

    return login_


def open_circuit(auth, reason=Reason.SIGN_IN_REFUSED):
    trouble = Trouble(reason, "Salesforce refuses the sign-in (invalid_grant)")
    advance(auth.circuits, lambda circuit: opened(circuit, trouble, NOW))


def works(auth):
    """Tell whether the stored session opens the API, and the stored refresh token a new session."""
    sessions, secret = auth.org.sessions, auth.secret
    return sessions.is_valid(secret["access_token"]) and sessions.refresh_token(secret["refresh_token"]) is not None


def test_first_sign_in_makes_the_secret_and_says_which_org_it_is(auth, login):
    result = login()

    assert result.exit_code == 0, result.output
    assert works(auth)
    known = auth.org.settings
    assert auth.secret["grant"] == "refresh_token"
    assert auth.secret["username"] == known.credentials.username
    assert auth.secret["org_id"] == known.organization_id
    assert auth.secret["instance_url"] == ORG_URL
    for said in (
        "Local Org",
        known.organization_id,
        "a developer's org",
        known.credentials.username,
        "acme/salesforce",
    ):
        assert said in result.output


def test_end_of_the_session_is_stored_so_that_the_functions_renew_it_before(auth, login):
    login()

    remaining = datetime.fromisoformat(auth.secret["expires_at"]) - datetime.now(UTC)
    assert 7100 < remaining.total_seconds() <= 7200


def test_app_of_the_stack_is_used_again_and_nothing_is_asked(auth, person):
    known = auth.org.settings.credentials
    auth.store(client_id=known.client_id, client_secret=known.client_secret, refresh_token="revoked")

    result = auth.run("login", "--port", free_port())

    assert result.exit_code == 0, result.output
    assert works(auth)
    assert auth.secret["client_secret"] == known.client_secret


def test_secret_of_another_app_is_not_sent_for_this_one(auth, person):
    auth.store(client_id="another-app", client_secret="its-secret", refresh_token="x")
    client_id = auth.org.settings.credentials.client_id

    result = auth.run("login", "--port", free_port(), "--client-id", client_id, text="the wrong secret\n")

    assert result.exit_code == 2
    assert "Consumer secret" in result.output
    assert "invalid_client" in result.output
    assert auth.secret["client_id"] == "another-app"


def test_consumer_secret_is_asked_for_and_not_shown(auth, person):
    known = auth.org.settings.credentials

    result = auth.run("login", "--port", free_port(), text=f"{known.client_id}\n{known.client_secret}\n")

    assert result.exit_code == 0, result.output
    assert works(auth)


def test_consumer_secret_comes_from_a_file(auth, person, tmp_path):
    known = auth.org.settings.credentials
    (tmp_path / "secret").write_text(f"{known.client_secret}\n")

    result = auth.run(
        "login", "--port", free_port(), "--client-id", known.client_id, "--client-secret-file", tmp_path / "secret"
    )

    assert result.exit_code == 0, result.output


def test_consumer_secret_is_no_option():
    from typer.testing import CliRunner

    from cli.__main__ import app

    shown = CliRunner().invoke(app, ["auth", "login", "--help"], env={"COLUMNS": "200"}).output
    assert "--client-secret-file" in shown
    assert "--client-secret " not in shown


def test_nobody_to_ask_is_said_with_the_options(auth, person):
    result = auth.run("login", "--port", free_port(), text="")

    assert result.exit_code == 2
    assert "--client-secret-file" in result.output


# The circuit


def test_after_a_revoked_refresh_token_a_sign_in_closes_the_circuit_and_wakes_the_monitor(auth, login):
    login()
    auth.org.revoke_refresh_tokens()
    open_circuit(auth)
    auth.clients["sqs"].send_message(QueueUrl=auth.queue, MessageBody="waits")

    result = login()

    assert result.exit_code == 0, result.output
    circuit = auth.circuits.load()
    assert circuit.is_closed
    assert "lockstep auth" in circuit.closed_by
    assert auth.woken == ["acme-Monitor-1"]
    assert works(auth)
    assert "About 1 changes wait" in result.output


def test_closed_circuit_stays_as_it_is_and_nobody_is_woken(auth, login):
    result = login()

    assert "circuit is closed" in result.output
    assert auth.woken == []


# What goes wrong changes nothing


def refused(auth, result, *said):
    """The command has ended with one message, and neither secret nor circuit has changed."""
    assert result.exit_code == 2, result.output
    for each in said:
        assert each in result.output
    assert auth.secret is None
    assert not auth.circuits.load().is_closed
    return True


@pytest.fixture
def halted(auth):
    """The stack with an open circuit."""
    open_circuit(auth)
    return auth


def test_denied_access_is_explained(halted, person, login):
    person.decision = "deny"

    assert refused(halted, login(), "access_denied", "Deny")


@pytest.mark.parametrize("state", ["another", "", None], ids=["other", "empty", "none"])
def test_answer_with_another_state_is_refused(halted, person, login, state):
    person.edit = lambda url: with_query(url, state=state)

    assert refused(halted, login(), "another sign-in")


def test_code_that_waited_too_long_is_refused(halted, person, login):
    person.edit = lambda url: (halted.org.clock.advance(3600), url)[1]

    assert refused(halted, login(), "invalid_grant")


def test_code_of_somebody_elses_question_is_refused(halted, person, login):
    stolen = Person(halted.org, ORG_URL)
    person.edit = lambda url: with_query(url, code=code_of(stolen.decide(with_challenge(person.asked[0]))))

    assert refused(halted, login(), "invalid_grant")


def code_of(url):
    return dict(pair.split("=", 1) for pair in url.partition("?")[2].split("&"))["code"]


def with_challenge(url):
    return with_query(url, code_challenge="A" * 43)


def test_missing_scope_is_explained(halted, person, login):
    app = halted.org.sessions.app
    halted.org.sessions.app = app.changed({"scopes": ["api", "id"]})

    assert refused(halted, login(), "invalid_scope", "refresh_token")


def test_sign_in_without_a_refresh_token_is_refused_with_the_scope(halted, person, login):
    person.ask = lambda url: with_query(url, scope="api")

    assert refused(halted, login(), "no refresh token", "offline_access")


def test_port_in_use_is_said_before_the_browser_opens(halted, person, login):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        result = login("--port", other.getsockname()[1])

    assert refused(halted, result, "--port")
    assert person.asked == []


def test_nobody_coming_back_is_said_with_the_callback_url(halted, person, login, monkeypatch):
    monkeypatch.setattr(webbrowser, "open", lambda url: True)

    assert refused(halted, login("--timeout", "0"), "redirect_uri_mismatch", "/callback")


def test_token_is_not_sent_to_a_stranger(halted, login):
    halted.parameters["AllowedInstanceHosts"] = ""

    assert refused(halted, login(), "org.example", "AllowedInstanceHosts")


def test_org_that_fails_after_the_sign_in_is_said(halted, person, login):
    halted.org.plan_faults({"match": {"path_contains": "query"}, "times": None, "error_code": "SERVER_UNAVAILABLE"})

    assert refused(halted, login(), "SERVER_UNAVAILABLE")


def test_org_that_does_not_show_its_name_is_no_reason_to_refuse(auth, login):
    auth.org.plan_faults({"match": {"path_contains": "query"}, "times": None, "error_code": "INVALID_TYPE"})

    result = login()

    assert result.exit_code == 0, result.output
    assert f"an org ({auth.org.settings.organization_id}; sandbox or production" in result.output


def test_function_that_signs_in_all_the_time_is_said(halted, login, monkeypatch):
    monkeypatch.setattr(auth_connection, "PATIENCE_S", 0.0)
    DynamoDbRefreshTurns("leases").take("a container", 60, datetime.now(UTC))

    assert refused(halted, login(), "signing in just now")


def test_turn_is_given_back_after_the_sign_in(auth, login):
    login()

    assert DynamoDbRefreshTurns("leases").take("a container", 60, datetime.now(UTC)) is not None


# Without a browser


@pytest.fixture
def paste(auth, person, monkeypatch):
    """Paste the address that another machine's browser ended at."""
    known, said, say = auth.org.settings.credentials, [], Desk.say

    def paste_(edit=lambda url: url):
        monkeypatch.setattr(Desk, "say", lambda self, text: (said.append(text), say(self, text))[1])
        monkeypatch.setattr(webbrowser, "open", lambda url: pytest.fail("a browser was opened"))

        def answer(_what, **_options):
            return edit(person.decide(re.search(r"https://\S+/authorize\S+", "".join(said))[0]))

        monkeypatch.setattr(typer, "prompt", answer)
        environ = {"LOCKSTEP_CLIENT_ID": known.client_id, "LOCKSTEP_CLIENT_SECRET": known.client_secret}
        return auth.run("login", "--no-browser", env=environ)

    return paste_


def test_pasted_address_signs_in_without_a_browser_or_a_port(auth, paste):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        result = paste()

    assert result.exit_code == 0, result.output
    assert works(auth)


def test_pasted_address_of_another_sign_in_is_refused(halted, paste):
    assert refused(halted, paste(lambda url: with_query(url, state="another")), "another sign-in")


def test_pasted_text_that_is_no_answer_is_refused(halted, paste):
    assert refused(halted, paste(lambda _url: "http://localhost:1717/callback"), "copy all of it")


# Another org


@pytest.fixture
def moved(auth):
    """The stack has served another org, whose session the containers still hold."""
    known = auth.org.settings.credentials
    old = auth.org.open_session()
    auth.store(
        client_id=known.client_id,
        client_secret=known.client_secret,
        refresh_token="of-the-other-org",
        org_id=OTHER_ORG,
        access_token=old,
        instance_url=ORG_URL,
        username="somebody@other.example",
    )
    return auth


def test_other_org_is_asked_about_and_no_changes_nothing_and_takes_the_sign_in_back(moved, login):
    open_circuit(moved)
    before = moved.secret

    result = login(text="n\n")

    assert result.exit_code == 2, result.output
    assert OTHER_ORG in result.output
    assert "Is that what you want?" in result.output
    assert "taken back" in result.output
    assert moved.secret == before
    assert not moved.circuits.load().is_closed
    assert moved.org.calls()[-1].path.endswith("/revoke")


def test_nobody_to_agree_counts_as_no(moved, login):
    before = moved.secret

    assert login(text="").exit_code == 2
    assert moved.secret == before


@pytest.mark.parametrize(("options", "text"), [([], "y\n"), (["--yes"], "")], ids=["yes", "--yes"])
def test_other_org_is_taken_when_that_is_wanted_and_the_former_session_ends(moved, login, options, text):
    former = moved.secret["access_token"]

    result = login(*options, text=text)

    assert result.exit_code == 0, result.output
    assert moved.secret["org_id"] == moved.org.settings.organization_id
    assert works(moved)
    assert not moved.org.sessions.is_valid(former)


def test_same_org_is_not_asked_about(auth, login):
    login()

    result = login(text="")

    assert result.exit_code == 0, result.output
    assert "Is that what you want?" not in result.output


@pytest.mark.parametrize(("stage", "is_sandbox"), [("production", True), ("sandbox", False)])
def test_org_of_another_kind_than_the_stack_is_meant_for_is_asked_about(auth, login, stage, is_sandbox):
    auth.parameters["Stage"] = stage
    kind = {"IsSandbox": is_sandbox, "OrganizationType": "Enterprise Edition"}
    auth.describe_org(**kind)

    result = login(text="n\n")

    assert result.exit_code == 2
    assert f"meant for {stage}" in result.output
    assert auth.secret is None


# What is told


def test_planted_secret_is_found_in_an_output():
    private_key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\n-----END PRIVATE KEY-----"
    secret = {"access_token": "00D!AQ.token.text", "private_key": private_key, "client_id": "3MVG9.shown"}

    assert told_secrets("x 00D!AQ.tok\nen.text y", secret) == ["access_token"]
    assert told_secrets("x MIIEvQIBADANBgkq y", secret) == ["private_key"]
    assert told_secrets("3MVG9.shown", secret) == []


def test_verifier_and_code_are_told_nobody(auth, person, login, capfd):
    codes = []
    person.edit = lambda url: (codes.append(code_of(url)), url)[1]

    result = login()

    assert codes
    assert codes[0] not in result.output + "".join(capfd.readouterr())


def test_name_of_the_org_moves_no_terminal(auth, login):
    auth.describe_org(Name="Acme\x1b[2J[bold]")

    result = login()

    assert "Acme?[2J[bold]" in result.output
    assert "\x1b" not in result.output
