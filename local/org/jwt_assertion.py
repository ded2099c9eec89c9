"""The assertion of the JWT bearer grant: who signed it, for whom, until when."""

import base64
import binascii
import json
import math
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from local.org.connected_app import read_public_key
from local.org.sessions import OAuthError

_AUDIENCES = frozenset({"https://login.salesforce.com", "https://test.salesforce.com"})
_MOST_LIFE_S = 300 + 60  # clients ask for three to five minutes; a minute for their clocks


@dataclass(frozen=True, slots=True)
class Expected:
    """What a good assertion says: the org's own origins as further audiences, and the PEM it is verified with."""

    client_id: str
    username: str
    origins: frozenset[str]
    certificate: str | None
    now_s: float


def check_assertion(assertion: str, expected: Expected) -> None:
    """Verify an assertion.

    Raises:
        OAuthError: `invalid_grant`, with the text for what is wrong.
    """
    claims = _verified_claims(assertion, expected.certificate)
    if claims.get("iss") != expected.client_id:
        raise _invalid()
    if str(claims.get("aud", "")).rstrip("/") not in _AUDIENCES | expected.origins:
        raise OAuthError("invalid_grant", "audience is invalid")
    _check_times(claims, expected.now_s)
    if claims.get("sub") != expected.username:
        raise OAuthError("invalid_grant", "user hasn't approved this consumer")


def _verified_claims(assertion: str, certificate: str | None) -> dict[str, Any]:
    parts = assertion.split(".")
    if len(parts) != 3 or certificate is None:
        raise _invalid()
    header, claims = _read(parts[0]), _read(parts[1])
    if header.get("alg") != "RS256":
        raise _invalid()
    signed = f"{parts[0]}.{parts[1]}".encode()
    try:
        read_public_key(certificate).verify(_decode(parts[2]), signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature as error:
        raise _invalid() from error
    return claims


def _read(part: str) -> dict[str, Any]:
    try:
        value = json.loads(_decode(part))
    except (ValueError, RecursionError) as error:
        raise _invalid() from error
    if not isinstance(value, dict):
        raise _invalid()
    return value


def _decode(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise _invalid() from error


def _check_times(claims: dict[str, Any], now_s: float) -> None:
    """The expiry may be a number or its text; a passed one is told with the words for an authorization code."""
    expires_s = _seconds(claims.get("exp"))
    if expires_s <= now_s:
        raise OAuthError("invalid_grant", "expired authorization code")
    if expires_s > now_s + _MOST_LIFE_S or _seconds(claims.get("nbf", 0)) > now_s:
        raise _invalid()


def _seconds(claim: Any) -> float:
    if isinstance(claim, bool) or not isinstance(claim, int | float | str):
        raise _invalid()
    try:
        seconds = float(claim)
    except (ValueError, OverflowError) as error:
        raise _invalid() from error
    if not math.isfinite(seconds):
        raise _invalid()
    return seconds


def _invalid() -> OAuthError:
    return OAuthError("invalid_grant", "invalid assertion")
