"""`python -m local.org token`, for clients that take an access token, and what `serve` says of itself."""

import json
from pathlib import Path

import pytest

from local.org.org import Org
from local.org.server import OrgServer, start
from local.org.start_message import start_lines
from local.org.token_command import TokenError, fetch_token


@pytest.fixture
def state_folder(org, tmp_path, socket_enabled):
    del socket_enabled
    server = OrgServer(org, 0)
    thread = start(server)
    credentials = org.settings.credentials
    facts = {name: getattr(credentials, name) for name in ("client_id", "client_secret", "refresh_token")}
    (tmp_path / "org.json").write_text(json.dumps({"http_url": server.url, **facts}))
    yield tmp_path
    server.shutdown()
    server.server_close()
    thread.join()


def test_token_is_one_that_the_org_takes(org, state_folder):
    assert org.sessions.is_valid(fetch_token(state_folder))


def test_refusal_is_told_without_the_secrets(org, state_folder):
    org.revoke_refresh_tokens()
    with pytest.raises(TokenError, match="the org refuses: invalid_grant") as refused:
        fetch_token(state_folder)

    assert org.settings.credentials.refresh_token not in str(refused.value)


def test_folder_without_an_org_says_what_to_do(tmp_path):
    with pytest.raises(TokenError, match="start the org with serve first"):
        fetch_token(tmp_path)


def test_start_message_leads_to_the_org_and_holds_no_secret(org: Org):
    told = "\n".join(start_lines(org, "http://h:1", "https://h:2", Path("/ca.pem"), Path(".org")))

    assert told.splitlines()[-1] == "org ready over HTTPS  https://h:2  (CA file /ca.pem)"
    for needed in (
        "http://h:1/",
        "--instance-url https://h:2",
        "python -m local.org token --state-folder .org",
        "objects",
    ):
        assert needed in told
    for secret in (org.settings.credentials.client_secret, org.settings.credentials.refresh_token):
        assert secret not in told
