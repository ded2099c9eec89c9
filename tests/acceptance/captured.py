"""Deliveries captured from real senders: the exact bytes, the headers that came along, and signatures of our own."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.fakes import senders

SOURCE_BY_FOLDER = {
    "shopify-2024-10": "shopify",
    "stripe-2022-11-15": "stripe",
    "woocommerce-current": "woocommerce",
    "hubspot-workflow": "hubspot-workflow",
}
RECORD_TOPICS = {
    "shopify": {
        "Account": {"customers/create", "customers/update", "customers/enable", "customers/disable"},
        "Order": {
            "orders/create",
            "orders/updated",
            "orders/paid",
            "orders/fulfilled",
            "orders/partially_fulfilled",
            "orders/cancelled",
        },
    },
    "stripe": {"Account": {"customer.created", "customer.updated"}},
}
DELETE_TOPICS = {"customers/delete", "orders/delete"}
# Made anew by whoever posts.
_TRANSPORT = {"content-length", "accept-encoding", "host", "connection"}
_SIGNATURES = {
    "x-shopify-hmac-sha256",
    "stripe-signature",
    "x-wc-webhook-signature",
    "x-hubspot-signature",
    "x-hubspot-signature-v3",
    "x-hubspot-signature-version",
    "x-hubspot-request-timestamp",
}


@dataclass(frozen=True)
class Delivery:
    """One delivery; `name` tells it apart, and says where a made one comes from."""

    source: str
    name: str
    topic: str
    body: bytes
    headers: Mapping[str, str]

    @property
    def document(self) -> Any:
        """The body, parsed; Python's integers keep every digit."""
        return json.loads(self.body)

    @property
    def object_name(self) -> str | None:
        """The object that the delivery's record is written to; None where it is not written."""
        targets = RECORD_TOPICS.get(self.source, {})
        return next((name for name, topics in targets.items() if self.topic in topics), None)

    @property
    def external_id(self) -> str:
        """The record's key as it stands in the body's text: digits are never read as a number."""
        found = re.search(rb'"id":\s*"?(cus_\w+|\d+)"?', self.body)
        assert found, self.name
        return found[1].decode()

    def unsigned(self) -> dict[str, str]:
        """Return the captured headers without what is signed anew."""
        return {name: value for name, value in self.headers.items() if name not in _SIGNATURES}

    def signed(self, secret: str, url: str, at: datetime | None = None) -> dict[str, str]:
        """Return the captured headers with a signature of the body's bytes."""
        return self.unsigned() | _SIGNERS[self.source](self.body, secret, url, at or datetime.now(UTC))

    def made(self, name: str, body: bytes, **headers: str) -> "Delivery":
        """Return another delivery of the same sender, derived from this one."""
        return replace(self, name=name, body=body, headers={**self.headers, **headers})


_SIGNERS: Mapping[str, Callable[[bytes, str, str, datetime], dict[str, str]]] = {
    "shopify": lambda body, secret, _url, _at: senders.shopify_headers(body, secret),
    "stripe": lambda body, secret, _url, at: senders.stripe_headers(body, secret, at),
    "woocommerce": lambda body, secret, _url, _at: senders.woocommerce_headers(body, secret),
    "hubspot-workflow": senders.hubspot_headers,
}


def read_deliveries(folder: Path) -> list[Delivery]:
    """Read every captured delivery."""
    return list(_read(folder))


def _read(folder: Path) -> Iterator[Delivery]:
    for file in sorted(folder.glob("*/*.body")):
        source = SOURCE_BY_FOLDER[file.parent.name]
        kept: dict[str, str] = json.loads(file.with_name(f"{file.stem}.headers.json").read_text(encoding="utf-8"))
        headers = {name.lower(): value for name, value in kept.items() if name.lower() not in _TRANSPORT}
        topic = headers.get("x-shopify-topic") or headers.get("x-wc-webhook-topic") or file.stem
        yield Delivery(source, file.stem, topic, file.read_bytes(), headers)
