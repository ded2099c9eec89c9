"""Deliveries made out of captured ones: forgeries, and what a sender would send beside them."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.acceptance.captured import Delivery

NEW_NAME = "Renamed"
OTHER_ORDER_ID = "9007199254740993999"
Forged = tuple[bytes, dict[str, str]]


def _changed(delivery: Delivery, secret: str, url: str) -> Forged:
    middle = len(delivery.body) // 2
    body = delivery.body[:middle] + bytes([delivery.body[middle] ^ 1]) + delivery.body[middle + 1 :]
    return body, delivery.signed(secret, url)


FORGERIES: Mapping[str, Callable[[Delivery, str, str], Forged]] = {
    "one bit changed": _changed,
    "another secret": lambda each, secret, url: (each.body, each.signed(secret[:-2] + "00", url)),
    "no signature": lambda each, _secret, _url: (each.body, each.unsigned()),
    "as captured": lambda each, _secret, _url: (each.body, dict(each.headers)),
}


def customer_of(order: Delivery) -> Delivery:
    """Return the order's customer as the shop would send it: its own times are null inside an order."""
    document = order.document
    stamps = {name: document[name] for name in ("created_at", "updated_at")}
    return _of_shop(order, "customers/create", "the orders' customer", {**document["customer"], **stamps})


def without_customer(order: Delivery) -> Delivery:
    """Return an order of a till, as the shop sends those: without a customer."""
    document = {**order.document, "id": int(OTHER_ORDER_ID), "customer": None}
    return _of_shop(order, "orders/create", "an order without a customer", document)


def renamed(delivery: Delivery, later: timedelta) -> Delivery:
    """Return another version of the delivery's record."""
    document = delivery.document
    if delivery.source == "stripe":
        document["data"]["object"]["name"] = _name(later)
        stamp = document["created"] + int(later.total_seconds())
        return delivery.made("made", _written({**document, "id": f"evt_{stamp}", "created": stamp}))
    stamp = (datetime.fromisoformat(document["updated_at"]) + later).isoformat()
    told = {"note": _name(later), "first_name": _name(later), "updated_at": stamp}
    return _of_shop(delivery, delivery.topic, f"made {stamp}", {**document, **told})


def _name(later: timedelta) -> str:
    return NEW_NAME if later > timedelta() else "Outdated"


def _of_shop(like: Delivery, topic: str, name: str, document: Mapping[str, Any]) -> Delivery:
    made = like.made(name, _written(document), **{"x-shopify-topic": topic, "x-shopify-webhook-id": f"{topic} {name}"})
    return Delivery(made.source, made.name, topic, made.body, made.headers)


def _written(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()
