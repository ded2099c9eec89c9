"""Northwind's customers and orders, put into the drops bucket and loaded by the functions into the local org."""

import csv
from pathlib import Path

import pytest

from functions.bulk_split import handler as split_handler
from lockstep.domain.loads import LoadState
from lockstep.domain.routes import Route
from lockstep.runtime import route_files
from tests.acceptance.conftest import USUAL_INPUTS
from tests.fakes.bulk_lane import bulk_lane, forget_bulk
from tests.functional.cli_loads import Desk, drops_lane

CUSTOMER = {
    "source": "northwind",
    "entity": "customer",
    "object": "Account",
    "external_id": {"field": "ERP_Account_ID__c"},
    "on_delete": "ignore",
    "file": {"external_id": "CustomerID"},
    "fields": {
        "Name": {"from": "CompanyName", "type": "text", "required": True},
        "Phone": {"from": "Phone", "type": "text"},
        "BillingStreet": {"from": "Address", "type": "text"},
        "BillingCity": {"from": "City", "type": "text"},
        "BillingPostalCode": {"from": "PostalCode", "type": "text"},
        "BillingCountry": {"from": "Country", "type": "text"},
    },
}
ORDER = {
    "source": "northwind",
    "entity": "order",
    "object": "Order",
    "external_id": {"field": "Shopify_Order_Id__c"},
    "on_delete": "ignore",
    "file": {"external_id": "OrderID"},
    "fields": {
        "AccountId": {"from": "CustomerID", "type": "reference", "to": "Account", "by": "ERP_Account_ID__c"},
        "EffectiveDate": {"from": "OrderDate", "type": "date", "formats": ["M/D/YYYY"]},
        "Status": {"type": "constant", "value": "Draft"},
        "ShippingStreet": {"from": "ShipAddress", "type": "text"},
        "ShippingCity": {"from": "ShipCity", "type": "text"},
        "ShippingPostalCode": {"from": "ShipPostalCode", "type": "text"},
    },
}


@pytest.fixture
def northwind(pytestconfig):
    return Path(pytestconfig.getoption("inputs") or USUAL_INPUTS) / "datasets" / "northwind"


@pytest.fixture
def desk(tmp_path, monkeypatch):
    with bulk_lane() as lane, drops_lane(monkeypatch, chunk_rows=200):
        models = {"customers": Route.model_validate(CUSTOMER), "orders": Route.model_validate(ORDER)}
        monkeypatch.setattr(route_files, "load_route_models", lambda: models)
        forget_bulk()
        split_handler.take_drops.cache_clear()
        yield Desk(lane, tmp_path, monkeypatch)


def test_customers_and_their_orders_arrive_with_every_row_accounted_for(desk, northwind):
    rows = {}
    for folder, name in (("customers", "Customers.csv"), ("orders", "Orders.csv")):
        content = (northwind / name).read_bytes()
        rows[folder] = list(csv.DictReader(content.decode("utf-8-sig").splitlines(keepends=True)))
        desk.s3.put_object(Bucket="drops", Key=f"{folder}/{name}", Body=content)
        desk.work()

    loads = {load.route: load for load in desk.lane.book.recent(5)}
    assert {name: load.state for name, load in loads.items()} == dict.fromkeys(rows, LoadState.DONE)
    for name, load in loads.items():
        assert load.totals.read == len(rows[name])
        assert (load.totals.on_their_way, load.totals.succeeded) == (0, len(rows[name])), load.totals
    org = desk.lane.org
    accounts = {record["ERP_Account_ID__c"]: record for record in org.records("Account")}
    orders = {record["Shopify_Order_Id__c"]: record for record in org.records("Order")}
    for row in rows["customers"]:
        record = accounts[row["CustomerID"]]
        assert (record["Name"], record["BillingPostalCode"] or "") == (row["CompanyName"], row["PostalCode"])
    for row in rows["orders"]:
        record = orders[row["OrderID"]]
        month, day, year = row["OrderDate"].split(" ")[0].split("/")
        assert record["AccountId"] == accounts[row["CustomerID"]]["Id"]
        assert str(record["EffectiveDate"]) == f"{year}-{int(month):02}-{int(day):02}"
