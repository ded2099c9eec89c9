"""The schemes of the senders that Lockstep knows by name."""

import base64
import binascii
import re
from typing import Annotated, Literal

from pydantic import Field

from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.model import Shape
from lockstep.domain.requests import WebhookRequest
from lockstep.domain.signatures.proof import (
    Encoding,
    Proof,
    check_age,
    only_value_of,
    refused,
    values_of,
    without_prefix,
)

ToleranceSeconds = Annotated[int, Field(ge=1, le=3600)]
FIVE_MINUTES_S = 300  # Stripe's and Standard Webhooks' default, HubSpot's rule

# "Validating Requests" of HubSpot: these, and only these, are decoded in the URL.
_HUBSPOT_DECODED = {
    "%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$",
    "%27": "'", "%28": "(", "%29": ")", "%2A": "*", "%2C": ",", "%3B": ";",
}  # fmt: skip
_HUBSPOT_ENCODED = re.compile("|".join(_HUBSPOT_DECODED), re.IGNORECASE)
_WOOCOMMERCE_PING = re.compile(rb"webhook_id=[0-9]{1,20}")


class PlainSecret(Shape):
    """A scheme whose HMAC key is the secret's own text."""

    def key(self, secret: str) -> bytes:
        """Return the secret in UTF-8."""
        return secret.encode()


class Shopify(PlainSecret):
    """Base64 of the body's HMAC; webhooks prefix the header with X-, the newer Events do not."""

    kind: Literal["shopify"]

    def proof(self, request: WebhookRequest, now_s: float) -> Proof:
        """Take either header family."""
        return Proof(request.body, values_of(request, "x-shopify-hmac-sha256", "shopify-hmac-sha256"), Encoding.BASE64)


class GitHub(PlainSecret):
    """`sha256=` and hex; the older SHA-1 header is not looked at."""

    kind: Literal["github"]

    def proof(self, request: WebhookRequest, now_s: float) -> Proof:
        """Take the SHA-256 header."""
        shown = values_of(request, "x-hub-signature-256")
        return Proof(request.body, without_prefix(shown, "sha256="), Encoding.HEX)


class Stripe(PlainSecret):
    """`t=…,v1=…[,v1=…]`: each v1 counts, v0 (test mode's other scheme) does not."""

    kind: Literal["stripe"]
    tolerance_s: ToleranceSeconds = FIVE_MINUTES_S

    def proof(self, request: WebhookRequest, now_s: float) -> Proof:
        """Take timestamp and v1 signatures from the one header."""
        pairs = [part.strip().partition("=") for part in only_value_of(request, "stripe-signature").split(",")]
        timestamps = [value for name, _, value in pairs if name == "t"]
        if len(timestamps) != 1:
            raise refused("header stripe-signature does not hold one timestamp")
        check_age(timestamps[0], now_s, self.tolerance_s)
        signed = f"{timestamps[0]}.".encode() + request.body
        return Proof(signed, [value for name, _, value in pairs if name == "v1"], Encoding.HEX)


class StandardWebhooks(Shape):
    """The specification at standardwebhooks.com: `webhook-id`, `webhook-timestamp`, `webhook-signature`."""

    kind: Literal["standard_webhooks"]
    tolerance_s: ToleranceSeconds = FIVE_MINUTES_S

    def key(self, secret: str) -> bytes:
        """Return what the base64 behind `whsec_` stands for."""
        try:
            key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except (binascii.Error, ValueError) as exc:
            raise _secret_is_not_base64() from exc
        if not key:
            raise _secret_is_not_base64()
        return key

    def proof(self, request: WebhookRequest, now_s: float) -> Proof:
        """Take the v1 signatures of the space separated list."""
        message_id = only_value_of(request, "webhook-id")
        timestamp = only_value_of(request, "webhook-timestamp")
        check_age(timestamp, now_s, self.tolerance_s)
        shown = [part for value in values_of(request, "webhook-signature") for part in value.split(" ")]
        signed = f"{message_id}.{timestamp}.".encode("utf-8", "surrogatepass") + request.body
        return Proof(signed, without_prefix(shown, "v1,"), Encoding.BASE64)


class HubSpotV3(PlainSecret):
    """Method, public URL, body and timestamp (ms) in one HMAC."""

    kind: Literal["hubspot_v3"]
    tolerance_s: ToleranceSeconds = FIVE_MINUTES_S

    def proof(self, request: WebhookRequest, now_s: float) -> Proof:
        """Join the four parts without separators."""
        timestamp = only_value_of(request, "x-hubspot-request-timestamp")
        check_age(timestamp, now_s, self.tolerance_s, units_per_second=1000)
        before = (request.method + hubspot_url(request.url)).encode("utf-8", "surrogatepass")
        shown = values_of(request, "x-hubspot-signature-v3")
        return Proof(before + request.body + timestamp.encode(), shown, Encoding.BASE64)


class WooCommerce(PlainSecret):
    """Base64 of the body's HMAC; the ping that saves a new webhook is not signed."""

    kind: Literal["woocommerce"]

    def proof(self, request: WebhookRequest, now_s: float) -> Proof:
        """Take the one header."""
        return Proof(request.body, values_of(request, "x-wc-webhook-signature"), Encoding.BASE64)

    def is_ping(self, request: WebhookRequest) -> bool:
        """Recognise the unsigned, form-encoded request that WooCommerce sends once to see whether we are there."""
        unsigned = "x-wc-webhook-signature" not in request.headers
        return unsigned and _WOOCOMMERCE_PING.fullmatch(request.body) is not None


def hubspot_url(url: str) -> str:
    """Write the URL as HubSpot signs it."""
    return _HUBSPOT_ENCODED.sub(lambda match: _HUBSPOT_DECODED[match[0].upper()], url)


def _secret_is_not_base64() -> SyncError:
    return SyncError(
        FailureKind.CONFIGURATION_INVALID,
        "not a Standard Webhooks secret; store `whsec_` and base64, as the sender shows it",
    )
