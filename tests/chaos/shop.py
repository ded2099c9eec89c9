"""What a shop tells, signed as it signs, and as API Gateway hands it on."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes import senders


@dataclass(frozen=True)
class Event:
    """What a shop tells of one record; `second` is its version."""

    topic: str
    id: int
    second: int = 1
    body: Mapping[str, Any] = field(default_factory=dict)

    def content(self) -> bytes:
        stamp = f"2026-05-06T11:00:{self.second:02d}Z"
        usual = {"id": self.id, "updated_at": stamp, "created_at": stamp, "first_name": f"v{self.second}"}
        return json.dumps({**usual, "name": f"v{self.second}", **self.body}).encode()

    def headers(self) -> dict[str, str]:
        return {
            "X-Shopify-Topic": self.topic,
            "X-Shopify-Event-Id": f"{self.topic}-{self.id}-{self.second}",
            "X-Shopify-Triggered-At": f"2026-05-06T11:00:{self.second:02d}Z",
            **senders.shopify_headers(self.content()),
        }


def customer(id_: int, second: int = 1, **more: Any) -> Event:
    return Event("customers/update", id_, second, more)


def order(id_: int, customer_id: int, second: int = 1) -> Event:
    return Event("orders/updated", id_, second, {"customer": {"id": customer_id}})


def deletion(id_: int, second: int) -> Event:
    return Event("customers/delete", id_, second)


def api_event(event: Event) -> dict[str, Any]:
    return {
        "httpMethod": "POST",
        "path": "/webhooks/shopify",
        "headers": event.headers(),
        "pathParameters": {"source": "shopify"},
        "requestContext": {"domainName": "hooks.example.com", "path": "/v1/webhooks/shopify"},
        "body": base64.b64encode(event.content()).decode(),
        "isBase64Encoded": True,
    }
