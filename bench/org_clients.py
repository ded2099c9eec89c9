"""Clients in processes of their own that upsert through Collections over HTTP, and how fast the org answers them."""

import http.client
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from bench.org_ingest import TARGET, bodies, created_rows, fresh_org
from local.org.server import OrgServer

_CLIENTS = 2
_PATIENCE_S = 30.0
_LOOK_S = 0.05
_SERVE = "import sys; from bench.org_clients import serve; serve(sys.argv[1])"


def rows_per_s(rows: int) -> tuple[int, int]:
    """Return how many rows a second the clients together got answered, by the clock and by the server's CPU time."""
    each = rows // _CLIENTS
    with tempfile.TemporaryDirectory() as name, multiprocessing.get_context("spawn").Pool(_CLIENTS) as pool:
        folder = Path(name)
        with _served(folder) as (url, token):
            calls = [(url, token, list(bodies(each, each, client * each))) for client in range(_CLIENTS)]
            started_s = time.perf_counter()
            created = sum(pool.starmap(_send, calls, chunksize=1))
            seconds = time.perf_counter() - started_s
        cpu_s = float((folder / "cpu_s").read_text())
    if created != each * _CLIENTS:
        raise SystemExit(f"{created} of {each * _CLIENTS} rows were created")
    return round(created / seconds), round(created / cpu_s)


def _send(url: str, token: str, calls: list[bytes]) -> int:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=_PATIENCE_S)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    created = 0
    for body in calls:
        connection.request("PATCH", TARGET, body, headers)
        response = connection.getresponse()
        created += created_rows(response.status, response.read())
    connection.close()
    return created


@contextmanager
def _served(folder: Path) -> Iterator[tuple[str, str]]:
    """Serve an org in a process of its own; yield its address and a session."""
    process = subprocess.Popen([sys.executable, "-c", _SERVE, str(folder)])
    try:
        facts = _wait_for(folder / "ready.json", process)
        yield facts["url"], facts["token"]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=_PATIENCE_S)


def _wait_for(ready: Path, process: subprocess.Popen[bytes]) -> dict[str, str]:
    until_s = time.monotonic() + _PATIENCE_S
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > until_s:
            raise SystemExit("the org did not start")
        time.sleep(_LOOK_S)
    facts: dict[str, str] = json.loads(ready.read_text(encoding="utf-8"))
    return facts


def serve(folder: str) -> None:
    """Serve the benchmark's org until SIGTERM; files tell where, and in the end what it cost in CPU time."""
    org = fresh_org()
    server = OrgServer(org, 0)
    ready, part = Path(folder, "ready.json"), Path(folder, "part")
    started_s = time.process_time()

    def end(*_: object) -> None:
        Path(folder, "cpu_s").write_text(str(time.process_time() - started_s), encoding="utf-8")
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    part.write_text(json.dumps({"url": server.url, "token": org.open_session()}), encoding="utf-8")
    part.replace(ready)
    server.serve_forever()
