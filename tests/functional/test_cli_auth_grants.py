"""`lockstep auth jwt` and `lockstep auth client-credentials`: signed in once, then stored."""

import json

import pytest

from local.org.sign_in_gate import UserState
from tests.functional.cli_auth import SECRET, AuthStack
from tests.functional.conftest import ORG_URL
from tests.integration.sign_in import key_pair


@pytest.fixture
def auth(aws, org, monkeypatch):
    return AuthStack(org, ORG_URL, monkeypatch)


@pytest.fixture
def key_file(tmp_path):
    file = tmp_path / "lockstep.key"
    file.write_text(key_pair()[0])
    return file


@pytest.fixture
def jwt(auth, key_file):
    """Run `lockstep auth jwt` for the org's user, whose app has the certificate."""
    auth.org.change_app(certificate=key_pair()[1])
    known = auth.org.settings.credentials

    def jwt_(*options, username=known.username, file=key_file):
        own = ("--client-id", known.client_id, "--username", username, "--private-key-file", file)
        return auth.run("jwt", *own, *options)

    return jwt_


@pytest.fixture
def client_credentials(auth):
    """Run `lockstep auth client-credentials` with the org's app."""
    client_id = auth.org.settings.credentials.client_id

    def client_credentials_(*options, text=None, **env):
        return auth.run("client-credentials", "--client-id", client_id, *options, text=text, env=env)

    return client_credentials_


def refresh_token_secret(auth):
    known = auth.org.settings.credentials
    names = ("client_id", "client_secret", "refresh_token")
    return {name: getattr(known, name) for name in names} | {"grant": "refresh_token", "note": "kept"}


def test_private_key_signs_in_once_and_is_stored(auth, jwt):
    result = jwt()

    assert result.exit_code == 0, result.output
    assert auth.secret["grant"] == "jwt_bearer"
    assert auth.secret["private_key"] == key_pair()[0]
    assert auth.org.sessions.is_valid(auth.secret["access_token"])
    assert "refresh_token" not in auth.secret
    assert "Local Org" in result.output
    assert SECRET in result.output


def test_new_grant_leaves_nothing_of_the_former_one(auth, jwt):
    auth.store(**refresh_token_secret(auth))

    jwt()

    assert not {"refresh_token", "client_secret"} & auth.secret.keys()
    assert auth.secret["note"] == "kept"


@pytest.mark.parametrize(
    "key",
    ["", "not a key", "-----BEGIN PRIVATE KEY-----\nbm90IGEga2V5\n-----END PRIVATE KEY-----"],
    ids=["empty", "text", "broken"],
)
def test_key_that_does_not_parse_is_named_and_not_shown(auth, jwt, tmp_path, key):
    (tmp_path / "wrong.key").write_text(key)

    result = jwt(file=tmp_path / "wrong.key")

    assert result.exit_code == 2
    assert "private_key" in result.output
    assert "bm90IGEga2V5" not in result.output
    assert auth.secret is None


def test_key_file_that_is_not_there_is_named(auth, jwt, tmp_path):
    result = jwt(file=tmp_path / "none.key")

    assert result.exit_code == 2
    assert "none.key" in result.output


def test_user_who_is_not_pre_authorized_is_explained(auth, jwt):
    auth.org.set_user_state(UserState.NOT_APPROVED)

    result = jwt()

    assert result.exit_code == 2
    assert "pre-authorize" in result.output
    assert auth.secret is None


def test_certificate_that_is_not_the_keys_is_explained(auth, jwt):
    auth.org.change_app(certificate=None)

    result = jwt()

    assert result.exit_code == 2
    assert "invalid_grant" in result.output
    assert auth.secret is None


def test_app_signs_in_by_itself_and_its_secret_is_stored(auth, client_credentials):
    result = client_credentials(LOCKSTEP_CLIENT_SECRET=auth.org.settings.credentials.client_secret)

    assert result.exit_code == 0, result.output
    assert auth.secret["grant"] == "client_credentials"
    assert auth.secret["client_secret"] == auth.org.settings.credentials.client_secret
    assert auth.secret["username"] == auth.org.settings.credentials.username
    assert auth.org.sessions.is_valid(auth.secret["access_token"])


def test_app_without_a_user_to_run_as_is_explained(auth, client_credentials):
    auth.org.change_app(has_run_as_user=False)

    result = client_credentials(LOCKSTEP_CLIENT_SECRET=auth.org.settings.credentials.client_secret)

    assert result.exit_code == 2
    assert "run as" in result.output
    assert auth.secret is None


def test_common_login_address_is_explained(auth, client_credentials):
    auth.org.change_app(is_my_domain=False)

    result = client_credentials(LOCKSTEP_CLIENT_SECRET=auth.org.settings.credentials.client_secret)

    assert result.exit_code == 2
    assert "My Domain" in result.output


def test_client_credentials_without_a_secret_are_refused_before_anybody_is_asked(auth, client_credentials):
    result = client_credentials(text="\n")

    assert result.exit_code == 2
    assert "LOCKSTEP_CLIENT_SECRET" in result.output
    assert auth.org.calls() == []


def test_programs_are_told_one_line_and_people_on_standard_error(auth, client_credentials):
    secret = auth.org.settings.credentials.client_secret

    result = client_credentials("--json", LOCKSTEP_CLIENT_SECRET=secret)

    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["username"], told["circuit_was_open"], told["waiting"]) == (
        auth.org.settings.credentials.username,
        False,
        0,
    )
    assert "Signed in to" in result.stderr
