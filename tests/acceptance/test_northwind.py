"""Northwind, put into the drops bucket and loaded by the functions into the local org: each row, field by field."""

import csv
import io
from collections import Counter
from decimal import Decimal

import pytest

from functions.bulk_split import handler as split_handler
from lockstep.domain import job_outcome
from lockstep.domain.loads import LoadState
from lockstep.domain.routes import Route
from lockstep.runtime import route_files
from tests.acceptance.northwind import FILES, routes
from tests.fakes.bulk_lane import bulk_lane
from tests.fakes.drops_lane import drops_lane
from tests.functional.cli_loads import Desk

FEW = 10_290  # orders before this number: 42, with 111 lines
ROWS = {"customers": 91, "employees": 9, "orders": 830, "lines": 2155}


@pytest.fixture
def northwind(inputs):
    return inputs / "datasets" / "northwind"


@pytest.fixture
def desk(tmp_path, monkeypatch, northwind):
    with bulk_lane() as lane, drops_lane(monkeypatch, chunk_rows=500):
        book, entries = sell_products(lane.org, northwind)
        models = {name: Route.model_validate(route) for name, route in routes(book, entries).items()}
        monkeypatch.setattr(route_files, "load_route_models", lambda: models)
        lane.hold_no_route()  # a describe does not like a table of Ids
        split_handler.take_drops.cache_clear()
        yield Desk(lane, tmp_path, monkeypatch)


def sell_products(org, northwind):
    """Put the products into the org's price book; return the book, and the entry of each product."""
    (book,) = org.records("Pricebook2")
    entries = {}
    with (northwind / "Products.csv").open(encoding="utf-8-sig", newline="") as opened:
        for row in csv.DictReader(opened):
            product = {"Name": row["ProductName"], "ProductCode": row["ProductID"], "IsActive": True}
            made = org.store.seed("Product2", product)
            entry = {"Product2Id": made, "Pricebook2Id": book["Id"], "UnitPrice": 1.0, "IsActive": True}
            entries[row["ProductID"]] = org.store.seed("PricebookEntry", entry)
    return book["Id"], entries


def drop(desk, file, content):
    desk.s3.put_object(Bucket="drops", Key=f"{file.folder}/{file.name}", Body=content)


def written(rows):
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def settle(desk):
    """Let the lanes work, and the retries' schedule run, until nothing waits any more."""
    for _ in range(12):
        desk.work()
        if not desk.lane.world.errors("Retrying"):
            return
        desk.lane.clock.advance(1_000)
        desk.lane.world.retry()
    raise AssertionError(f"never ends: {Counter(each['status']['S'] for each in desk.lane.world.errors().values())}")


def check(desk, northwind, before=None):
    """Every row is counted at one place, and is the one record of its key, field by field."""
    org = desk.lane.org
    ids = ids_of(org)
    loads = {load.route: load for load in desk.lane.book.recent(10)}
    assert {name: load.state for name, load in loads.items()} == dict.fromkeys(ROWS, LoadState.DONE)
    for file in FILES:
        rows, totals = file.rows(northwind, before), loads[file.folder].totals
        assert (totals.read, totals.on_their_way, totals.rejected) == (len(rows), 0, 0), totals
        assert totals.succeeded + totals.by_rest + totals.logged == len(rows), totals
        records = {record[file.key_field]: record for record in org.records(file.object_name)}
        assert len(records) == len(org.records(file.object_name)) == len(rows)
        for row in rows:
            expected = file.expected(row, ids)
            record = records[file.key(row)]
            assert {name: exact(record[name]) for name in expected} == expected
    assert not desk.lane.world.errors("Pending", "Retrying", "Abandoned")


def ids_of(org):
    """Return what finds a record's Id by a field."""
    found = {
        (file.object_name, file.key_field, record[file.key_field]): record["Id"]
        for file in FILES
        for record in org.records(file.object_name)
    }
    codes = {product["Id"]: product["ProductCode"] for product in org.records("Product2")}
    for entry in org.records("PricebookEntry"):
        found["PricebookEntry", "ProductCode", codes[entry["Product2Id"]]] = entry["Id"]
    return lambda *key: found[key]


def exact(value):
    return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value


def test_every_row_of_every_file_is_its_record_field_by_field(desk, northwind):
    for file in FILES:
        drop(desk, file, (northwind / file.name).read_bytes())
        settle(desk)

    check(desk, northwind)
    assert {load.route: load.totals.read for load in desk.lane.book.recent(10)} == ROWS


def test_lines_before_orders_and_orders_before_customers_arrive_in_the_end(desk, northwind, monkeypatch):
    monkeypatch.setattr(job_outcome, "MOST_BY_REST", 80)  # orders go again one by one, lines in a job of their own
    for file in reversed(FILES):
        drop(desk, file, written(file.rows(northwind, FEW)))
        desk.split()
        desk.lane.work_for(60)
    settle(desk)

    check(desk, northwind, FEW)
