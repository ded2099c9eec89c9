"""Who signed in: the identity URL, userinfo, and where the endpoints are."""

from http import HTTPStatus
from typing import Any

from local.org.messages import Headers, Reply, Request
from local.org.oauth_replies import bearer_token, oauth_json
from local.org.org import Org

_PLAIN: Headers = (("Content-Type", "text/html;charset=UTF-8"),)


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
    return oauth_json(HTTPStatus.OK, {**who, "display_name": facts["name"], **facts})


def userinfo(org: Org, request: Request) -> Reply:
    """Answer userinfo; a bad token is 403 and plain text."""
    if not org.sessions.is_valid(bearer_token(request)):
        return Reply(HTTPStatus.FORBIDDEN, b"Bad_OAuth_Token", _PLAIN)
    return oauth_json(HTTPStatus.OK, _user_facts(org, request))


def openid_configuration(org: Org, request: Request) -> Reply:
    """Answer where the endpoints are. The org signs no identity tokens, so it names no keys."""
    base = f"{request.origin}/services/oauth2"
    named = ("authorize", "token", "revoke", "userinfo", "introspect")
    keys = ("authorization", "token", "revocation", "userinfo", "introspection")
    endpoints = {f"{key}_endpoint": f"{base}/{name}" for key, name in zip(keys, named, strict=True)}
    facts = {
        "issuer": request.origin,
        **endpoints,
        "scopes_supported": list(org.sessions.app.scopes),
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
    }
    return oauth_json(HTTPStatus.OK, facts)


def identity_url(org: Org, request: Request) -> str:
    """Return the URL that names the user."""
    return f"{request.origin}/id/{org.settings.organization_id}/{org.user_id}"


def _user_facts(org: Org, request: Request) -> dict[str, Any]:
    origin, username = request.origin, org.settings.credentials.username
    return {
        "sub": identity_url(org, request),
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
