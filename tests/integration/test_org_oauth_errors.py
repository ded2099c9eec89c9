"""Every way in which the local org's token endpoint refuses: one table, one row for each error that Salesforce names.

The password flow's errors are left out: the org has no such flow.
"""

import pytest

from local.org.sign_in_gate import UserState
from tests.integration.sign_in import CLIENT, CLIENT_CREDENTIALS, REFRESH, ask, assertion, jwt_form, key_pair, refusal

CALLBACK = "http://localhost/callback"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def code(org, **changes):
    """Return the form for a code that was approved just now."""
    approved = org.codes.issue(CALLBACK, "api refresh_token", CHALLENGE)
    return {"grant_type": "authorization_code", "code": approved, "redirect_uri": CALLBACK, **CLIENT, **changes}


def used_code(org):
    form = code(org)
    org.codes.use_up(form["code"])
    return form


def signed(org, **claims):
    org.change_app(certificate=key_pair()[1])
    return jwt_form(assertion(org.clock.now_s(), **claims))


def refresh(org):
    del org
    return REFRESH


def credentials(org):
    del org
    return CLIENT_CREDENTIALS


def revoked(org):
    org.revoke_refresh_tokens()
    return REFRESH


def outlived(org):
    org.change_app(refresh_token_s=1)
    org.advance_clock(2)
    return REFRESH


def stopped(state):
    """Return what stops the user before a refresh."""

    def arrange(org):
        org.set_user_state(UserState(state))
        return REFRESH

    return arrange


def with_policy(form, **policies):
    """Return what changes the app before a form is sent."""

    def arrange(org):
        org.change_app(**policies)
        return form

    return arrange


@pytest.mark.parametrize(
    ("arrange", "error", "description"),
    [
        (revoked, "invalid_grant", "expired access/refresh token"),
        (outlived, "invalid_grant", "token validity expired"),
        (stopped("inactive"), "invalid_grant", "inactive user"),
        (stopped("locked"), "invalid_grant", "user is locked"),
        (stopped("ip_restricted"), "invalid_grant", "ip restricted"),
        (stopped("out_of_hours"), "invalid_grant", "invalid login hours"),
        (stopped("not_approved"), "invalid_grant", "user hasn't approved this consumer"),
        (lambda org: signed(org, aud="https://x.example"), "invalid_grant", "audience is invalid"),
        (lambda org: signed(org, iss="x"), "invalid_grant", "invalid assertion"),
        (used_code, "invalid_grant", "expired authorization code"),
        (lambda org: code(org, code="x"), "invalid_grant", "invalid authorization code"),
        (lambda org: code(org, code_verifier="x"), "invalid_grant", "invalid code verifier"),
        (
            with_policy(CLIENT_CREDENTIALS, has_run_as_user=False),
            "invalid_grant",
            "no client credentials user enabled",
        ),
        (with_policy(CLIENT_CREDENTIALS, is_my_domain=False), "invalid_grant", "request not supported on this domain"),
        (lambda _: {**REFRESH, "client_id": "x"}, "invalid_client_id", "client identifier invalid"),
        (lambda _: {**REFRESH, "client_secret": ""}, "invalid_client", "invalid client credentials"),
        (
            lambda org: code(org, redirect_uri="http://localhost/x"),
            "redirect_uri_mismatch",
            "redirect_uri must match configuration",
        ),
        (lambda _: {**REFRESH, "grant_type": "password"}, "unsupported_grant_type", "grant type not supported"),
        (stopped("inactive_user"), "inactive_user", "user is inactive"),
        (stopped("inactive_org"), "inactive_org", "organization is inactive"),
        (with_policy(REFRESH, sign_ins_per_hour=0), "rate_limit_exceeded", "login rate exceeded"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_refusal_is_a_400_with_the_words_of_salesforce_and_opens_no_session(door, org, arrange, error, description):
    response = ask(door, "token", arrange(org))

    assert refusal(response) == (400, error, description)
    assert set(response.json()) == {"error", "error_description"}
    assert response.headers["Cache-Control"].startswith("no-cache")


@pytest.mark.parametrize("arrange", [refresh, credentials, signed, lambda org: code(org, code_verifier=VERIFIER)])
def test_same_forms_sign_in_where_nothing_is_wrong(door, org, arrange):
    assert ask(door, "token", arrange(org)).status_code == 200


VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


@pytest.mark.parametrize("endpoint", ["token", "introspect", "revoke", "authorize"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe=\x00",
        b"%ff=%00&grant_type=%C3%28",
        b"grant_type=refresh_token&grant_type=client_credentials",
        b"grant_type=" + b"x" * 100_000,
        b"grant_type=authorization_code&code=%00&client_id=\xf0\x9f\x92\xa9&token=%ED%A0%80",
        b'{"grant_type": "refresh_token"}',
        b"client_id=3MVG9local.lockstep&redirect_uri=http://localhost/callback%0d%0aSet-Cookie:%20x=1&decision=approve",
    ],
    ids=range(8),
)
def test_hostile_form_is_refused_and_the_org_lives(door, endpoint, body):
    response = ask(door, endpoint, body)

    assert response.status_code == 400
    assert "Set-Cookie" not in response.headers
    assert ask(door, "token", REFRESH).status_code == 200
