"""The local org's grants: refresh with rotation, client credentials and JWT, and who may not sign in."""

import base64
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from local.org.sign_in_gate import REFUSALS, UserState
from tests.integration.sign_in import (
    CLIENT,
    CLIENT_CREDENTIALS,
    KNOWN,
    REFRESH,
    ask,
    assertion,
    jwt_form,
    key_pair,
    limits_status,
    refusal,
    resealed,
)

EXPIRED = (400, "invalid_grant", "expired access/refresh token")
DEEP = base64.urlsafe_b64encode(b"[" * 99_999).decode() + ".e30.e30"
WITHOUT_SECRET = {**CLIENT_CREDENTIALS, "client_secret": ""}
INVALID_ASSERTION = (400, "invalid_grant", "invalid assertion")


def test_refresh_token_stays_good_without_rotation(door):
    answers = [ask(door, "token", REFRESH).json() for _ in range(2)]

    assert "refresh_token" not in answers[0]
    assert [limits_status(door, each["access_token"]) for each in answers] == [200, 200]


def test_rotated_refresh_token_is_good_for_one_refresh(door, org):
    org.change_app(rotation=True)

    first = ask(door, "token", REFRESH).json()
    reused = ask(door, "token", REFRESH)
    second = ask(door, "token", {**REFRESH, "refresh_token": first["refresh_token"]}).json()

    assert refusal(reused) == EXPIRED
    assert len({KNOWN.refresh_token, first["refresh_token"], second["refresh_token"]}) == 3
    assert second["scope"] == "refresh_token api id"
    assert limits_status(door, first["access_token"]) == 200


def test_reuse_ends_the_whole_family_where_the_app_says_so(door, org):
    org.change_app(rotation=True, reuse_ends_family=True)
    first = ask(door, "token", REFRESH).json()

    assert refusal(ask(door, "token", REFRESH)) == EXPIRED

    assert refusal(ask(door, "token", {**REFRESH, "refresh_token": first["refresh_token"]})) == EXPIRED
    assert limits_status(door, first["access_token"]) == 401


def test_of_thirty_that_refresh_at_once_exactly_one_wins(door, org):
    org.change_app(rotation=True)

    with ThreadPoolExecutor(30) as threads:
        responses = list(threads.map(lambda _: ask(door, "token", REFRESH), range(30)))

    won = [each for each in responses if each.status_code == 200]
    assert len(won) == 1
    assert {refusal(each) for each in responses if each.status_code != 200} == {EXPIRED}
    assert ask(door, "token", {**REFRESH, "refresh_token": won[0].json()["refresh_token"]}).status_code == 200


def test_refresh_token_ends_after_its_life(door, org):
    org.change_app(refresh_token_s=3600)
    org.advance_clock(3601)

    assert refusal(ask(door, "token", REFRESH)) == (400, "invalid_grant", "token validity expired")


def test_refresh_needs_no_secret_where_the_app_does_not_ask_for_it_but_never_takes_a_wrong_one(door, org):
    org.change_app(requires_secret=False)

    assert ask(door, "token", {**REFRESH, "client_secret": ""}).status_code == 200
    refused = refusal(ask(door, "token", {**REFRESH, "client_secret": "wrong"}))
    assert refused == (400, "invalid_client", "invalid client credentials")


def test_session_life_is_the_apps_to_say(door, org):
    org.change_app(session_s=60)
    token = ask(door, "token", REFRESH).json()["access_token"]

    org.advance_clock(50)
    assert limits_status(door, token) == 200
    org.advance_clock(50)
    assert limits_status(door, token) == 200
    org.advance_clock(61)

    assert limits_status(door, token) == 401


@pytest.mark.parametrize("with_header", [True, False], ids=["basic", "form"])
def test_client_credentials_open_a_session_without_a_refresh_token(door, with_header):
    auth = (KNOWN.client_id, KNOWN.client_secret)
    form = {"grant_type": "client_credentials"} if with_header else CLIENT_CREDENTIALS

    answer = ask(door, "token", form, auth=auth if with_header else None).json()

    assert (answer["scope"], "refresh_token" in answer) == ("api id", False)
    assert limits_status(door, answer["access_token"]) == 200


@pytest.mark.parametrize(
    ("policies", "form", "expected"),
    [
        ({"is_my_domain": False}, CLIENT_CREDENTIALS, ("invalid_grant", "request not supported on this domain")),
        ({"has_run_as_user": False}, CLIENT_CREDENTIALS, ("invalid_grant", "no client credentials user enabled")),
        ({"grants": []}, CLIENT_CREDENTIALS, ("unsupported_grant_type", "grant type not supported")),
        ({"requires_secret": False}, WITHOUT_SECRET, ("invalid_client", "invalid client credentials")),
        ({}, {**CLIENT_CREDENTIALS, "client_id": "x"}, ("invalid_client_id", "client identifier invalid")),
        ({}, {"grant_type": "password", **CLIENT}, ("unsupported_grant_type", "grant type not supported")),
        ({"sign_ins_per_hour": 0}, REFRESH, ("rate_limit_exceeded", "login rate exceeded")),
        ({"sign_ins_per_hour": 0}, CLIENT_CREDENTIALS, ("rate_limit_exceeded", "login rate exceeded")),
    ],
)  # fmt: skip
def test_policy_of_the_app_refuses_a_sign_in(door, org, policies, form, expected):
    org.change_app(**policies)

    assert refusal(ask(door, "token", form)) == (400, *expected)


@pytest.mark.parametrize("header", ["Basic %%%", "Basic /w==", "Basic"])
def test_basic_header_that_cannot_be_read_is_a_wrong_client(door, header):
    response = ask(door, "token", {"grant_type": "client_credentials"}, headers={"Authorization": header})

    assert response.status_code == 400
    assert response.json()["error"] in {"invalid_client", "invalid_client_id"}


@pytest.mark.parametrize("pem", [1, 2], ids=["certificate", "public key"])
@pytest.mark.parametrize("audience", ["https://login.salesforce.com", "https://test.salesforce.com", "own", "own/"])
def test_assertion_opens_a_session_for_any_audience_that_real_clients_send(door, org, pem, audience):
    org.change_app(certificate=key_pair()[pem])
    audience = audience.replace("own", door.instance_url)

    answer = ask(door, "token", jwt_form(assertion(org.clock.now_s(), aud=audience))).json()

    assert (answer["scope"], "refresh_token" in answer) == ("api id", False)
    assert limits_status(door, answer["access_token"]) == 200


@pytest.mark.parametrize("life_s", [180, 300, "180"])
def test_expiry_of_an_assertion_may_be_a_number_or_its_text(door, org, life_s):
    org.change_app(certificate=key_pair()[1])
    ends_s = int(org.clock.now_s()) + int(life_s)

    form = jwt_form(assertion(0, exp=str(ends_s) if isinstance(life_s, str) else ends_s))

    assert ask(door, "token", form).status_code == 200


@pytest.mark.parametrize(
    ("claims", "description"),
    [
        ({"iss": "x"}, "invalid assertion"),
        ({"iss": None}, "invalid assertion"),
        ({"aud": "https://elsewhere.example"}, "audience is invalid"),
        ({"aud": None}, "audience is invalid"),
        ({"sub": "x@y.example"}, "user hasn't approved this consumer"),
        ({"exp": -1}, "expired authorization code"),
        ({"exp": None}, "invalid assertion"),
        ({"exp": 3600}, "invalid assertion"),
        ({"nbf": 60}, "invalid assertion"),
    ],
    ids=repr,
)
def test_assertion_that_says_something_wrong_is_refused(door, org, claims, description):
    now_s = org.clock.now_s()
    org.change_app(certificate=key_pair()[1])
    times = {name: now_s + claims[name] for name in ("exp", "nbf") if claims.get(name) is not None}

    response = ask(door, "token", jwt_form(assertion(now_s, **{**claims, **times})))

    assert refusal(response) == (400, "invalid_grant", description)


@pytest.mark.parametrize("expiry", ["soon", True, [], float("nan"), float("inf"), 1e400, "1e999", {}], ids=repr)
def test_expiry_that_is_no_time_is_an_invalid_assertion(door, org, expiry):
    org.change_app(certificate=key_pair()[1])

    assert refusal(ask(door, "token", jwt_form(assertion(0, exp=expiry)))) == INVALID_ASSERTION


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c", "e30.e30.e30", "..", "WzFd.WzFd.eA", "ü.ü.ü", DEEP])
def test_what_is_no_assertion_is_refused_as_one(door, org, text):
    org.change_app(certificate=key_pair()[1])

    assert refusal(ask(door, "token", jwt_form(text))) == INVALID_ASSERTION


def test_assertion_must_be_signed_with_the_registered_key_and_algorithm(door, org):
    now_s, stranger = org.clock.now_s(), rsa.generate_private_key(public_exponent=65537, key_size=2048)
    good = assertion(now_s)
    without_certificate = ask(door, "token", jwt_form(good))
    org.change_app(certificate=key_pair()[1])
    forged = [
        assertion(now_s, key=stranger),
        assertion(now_s, key="s" * 32, algorithm="HS256"),
        assertion(now_s, algorithm="RS512"),
        good.rpartition(".")[0] + ".",
        *(resealed(good, header) for header in ({"alg": "none"}, {"alg": "RS512"}, {}, [])),
    ]

    refused = {refusal(ask(door, "token", jwt_form(each))) for each in forged}

    assert {refusal(without_certificate)} | refused == {INVALID_ASSERTION}
    assert ask(door, "token", jwt_form(resealed(good, {"alg": "RS256"}))).status_code == 200


@pytest.mark.parametrize(("state", "expected"), REFUSALS.items(), ids=str)
@pytest.mark.parametrize("grant", ["refresh", "client credentials", "jwt"])
def test_user_that_may_not_sign_in_is_told_why_by_every_grant_and_loses_no_token(door, org, state, expected, grant):
    org.change_app(certificate=key_pair()[1], rotation=True)
    form = {
        "refresh": REFRESH,
        "client credentials": CLIENT_CREDENTIALS,
        "jwt": jwt_form(assertion(org.clock.now_s())),
    }[grant]
    org.set_user_state(state)

    refused = ask(door, "token", form)
    org.set_user_state(UserState.ACTIVE)

    assert refusal(refused) == (400, *expected)
    assert ask(door, "token", form).status_code == 200


@pytest.mark.parametrize(("state", "status"), [("inactive", 401), ("locked", 200), ("not_approved", 200)])
def test_only_a_user_that_is_no_longer_active_loses_the_session(door, org, state, status):
    token = org.open_session()

    org.set_user_state(UserState(state))

    assert limits_status(door, token) == status


def test_every_state_but_active_has_a_refusal():
    assert set(REFUSALS) == set(UserState) - {UserState.ACTIVE}


def test_sign_ins_are_counted_over_the_last_hour(door, org):
    org.change_app(sign_ins_per_hour=2, rotation=True)
    first = ask(door, "token", REFRESH).json()
    second = ask(door, "token", {**REFRESH, "refresh_token": first["refresh_token"]}).json()
    form = {**REFRESH, "refresh_token": second["refresh_token"]}

    refused = ask(door, "token", form)
    org.advance_clock(3601)

    assert refusal(refused) == (400, "rate_limit_exceeded", "login rate exceeded")
    assert ask(door, "token", form).status_code == 200


def test_instance_url_may_be_another_than_the_one_that_was_asked(door, org):
    org.change_app(instance_url="https://elsewhere.example")

    assert ask(door, "token", REFRESH).json()["instance_url"] == "https://elsewhere.example"
