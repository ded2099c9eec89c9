"""The running stack that all ways share, and the ways themselves."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import requests

from bench.bulk.lockstep_load import load_file
from bench.bulk.processes import Use, Watch
from bench.bulk.rows import KEY
from local.stack import Stack
from local.stack.org_side import PART as ORG
from tests.conformance.npm_clients import install

ROOT = Path(__file__).parents[2]
ROUTE = "erp_account"
_MOST_BYTES = 90_000_000  # of one job: Bulk API 2.0 takes 150 MB after base64


@dataclass(frozen=True, slots=True)
class Way:
    """One way of loading the file: wall clock, what its processes used by part, and API calls."""

    name: str
    seconds: float
    uses: Mapping[str, Use]
    api_calls: int

    @property
    def cpu_s(self) -> float:
        """CPU of everything but the org, in seconds."""
        return sum(use.cpu_s for use in self.uses.values() if use.name != ORG)


class Site:
    """Loads one file in several ways; each begins with an empty org.

    Args:
        stack: It runs.
        source: The file as an ERP writes it.
        mapped: The same rows as Salesforce takes them.
        rows: How many they are.
    """

    def __init__(self, stack: Stack, source: Path, mapped: Path, rows: int) -> None:
        self._stack, self._source, self._mapped, self._rows = stack, source, mapped, rows

    def lockstep(self) -> Way:
        """Put the file into the bucket and follow it until all results are booked."""
        self._empty()
        watch = Watch(self._stack.processes)
        with watch.looking():
            rows, seconds = load_file(self._stack, ROUTE, self._source, deadline_s=60 + self._rows / 500)
        self._check("Lockstep", rows.succeeded, str(rows))
        return Way("Lockstep", seconds, watch.uses(), self._api_calls())

    def simple_salesforce(self) -> Way:
        """Let simple-salesforce upload the mapped file."""
        what = [*self._fresh_session(), str(self._mapped), KEY, str(self._rows)]
        command = [sys.executable, "-m", "bench.bulk.plain_client", *what]
        return self._client("simple-salesforce", command, {"REQUESTS_CA_BUNDLE": self._stack.org.ca_file})

    def jsforce(self) -> Way:
        """Let jsforce upload the mapped file, cut into what a job takes."""
        clients = install(ROOT / "build" / "conformance")
        script = Path(__file__).with_name("jsforce_client.mjs")
        what = [*self._fresh_session(), KEY, *map(str, parts_of(self._mapped))]
        command = [str(clients.node), str(script), str(clients.folder), *what]
        return self._client("jsforce", command, {"NODE_EXTRA_CA_CERTS": self._stack.org.ca_file})

    def _client(self, name: str, command: Sequence[str], more: Mapping[str, str]) -> Way:
        org = Watch({pid: part for pid, part in self._stack.processes.items() if part == ORG})
        with subprocess.Popen(command, env=os.environ | more, stdout=subprocess.PIPE, text=True, cwd=ROOT) as client:
            own = Watch({client.pid: name}, from_start=True)
            with org.looking(), own.looking():
                output, _ = client.communicate()
        if client.returncode:
            raise SystemExit(f"{name} ended with exit code {client.returncode}")
        said = json.loads(output.splitlines()[-1])
        self._check(name, said["processed"] - said["failed"], str(said))
        return Way(name, said["seconds"], {**own.uses(), **org.uses()}, self._api_calls())

    def _check(self, name: str, written: int, said: str) -> None:
        in_the_org = self._asked("GET", "counts")["Account"]
        if (written, in_the_org) != (self._rows, self._rows):
            raise SystemExit(f"{name} has not loaded every row; the org holds {in_the_org:,}: {said}")

    def _api_calls(self) -> int:
        return sum(1 for call in self._asked("GET", "calls") if call["path"].startswith("/services/data/"))

    def _empty(self) -> None:
        self._asked("POST", "reset")
        self._asked("POST", "limits", {"daily_api_requests_max": 1_000_000})
        self._asked("DELETE", "calls")

    def _fresh_session(self) -> tuple[str, str]:
        self._empty()
        org = self._stack.org
        form = {"client_id": org.client_id, "client_secret": org.client_secret, "refresh_token": org.refresh_token}
        answer = self._stack.http().post(
            f"{org.login_url}/services/oauth2/token", data={"grant_type": "refresh_token", **form}, timeout=30
        )
        return answer.json()["instance_url"], answer.json()["access_token"]

    def _asked(self, method: str, what: str, body: object = None) -> Any:
        answer = requests.request(method, f"{self._stack.org_url}/_org/{what}", json=body, timeout=600)
        if answer.status_code >= HTTPStatus.BAD_REQUEST:
            raise SystemExit(f"the local org refused {method} {what}: {answer.text[:200]}")
        return answer.json() if answer.content else None


def parts_of(mapped: Path) -> list[Path]:
    """Cut a file without line breaks in its values into parts with a header each."""
    parts: list[Path] = []
    with mapped.open("rb") as whole:
        header = whole.readline()
        while lines := whole.readlines(_MOST_BYTES):
            part = mapped.with_name(f"{mapped.stem}.{len(parts)}{mapped.suffix}")
            part.write_bytes(header + b"".join(lines))
            parts.append(part)
    return parts
