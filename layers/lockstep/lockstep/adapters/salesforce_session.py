"""Sessions with the org: sign-in by refresh token, and an HTTP session that always has a time limit."""

from collections.abc import Mapping
from typing import Any, Protocol

import requests

from lockstep.domain.connection import AccessToken
from lockstep.domain.failures import FailureKind, SyncError

# Salesforce holds a call for up to 10 minutes; a function cannot.
CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 20.0

# The token endpoint's `error`: these heal only when a person acts (Salesforce Help, "OAuth 2.0 Refresh Token Flow").
_PERMANENT = {
    "invalid_grant",
    "invalid_client",
    "invalid_client_id",
    "inactive_user",
    "inactive_org",
    "unsupported_grant_type",
}


class TimeLimitedSession(requests.Session):
    """A session whose every request ends: simple-salesforce sets no time limit."""

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """Send, with the time limits unless the caller set others."""
        kwargs.setdefault("timeout", (CONNECT_TIMEOUT_S, READ_TIMEOUT_S))
        return super().request(method, url, *args, **kwargs)


class StoredCredentials(Protocol):
    """Where the connection's secret lies; `adapters.secrets` is one."""

    def get(self, name: str) -> Mapping[str, str]:
        """Return the secret."""

    def put(self, name: str, value: Mapping[str, str]) -> None:
        """Replace it: a refresh token may be good for one use only."""

    def forget(self, name: str) -> None:
        """Read it anew next time."""


class RefreshTokenSignIn:
    """Implements `SignIn` by the refresh-token grant.

    Args:
        secrets: Where the connection's secret lies.
        secret_name: A JSON secret with client_id, refresh_token and, where the app has one, client_secret.
        login_url: https://login.salesforce.com, https://test.salesforce.com or the org's My Domain.
        session: For the call to the token endpoint.
    """

    def __init__(self, secrets: StoredCredentials, secret_name: str, login_url: str, session: requests.Session) -> None:
        self._secrets = secrets
        self._secret_name = secret_name
        self._token_url = f"{login_url.rstrip('/')}/services/oauth2/token"
        self._session = session
        self._token: AccessToken | None = None

    def token(self) -> AccessToken:
        """Return the container's token, or sign in."""
        if self._token is None:
            self._token = self._refresh()
        return self._token

    def discard(self, token: AccessToken) -> None:
        """Forget the token, unless there is a newer one."""
        if self._token == token:
            self._token = None
            self._secrets.forget(self._secret_name)

    def _refresh(self) -> AccessToken:
        credentials = self._credentials()
        answer = self._ask({"grant_type": "refresh_token", **credentials})
        if rotated := answer.get("refresh_token"):
            # Single use: the old one is dead already, so the new one is stored before anything else happens.
            self._secrets.put(self._secret_name, {**credentials, "refresh_token": rotated})
        try:
            return AccessToken(answer["access_token"], answer["instance_url"])
        except KeyError as exc:
            raise SyncError(FailureKind.ORG_UNAVAILABLE, f"the token answer has no {exc.args[0]}") from exc

    def _credentials(self) -> dict[str, str]:
        secret = self._secrets.get(self._secret_name)
        for key in ("client_id", "refresh_token"):
            if not secret.get(key):
                raise SyncError(FailureKind.CONFIGURATION_INVALID, f"the secret {self._secret_name} has no {key}")
        return {key: secret[key] for key in ("client_id", "client_secret", "refresh_token") if secret.get(key)}

    def _ask(self, form: dict[str, str]) -> dict[str, Any]:
        try:
            answer = self._session.post(self._token_url, data=form, headers={"Accept": "application/json"})
            body = answer.json()
        except requests.JSONDecodeError as exc:
            raise SyncError(FailureKind.ORG_UNAVAILABLE, "the token endpoint answered no JSON") from exc
        except requests.RequestException as exc:
            raise SyncError(
                FailureKind.ORG_UNAVAILABLE, "the token endpoint cannot be reached", error_code=type(exc).__name__
            ) from exc
        if answer.ok and isinstance(body, dict):
            return body
        raise _refused(body.get("error") if isinstance(body, dict) else None)


def _refused(error: object) -> SyncError:
    code = error if isinstance(error, str) else None
    if code in _PERMANENT:
        return SyncError(
            FailureKind.CREDENTIALS_REJECTED,
            "Salesforce refuses the sign-in; somebody must sign in again and store the new refresh token",
            error_code=code,
        )
    return SyncError(FailureKind.ORG_UNAVAILABLE, "the token endpoint refuses for now", error_code=code)
