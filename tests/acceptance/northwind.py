"""Northwind: routes for its files, and what each row must become, read independently of the mapping."""

import copy
import csv
import io
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

Row = Mapping[str, str]


def route(entity: str, object_name: str, field: str, key: Any, fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "source": "northwind",
        "entity": entity,
        "object": object_name,
        "external_id": {"field": field},
        "on_delete": "ignore",
        "file": {"external_id": key},
        "fields": fields,
    }


def text(column: str, **more: Any) -> dict[str, Any]:
    return {"from": column, "type": "text", **more}


def routes(book: str, entries: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return the routes for an org with that price book, and in it an entry for each product."""
    made = copy.deepcopy(_ROUTES)
    made["orders"]["fields"]["Pricebook2Id"]["value"] = book
    made["lines"]["fields"]["PricebookEntryId"]["values"] = dict(entries)
    made["lines"]["file"]["unversioned"] = "overwrite"
    return made


_ROUTES = {
    "customers": route(
        "customer",
        "Account",
        "ERP_Account_ID__c",
        "CustomerID",
        {
            "Name": text("CompanyName", required=True),
            "Description": {"type": "text", "template": "{ContactName}, {ContactTitle}"},
            "Phone": text("Phone"),
            "Fax": text("Fax"),
            "BillingStreet": text("Address"),
            "BillingCity": text("City"),
            "BillingState": text("Region"),
            "BillingPostalCode": text("PostalCode"),
            "BillingCountry": text("Country"),
        },
    ),
    "employees": route(
        "employee",
        "Contact",
        "ERP_Contact_ID__c",
        "EmployeeID",
        {
            "LastName": text("LastName"),
            "FirstName": text("FirstName"),
            "Title": text("Title"),
            "Birthdate": {"from": "BirthDate", "type": "date", "formats": ["MM/DD/YYYY"]},
            "HomePhone": text("HomePhone"),
            "MailingStreet": text("Address"),
            "Description": {"from": "Notes", "type": "long_text"},
            "ReportsToId": {"from": "ReportsTo", "type": "reference", "to": "Contact", "by": "ERP_Contact_ID__c"},
        },
    ),
    "orders": route(
        "order",
        "Order",
        "Shopify_Order_Id__c",
        "OrderID",
        {
            "AccountId": {"from": "CustomerID", "type": "reference", "to": "Account", "by": "ERP_Account_ID__c"},
            "EffectiveDate": {"from": "OrderDate", "type": "date", "formats": ["M/D/YYYY"]},
            "EndDate": {"from": "RequiredDate", "type": "date", "formats": ["M/D/YYYY"]},
            "PoDate": {"from": "ShippedDate", "type": "date", "formats": ["M/D/YYYY"]},
            "Status": {"type": "constant", "value": "Draft"},
            "Pricebook2Id": {"type": "constant", "value": ""},  # the org's own
            "Shopify_Total__c": {"from": "Freight", "type": "number", "scale": 2},
            "Description": text("ShipName"),
            "ShippingStreet": text("ShipAddress"),
            "ShippingCity": text("ShipCity"),
            "ShippingState": text("ShipRegion"),
            "ShippingPostalCode": text("ShipPostalCode"),
            "ShippingCountry": text("ShipCountry"),
        },
    ),
    "lines": route(
        "line",
        "OrderItem",
        "WooCommerce_Line_Id__c",
        {"columns": ["OrderID", "ProductID"]},
        {
            "OrderId": {"from": "OrderID", "type": "reference", "to": "Order", "by": "Shopify_Order_Id__c"},
            "PricebookEntryId": {"from": "ProductID", "type": "picklist", "values": {}},  # the org's own
            "UnitPrice": {"from": "UnitPrice", "type": "currency", "scale": 2},
            "Quantity": {"from": "Quantity", "type": "number", "scale": 2},
            "Description": {"type": "text", "template": "Discount {Discount}"},
        },
    ),
}


def blank(cell: str) -> str | None:
    return cell or None


def day(cell: str) -> str | None:
    return datetime.strptime(cell, "%m/%d/%Y").date().isoformat() if cell else None  # noqa: DTZ007 - a date


def customer(row: Row, _ids: Any) -> dict[str, Any]:
    return {
        "Name": row["CompanyName"],
        "Description": f"{row['ContactName']}, {row['ContactTitle']}",
        "Phone": blank(row["Phone"]),
        "Fax": blank(row["Fax"]),
        "BillingStreet": row["Address"],
        "BillingCity": row["City"],
        "BillingState": blank(row["Region"]),
        "BillingPostalCode": blank(row["PostalCode"]),
        "BillingCountry": row["Country"],
    }


def employee(row: Row, ids: Any) -> dict[str, Any]:
    return {
        "LastName": row["LastName"],
        "FirstName": row["FirstName"],
        "Title": row["Title"],
        "Birthdate": day(row["BirthDate"]),
        "HomePhone": row["HomePhone"],
        "MailingStreet": row["Address"],
        "Description": row["Notes"],
        "ReportsToId": ids("Contact", "ERP_Contact_ID__c", row["ReportsTo"]) if row["ReportsTo"] else None,
    }


def order(row: Row, ids: Any) -> dict[str, Any]:
    return {
        "AccountId": ids("Account", "ERP_Account_ID__c", row["CustomerID"]),
        "EffectiveDate": day(row["OrderDate"]),
        "EndDate": day(row["RequiredDate"]),
        "PoDate": day(row["ShippedDate"]),
        "Status": "Draft",
        "Shopify_Total__c": Decimal(row["Freight"]),
        "Description": row["ShipName"],
        "ShippingStreet": row["ShipAddress"],
        "ShippingCity": row["ShipCity"],
        "ShippingState": blank(row["ShipRegion"]),
        "ShippingPostalCode": blank(row["ShipPostalCode"]),
        "ShippingCountry": row["ShipCountry"],
    }


def line(row: Row, ids: Any) -> dict[str, Any]:
    return {
        "OrderId": ids("Order", "Shopify_Order_Id__c", row["OrderID"]),
        "PricebookEntryId": ids("PricebookEntry", "ProductCode", row["ProductID"]),
        "UnitPrice": Decimal(row["UnitPrice"]),
        "Quantity": Decimal(row["Quantity"]),
        "Description": f"Discount {row['Discount']}",
    }


class File(NamedTuple):
    """A file, and what its rows are in the org."""

    folder: str
    name: str
    object_name: str
    key_field: str
    key: Callable[[Row], str]
    expected: Callable[[Row, Any], dict[str, Any]]

    def rows(self, inputs: Path, before: int | None = None) -> list[dict[str, str]]:
        """Return the rows; of orders and their lines only those before a number, where one is given."""
        content = (inputs / self.name).read_bytes().decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(content, newline="")))
        return [row for row in rows if before is None or int(row.get("OrderID", 0)) < before]


FILES = (
    File("customers", "Customers.csv", "Account", "ERP_Account_ID__c", lambda row: row["CustomerID"], customer),
    File("employees", "Employees.csv", "Contact", "ERP_Contact_ID__c", lambda row: row["EmployeeID"], employee),
    File("orders", "Orders.csv", "Order", "Shopify_Order_Id__c", lambda row: row["OrderID"], order),
    File(
        "lines",
        "OrderDetails.csv",
        "OrderItem",
        "WooCommerce_Line_Id__c",
        lambda row: f"{row['OrderID']}-{row['ProductID']}",
        line,
    ),
)
