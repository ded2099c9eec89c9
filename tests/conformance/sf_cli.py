"""The Salesforce CLI as a script starts it: `sf … --json`, in a home folder of its own, told to call nobody else."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conformance.npm_clients import NpmClients
from tests.conformance.served_org import ServedOrg

ALIAS = "local"
_MOST_S = 120
_QUIET = {
    "SF_AUTOUPDATE_DISABLE": "true",
    "SF_DISABLE_AUTOUPDATE": "true",
    "SF_DISABLE_TELEMETRY": "true",
    "SF_HIDE_RELEASE_NOTES": "true",
    "SF_SKIP_NEW_VERSION_CHECK": "true",
    "SF_USE_GENERIC_UNIX_KEYCHAIN": "true",  # else it asks for a desktop's keyring
}


@dataclass(frozen=True, slots=True)
class SfCli:
    """`folder` is where commands run and where their files lie."""

    clients: NpmClients
    environment: dict[str, str]
    folder: Path

    def sign_in(self, org: ServedOrg) -> Any:
        """Sign in by access token and name the org."""
        command = ["org", "login", "access-token", "--no-prompt", "--alias", ALIAS, "--instance-url", org.url]
        return _result(self._call(command, SF_ACCESS_TOKEN=org.access_token()))

    def run(self, command: str, *args: str) -> Any:
        """Return the result of a command that must succeed."""
        return _result(self._call([*command.split(), *args, "--target-org", ALIAS]))

    def refused(self, command: str, *args: str) -> dict[str, Any]:
        """Return what a command says that must fail."""
        said = self._call([*command.split(), *args, "--target-org", ALIAS])
        assert said["status"], said
        return said

    def file(self, name: str, text: str) -> str:
        """Write a file and return its name."""
        (self.folder / name).write_text(text, encoding="utf-8")
        return name

    def read(self, name: str) -> str:
        """Return what a command wrote."""
        return (self.folder / name).read_text(encoding="utf-8")

    def _call(self, command: list[str], **more: str) -> dict[str, Any]:
        environment = {**self.environment, **_QUIET, **more}
        finished = subprocess.run(
            [*self.clients.sf, *command, "--json"],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_MOST_S,
            check=False,
        )
        assert finished.stdout, finished.stderr
        return json.loads(finished.stdout)


def _result(said: dict[str, Any]) -> Any:
    assert said["status"] == 0, f"{said.get('name')}: {said.get('message')}"
    return said["result"]
