"""What signs in to the org: three grants, read from a flat object of texts."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias, assert_never

from lockstep.domain.failures import FailureKind, SyncError

FINGERPRINT_CHARS = 16


class Grant(StrEnum):
    """How one signs in; the secret's key `grant`."""

    REFRESH_TOKEN = "refresh_token"  # noqa: S105 - its name
    JWT_BEARER = "jwt_bearer"
    CLIENT_CREDENTIALS = "client_credentials"


@dataclass(frozen=True, slots=True)
class RefreshTokenCredentials:
    """A person's consent: with rotation the refresh token is good for one use."""

    client_id: str
    refresh_token: str = field(repr=False)
    client_secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class JwtBearerCredentials:
    """An integration user, vouched for by a private key (PEM); `audience` where it is not the login URL."""

    client_id: str
    username: str
    private_key: str = field(repr=False)
    audience: str = ""


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """An app that runs as the user whom the org has set for it."""

    client_id: str
    client_secret: str = field(repr=False)


Credentials: TypeAlias = RefreshTokenCredentials | JwtBearerCredentials | ClientCredentials

REQUIRED_KEYS: dict[Grant, tuple[str, ...]] = {
    Grant.REFRESH_TOKEN: ("client_id", "refresh_token"),
    Grant.JWT_BEARER: ("client_id", "username", "private_key"),
    Grant.CLIENT_CREDENTIALS: ("client_id", "client_secret"),
}


def read_credentials(secret: Mapping[str, str], secret_name: str) -> Credentials:
    """Read the credentials.

    Args:
        secret: Keys and texts; those that no grant knows are left alone.
        secret_name: For the error.

    Raises:
        SyncError: CONFIGURATION_INVALID, naming the key and never its value.
    """
    given = {key: value.strip() for key, value in secret.items()}
    if not given.get("client_id"):
        raise _invalid(secret_name, "has no client_id, which every grant needs")
    grant = _grant(given, secret_name)
    for key in REQUIRED_KEYS[grant]:
        if not given.get(key):
            raise _invalid(secret_name, f"has no {key}, which the grant {grant} needs")
    match grant:
        case Grant.REFRESH_TOKEN:
            return RefreshTokenCredentials(given["client_id"], given["refresh_token"], given.get("client_secret", ""))
        case Grant.JWT_BEARER:
            audience = given.get("audience", "")
            return JwtBearerCredentials(given["client_id"], given["username"], given["private_key"], audience)
        case Grant.CLIENT_CREDENTIALS:
            return ClientCredentials(given["client_id"], given["client_secret"])
        case _:
            assert_never(grant)


def grant_of(credentials: Credentials) -> Grant:
    """Name the grant."""
    match credentials:
        case RefreshTokenCredentials():
            return Grant.REFRESH_TOKEN
        case JwtBearerCredentials():
            return Grant.JWT_BEARER
        case ClientCredentials():
            return Grant.CLIENT_CREDENTIALS
        case _:
            assert_never(credentials)


def fingerprint(credentials: Credentials) -> str:
    """Return a short hash that tells these credentials from others and gives nothing of them away."""
    values = [getattr(credentials, name) for name in credentials.__slots__]
    return _hashed(grant_of(credentials), *values)


def rotation_mark(credentials: Credentials) -> str:
    """Return a short hash of what one use may spend (the refresh token), or "" where nothing is spent."""
    return _hashed(credentials.refresh_token) if isinstance(credentials, RefreshTokenCredentials) else ""


def _grant(given: Mapping[str, str], secret_name: str) -> Grant:
    """Take the grant that is named, or the one that the keys speak for."""
    if named := given.get("grant"):
        if named not in set(Grant):
            raise _invalid(secret_name, f"has a grant that is none of {', '.join(Grant)}")
        return Grant(named)
    fitting = [
        grant
        for grant, key in ((Grant.REFRESH_TOKEN, "refresh_token"), (Grant.JWT_BEARER, "private_key"))
        if given.get(key)
    ]
    if len(fitting) > 1:
        raise _invalid(secret_name, f"fits several grants; add the key grant with one of {', '.join(fitting)}")
    if not fitting and not given.get("client_secret"):
        raise _invalid(secret_name, "has no refresh_token, private_key or client_secret: one of them signs in")
    return fitting[0] if fitting else Grant.CLIENT_CREDENTIALS


def _hashed(*values: str) -> str:
    return hashlib.sha256("\x00".join(values).encode()).hexdigest()[:FINGERPRINT_CHARS]


def _invalid(secret_name: str, reason: str) -> SyncError:
    return SyncError(FailureKind.CONFIGURATION_INVALID, f"the secret {secret_name} {reason}")
