"""A local org in a process of its own, as anybody would start it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class ServedOrg:
    """Where the org is and how to sign in: what `org.json` says."""

    facts: dict[str, str]

    @property
    def url(self) -> str:
        """The HTTPS origin."""
        return self.facts["https_url"]

    @property
    def ca_file(self) -> str:
        """The certificate that vouches for the org's own."""
        return self.facts["ca_file"]

    def session(self) -> requests.Session:
        """Return a session that trusts the org and nothing else."""
        session = requests.Session()
        session.verify, session.trust_env = self.ca_file, False
        return session

    def access_token(self) -> str:
        """Return an access token, by the refresh token."""
        form = {name: self.facts[name] for name in ("client_id", "client_secret", "refresh_token")}
        url = f"{self.url}/services/oauth2/token"
        answer = self.session().post(url, {"grant_type": "refresh_token", **form}, timeout=TIMEOUT_S)
        answer.raise_for_status()
        return answer.json()["access_token"]

    def records(self, object_name: str, field: str, value: str) -> list[dict[str, Any]]:
        """Return what the org holds, past every client."""
        url = f"{self.url}/_org/records/{object_name}"
        answer = self.session().get(url, params={"field": field, "value": value}, timeout=TIMEOUT_S)
        answer.raise_for_status()
        return answer.json()

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Do something to the org, such as ending its sessions."""
        answer = self.session().request(method, f"{self.url}/_org/{path}", json=body, timeout=TIMEOUT_S)
        answer.raise_for_status()
        return answer.json()


@contextmanager
def served_org(state_folder: Path) -> Iterator[ServedOrg]:
    """Serve this project's schema until the block ends."""
    command = [sys.executable, "-m", "local.org", "serve", "--schema", "salesforce", "--quiet"]
    command += ["--state-folder", str(state_folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield ServedOrg(_facts(process, state_folder))
        finally:
            process.terminate()


def _facts(process: subprocess.Popen[str], state_folder: Path) -> dict[str, str]:
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if line.startswith("org ready over HTTPS"):
            return json.loads((state_folder / "org.json").read_text())
    raise RuntimeError("the local org did not start:\n" + "".join(said))
