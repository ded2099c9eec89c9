"""Sign as the senders do; written from their documentation, not from the product's code."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Headers = dict[str, str]


@dataclass(frozen=True, slots=True)
class Event:
    """What a source tells, before it is signed.

    `event_id` stays the same when the source delivers the event again; `at` is when it happened.
    """

    source: str
    topic: str
    event_id: str
    at: datetime
    body: bytes


def to_bytes(payload: Mapping[str, Any]) -> bytes:
    """Write JSON as the shops do: compact, text unescaped, and big integers as they are."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def signed_headers(event: Event, secret: str, now: datetime) -> Headers:
    """Return the headers of a delivery made now."""
    return {"Content-Type": "application/json"} | _SIGNERS[event.source](event, secret, now)


def _shopify(event: Event, secret: str, _now: datetime) -> Headers:
    digest = hmac.digest(secret.encode(), event.body, hashlib.sha256)
    return {
        "X-Shopify-Topic": event.topic,
        "X-Shopify-Event-Id": event.event_id,
        "X-Shopify-Webhook-Id": event.event_id[::-1],
        "X-Shopify-Triggered-At": event.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "X-Shopify-Shop-Domain": "harbour-supplies.example",
        "X-Shopify-API-Version": "2024-10",
        "X-Shopify-Hmac-Sha256": base64.b64encode(digest).decode(),
    }


def _stripe(event: Event, secret: str, now: datetime) -> Headers:
    sent_at = str(int(now.timestamp()))
    digest = hmac.new(secret.encode(), f"{sent_at}.".encode() + event.body, hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={sent_at},v1={digest},v0={'0' * 64}"}


def _standard_webhooks(event: Event, secret: str, now: datetime) -> Headers:
    sent_at = str(int(now.timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.digest(key, f"{event.event_id}.{sent_at}.".encode() + event.body, hashlib.sha256)
    signature = "v1," + base64.b64encode(digest).decode()
    return {"webhook-id": event.event_id, "webhook-timestamp": sent_at, "webhook-signature": signature}


_SIGNERS: Mapping[str, Callable[[Event, str, datetime], Headers]] = {
    "shopify": _shopify,
    "stripe": _stripe,
    "erp": _standard_webhooks,
}
