"""The authorize endpoint: a page that asks the person, and the redirect with a code or with what is wrong."""

import re
from collections.abc import Mapping
from html import escape
from http import HTTPStatus
from urllib.parse import parse_qsl, urlencode, urlsplit

from local.org.grants import OFFLINE_SCOPES
from local.org.messages import Headers, Reply, Request
from local.org.oauth_replies import read_form
from local.org.org import Org
from local.org.sessions import OAuthError
from local.org.sign_in_gate import REFUSALS, UserState

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_HEADERS: Headers = (
    ("Content-Type", "text/html;charset=UTF-8"),
    ("Cache-Control", "no-cache,must-revalidate,max-age=0,no-store,private"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
)
_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>
<body><main><h1>{title}</h1>{body}</main></body></html>
"""
_QUESTION = """<p>{username} signs in to the local org. The application asks for: {scope}.</p>
<form method="post" action="/services/oauth2/authorize">{fields}
<button name="decision" value="approve">Allow</button>
<button name="decision" value="deny">Deny</button></form>"""
Form = Mapping[str, str]


def authorize(org: Org, request: Request) -> Reply:
    """Ask the person (GET), or carry out what the person decided (POST with `decision`)."""
    form = read_form(request)
    try:
        _check_client(org, form)
    except OAuthError as error:
        return _page(error.status, "Error", f"<p>error={escape(error.error)}</p><p>{escape(error.description)}</p>")
    try:
        _check_request(org, form)
        return _decide(org, form) if request.method == "POST" else _ask(org, form)
    except OAuthError as error:
        return _redirect(form, {"error": error.error, "error_description": error.description})


def _check_client(org: Org, form: Form) -> None:
    """What is wrong with these two is never sent to the redirect URL: it may be a stranger's."""
    if form.get("client_id") != org.settings.credentials.client_id:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    if not org.sessions.app.redirects_to(form.get("redirect_uri", "")):
        raise OAuthError("redirect_uri_mismatch", "redirect_uri must match configuration")


def _check_request(org: Org, form: Form) -> None:
    if form.get("response_type") != "code":
        raise OAuthError("unsupported_response_type", "response type not supported")
    if not set(_scope(org, form).split()) <= _allowed(org):
        raise OAuthError("invalid_scope", "the requested scope is not allowed")
    challenge = form.get("code_challenge", "")
    if org.sessions.app.requires_pkce and not challenge:
        raise OAuthError("invalid_request", "missing required code challenge")
    is_s256 = form.get("code_challenge_method", "S256") == "S256"
    if challenge and not (is_s256 and _CHALLENGE.fullmatch(challenge)):
        raise OAuthError("invalid_request", "invalid code challenge")


def _scope(org: Org, form: Form) -> str:
    return " ".join(form.get("scope", "").split()) or " ".join(org.sessions.app.scopes)


def _allowed(org: Org) -> set[str]:
    """The two names of the scope for a refresh token stand for each other."""
    allowed = set(org.sessions.app.scopes)
    return allowed | OFFLINE_SCOPES if allowed & OFFLINE_SCOPES else allowed


def _ask(org: Org, form: Form) -> Reply:
    fields = "".join(f'<input type="hidden" name="{escape(n)}" value="{escape(v)}">' for n, v in form.items())
    username, scope = escape(org.settings.credentials.username), escape(_scope(org, form))
    return _page(HTTPStatus.OK, "Allow access?", _QUESTION.format(username=username, scope=scope, fields=fields))


def _decide(org: Org, form: Form) -> Reply:
    decision = form.get("decision")
    if decision == "deny":
        raise OAuthError("access_denied", "end-user denied authorization")
    if decision != "approve":
        return _ask(org, form)
    if org.gate.user_state is UserState.NOT_APPROVED:
        org.gate.user_state = UserState.ACTIVE  # that is what the person does here
    if org.gate.user_state in REFUSALS:
        reason = REFUSALS[org.gate.user_state][1]
        return _page(HTTPStatus.FORBIDDEN, "You cannot sign in", f"<p>{escape(reason)}</p>")
    code = org.codes.issue(form["redirect_uri"], _scope(org, form), form.get("code_challenge", ""))
    return _redirect(form, {"code": code})


def _redirect(form: Form, answer: dict[str, str]) -> Reply:
    if "state" in form:
        answer = {**answer, "state": form["state"]}
    target = urlsplit(form["redirect_uri"])
    query = urlencode([*parse_qsl(target.query, keep_blank_values=True), *answer.items()])
    headers = [*_HEADERS[1:], ("Location", target._replace(query=query).geturl())]
    return Reply(HTTPStatus.FOUND, b"", headers)


def _page(status: int, title: str, body: str) -> Reply:
    return Reply(status, _PAGE.format(title=escape(title), body=body).encode(), _HEADERS)
