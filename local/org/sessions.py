"""Access tokens and refresh tokens: what the org gave out and what is still good."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from http import HTTPStatus

from local.org.clock import OrgClock


@dataclass(frozen=True, slots=True)
class Credentials:
    """The connected app and the user that a client signs in with."""

    client_id: str = "3MVG9local.lockstep"
    client_secret: str = "local-client-secret"  # noqa: S105
    refresh_token: str = "5Aep861local-refresh-token"  # noqa: S105
    username: str = "integration@lockstep.example"


class OAuthError(Exception):
    """A refused token request."""

    def __init__(self, error: str, description: str, *, status: int = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description
        self.status = status


class Sessions:
    """The tokens of one org. A session ends when it was not used for `session_s` seconds of the org's clock."""

    def __init__(self, clock: OrgClock, org_id: str, credentials: Credentials, session_s: float) -> None:
        self._clock = clock
        self._org_id = org_id
        self._credentials = credentials
        self._session_s = session_s
        self._last_used_s: dict[str, float] = {}
        self._refresh_tokens = {credentials.refresh_token}

    def open(self) -> str:
        """Return a new access token: the 15-character org id, "!" and what only the org understands."""
        token = f"{self._org_id[:15]}!AQ{secrets.token_urlsafe(60)}"
        self._last_used_s[token] = self._clock.now_s()
        return token

    def refresh(self, client_id: str, client_secret: str, refresh_token: str) -> str:
        """Return a new access token for a refresh token.

        Raises:
            OAuthError: The error that Salesforce names.
        """
        if client_id != self._credentials.client_id:
            raise OAuthError("invalid_client_id", "client identifier invalid")
        if not hmac.compare_digest(client_secret.encode(), self._credentials.client_secret.encode()):
            raise OAuthError("invalid_client", "invalid client credentials")
        if refresh_token not in self._refresh_tokens:
            raise OAuthError("invalid_grant", "expired access/refresh token")
        return self.open()

    def is_valid(self, token: str) -> bool:
        """Tell whether the token opens the API, and note that it was used."""
        now_s, last_s = self._clock.now_s(), self._last_used_s.get(token)
        if last_s is None or now_s - last_s > self._session_s:
            self._last_used_s.pop(token, None)
            return False
        self._last_used_s[token] = now_s
        return True

    def expire_all(self) -> None:
        """End every session; refresh tokens stay good."""
        self._last_used_s.clear()

    def revoke(self, token: str) -> bool:
        """End one session, or a refresh token with all sessions; tell whether the token was good."""
        if token in self._refresh_tokens:
            self.revoke_refresh_tokens()
            return True
        return self._last_used_s.pop(token, None) is not None

    def revoke_refresh_tokens(self) -> None:
        """Make every refresh token answer `expired access/refresh token`, and end the sessions made from them."""
        self._refresh_tokens.clear()
        self.expire_all()

    def restore_refresh_tokens(self) -> None:
        """Make the configured refresh token good again."""
        self._refresh_tokens = {self._credentials.refresh_token}

    def sign(self, identity_url: str, issued_at: str) -> str:
        """Return the signature of a token answer: HMAC-SHA256 over id and issued_at with the consumer secret."""
        message = (identity_url + issued_at).encode()
        return base64.b64encode(hmac.digest(self._credentials.client_secret.encode(), message, hashlib.sha256)).decode()
