"""Runs the scripts of `jsforce/`: each is a Node.js program that fails by an exception."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.conformance.npm_clients import NpmClients
from tests.conformance.served_org import ServedOrg

SCRIPTS = Path(__file__).parent / "jsforce"
_MOST_S = 60


@dataclass(frozen=True, slots=True)
class JsforceScripts:
    """The org and the Node.js that the scripts run with."""

    org: ServedOrg
    clients: NpmClients
    environment: dict[str, str]

    def run(self, name: str, **facts: str) -> None:
        """Run a script with the org's facts and more; its own message is the reason where it fails."""
        given = {**self.org.facts, "access_token": self.org.access_token(), **facts}
        environment = {**self.environment, "CLIENTS": str(self.clients.folder), "ORG": json.dumps(given)}
        command = [str(self.clients.node), str(SCRIPTS / f"{name}.mjs")]
        finished = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=_MOST_S, check=False
        )
        assert not finished.returncode, finished.stderr
