"""The OAuth endpoints: token by refresh token, revoke, userinfo and the identity URL."""

import base64
import binascii
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from local.org.json_text import to_json
from local.org.messages import Headers, Reply, Request
from local.org.org import Org
from local.org.sessions import OAuthError

_HEADERS: Headers = (
    ("Content-Type", "application/json;charset=UTF-8"),
    ("Cache-Control", "no-cache,must-revalidate,max-age=0,no-store,private"),
    ("Expires", "Thu, 01 Jan 1970 00:00:00 GMT"),
    ("X-ReadOnlyMode", "false"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-XSS-Protection", "1; mode=block"),
    ("Strict-Transport-Security", "max-age=63072000; includeSubDomains"),
    ("Vary", "Accept-Encoding"),
)
_PLAIN: Headers = (("Content-Type", "text/html;charset=UTF-8"),)
_SCOPE = "refresh_token api id"


def answer_oauth(org: Org, request: Request) -> Reply | None:
    """Answer an OAuth request, or return None where the path is no endpoint of ours."""
    endpoint = request.segments[2:]
    if endpoint == ("token",):
        return _only(request, {"POST"}, lambda: token(org, request))
    if endpoint == ("revoke",):
        return _only(request, {"GET", "POST"}, lambda: revoke(org, request))
    if endpoint == ("userinfo",):
        return _only(request, {"GET", "POST"}, lambda: userinfo(org, request))
    return None


def bearer_token(request: Request) -> str:
    """Return the token of the Authorization header (`Bearer` or `OAuth`), or ""."""
    scheme, _, token_text = request.header("authorization").partition(" ")
    return token_text.strip() if scheme.lower() in {"bearer", "oauth"} else ""


def token(org: Org, request: Request) -> Reply:
    """Answer the token endpoint."""
    try:
        return _json(HTTPStatus.OK, _granted(org, request))
    except OAuthError as error:
        return oauth_error(error.status, error.error, error.description)


def oauth_error(status: int, error: str, description: str) -> Reply:
    """Return an error as the OAuth endpoints shape it."""
    return _json(status, {"error": error, "error_description": description})


def _granted(org: Org, request: Request) -> dict[str, str]:
    form = _form(request)
    if form.get("grant_type") != "refresh_token":
        raise OAuthError("unsupported_grant_type", "grant type not supported")
    client_id, client_secret = _client(request, form)
    access_token = org.sessions.refresh(client_id, client_secret, form.get("refresh_token", ""))
    identity = _identity_url(org, request)
    issued_at = str(int(org.clock.now_s() * 1000))
    return {
        "access_token": access_token,
        "signature": org.sessions.sign(identity, issued_at),
        "scope": _SCOPE,
        "instance_url": request.origin,
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued_at,
    }


def _form(request: Request) -> dict[str, str]:
    text = request.body.decode("utf-8", errors="replace")
    return {**request.query, **dict(parse_qsl(text, keep_blank_values=True))}


def _client(request: Request, form: Mapping[str, str]) -> tuple[str, str]:
    """Return client id and secret, from the form or from a Basic header."""
    scheme, _, encoded = request.header("authorization").partition(" ")
    if scheme.lower() == "basic":
        try:
            client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise OAuthError("invalid_client", "invalid client credentials") from error
        return client_id, secret
    return form.get("client_id", ""), form.get("client_secret", "")


def revoke(org: Org, request: Request) -> Reply:
    """Answer the revocation of an access or refresh token: 200 and nothing, or what is wrong with the token."""
    if org.sessions.revoke(_form(request).get("token", "")):
        return Reply(HTTPStatus.OK, b"", _HEADERS)
    return oauth_error(HTTPStatus.BAD_REQUEST, "invalid_token", "the token is not one of this org")


def identity(org: Org, request: Request) -> Reply:
    """Answer the identity URL; what is wrong is plain text."""
    token_text = bearer_token(request) or request.query.get("oauth_token", "")
    if not org.sessions.is_valid(token_text):
        reason = b"Bad_OAuth_Token" if token_text else b"Missing_OAuth_Token"
        return Reply(HTTPStatus.FORBIDDEN, reason, _PLAIN)
    if request.segments[1:] != (org.settings.organization_id, org.user_id):
        return Reply(HTTPStatus.NOT_FOUND, b"Bad_Id", _PLAIN)
    facts = _user_facts(org, request)
    who = {"id": facts["sub"], "asserted_user": True, "user_id": org.user_id, "username": facts["preferred_username"]}
    return _json(HTTPStatus.OK, {**who, "display_name": facts["name"], **facts})


def userinfo(org: Org, request: Request) -> Reply:
    """Answer userinfo; a bad token is 403 and plain text."""
    if not org.sessions.is_valid(bearer_token(request)):
        return Reply(HTTPStatus.FORBIDDEN, b"Bad_OAuth_Token", _PLAIN)
    return _json(HTTPStatus.OK, _user_facts(org, request))


def _user_facts(org: Org, request: Request) -> dict[str, Any]:
    origin, username = request.origin, org.settings.credentials.username
    return {
        "sub": _identity_url(org, request),
        "user_id": org.user_id,
        "organization_id": org.settings.organization_id,
        "preferred_username": username,
        "nickname": "integration",
        "name": "Integration User",
        "email": username,
        "email_verified": True,
        "given_name": "Integration",
        "family_name": "User",
        "zoneinfo": "GMT",
        "urls": {
            "rest": f"{origin}/services/data/v{{version}}/",
            "sobjects": f"{origin}/services/data/v{{version}}/sobjects/",
            "query": f"{origin}/services/data/v{{version}}/query/",
        },
        "active": True,
        "user_type": "STANDARD",
        "language": "en_US",
        "locale": "en_US",
        "utcOffset": 0,
        "is_app_installed": True,
    }


def _identity_url(org: Org, request: Request) -> str:
    return f"{request.origin}/id/{org.settings.organization_id}/{org.user_id}"


def _only(request: Request, methods: set[str], answer: Callable[[], Reply]) -> Reply:
    if request.method in methods:
        return answer()
    allowed = ",".join(sorted(methods))
    return Reply(HTTPStatus.METHOD_NOT_ALLOWED, b"", [("Allow", allowed)])


def _json(status: int, body: Mapping[str, Any]) -> Reply:
    return Reply(status, to_json(body, pretty=False), _HEADERS)
