"""Bodies as the senders write them, with the fields that the shipped routes read and some that they do not."""

from datetime import date, datetime, timedelta, timezone
from typing import Any

from local.demo.companies import Company

NEW_YORK_WINTER = timezone(timedelta(hours=-5))
Payload = dict[str, Any]
INDUSTRY = "manufacturing"


def shopify_customer(customer_id: int, company: Company, updated_at: datetime, note: str | None) -> Payload:
    """Return a customer as `customers/create` and `customers/update` carry it."""
    return {
        "id": customer_id,
        "first_name": company.place,
        "last_name": company.trade,
        "email": company.email,
        "phone": None,
        "note": note,
        "state": "enabled",
        "currency": "USD",
        "tags": "",
        "updated_at": _local(updated_at),
        "default_address": {
            "address1": company.street,
            "address2": "",
            "city": company.city,
            "zip": company.postal_code,
            "country": company.country,
            "phone": company.phone,
            "company": company.name,
        },
    }


def shopify_deletion(record_id: int) -> Payload:
    """Return the stub that a shop sends of what is gone."""
    return {"id": record_id}


def shopify_order(
    order_id: int,
    number: int,
    customer_id: int,
    total: str,
    *,
    created_at: datetime,
    updated_at: datetime,
    lines: int = 2,
) -> Payload:
    """Return an order as `orders/create` and `orders/updated` carry it."""
    line = {"sku": "LAMP-01", "title": "Desk lamp", "quantity": 1, "price": "19.90", "properties": []}
    return {
        "id": order_id,
        "name": f"#{number}",
        "order_number": number,
        "created_at": _local(created_at),
        "updated_at": _local(updated_at),
        "total_price": total,
        "currency": "USD",
        "financial_status": "paid",
        "note": "Leave at the gate",
        "customer": {"id": customer_id},
        "line_items": [line | {"id": order_id * 10 + index} for index in range(lines)],
    }


def stripe_customer_event(event_id: str, kind: str, customer_id: str, company: Company, created: int) -> Payload:
    """Return a whole event, the customer in it."""
    return {
        "id": event_id,
        "object": "event",
        "api_version": "2022-11-15",
        "created": created,
        "type": kind,
        "livemode": False,
        "data": {
            "object": {
                "id": customer_id,
                "object": "customer",
                "name": company.name,
                "email": company.email,
                "phone": company.phone,
                "description": None,
                "address": {
                    "line1": company.street,
                    "line2": None,
                    "city": company.city,
                    "postal_code": company.postal_code,
                    "country": company.country,
                    "state": None,
                },
                "metadata": {},
            }
        },
    }


def erp_account_event(account_id: str, revision: int, company: Company, revenue: str, at: datetime) -> Payload:
    """Return an account of the ERP; its key has leading zeros."""
    return {
        "type": "account.upserted",
        "timestamp": at.isoformat(),
        "data": {
            "id": account_id,
            "revision": revision,
            "name": company.name,
            "phone": company.phone,
            "industry": INDUSTRY,
            "annual_revenue": revenue,
            "employees": 40 + revision,
            "address": {
                "street": company.street,
                "city": company.city,
                "postal_code": company.postal_code,
                "country": company.country,
            },
        },
    }


def erp_contact_event(contact_id: str, revision: int, account_id: str, desk: str, born: date, at: datetime) -> Payload:
    """Return a contact of the ERP: a desk at the account, no person."""
    return {
        "type": "contact.upserted",
        "timestamp": at.isoformat(),
        "data": {
            "id": contact_id,
            "revision": revision,
            "account_id": account_id,
            "first_name": "The",
            "last_name": desk,
            "email": f"desk-{contact_id}@lockstep-demo.example",
            "phone": None,
            "birthdate": born.strftime("%d.%m.%Y"),
        },
    }


def erp_deletion_event(kind: str, record_id: str, revision: int, at: datetime) -> Payload:
    """Return what the ERP tells of a record that is gone."""
    return {"type": f"{kind}.deleted", "timestamp": at.isoformat(), "data": {"id": record_id, "revision": revision}}


def _local(at: datetime) -> str:
    """Write it as the shop does: in the shop's own zone."""
    return at.astimezone(NEW_YORK_WINTER).isoformat(timespec="seconds")
