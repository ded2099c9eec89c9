"""The Salesforce of the stack: the local org, started by its own command."""

import json
import sys
from pathlib import Path
from typing import NamedTuple

from local.stack.environment import clean_environment
from local.stack.processes import ROOT, Service, start
from local.stack.state import OrgAccess


class Certificate(NamedTuple):
    """The loopback certificate that the org made at its start; the local AWS uses it too."""

    ca_file: Path
    certificate: Path
    key: Path


USUAL_PORT = 8089
USUAL_TLS_PORT = 8443
READY_WITHIN_S = 60.0
PART = "the local org"
SCHEMA_FOLDER = ROOT / "salesforce"


def start_org(port: int, tls_port: int, folder: Path, log: Path) -> Service:
    """Start the org with the project's own metadata; it writes its access into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "org.json").unlink(missing_ok=True)
    command: list[str | Path] = [sys.executable, "-m", "local.org", "serve", "--schema", SCHEMA_FOLDER]
    options: list[str | Path] = ["--port", str(port), "--tls-port", str(tls_port), "--state-folder", folder]
    return start(PART, [*command, *options], clean_environment(), log)


def wait_for_org(service: Service, folder: Path) -> OrgAccess:
    """Wait until the org listens; return how to reach it."""
    file = folder / "org.json"
    service.wait_until(file.exists, READY_WITHIN_S)
    return read_access(file)


def certificate(folder: Path) -> Certificate:
    """Return what the org has written beside its access."""
    return Certificate(folder / "ca.pem", folder / "server.pem", folder / "server.key")


def read_access(file: Path) -> OrgAccess:
    """Read what the org says of itself."""
    said = json.loads(file.read_text(encoding="utf-8"))
    same = {name: said[name] for name in ("ca_file", "client_id", "client_secret", "refresh_token")}
    return OrgAccess(url=said["http_url"], login_url=said["https_url"], **same)
