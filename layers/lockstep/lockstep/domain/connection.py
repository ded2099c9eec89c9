"""The connection with the org: its session, and the one secret that holds the session beside the credentials."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lockstep.domain.credentials import Grant, fingerprint, read_credentials, rotation_mark

# Before its end a session is renewed (a batch may still begin with it); a short one in its last quarter.
RENEWED_AHEAD = timedelta(minutes=2)
_SESSION_OF = "session_of"  # the fingerprint of the credentials that the session was made of


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A bearer token and the org's address that it came with."""

    value: str
    instance_url: str

    def __repr__(self) -> str:
        return f"AccessToken({self.instance_url})"


@dataclass(frozen=True, slots=True)
class Session:
    """An access token and what is known of its life; by our clock."""

    token: AccessToken
    issued_at: datetime | None = None
    expires_at: datetime | None = None

    def has_ended(self, now: datetime) -> bool:
        """True where its end is known and over."""
        return self.expires_at is not None and now >= self.expires_at

    def ends_soon(self, now: datetime) -> bool:
        """True where its end is known and so near that a new one is due."""
        if self.expires_at is None:
            return False
        life = self.expires_at - self.issued_at if self.issued_at else 4 * RENEWED_AHEAD
        return now >= self.expires_at - min(RENEWED_AHEAD, life / 4)


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """What the token endpoint grants. `refresh_token` is "" where none came, `identity_url` ends in org and user id."""

    access_token: str = field(repr=False)
    instance_url: str
    refresh_token: str = field(default="", repr=False)
    scope: str = ""
    identity_url: str = ""

    @property
    def org_id(self) -> str:
        """The org's id, or ""."""
        parts = self.identity_url.rstrip("/").split("/")
        return parts[-2] if len(parts) > 2 else ""


def read_session(secret: Mapping[str, str], secret_name: str) -> Session | None:
    """Return the session that the containers share, or None where there is none of these very credentials.

    Raises:
        SyncError: CONFIGURATION_INVALID, as `read_credentials`.
    """
    value, instance_url = secret.get("access_token"), secret.get("instance_url")
    # Credentials that were replaced by hand leave the session of the former ones beside them.
    is_ours = secret.get(_SESSION_OF) == fingerprint(read_credentials(secret, secret_name))
    if not value or not instance_url or not is_ours:
        return None
    return Session(
        AccessToken(value, instance_url), _instant(secret.get("issued_at")), _instant(secret.get("expires_at"))
    )


def with_session(secret: Mapping[str, str], answer: TokenAnswer, now: datetime, secret_name: str) -> dict[str, str]:
    """Return the secret's new content: the session, the new refresh token where there is one, all else as it was.

    The session's end is not known yet.

    Raises:
        SyncError: CONFIGURATION_INVALID, as `read_credentials`.
    """
    content = {**_without(secret, "expires_at"), **_session_keys(answer, now)}
    if answer.refresh_token and rotation_mark(read_credentials(secret, secret_name)):
        content["refresh_token"] = answer.refresh_token
    return {**content, _SESSION_OF: fingerprint(read_credentials(content, secret_name))}


def with_end(secret: Mapping[str, str], expires_at: datetime) -> dict[str, str]:
    """Return the secret's content with the session's end."""
    return {**secret, "expires_at": expires_at.isoformat()}


@dataclass(frozen=True, slots=True)
class App:
    """The app that a person signs in through; `client_secret` is "" where it has none."""

    client_id: str
    client_secret: str = field(default="", repr=False)


def with_consent(
    secret: Mapping[str, str], app: App, answer: TokenAnswer, *, username: str, now: datetime, secret_name: str
) -> dict[str, str]:
    """Return the secret's new content after a person signed in by authorization code: the grant is `refresh_token`.

    Raises:
        SyncError: CONFIGURATION_INVALID: the answer brought no refresh token.
    """
    content = {
        **_without(secret, "client_secret", "expires_at"),
        **_session_keys(answer, now),
        "grant": Grant.REFRESH_TOKEN.value,
        "client_id": app.client_id,
        "refresh_token": answer.refresh_token,
        "username": username,
    }
    if app.client_secret:
        content["client_secret"] = app.client_secret
    return {**content, _SESSION_OF: fingerprint(read_credentials(content, secret_name))}


def _session_keys(answer: TokenAnswer, now: datetime) -> dict[str, str]:
    return {
        "access_token": answer.access_token,
        "instance_url": answer.instance_url,
        "issued_at": now.isoformat(),
        "scope": answer.scope,
        "org_id": answer.org_id,
    }


def _without(secret: Mapping[str, str], *keys: str) -> dict[str, str]:
    return {key: value for key, value in secret.items() if key not in keys}


def _instant(text: str | None) -> datetime | None:
    """Read a moment; what is no aware one is as good as unknown."""
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return at if at.tzinfo else None
