"""Access tokens and refresh tokens: what the org gave out and what is still good."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from http import HTTPStatus

from local.org.clock import OrgClock
from local.org.connected_app import ConnectedApp

_FIRST_FAMILY = "configured"
_API_SCOPES = frozenset({"api", "full"})
_EXPIRED = "expired access/refresh token"


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


@dataclass(slots=True)
class AccessToken:
    """A session. `family` names the approval that its refresh token comes from; None where there is none."""

    scope: str
    family: str | None
    issued_s: float
    last_used_s: float


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """One refresh token; with rotation each of a family is good for one refresh."""

    scope: str
    family: str
    issued_s: float


@dataclass(frozen=True, slots=True)
class Issued:
    """What a grant gives out; `refresh_token` is None where the client has one or may not have one."""

    access_token: str
    scope: str
    refresh_token: str | None = None


class Sessions:
    """The tokens of one org. A session ends when it was not used for `app.session_s` seconds of the org's clock.

    Hold the org's lock around each call: a refresh token that may be used once is looked up and dropped in two steps.
    """

    def __init__(self, clock: OrgClock, org_id: str, credentials: Credentials, app: ConnectedApp) -> None:
        self._clock = clock
        self._org_id = org_id
        self._credentials = credentials
        self.app = app
        self._access_tokens: dict[str, AccessToken] = {}
        self._refresh_tokens: dict[str, RefreshToken] = {}
        self._families_of_used: dict[str, str] = {}
        self.restore_refresh_tokens()

    def open(self, scope: str | None = None, family: str | None = _FIRST_FAMILY) -> str:
        """Return a new access token: the 15-character org id, "!" and what only the org understands."""
        token = f"{self._org_id[:15]}!AQ{secrets.token_urlsafe(60)}"
        now_s = self._clock.now_s()
        self._access_tokens[token] = AccessToken(self._full_scope() if scope is None else scope, family, now_s, now_s)
        return token

    def open_family(self, scope: str) -> Issued:
        """Return an access token for what a person approved, with a refresh token where the scope has one."""
        if not {"refresh_token", "offline_access"} & set(scope.split()):
            return Issued(self.open(scope, None), scope)
        family = secrets.token_hex(8)
        return Issued(self.open(scope, family), scope, self._new_refresh_token(scope, family))

    def check_refresh_token(self, token: str) -> None:
        """Tell what is wrong with a refresh token, if anything.

        Raises:
            OAuthError: `invalid_grant`, as Salesforce words it.
        """
        known = self._refresh_tokens.get(token)
        if known is None:
            self._punish_reuse(token)
            raise OAuthError("invalid_grant", _EXPIRED)
        life_s = self.app.refresh_token_s
        if life_s is not None and self._clock.now_s() - known.issued_s > life_s:
            raise OAuthError("invalid_grant", "token validity expired")

    def refresh(self, token: str) -> Issued:
        """Use a good refresh token; with rotation it is dead from here on and the answer holds its successor."""
        known = self._refresh_tokens[token]
        access_token = self.open(known.scope, known.family)
        if not self.app.rotation:
            return Issued(access_token, known.scope)
        del self._refresh_tokens[token]
        self._families_of_used[token] = known.family
        return Issued(access_token, known.scope, self._new_refresh_token(known.scope, known.family))

    def _new_refresh_token(self, scope: str, family: str) -> str:
        token = f"5Aep861{secrets.token_urlsafe(48)}"
        self._refresh_tokens[token] = RefreshToken(scope, family, self._clock.now_s())
        return token

    def _punish_reuse(self, token: str) -> None:
        family = self._families_of_used.get(token)
        if self.app.reuse_ends_family and family is not None:
            self._end_families({family})

    def is_valid(self, token: str) -> bool:
        """Tell whether the token opens the API, and note that it was used."""
        known = self.access_token(token)
        if known is None:
            return False
        known.last_used_s = self._clock.now_s()
        return True

    def opens_api(self, token: str) -> bool:
        """Tell whether a living session has the scope for the API; a refresh gives no more than was approved."""
        known = self.access_token(token)
        return known is not None and not _API_SCOPES.isdisjoint(known.scope.split())

    def access_token(self, token: str) -> AccessToken | None:
        """Return a living session without using it."""
        known = self._access_tokens.get(token)
        if known is None or self._clock.now_s() > self.ends_s(known):
            self._access_tokens.pop(token, None)
            return None
        return known

    def ends_s(self, session: AccessToken) -> float:
        """Return when a session ends if nobody uses it."""
        return session.last_used_s + self.app.session_s

    def refresh_token(self, token: str) -> RefreshToken | None:
        """Return a living refresh token."""
        return self._refresh_tokens.get(token)

    def expire_all(self) -> None:
        """End every session; refresh tokens stay good."""
        self._access_tokens.clear()

    def revoke(self, token: str) -> bool:
        """End one session, or a refresh token with the sessions made from it; tell whether the token was good."""
        known = self._refresh_tokens.get(token)
        if known is not None:
            self._end_families({known.family})
            return True
        was_alive = self.access_token(token) is not None
        self._access_tokens.pop(token, None)
        return was_alive

    def revoke_refresh_tokens(self) -> None:
        """Make every refresh token answer `expired access/refresh token`, and end the sessions made from them."""
        made_from_one = {each.family for each in self._access_tokens.values() if each.family is not None}
        self._end_families({each.family for each in self._refresh_tokens.values()} | made_from_one)

    def _end_families(self, families: set[str]) -> None:
        self._refresh_tokens = {t: each for t, each in self._refresh_tokens.items() if each.family not in families}
        self._access_tokens = {t: each for t, each in self._access_tokens.items() if each.family not in families}

    def restore_refresh_tokens(self) -> None:
        """Make the configured refresh token good again, and no other."""
        first = RefreshToken(self._full_scope(), _FIRST_FAMILY, self._clock.now_s())
        self._refresh_tokens = {self._credentials.refresh_token: first}
        self._families_of_used.clear()

    def _full_scope(self) -> str:
        return " ".join(self.app.scopes)

    def sign(self, identity_url: str, issued_at: str) -> str:
        """Return the signature of a token answer: HMAC-SHA256 over id and issued_at with the consumer secret."""
        message = (identity_url + issued_at).encode()
        return base64.b64encode(hmac.digest(self._credentials.client_secret.encode(), message, hashlib.sha256)).decode()
