"""What the org should hold, worked out from what was sent: the last version by the source's own stamp.

Written from the routes' meaning as a person reads it; it shares no code with the product's mapping.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, NamedTuple

from local.demo.payloads import Payload

Fields = dict[str, Any]
STREET_CHARS = 255  # what Salesforce keeps of a street


class RecordKey(NamedTuple):
    """One record, by its External ID."""

    object_name: str
    external_id_field: str
    external_id: str


@dataclass(frozen=True, slots=True)
class Fact:
    """What one accepted event says of a record; `parents` are lookup fields and the records they must lead to."""

    key: RecordKey
    stamp: int
    fields: Fields
    parents: Mapping[str, RecordKey] = field(default_factory=dict)


@dataclass(slots=True)
class Expected:
    """One record that the org should hold."""

    key: RecordKey
    fields: Fields
    parents: dict[str, RecordKey]


def expected_records(facts: Iterable[Fact]) -> list[Expected]:
    """Lay the facts of each record over one another, oldest stamp first."""
    found: dict[RecordKey, Expected] = {}
    for fact in sorted(facts, key=lambda each: each.stamp):
        record = found.setdefault(fact.key, Expected(fact.key, {}, {}))
        record.fields |= fact.fields
        record.parents |= fact.parents
    return list(found.values())


def newest_stamps(facts: Iterable[Fact]) -> dict[RecordKey, int]:
    """Return the newest stamp of each record."""
    newest: dict[RecordKey, int] = {}
    for fact in facts:
        newest[fact.key] = max(fact.stamp, newest.get(fact.key, fact.stamp))
    return newest


def shopify_customer_fact(body: Payload) -> Fact:
    """Expect an Account of a shop's customer."""
    address = body["default_address"]
    stamp = _ms(body["updated_at"])
    fields = {
        "Name": f"{body['first_name']} {body['last_name']}",
        "Email__c": body["email"],
        "Phone": address["phone"],
        "Description": body["note"],
        "BillingStreet": address["address1"][:STREET_CHARS],
        "BillingCity": address["city"],
        "BillingPostalCode": address["zip"],
        "BillingCountry": address["country"],
        "Is_Deleted_In_Shopify__c": False,
        "Shopify_Version__c": stamp,
    }
    return Fact(shopify_account(body["id"]), stamp, fields)


def shopify_order_fact(body: Payload) -> Fact:
    """Expect an Order at the customer's Account, on the shop's day."""
    stamp = _ms(body["updated_at"])
    fields = {
        "EffectiveDate": body["created_at"][:10],  # the shop's own day, as it is written
        "Status": "Draft",
        "Shopify_Order_Number__c": body["name"],
        "Shopify_Total__c": Decimal(body["total_price"]),
        "Description": body["note"],
        "Is_Deleted_In_Shopify__c": False,
        "Shopify_Version__c": stamp,
    }
    return Fact(shopify_order_key(body["id"]), stamp, fields, {"AccountId": shopify_account(body["customer"]["id"])})


def stripe_customer_fact(body: Payload) -> Fact:
    """Expect an Account of a Stripe customer."""
    customer = body["data"]["object"]
    address = customer["address"]
    fields = {
        "Name": customer["name"],
        "Email__c": customer["email"],
        "Phone": customer["phone"],
        "BillingStreet": address["line1"],
        "BillingCity": address["city"],
        "BillingPostalCode": address["postal_code"],
        "BillingCountry": address["country"],
        "Is_Deleted_In_Stripe__c": False,
        "Stripe_Version__c": body["created"] * 1000,
    }
    return Fact(stripe_account(customer["id"]), body["created"] * 1000, fields)


def erp_account_fact(body: Payload) -> Fact:
    """Expect an Account of the ERP; revenue in whole units."""
    account = body["data"]
    fields = {
        "Name": account["name"],
        "Phone": account["phone"],
        "BillingStreet": account["address"]["street"],
        "BillingCity": account["address"]["city"],
        "BillingPostalCode": account["address"]["postal_code"],
        "BillingCountry": account["address"]["country"],
        "AnnualRevenue": Decimal(account["annual_revenue"]).quantize(Decimal(1), ROUND_HALF_EVEN),
        "NumberOfEmployees": account["employees"],
        "Industry": "Manufacturing",
        "Is_Deleted_In_ERP__c": False,
        "ERP_Version__c": account["revision"],
    }
    return Fact(erp_key("Account", account["id"]), account["revision"], fields)


def erp_contact_fact(body: Payload) -> Fact:
    """Expect a Contact at the ERP's Account."""
    contact = body["data"]
    day, month, year = contact["birthdate"].split(".")
    fields = {
        "LastName": contact["last_name"],
        "FirstName": contact["first_name"],
        "Email": contact["email"],
        "Phone": contact["phone"],
        "Birthdate": f"{year}-{month}-{day}",
        "Is_Deleted_In_ERP__c": False,
        "ERP_Version__c": contact["revision"],
    }
    parents = {"AccountId": erp_key("Account", contact["account_id"])}
    return Fact(erp_key("Contact", contact["id"]), contact["revision"], fields, parents)


def deletion_fact(key: RecordKey, stamp: int, source: str) -> Fact:
    """Expect the record to stay, marked as gone in its source."""
    return Fact(key, stamp, {f"Is_Deleted_In_{source}__c": True, f"{source}_Version__c": stamp})


def shopify_account(customer_id: int) -> RecordKey:
    """Name the Account of a shop's customer."""
    return RecordKey("Account", "Shopify_Customer_Id__c", str(customer_id))


def shopify_order_key(order_id: int) -> RecordKey:
    """Name the Order of a shop's order."""
    return RecordKey("Order", "Shopify_Order_Id__c", str(order_id))


def stripe_account(customer_id: str) -> RecordKey:
    """Name the Account of a Stripe customer."""
    return RecordKey("Account", "Stripe_Customer_Id__c", customer_id)


def erp_key(object_name: str, record_id: str) -> RecordKey:
    """Name the record of an ERP's account or contact."""
    return RecordKey(object_name, f"ERP_{object_name}_ID__c", record_id)


def _ms(stamp: str) -> int:
    return int(datetime.fromisoformat(stamp).timestamp() * 1000)
