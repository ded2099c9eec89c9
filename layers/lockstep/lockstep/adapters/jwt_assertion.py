"""The signed claim of the JWT bearer grant, and how far the machine's clock is off where Salesforce refuses one."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from lockstep.domain.credentials import JwtBearerCredentials
from lockstep.domain.failures import FailureKind, SyncError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

LIFE_S = 180  # Salesforce Help, "OAuth 2.0 JWT Bearer Flow": at most three minutes
TOLERATED_S = 120


def signed_assertion(credentials: JwtBearerCredentials, login_url: str, now: datetime) -> str:
    """Return the assertion.

    Raises:
        SyncError: CONFIGURATION_INVALID: the private key is no RSA key in PEM.
    """
    import jwt

    claims = {
        "iss": credentials.client_id,
        "sub": credentials.username,
        "aud": credentials.audience or login_url,
        "exp": int(now.timestamp()) + LIFE_S,
    }
    return jwt.encode(claims, _rsa_key(credentials.private_key), algorithm="RS256")


def clock_note(date_header: str | None, now: datetime) -> str:
    """Say by how much our clock and Salesforce's differ, or "" where they agree or its clock is not known."""
    try:
        theirs = parsedate_to_datetime(date_header or "")
    except ValueError:
        return ""
    theirs = theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)
    off_s = (now - theirs).total_seconds()
    if abs(off_s) <= TOLERATED_S:
        return ""
    direction = "ahead of" if off_s > 0 else "behind"
    return f"this machine's clock is {abs(off_s) / 60:.0f} minutes {direction} Salesforce's: set it"


def _rsa_key(pem: str) -> "RSAPrivateKey":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # From None: the parser's error may quote the key.
        raise _unfit("does not parse: store an unencrypted PEM file with its line breaks") from None
    if not isinstance(key, RSAPrivateKey):
        raise _unfit("is no RSA key, and Salesforce takes no other")
    return key


def _unfit(reason: str) -> SyncError:
    return SyncError(FailureKind.CONFIGURATION_INVALID, f"the secret's private_key {reason}")
