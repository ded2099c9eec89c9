"""Measures the local org: rows a second through a bulk upsert in process, from the upload to the last result file."""

import json
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Annotated, Any

import typer

from bench.org_ingest import KEY, Figures, bench_row, bench_schema
from local.org.api import handle
from local.org.messages import Reply, Request
from local.org.org import Org, OrgSettings

ROWS_PER_JOB = 100_000
_JOBS = "/services/data/v66.0/jobs/ingest"
_JSON, _CSV = "application/json", "text/csv"
_COLUMNS = [name for name in bench_row(0, 0) if name != "attributes"]


def main(
    *,
    rows: Annotated[int, typer.Option(help="Rows to send, 100,000 to a job.")] = 100_000,
    records: Annotated[int, typer.Option(help="Records they go to; fewer than rows means updates.")] = 0,
    rules: Annotated[bool, typer.Option(help="Check each row by the validation rules of salesforce/.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Send rows to an org in this process by bulk jobs and print rows per second and memory."""
    figures = measure_bulk(rows, records or rows, has_rules=rules)
    if as_json:
        print(json.dumps(asdict(figures)))
    else:
        print(f"{figures.rows:,} rows by bulk jobs: {figures.created:,} created, {figures.updated:,} updated")
        print(f"{figures.rows_per_s:,.0f} rows/s of CPU time, {figures.rss_mib:,.0f} MiB resident")


def measure_bulk(rows: int, records: int, *, has_rules: bool = True) -> Figures:
    """Return the figures of a fresh org; the uploads are built outside of the measured time, which is CPU time."""
    schema = bench_schema()
    org = Org(
        schema if has_rules else replace(schema, validation_rules={}), OrgSettings(daily_api_requests=sys.maxsize)
    )
    caller = _Caller(org)
    created, seconds = 0, 0.0
    for upload in _uploads(rows, records):
        started_s = time.process_time()
        created += caller.load(upload)
        seconds += time.process_time() - started_s
    if org.counts()["Account"] != records:
        raise SystemExit("the org does not hold what was sent")
    rss_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Figures(rows, created, rows - created, round(seconds, 3), round(rows / seconds), round(rss_mib))


class _Caller:
    """Drives jobs as a client does."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._token = org.open_session()

    def load(self, upload: bytes) -> int:
        """Return how many records a job created; end the run at the first refused row."""
        spec = {"object": "Account", "operation": "upsert", "externalIdFieldName": KEY}
        job = f"{_JOBS}/{self._json('POST', _JOBS, spec)['id']}"
        self._call("PUT", f"{job}/batches", upload, _CSV)
        self._json("PATCH", job, {"state": "UploadComplete"})
        ended = self._json("GET", job)
        if ended["state"] != "JobComplete" or ended["numberRecordsFailed"]:
            raise SystemExit(f"refused: {ended}")
        parts = self._call("GET", f"{job}/successfulResults").parts
        return sum(part.count(b'","true","') for part in parts)

    def _json(self, method: str, path: str, value: Any = None) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self._call(method, path, json.dumps(value).encode() if value else b"").body)
        return answer

    def _call(self, method: str, path: str, body: bytes = b"", kind: str = _JSON) -> Reply:
        headers = {"authorization": f"Bearer {self._token}", "content-type": kind}
        reply = handle(self._org, Request(method, path, headers, body))
        if not 200 <= reply.status < 300:
            raise SystemExit(f"refused: {reply.status} {reply.body[:500]!r}")
        return reply


def _uploads(rows: int, records: int) -> Iterator[bytes]:
    for start in range(0, rows, ROWS_PER_JOB):
        numbers = range(start, min(start + ROWS_PER_JOB, rows))
        lines = (",".join(str(bench_row(n, n % records)[name]) for name in _COLUMNS) for n in numbers)
        yield "\n".join([",".join(_COLUMNS), *lines, ""]).encode()


if __name__ == "__main__":
    typer.run(main)
