"""Measures the local org: rows a second through Collections upsert in process, and the memory that the records take."""

import json
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

import typer

from local.org.api import handle
from local.org.messages import Request
from local.org.org import Org, OrgSettings
from local.org.schema import FieldSchema, Schema
from local.org.schema_loader import load_schema

ROWS_PER_CALL = 200
KEY = "Bench_Id__c"
_METADATA = Path(__file__).parents[1] / "salesforce"
TARGET = f"/services/data/v66.0/composite/sobjects/Account/{KEY}"


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run showed; `rss_mib` is the greatest resident size of the whole process."""

    rows: int
    created: int
    updated: int
    seconds: float
    rows_per_s: float
    rss_mib: float


def main(
    *,
    rows: Annotated[int, typer.Option(help="Rows to send, 200 to a call.")] = 100_000,
    records: Annotated[int, typer.Option(help="Records they go to; fewer than rows means updates.")] = 0,
    rules: Annotated[bool, typer.Option(help="Check each row by the validation rules of salesforce/.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Send rows to an org in this process and print rows per second and memory."""
    figures = measure(rows, records or rows, has_rules=rules)
    if as_json:
        print(json.dumps(asdict(figures)))
    else:
        print(
            f"{figures.rows:,} rows: {figures.created:,} created, {figures.updated:,} updated, {figures.seconds:.1f} s"
        )
        print(f"{figures.rows_per_s:,.0f} rows/s of CPU time, {figures.rss_mib:,.0f} MiB resident")


def measure(rows: int, records: int, *, has_rules: bool = True) -> Figures:
    """Return the figures of a fresh org; the bodies are built outside of the measured time, which is CPU time."""
    org = fresh_org(has_rules=has_rules)
    headers = {"authorization": f"Bearer {org.open_session()}", "content-type": "application/json"}
    created, seconds = 0, 0.0
    for body in bodies(rows, records):
        started_s = time.process_time()
        reply = handle(org, Request("PATCH", TARGET, headers, body))
        seconds += time.process_time() - started_s
        created += created_rows(reply.status, reply.body)
    if org.counts()["Account"] != records:
        raise SystemExit("the org does not hold what was sent")
    rss_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Figures(rows, created, rows - created, round(seconds, 3), round(rows / seconds), round(rss_mib))


def fresh_org(*, has_rules: bool = True) -> Org:
    """Return an org that no allocation stops."""
    schema = bench_schema()
    if not has_rules:
        schema = replace(schema, validation_rules={})
    return Org(schema, OrgSettings(daily_api_requests=sys.maxsize))


def created_rows(status: int, body: bytes) -> int:
    """Return how many rows were created; end the run at the first refused one."""
    results = json.loads(body)
    if status != HTTPStatus.OK or not all(result["success"] for result in results):
        raise SystemExit(f"refused: {body[:500]!r}")
    return sum(result["created"] for result in results)


def bench_schema() -> Schema:
    """Return the objects of the project's metadata, with one more external ID on Account."""
    schema = load_schema([_METADATA])
    account = schema.objects["Account"]
    key = FieldSchema(
        name=KEY,
        label="Bench Id",
        type="string",
        custom=True,
        length=40,
        unique=True,
        external_id=True,
        id_lookup=True,
    )
    keyed = replace(account, fields={**account.fields, KEY: key})
    return replace(schema, objects={**schema.objects, "Account": keyed})


def bodies(rows: int, records: int, first: int = 0) -> Iterator[bytes]:
    """Yield the bodies of calls that send rows; the records are counted from `first`."""
    for start in range(0, rows, ROWS_PER_CALL):
        numbers = range(start, min(start + ROWS_PER_CALL, rows))
        listed = [bench_row(n, first + n % records) for n in numbers]
        yield json.dumps({"allOrNone": False, "records": listed}).encode()


def bench_row(number: int, record: int) -> dict[str, object]:
    """Return a row for a record, new with each number."""
    return {
        "attributes": {"type": "Account"},
        KEY: f"B-{record:09d}",
        "Name": f"Bench customer {record}",
        "BillingCity": f"City {number % 5000}",
        "Phone": f"+1 555 {number % 10_000_000:07d}",
        "Industry": "Banking",
        "AnnualRevenue": number * 1.25,
        "NumberOfEmployees": number % 10_000,
        # It grows from row to row, as the rules of the metadata want it.
        "Shopify_Version__c": 1_700_000_000_000 + number,
    }


if __name__ == "__main__":
    typer.run(main)
