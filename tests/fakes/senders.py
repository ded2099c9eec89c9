"""Source systems as they sign and post: written from the vendors' documents, sharing nothing with what verifies."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime

from lockstep.domain.requests import WebhookRequest

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
URL = "https://hooks.example.com/webhooks/source"
STANDARD_SECRET = "whsec_" + base64.b64encode(b"a-secret-of-the-erp-system").decode()
SECRET_BY_SOURCE = {
    "shopify": "shop-secret",
    "stripe": "whsec_stripe",
    "woocommerce": "woo-secret",
    "hubspot": "hub-secret",
    "hubspot-workflow": "hub-secret",
    "erp": STANDARD_SECRET,
}


def _mac(secret: bytes, signed: bytes) -> bytes:
    return hmac.new(secret, signed, hashlib.sha256).digest()


def _base64(secret: str, signed: bytes) -> str:
    return base64.b64encode(_mac(secret.encode(), signed)).decode()


def shopify_headers(body: bytes, secret: str = SECRET_BY_SOURCE["shopify"]) -> dict[str, str]:
    return {"X-Shopify-Hmac-Sha256": _base64(secret, body)}


def woocommerce_headers(body: bytes, secret: str = SECRET_BY_SOURCE["woocommerce"]) -> dict[str, str]:
    return {"X-WC-Webhook-Signature": _base64(secret, body)}


def github_headers(body: bytes, secret: str) -> dict[str, str]:
    return {"X-Hub-Signature-256": "sha256=" + _mac(secret.encode(), body).hex()}


def stripe_headers(body: bytes, secret: str = SECRET_BY_SOURCE["stripe"], at: datetime = NOW) -> dict[str, str]:
    timestamp = int(at.timestamp())
    return {"Stripe-Signature": f"t={timestamp},v1={_mac(secret.encode(), f'{timestamp}.'.encode() + body).hex()}"}


def standard_headers(
    body: bytes, secret: str = STANDARD_SECRET, message_id: str = "msg_1", at: datetime = NOW
) -> dict[str, str]:
    timestamp = int(at.timestamp())
    key = base64.b64decode(secret.removeprefix("whsec_"))
    shown = base64.b64encode(_mac(key, f"{message_id}.{timestamp}.".encode() + body)).decode()
    return {"webhook-id": message_id, "webhook-timestamp": str(timestamp), "webhook-signature": f"v1,{shown}"}


def hubspot_headers(
    body: bytes, secret: str = SECRET_BY_SOURCE["hubspot"], url: str = URL, at: datetime = NOW
) -> dict[str, str]:
    timestamp = str(int(at.timestamp() * 1000))
    shown = _base64(secret, b"POST" + url.encode() + body + timestamp.encode())
    return {"X-HubSpot-Request-Timestamp": timestamp, "X-HubSpot-Signature-v3": shown}


SIGNED_HEADERS_BY_SOURCE = {
    "shopify": shopify_headers,
    "stripe": stripe_headers,
    "woocommerce": woocommerce_headers,
    "hubspot": hubspot_headers,
    "hubspot-workflow": hubspot_headers,
    "erp": standard_headers,
}


def request(
    body: bytes,
    headers: Mapping[str, str],
    source: str = "erp",
    *,
    at: datetime = NOW,
    url: str = URL,
    method: str = "POST",
) -> WebhookRequest:
    """A request as the runtime hands it over."""
    lowered = {name.lower(): (value,) for name, value in headers.items()}
    return WebhookRequest(source, method, url, lowered, body, at)
