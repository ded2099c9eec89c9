"""Credentials and the session beside them: what is read from the secret, and what is written back."""

from datetime import timedelta

import pytest

from lockstep.domain.connection import AccessToken, App, Session, TokenAnswer, read_session, with_consent, with_session
from lockstep.domain.credentials import (
    ClientCredentials,
    Grant,
    JwtBearerCredentials,
    RefreshTokenCredentials,
    fingerprint,
    read_credentials,
    rotation_mark,
)
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.instance_hosts import check_instance_url, parse_hosts
from tests.fakes.sign_in import NOON

PLANTED = "hunter2-planted"
SECRET = "stack/salesforce"
REFRESH = {"client_id": "c", "client_secret": "s", "refresh_token": "r"}
JWT = {"client_id": "c", "username": "u@example.com", "private_key": "pem"}
CLIENT = {"client_id": "c", "client_secret": "s"}
ANSWER = TokenAnswer("a1", "https://acme.my.salesforce.com", "r1", "api", "https://login.salesforce.com/id/00Dx/005y")


@pytest.mark.parametrize(
    ("secret", "expected"),
    [
        (REFRESH, RefreshTokenCredentials("c", "r", "s")),
        ({"client_id": "c", "refresh_token": " r\n"}, RefreshTokenCredentials("c", "r")),
        (JWT, JwtBearerCredentials("c", "u@example.com", "pem")),
        (
            {**JWT, "audience": "https://test.salesforce.com"},
            JwtBearerCredentials("c", "u@example.com", "pem", "https://test.salesforce.com"),
        ),
        (CLIENT, ClientCredentials("c", "s")),
        ({**REFRESH, "grant": "client_credentials"}, ClientCredentials("c", "s")),
        ({**REFRESH, **JWT, "grant": "jwt_bearer"}, JwtBearerCredentials("c", "u@example.com", "pem")),
    ],
    ids=["refresh token", "public app", "key", "audience", "app", "named grant", "named among several"],
)
def test_grant_is_named_or_told_by_the_keys(secret, expected):
    assert read_credentials(secret, SECRET) == expected


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ({}, "client_id"),
        ({"client_id": "c"}, "refresh_token"),
        ({**REFRESH, "client_id": " "}, "client_id"),
        ({"client_id": "c", "private_key": PLANTED}, "username"),
        ({**REFRESH, "private_key": PLANTED}, "grant"),
        ({**REFRESH, "grant": PLANTED}, "grant"),
        ({**CLIENT, "grant": "refresh_token"}, "refresh_token"),
        ({"client_id": "c", "refresh_token": PLANTED, "grant": "client_credentials"}, "client_secret"),
        ({**CLIENT, "grant": "password"}, "grant"),
    ],
)
def test_unfit_secret_names_the_key_and_never_its_value(secret, said):
    with pytest.raises(SyncError, match=said) as caught:
        read_credentials(secret, SECRET)

    assert caught.value.kind is FailureKind.CONFIGURATION_INVALID
    assert PLANTED not in caught.value.detail
    assert SECRET in caught.value.detail


@pytest.mark.parametrize(
    "holder",
    [
        RefreshTokenCredentials("c", PLANTED, PLANTED),
        JwtBearerCredentials("c", "u", PLANTED),
        ClientCredentials("c", PLANTED),
        AccessToken(PLANTED, "https://acme.my.salesforce.com"),
        Session(AccessToken(PLANTED, "https://acme.my.salesforce.com")),
        TokenAnswer(PLANTED, "https://acme.my.salesforce.com", PLANTED),
        App("c", PLANTED),
    ],
    ids=lambda holder: type(holder).__name__,
)
def test_no_class_that_holds_a_secret_shows_it(holder):
    assert PLANTED not in f"{holder!r}{holder}"


def test_fingerprints_tell_credentials_apart_and_tell_nothing_of_them():
    all_of_them = [
        RefreshTokenCredentials("c", "r"),
        RefreshTokenCredentials("c", "r", "s"),
        RefreshTokenCredentials("c", "r2", "s"),
        JwtBearerCredentials("c", "u", "k"),
        ClientCredentials("c", "s"),
    ]

    assert len({fingerprint(each) for each in all_of_them}) == len(all_of_them)
    assert {len(fingerprint(each)) for each in all_of_them} == {16}
    assert [bool(rotation_mark(each)) for each in all_of_them] == [True, True, True, False, False]


def test_session_and_refresh_token_are_written_together_and_unknown_keys_are_kept():
    content = with_session({**REFRESH, "owner": "sales ops", "expires_at": "old"}, ANSWER, NOON, SECRET)

    assert (content["refresh_token"], content["access_token"], content["owner"]) == ("r1", "a1", "sales ops")
    assert (content["org_id"], content["scope"], content["issued_at"]) == ("00Dx", "api", NOON.isoformat())
    assert "expires_at" not in content
    assert read_session(content, SECRET) == Session(AccessToken("a1", ANSWER.instance_url), NOON)


@pytest.mark.parametrize("secret", [JWT, CLIENT])
def test_refresh_token_that_nobody_asked_for_does_not_change_the_grant(secret):
    content = with_session(secret, ANSWER, NOON, SECRET)

    assert read_credentials(content, SECRET) == read_credentials(secret, SECRET)


def test_session_of_other_credentials_is_none():
    content = with_session(REFRESH, ANSWER, NOON, SECRET)

    assert read_session({**content, "refresh_token": "by hand"}, SECRET) is None
    assert read_session({**content, "access_token": ""}, SECRET) is None
    assert read_session(REFRESH, SECRET) is None


@pytest.mark.parametrize("text", ["", "soon", "2026-05-06T12:00:00"])
def test_end_that_is_no_moment_is_unknown(text):
    content = {**with_session(REFRESH, ANSWER, NOON, SECRET), "expires_at": text}

    assert read_session(content, SECRET).expires_at is None


def test_consent_of_a_person_replaces_every_other_grant():
    content = with_consent(JWT, App("app"), ANSWER, username="ada@example.com", now=NOON, secret_name=SECRET)

    assert read_credentials(content, SECRET) == RefreshTokenCredentials("app", "r1")
    assert (content["grant"], content["username"]) == (Grant.REFRESH_TOKEN, "ada@example.com")
    assert read_session(content, SECRET).token.value == "a1"


def test_consent_without_a_refresh_token_is_refused():
    answer = TokenAnswer("a1", ANSWER.instance_url)

    with pytest.raises(SyncError, match="refresh_token"):
        with_consent({}, App("app"), answer, username="", now=NOON, secret_name=SECRET)


@pytest.mark.parametrize(
    ("life_s", "after_s", "expected"), [(3600, 3479, False), (3600, 3480, True), (40, 29, False), (40, 30, True)]
)
def test_session_ends_soon_two_minutes_before_its_end_or_in_its_last_quarter(life_s, after_s, expected):
    session = Session(AccessToken("a", "u"), NOON, NOON + timedelta(seconds=life_s))

    assert session.ends_soon(NOON + timedelta(seconds=after_s)) is expected


HOSTS = ["acme.my.salesforce.com", "acme--uat.sandbox.my.salesforce.com", "na1.salesforce.com", "x.my.salesforce.mil",
         "x.my.sfcrmproducts.cn", "ACME.MY.SALESFORCE.COM", "acme.cloudforce.com"]  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
def test_salesforces_own_hosts_get_tokens(host):
    check_instance_url(f"https://{host}", ())


@pytest.mark.parametrize(
    "url",
    ["http://acme.my.salesforce.com", "https://acme.my.salesforce.com.evil.example", "https://evilsalesforce.com",
     "https://acme.my.salesforce.com@evil.example", "https://evil.example/.salesforce.com", "https://[", "", "https://",
     "https://evil.example\\.salesforce.com", "https://user@acme.my.salesforce.com", "https://evil.example#.salesforce.com",
     "https://evil.example?.salesforce.com", "https://127.0.0.1:8443"],
)  # fmt: skip
def test_strangers_get_no_token(url):
    with pytest.raises(SyncError, match="instance_url") as caught:
        check_instance_url(url, ())

    assert caught.value.kind is FailureKind.CONFIGURATION_INVALID


def test_hosts_can_be_allowed_by_name():
    allowed = parse_hosts(" 127.0.0.1, Proxy.Acme.example ,")

    check_instance_url("https://127.0.0.1:8443", allowed)
    check_instance_url("https://proxy.acme.example", allowed)
    with pytest.raises(SyncError):
        check_instance_url("http://127.0.0.1:8443", allowed)
