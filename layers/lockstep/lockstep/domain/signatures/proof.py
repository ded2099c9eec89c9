"""What every scheme shares: the proof that a request shows, and its check in constant time."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.requests import WebhookRequest

MAX_SIGNATURES = 16  # a rotation needs two or three; more only costs us digests
MAX_HEADER_CHARS = 8192  # API Gateway's own limit for all headers together is 10,240 bytes
MAX_TIMESTAMP_DIGITS = 15


class Algorithm(StrEnum):
    """The hash inside the HMAC."""

    SHA1 = "sha1"
    SHA256 = "sha256"
    SHA512 = "sha512"


class Encoding(StrEnum):
    """How the signature is written."""

    HEX = "hex"
    HEX_UPPER = "hex_upper"
    BASE64 = "base64"


class SecretSlot(StrEnum):
    """Which of the two live secrets of a source."""

    CURRENT = "current"
    PREVIOUS = "previous"


@dataclass(frozen=True, slots=True)
class Proof:
    """What the sender says it signed, and the signatures that it shows for it."""

    signed: bytes
    signatures: Sequence[str]
    encoding: Encoding
    algorithm: Algorithm = Algorithm.SHA256


class ProvingScheme(Protocol):
    """How one kind of sender signs."""

    def proof(self, request: WebhookRequest, now_s: float) -> Proof:
        """Take the proof from the request.

        Raises:
            SyncError: SIGNATURE_INVALID where it is missing, malformed or stale.
        """

    def key(self, secret: str) -> bytes:
        """Return the HMAC key that the secret stands for.

        Raises:
            SyncError: CONFIGURATION_INVALID.
        """


def refused(reason: str) -> SyncError:
    """Refuse a request; the reason is for our log, the sender only hears that the signature is wrong."""
    return SyncError(FailureKind.SIGNATURE_INVALID, reason)


def values_of(request: WebhookRequest, *names: str) -> Sequence[str]:
    """Return the values of the first of the headers that is there.

    Raises:
        SyncError: SIGNATURE_INVALID where none is there, or its values are more than anybody needs.
    """
    values = next((request.headers[name] for name in names if request.headers.get(name)), None)
    if not values:
        raise refused(f"header {names[0]} is missing")
    if len(values) > MAX_SIGNATURES or sum(map(len, values)) > MAX_HEADER_CHARS:
        raise refused(f"header {names[0]} is too long")
    return values


def only_value_of(request: WebhookRequest, name: str) -> str:
    """Return the value of a header that may come once: a second one would leave open which was signed."""
    values = values_of(request, name)
    if len(values) > 1:
        raise refused(f"header {name} came more than once")
    return values[0]


def without_prefix(shown: Sequence[str], prefix: str) -> Sequence[str]:
    """Keep the signatures of one version: those that begin with its prefix."""
    return [text.removeprefix(prefix) for text in shown if text.startswith(prefix)]


def check_age(timestamp: str, now_s: float, tolerance_s: int, *, units_per_second: int = 1) -> None:
    """Refuse what was signed longer ago, or further in the future, than the tolerance."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= MAX_TIMESTAMP_DIGITS):
        raise refused("the timestamp is not a number")
    if abs(now_s - int(timestamp) / units_per_second) > tolerance_s:
        raise refused("the timestamp is outside the tolerance")


def verify(
    scheme: ProvingScheme, request: WebhookRequest, secrets: Mapping[SecretSlot, str], now_s: float
) -> SecretSlot:
    """Tell which secret signed the request.

    Every signature is compared with every secret, whatever the result, so the time tells nothing.

    Raises:
        SyncError: SIGNATURE_INVALID; CONFIGURATION_INVALID where a secret cannot be one of this scheme.
    """
    proof = scheme.proof(request, now_s)
    shown = [text.encode("utf-8", "surrogatepass") for text in proof.signatures[:MAX_SIGNATURES]]
    matching: list[SecretSlot] = []
    for slot, secret in secrets.items():
        expected = _signature(proof, scheme.key(secret))
        hits = [hmac.compare_digest(expected, signature) for signature in shown]
        matching += [slot] * sum(hits)
    if not matching:
        raise refused("no signature matches")
    return matching[0]


def _signature(proof: Proof, key: bytes) -> bytes:
    digest = hmac.new(key, proof.signed, getattr(hashlib, proof.algorithm)).digest()
    # The written form is compared, not the digest: base64 has several spellings of one digest, the sender uses one.
    if proof.encoding is Encoding.BASE64:
        return base64.b64encode(digest)
    text = digest.hex()
    return (text.upper() if proof.encoding is Encoding.HEX_UPPER else text).encode()
