"""The scheme for senders without one of their own: an HMAC in a header, its shape given by the source's file."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from lockstep.domain.model import Shape
from lockstep.domain.requests import WebhookRequest
from lockstep.domain.signatures.proof import (
    Algorithm,
    Encoding,
    Proof,
    check_age,
    only_value_of,
    values_of,
    without_prefix,
)
from lockstep.domain.signatures.vendors import FIVE_MINUTES_S, PlainSecret, ToleranceSeconds

_PLACEHOLDER = re.compile(r"\{(body|timestamp)\}")


def _lower_cased(name: str) -> str:
    return name.lower()


def _holds_both(template: str) -> str:
    if sorted(_PLACEHOLDER.findall(template)) != ["body", "timestamp"]:
        raise ValueError("it must hold {timestamp} and {body}, each once")
    return template


HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,100}$"), AfterValidator(_lower_cased)]


class SignedTimestamp(Shape):
    """A timestamp that is signed with the body; it bounds how long a captured request can be replayed."""

    header: HeaderName
    template: Annotated[str, AfterValidator(_holds_both)] = "{timestamp}.{body}"
    unit: Literal["s", "ms"] = "s"
    tolerance_s: ToleranceSeconds = FIVE_MINUTES_S

    def signed(self, request: WebhookRequest, now_s: float) -> bytes:
        """Return the bytes that the sender signed."""
        timestamp = only_value_of(request, self.header)
        check_age(timestamp, now_s, self.tolerance_s, units_per_second=1000 if self.unit == "ms" else 1)
        values = {"timestamp": timestamp.encode(), "body": request.body}
        parts = _PLACEHOLDER.split(self.template)  # text and names in turn; the body itself is never searched
        return b"".join(values[part] if index % 2 else part.encode() for index, part in enumerate(parts))


class GenericHmac(PlainSecret):
    """An HMAC of the body in one header."""

    kind: Literal["hmac"]
    header: HeaderName
    prefix: str = ""
    algorithm: Algorithm = Algorithm.SHA256
    encoding: Encoding
    timestamp: SignedTimestamp | None = None

    def proof(self, request: WebhookRequest, now_s: float) -> Proof:
        """Take the signatures that begin with the prefix."""
        signed = self.timestamp.signed(request, now_s) if self.timestamp else request.body
        shown = without_prefix(values_of(request, self.header), self.prefix)
        return Proof(signed, shown, self.encoding, self.algorithm)
