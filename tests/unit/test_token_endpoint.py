"""The token endpoint: what is asked, what an answer means, and what is never told."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import parse_qs

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from lockstep.adapters.token_endpoint import JWT_BEARER, AuthorizationCode, HttpTokenEndpoint
from lockstep.domain.connection import AccessToken, App, TokenAnswer
from lockstep.domain.credentials import ClientCredentials, JwtBearerCredentials, RefreshTokenCredentials
from lockstep.domain.failures import FailureKind, SyncError
from tests.integration.sign_in import key_pair

LOGIN = "https://login.salesforce.com"
NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
PLANTED = "hunter2-planted"
REFRESH = RefreshTokenCredentials("c", PLANTED, PLANTED)
GRANTED = {"access_token": "a", "instance_url": "https://acme.my.salesforce.com/", "id": f"{LOGIN}/id/00D/005"}


class Wire(BaseAdapter):
    """Answers every request with what it was told, and keeps what was asked."""

    def __init__(self):
        super().__init__()
        self.status, self.body, self.error = 200, json.dumps(GRANTED), None
        self.headers = {}
        self.asked = []

    def send(self, request, **_):
        self.asked.append(request)
        if self.error:
            raise self.error
        answer = requests.Response()
        answer.status_code, answer._content = self.status, self.body.encode()
        answer.headers = CaseInsensitiveDict(self.headers)
        answer.url, answer.request = request.url, request
        return answer

    def close(self):
        pass

    @property
    def form(self):
        return {key: value for key, (value,) in parse_qs(self.asked[-1].body).items()}


@pytest.fixture
def wire():
    return Wire()


@pytest.fixture
def endpoint(wire):
    session = requests.Session()
    session.mount("https://", wire)
    return HttpTokenEndpoint(LOGIN + "/", session, lambda: NOW)


def failure(call, *arguments):
    with pytest.raises(SyncError) as caught:
        call(*arguments)
    assert PLANTED not in repr(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("credentials", "form"),
    [
        (RefreshTokenCredentials("c", "r"), {"grant_type": "refresh_token", "client_id": "c", "refresh_token": "r"}),
        (ClientCredentials("c", "s"), {"grant_type": "client_credentials", "client_id": "c", "client_secret": "s"}),
    ],
)
def test_form_is_the_grants(endpoint, wire, credentials, form):
    answer = endpoint.sign_in(credentials)

    assert wire.asked[0].url == f"{LOGIN}/services/oauth2/token"
    assert wire.form == form
    assert answer == TokenAnswer("a", "https://acme.my.salesforce.com", identity_url=f"{LOGIN}/id/00D/005")
    assert answer.org_id == "00D"


@pytest.mark.parametrize(("audience", "expected"), [("", LOGIN), ("https://acme.my.salesforce.com", None)])
def test_assertion_is_signed_for_three_minutes(endpoint, wire, audience, expected):
    private, _, public = key_pair()

    endpoint.sign_in(JwtBearerCredentials("c", "u@example.com", private, audience))

    checks = {"verify_aud": False, "verify_exp": False}
    claims = jwt.decode(wire.form["assertion"], public, algorithms=["RS256"], options=checks)
    assert wire.form["grant_type"] == JWT_BEARER
    assert claims == {
        "iss": "c",
        "sub": "u@example.com",
        "aud": expected or audience,
        "exp": int(NOW.timestamp()) + 180,
    }


def _elliptic():
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(
    "pem", [PLANTED, f"-----BEGIN PRIVATE KEY-----\n{PLANTED}\n-----END PRIVATE KEY-----", _elliptic()]
)
def test_key_that_is_no_rsa_key_is_named_and_not_shown(endpoint, wire, pem):
    error = failure(endpoint.sign_in, JwtBearerCredentials("c", "u", pem))

    assert error.kind is FailureKind.CONFIGURATION_INVALID
    assert "private_key" in error.detail
    assert error.__cause__ is None
    assert wire.asked == []


PERMANENT = ["invalid_grant", "invalid_client", "invalid_client_id", "inactive_user", "inactive_org",
             "unsupported_grant_type", "invalid_scope", "redirect_uri_mismatch", "invalid_request"]  # fmt: skip


@pytest.mark.parametrize("error", PERMANENT)
def test_permanent_refusal_needs_a_person_and_says_what_to_do(endpoint, wire, error):
    wire.status, wire.body = 400, json.dumps({"error": error, "error_description": PLANTED})

    found = failure(endpoint.sign_in, REFRESH)

    assert (found.kind, found.error_code) == (FailureKind.CREDENTIALS_REJECTED, error)
    assert len(found.detail.split("; ")) >= 2


@pytest.mark.parametrize(
    "text", ["expired access/refresh token", "inactive user", "user hasn't approved this consumer"]
)
def test_known_text_is_told(endpoint, wire, text):
    wire.status, wire.body = 400, json.dumps({"error": "invalid_grant", "error_description": text})

    assert text in failure(endpoint.sign_in, REFRESH).detail


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, '{"error": "rate_limit_exceeded"}', FailureKind.ORG_UNAVAILABLE),
        (400, '{"error": "unknown_error"}', FailureKind.OUTCOME_UNKNOWN),
        (400, json.dumps({"error": PLANTED + " "}), FailureKind.OUTCOME_UNKNOWN),
        (503, "<html>hunter2-planted</html>", FailureKind.OUTCOME_UNKNOWN),
        (500, "", FailureKind.OUTCOME_UNKNOWN),
        (200, "<html>maintenance</html>", FailureKind.OUTCOME_UNKNOWN),
        (200, '{"access_token": "a"}', FailureKind.OUTCOME_UNKNOWN),
        (200, "[]", FailureKind.OUTCOME_UNKNOWN),
        (302, "", FailureKind.OUTCOME_UNKNOWN),
    ],
)
def test_trouble_is_not_taken_for_revocation(endpoint, wire, status, body, kind):
    wire.status, wire.body = status, body

    assert failure(endpoint.sign_in, REFRESH).kind is kind


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (requests.ConnectTimeout(), FailureKind.ORG_UNAVAILABLE),
        (requests.ReadTimeout(), FailureKind.OUTCOME_UNKNOWN),
        (requests.ConnectionError(), FailureKind.OUTCOME_UNKNOWN),
    ],
)
def test_only_what_never_left_is_known_not_to_have_arrived(endpoint, wire, error, kind):
    wire.error = error

    assert failure(endpoint.sign_in, REFRESH).kind is kind


def test_redirect_is_not_followed_with_the_form(endpoint, wire):
    wire.status, wire.body, wire.headers = 307, "", {"Location": "https://evil.example/"}

    failure(endpoint.sign_in, REFRESH)

    assert [each.url for each in wire.asked] == [f"{LOGIN}/services/oauth2/token"]


@pytest.mark.parametrize(
    ("off", "said"),
    [
        (timedelta(minutes=7), "7 minutes behind"),
        (timedelta(minutes=-61), "61 minutes ahead of"),
        (timedelta(seconds=119), None),
        (None, None),
    ],
)
def test_refused_assertion_tells_by_how_much_the_clock_is_off(endpoint, wire, off, said):
    wire.status, wire.body = 400, '{"error": "invalid_grant", "error_description": "invalid assertion"}'
    wire.headers = {} if off is None else {"Date": format_datetime(NOW + off, usegmt=True)}

    detail = failure(endpoint.sign_in, JwtBearerCredentials("c", "u", key_pair()[0])).detail

    assert said in detail if said else "clock" not in detail


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"active": True, "exp": NOW.timestamp() + 900}, 900),
        ({"active": False}, None),
        ({"active": True, "exp": NOW.timestamp() - 1}, None),
        ({"active": True, "exp": "soon"}, None),
        ([], None),
    ],
)
def test_end_of_a_session_is_told_by_the_servers_own_clock(endpoint, wire, told, expected):
    wire.body, wire.headers = json.dumps(told), {"Date": format_datetime(NOW, usegmt=True)}

    assert endpoint.remaining_s(REFRESH, TokenAnswer("a", "https://acme.my.salesforce.com")) == expected
    assert wire.asked[0].url == "https://acme.my.salesforce.com/services/oauth2/introspect"


def test_end_that_cannot_be_learned_is_unknown(endpoint, wire):
    answer = TokenAnswer("a", "https://acme.my.salesforce.com")
    assert endpoint.remaining_s(RefreshTokenCredentials("c", "r"), answer) is None
    assert wire.asked == []

    wire.error = requests.ReadTimeout()
    assert endpoint.remaining_s(REFRESH, answer) is None


def test_code_is_exchanged_with_its_verifier(endpoint, wire):
    endpoint.exchange_code(App("c"), AuthorizationCode("code", "http://localhost:1717/OauthRedirect", "verifier"))

    assert wire.form == {
        "grant_type": "authorization_code",
        "client_id": "c",
        "code": "code",
        "redirect_uri": "http://localhost:1717/OauthRedirect",
        "code_verifier": "verifier",
    }
    assert PLANTED not in repr(AuthorizationCode(PLANTED, "http://localhost", PLANTED))


@pytest.mark.parametrize(
    ("status", "kind"),
    [(403, FailureKind.SESSION_EXPIRED), (401, FailureKind.SESSION_EXPIRED), (500, FailureKind.ORG_UNAVAILABLE)],
)
def test_token_that_speaks_for_nobody_is_told(endpoint, wire, status, kind):
    wire.status, wire.body = status, "Bad_OAuth_Token"

    assert failure(endpoint.who, AccessToken(PLANTED, "https://acme.my.salesforce.com")).kind is kind
