"""The grants of the token endpoint: what each asks for before it opens a session."""

import base64
import binascii
import hmac
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from local.org.connected_app import ConnectedApp, Grant
from local.org.jwt_assertion import Expected, check_assertion
from local.org.messages import Request
from local.org.org import Org
from local.org.sessions import Issued, OAuthError

OFFLINE_SCOPES = frozenset({"refresh_token", "offline_access"})  # two names of one scope
_COMMON_HOSTS = frozenset({"login.salesforce.com", "test.salesforce.com"})
Form = Mapping[str, str]


def grant(org: Org, request: Request, form: Form) -> Issued:
    """Open a session for whatever grant the form asks for.

    Raises:
        OAuthError: The error that Salesforce names.
    """
    asked = form.get("grant_type", "")
    if asked not in _GRANTS or asked not in org.sessions.app.grants:
        raise OAuthError("unsupported_grant_type", "grant type not supported")
    return _GRANTS[Grant(asked)](org, request, form)


def check_client(org: Org, request: Request, form: Form, *, needs_secret: bool) -> None:
    """Check consumer key and secret, of the form or of a Basic header; a secret that is given must be right.

    Raises:
        OAuthError: `invalid_client_id` or `invalid_client`.
    """
    client_id, secret = _client(request, form)
    known = org.settings.credentials
    if client_id != known.client_id:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    if (needs_secret or secret) and not hmac.compare_digest(secret.encode(), known.client_secret.encode()):
        raise OAuthError("invalid_client", "invalid client credentials")


def _client(request: Request, form: Form) -> tuple[str, str]:
    scheme, _, encoded = request.header("authorization").partition(" ")
    if scheme.lower() == "basic":
        try:
            client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise OAuthError("invalid_client", "invalid client credentials") from error
        return client_id, secret
    return form.get("client_id", ""), form.get("client_secret", "")


def _by_refresh_token(org: Org, request: Request, form: Form) -> Issued:
    check_client(org, request, form, needs_secret=_app(org).requires_secret)
    token = form.get("refresh_token", "")
    org.sessions.check_refresh_token(token)
    org.gate.admit(_app(org).sign_ins_per_hour)
    return org.sessions.refresh(token)


def _by_code(org: Org, request: Request, form: Form) -> Issued:
    check_client(org, request, form, needs_secret=_app(org).requires_secret)
    code = form.get("code", "")
    approval = org.codes.check(code, form.get("redirect_uri", ""), form.get("code_verifier", ""))
    org.gate.admit(_app(org).sign_ins_per_hour)
    org.codes.use_up(code)
    return org.sessions.open_family(approval.scope)


def _by_client_credentials(org: Org, request: Request, form: Form) -> Issued:
    if not _app(org).is_my_domain or urlsplit(request.origin).hostname in _COMMON_HOSTS:
        raise OAuthError("invalid_grant", "request not supported on this domain")
    check_client(org, request, form, needs_secret=True)
    if not _app(org).has_run_as_user:
        raise OAuthError("invalid_grant", "no client credentials user enabled")
    return _without_refresh_token(org)


def _by_jwt(org: Org, request: Request, form: Form) -> Issued:
    known = org.settings.credentials
    host = request.header("host")
    origins = frozenset(
        {request.origin, f"http://{host}", f"https://{host}"}
    )  # the origin is https where both are served
    expected = Expected(known.client_id, known.username, origins, _app(org).certificate, now_s=org.clock.now_s())
    check_assertion(form.get("assertion", ""), expected)
    return _without_refresh_token(org)


def _without_refresh_token(org: Org) -> Issued:
    org.gate.admit(_app(org).sign_ins_per_hour)
    scope = " ".join(each for each in _app(org).scopes if each not in OFFLINE_SCOPES)
    return Issued(org.sessions.open(scope, None), scope)


def _app(org: Org) -> ConnectedApp:
    return org.sessions.app


_GRANTS: dict[Grant, Callable[[Org, Request, Form], Issued]] = {
    Grant.REFRESH_TOKEN: _by_refresh_token,
    Grant.AUTHORIZATION_CODE: _by_code,
    Grant.CLIENT_CREDENTIALS: _by_client_credentials,
    Grant.JWT_BEARER: _by_jwt,
}
