"""What becomes of the local org's tokens: revoked, looked at, changed by the control prefix."""

import pytest

from tests.integration.sign_in import CLIENT, KNOWN, REFRESH, ask, key_pair, limits_status, refusal


def control(door, method, path, body=None):
    """Call the control prefix."""
    return door.session.request(method, f"{door.instance_url}/_org/{path}", json=body, timeout=20)


def introspect(door, token, **form):
    return ask(door, "introspect", {"token": token, **CLIENT, **form})


def test_revoked_refresh_token_takes_its_own_sessions_along_and_no_others(door, org):
    mine = ask(door, "token", REFRESH).json()["access_token"]
    other = ask(door, "token", {"grant_type": "client_credentials", **CLIENT}).json()["access_token"]

    assert ask(door, "revoke", {"token": KNOWN.refresh_token}).status_code == 200

    assert (limits_status(door, mine), limits_status(door, other)) == (401, 200)
    assert refusal(ask(door, "token", REFRESH))[1:] == ("invalid_grant", "expired access/refresh token")


def test_revoked_successor_ends_sessions_made_before_the_rotation(door, org):
    org.change_app(rotation=True)
    answer = ask(door, "token", REFRESH).json()

    assert ask(door, "revoke", {"token": answer["refresh_token"]}).status_code == 200

    assert limits_status(door, answer["access_token"]) == 401


def test_revoked_access_token_leaves_its_refresh_token(door):
    token = ask(door, "token", REFRESH).json()["access_token"]
    url = f"{door.instance_url}/services/oauth2/revoke"

    assert door.session.get(url, params={"token": token}, timeout=20).status_code == 200

    assert limits_status(door, token) == 401
    assert ask(door, "token", REFRESH).status_code == 200


def test_session_revoked_in_the_middle_refuses_the_rest_of_the_calls(door, org):
    token = ask(door, "token", REFRESH).json()["access_token"]
    before = limits_status(door, token)

    org.revoke_refresh_tokens()

    assert (before, limits_status(door, token), limits_status(door, token)) == (200, 401, 401)


def test_session_without_the_scope_for_it_does_not_open_the_api_however_often_it_is_refreshed(door, org):
    org.change_app(scopes=["refresh_token", "id"])
    org.restore_refresh_tokens()
    headers = {"Authorization": f"Bearer {ask(door, 'token', REFRESH).json()['access_token']}"}

    refused = door.session.get(f"{door.instance_url}/services/data/v66.0/limits", headers=headers, timeout=20)
    told = door.session.get(f"{door.instance_url}/services/oauth2/userinfo", headers=headers, timeout=20)

    message = "This session is not valid for use with the REST API"
    assert (refused.status_code, told.status_code) == (401, 200)
    assert refused.json() == [{"errorCode": "INVALID_SESSION_ID", "message": message}]


@pytest.mark.parametrize(
    ("form", "error"),
    [({"token": "x"}, "invalid_token"), ({}, "invalid_token"), ({"token_type_hint": "x"}, "unsupported_token_type")],
)
def test_revocation_says_what_is_wrong(door, form, error):
    response = ask(door, "revoke", form)

    assert (response.status_code, response.json()["error"]) == (400, error)


def test_introspection_tells_when_a_session_ends_and_does_not_keep_it(door, org):
    org.change_app(session_s=100)
    token = ask(door, "token", REFRESH).json()["access_token"]
    opened_s = org.clock.now_s()
    org.advance_clock(60)

    first, second = introspect(door, token).json(), introspect(door, token).json()
    limits_status(door, token)
    later = introspect(door, token).json()
    org.advance_clock(101)

    assert first == second
    assert first["exp"] == pytest.approx(opened_s + 100, abs=5)
    assert later["exp"] == pytest.approx(opened_s + 160, abs=5)
    assert (first["active"], first["token_type"], first["scope"]) == (True, "access_token", "refresh_token api id")
    assert (first["client_id"], first["username"]) == (KNOWN.client_id, KNOWN.username)
    assert introspect(door, token).json() == {"active": False}


def test_introspection_knows_refresh_tokens_and_says_nothing_of_strangers(door):
    known = introspect(door, KNOWN.refresh_token).json()

    assert (known["active"], known["token_type"], "exp" in known) == (True, "refresh_token", False)
    assert introspect(door, "nonsense").json() == {"active": False}
    refused = introspect(door, KNOWN.refresh_token, client_secret="x")
    assert refusal(refused) == (400, "invalid_client", "invalid client credentials")


def test_openid_configuration_names_endpoints_that_answer(door):
    told = door.session.get(f"{door.instance_url}/.well-known/openid-configuration", timeout=20).json()

    named = ("token", "revocation", "introspection", "userinfo")
    statuses = {name: door.session.post(told[f"{name}_endpoint"], timeout=20).status_code for name in named}
    assert statuses == {"token": 400, "revocation": 400, "introspection": 400, "userinfo": 403}
    assert told["issuer"] == door.instance_url


def test_policies_of_the_app_are_changed_one_by_one_and_forgotten_by_a_reset(door, org):
    start = control(door, "GET", "connected-app").json()
    certificate = key_pair()[1]

    control(door, "POST", "connected-app", {"rotation": True, "certificate": certificate})
    changed = control(door, "POST", "connected-app", {"session_s": 60, "grants": ["refresh_token"]}).json()
    control(door, "POST", "reset")

    expected = {"rotation": True, "certificate": certificate, "session_s": 60, "grants": ["refresh_token"]}
    assert changed == {**start, **expected}
    assert control(door, "GET", "connected-app").json() == start


@pytest.mark.parametrize(
    "body",
    [{"nope": 1}, {"session_s": 0}, {"session_s": "soon"}, {"certificate": "x"}, {"grants": ["password"]}, [], "x"],
    ids=repr,
)
def test_policy_that_is_none_is_refused_and_nothing_changed(door, body):
    before = control(door, "GET", "connected-app").json()

    assert control(door, "POST", "connected-app", body).status_code == 400
    assert control(door, "GET", "connected-app").json() == before


def test_user_is_locked_and_unlocked_by_the_control_prefix(door):
    assert control(door, "POST", "user", {"state": "locked"}).json() == {"state": "locked"}
    assert refusal(ask(door, "token", REFRESH)) == (400, "invalid_grant", "user is locked")
    assert control(door, "POST", "user", {"state": "active"}).status_code == 200

    assert ask(door, "token", REFRESH).status_code == 200
    assert control(door, "POST", "user", {"state": "asleep"}).status_code == 400
