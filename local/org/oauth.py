"""The OAuth endpoints: which path is which, and the token, introspection and revocation endpoints themselves."""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus

from local.org.authorize import authorize
from local.org.grants import check_client, grant
from local.org.identity_views import identity, identity_url, openid_configuration, userinfo
from local.org.messages import Reply, Request
from local.org.oauth_replies import OAUTH_HEADERS, oauth_error, oauth_json, read_form
from local.org.org import Org
from local.org.sessions import OAuthError

_HINTS = frozenset({"", "access_token", "refresh_token"})
View = Callable[[Org, Request], Reply]


def answer_oauth(org: Org, request: Request) -> Reply | None:
    """Answer an OAuth request, or return None where the path is no endpoint of ours."""
    segments = request.segments
    if len(segments) == 3 and segments[0] == "id":
        return identity(org, request) if request.method == "GET" else None
    methods, view = _ENDPOINTS.get(segments, ((), None))
    if view is None:
        return None
    if request.method not in methods:
        return Reply(HTTPStatus.METHOD_NOT_ALLOWED, b"", [("Allow", ",".join(methods))])
    try:
        return view(org, request)
    except OAuthError as error:
        return oauth_error(error.status, error.error, error.description)


def token(org: Org, request: Request) -> Reply:
    """Answer the token endpoint."""
    issued = grant(org, request, read_form(request))
    identity = identity_url(org, request)
    issued_at = str(int(org.clock.now_s() * 1000))
    body = {
        "access_token": issued.access_token,
        "refresh_token": issued.refresh_token,
        "signature": org.sessions.sign(identity, issued_at),
        "scope": issued.scope,
        "instance_url": org.sessions.app.instance_url or request.origin,
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued_at,
    }
    return oauth_json(HTTPStatus.OK, {name: value for name, value in body.items() if value is not None})


def introspect(org: Org, request: Request) -> Reply:
    """Answer what a token is good for; to look at a session does not keep it alive."""
    form = read_form(request)
    check_client(org, request, form, needs_secret=True)
    text = form.get("token", "")
    session, refresh_token = org.sessions.access_token(text), org.sessions.refresh_token(text)
    known = session or refresh_token
    if known is None:
        return oauth_json(HTTPStatus.OK, {"active": False})
    issued_s = int(known.issued_s)
    facts = {
        "active": True,
        "scope": known.scope,
        "client_id": org.settings.credentials.client_id,
        "username": org.settings.credentials.username,
        "sub": identity_url(org, request),
        "token_type": "refresh_token" if session is None else "access_token",
        "iat": issued_s,
        "nbf": issued_s,
    }
    return oauth_json(HTTPStatus.OK, facts if session is None else {**facts, "exp": int(org.sessions.ends_s(session))})


def revoke(org: Org, request: Request) -> Reply:
    """Answer the revocation of an access or refresh token: 200 and nothing, or what is wrong with the token."""
    form = read_form(request)
    if form.get("token_type_hint", "") not in _HINTS:
        raise OAuthError("unsupported_token_type", "this token type is not supported")
    if not org.sessions.revoke(form.get("token", "")):
        raise OAuthError("invalid_token", "the token is not one of this org")
    return Reply(HTTPStatus.OK, b"", OAUTH_HEADERS)


_BASE = ("services", "oauth2")
_ENDPOINTS: Mapping[tuple[str, ...], tuple[Sequence[str], View]] = {
    (*_BASE, "authorize"): (("GET", "POST"), authorize),
    (*_BASE, "token"): (("POST",), token),
    (*_BASE, "introspect"): (("POST",), introspect),
    (*_BASE, "revoke"): (("GET", "POST"), revoke),
    (*_BASE, "userinfo"): (("GET", "POST"), userinfo),
    (".well-known", "openid-configuration"): (("GET",), openid_configuration),
}
