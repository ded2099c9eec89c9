"""Salesforce's OAuth endpoints: sign in, exchange a code, learn a session's end and who signed in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, assert_never

import requests

from lockstep.adapters.jwt_assertion import clock_note, signed_assertion
from lockstep.adapters.salesforce_failures import was_refused
from lockstep.adapters.token_failures import of_refusal
from lockstep.domain.connection import AccessToken, App, TokenAnswer
from lockstep.domain.credentials import (
    ClientCredentials,
    Credentials,
    JwtBearerCredentials,
    RefreshTokenCredentials,
)
from lockstep.domain.failures import FailureKind, SyncError

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_HEADERS = {"Accept": "application/json"}


@dataclass(frozen=True, slots=True)
class AuthorizationCode:
    """A code that came back from the browser, and what it was asked with."""

    code: str = field(repr=False)
    redirect_uri: str
    code_verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class UserInfo:
    """Who a token speaks for."""

    username: str
    organization_id: str
    user_id: str


class HttpTokenEndpoint:
    """Implements `ports.sign_in.TokenEndpoint`.

    Args:
        login_url: https://login.salesforce.com, https://test.salesforce.com or the org's My Domain.
        session: With time limits.
        clock: The time, aware.
    """

    def __init__(self, login_url: str, session: requests.Session, clock: Callable[[], datetime]) -> None:
        self._login_url = login_url.rstrip("/")
        self._session = session
        self._clock = clock

    def sign_in(self, credentials: Credentials) -> TokenAnswer:
        """Ask for a session by the credentials' grant; no retry."""
        return self._granted(self._form(credentials), has_assertion=isinstance(credentials, JwtBearerCredentials))

    def exchange_code(self, app: App, code: AuthorizationCode) -> TokenAnswer:
        """Turn an authorization code into tokens.

        Raises:
            SyncError: As `sign_in`.
        """
        form = {"code": code.code, "redirect_uri": code.redirect_uri, "code_verifier": code.code_verifier}
        return self._granted({"grant_type": "authorization_code", **_client(app.client_id, app.client_secret), **form})

    def remaining_s(self, credentials: Credentials, answer: TokenAnswer) -> int | None:
        """Ask for the token's end; by Salesforce's own clock, so that ours may be off."""
        if isinstance(credentials, JwtBearerCredentials) or not credentials.client_secret:
            return None  # the app cannot prove who it is
        form = {"token": answer.access_token, "token_type_hint": "access_token"}
        client = _client(credentials.client_id, credentials.client_secret)
        url = f"{answer.instance_url.rstrip('/')}/services/oauth2/introspect"
        try:
            reply = self._session.post(url, data={**form, **client}, headers=_HEADERS, allow_redirects=False)
            told = reply.json() if reply.ok else None
        except requests.RequestException:
            return None  # it is only good to know
        return _remaining_s(told, reply.headers.get("Date"))

    def who(self, token: AccessToken) -> UserInfo:
        """Ask who the token speaks for.

        Raises:
            SyncError: SESSION_EXPIRED where the token is not good; ORG_UNAVAILABLE.
        """
        url = f"{token.instance_url.rstrip('/')}/services/oauth2/userinfo"
        headers = {**_HEADERS, "Authorization": f"Bearer {token.value}"}
        try:
            reply = self._session.get(url, headers=headers, allow_redirects=False)
            told = reply.json() if reply.ok else None
        except requests.RequestException as exc:
            raise _unreachable(FailureKind.ORG_UNAVAILABLE, exc) from exc
        if reply.status_code in (401, 403):
            raise SyncError(FailureKind.SESSION_EXPIRED, "the org refuses the access token", error_code=_CODE_REFUSED)
        if not isinstance(told, dict):
            detail = f"the org answered {reply.status_code} to who signed in"
            raise SyncError(FailureKind.ORG_UNAVAILABLE, detail)
        keys = ("preferred_username", "organization_id", "user_id")
        return UserInfo(*(str(told.get(key) or "") for key in keys))

    def _form(self, credentials: Credentials) -> dict[str, str]:
        match credentials:
            case RefreshTokenCredentials():
                client = _client(credentials.client_id, credentials.client_secret)
                return {"grant_type": "refresh_token", **client, "refresh_token": credentials.refresh_token}
            case JwtBearerCredentials():
                assertion = signed_assertion(credentials, self._login_url, self._clock())
                return {"grant_type": JWT_BEARER, "assertion": assertion}
            case ClientCredentials():
                client = _client(credentials.client_id, credentials.client_secret)
                return {"grant_type": "client_credentials", **client}
            case _:
                assert_never(credentials)

    def _granted(self, form: Mapping[str, str], *, has_assertion: bool = False) -> TokenAnswer:
        reply = self._post(form)
        try:
            body = reply.json()
        except requests.JSONDecodeError:
            body = None
        if reply.status_code == requests.codes.ok and isinstance(body, dict) and (answer := _answer(body)):
            return answer
        note = clock_note(reply.headers.get("Date"), self._clock()) if has_assertion else ""
        raise of_refusal(reply.status_code, body, note)

    def _post(self, form: Mapping[str, str]) -> requests.Response:
        url = f"{self._login_url}/services/oauth2/token"
        try:
            # A redirect would carry the form, and the secret in it, to wherever it points.
            return self._session.post(url, data=dict(form), headers=_HEADERS, allow_redirects=False)
        except requests.RequestException as exc:
            never_left = isinstance(exc, requests.ConnectTimeout) or was_refused(exc)
            raise _unreachable(FailureKind.ORG_UNAVAILABLE if never_left else FailureKind.OUTCOME_UNKNOWN, exc) from exc


_CODE_REFUSED = "Bad_OAuth_Token"


def _client(client_id: str, client_secret: str) -> dict[str, str]:
    return {"client_id": client_id, **({"client_secret": client_secret} if client_secret else {})}


def _answer(body: Mapping[str, Any]) -> TokenAnswer | None:
    """Read a grant; None where it lacks what every grant has."""
    texts = {key: value for key, value in body.items() if isinstance(value, str)}
    if not texts.get("access_token") or not texts.get("instance_url"):
        return None
    return TokenAnswer(
        texts["access_token"],
        texts["instance_url"].rstrip("/"),
        texts.get("refresh_token", ""),
        texts.get("scope", ""),
        texts.get("id", ""),
    )


def _remaining_s(told: object, date_header: str | None) -> int | None:
    exp = told.get("exp") if isinstance(told, dict) else None
    if not isinstance(exp, int | float):
        return None
    try:
        remaining = int(exp - parsedate_to_datetime(date_header or "").timestamp())
    except ValueError:
        return None
    return remaining if remaining > 0 else None


def _unreachable(kind: FailureKind, error: requests.RequestException) -> SyncError:
    return SyncError(kind, "the login address cannot be reached", error_code=type(error).__name__)
