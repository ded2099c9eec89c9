"""Builds and deploys the real template with the real SAM CLI, at the local AWS."""

import json
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from local.stack.environment import REGION, clean_environment
from local.stack.failure import StackError
from local.stack.folders import BUILD, Folders
from local.stack.processes import ROOT, run
from local.stack.state import OrgAccess

SAM = ROOT / ".venv-sam" / "bin" / "sam"
TEMPLATE = ROOT / "template.yaml"
STACK_NAME = "lockstep"
LOCK_WAIT_S = 300.0


@contextmanager
def build_alone() -> Iterator[None]:
    """Keep other stacks of this checkout from building until this one is deployed."""
    BUILD.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(BUILD / "build.lock", timeout=LOCK_WAIT_S):
            yield
    except Timeout:
        reason = f"another stack of this checkout has been building for {LOCK_WAIT_S:.0f} s"
        raise StackError("building (sam build)", reason) from None


def build(folders: Folders, template: Path = TEMPLATE) -> None:
    """Build the layers for this machine; what has not changed since the last build is taken from the cache."""
    command: list[str | Path] = [SAM, "build", "--template-file", template, "--base-dir", ROOT]
    options: list[str | Path] = ["--build-dir", BUILD / "out", "--cached", "--cache-dir", BUILD / "cache"]
    env = _environment(folders) | {"LAYER_PLATFORM": "host", "PIP": f"{sys.executable} -m pip"}
    run("building (sam build)", [*command, *options], env, folders.log("build"))


def deploy(folders: Folders, aws_url: str, org: OrgAccess) -> None:
    """Deploy what was built."""
    values = {
        "Stage": "local",
        "SalesforceLoginUrl": org.login_url,
        "AllowedInstanceHosts": urlsplit(org.login_url).hostname,
        "Architecture": architecture(platform.machine()),
    }
    built = BUILD / "out" / "template.yaml"
    command: list[str | Path] = [SAM, "deploy", "--template-file", built, "--stack-name", STACK_NAME]
    options: list[str | Path] = ["--config-file", ROOT / "samconfig.toml", "--region", REGION]
    parameters = [f"{name}={value}" for name, value in values.items()]
    run(
        "deploying (sam deploy)",
        [*command, *options, "--no-confirm-changeset", "--no-progressbar", "--parameter-overrides", *parameters],
        _environment(folders) | {"AWS_ENDPOINT_URL": aws_url, "AWS_CA_BUNDLE": org.ca_file},
        folders.log("deploy"),
    )


def architecture(machine: str) -> str:
    """Return Lambda's word for the machine."""
    return "arm64" if machine.lower() in {"arm64", "aarch64"} else "x86_64"


def stack_outputs(cloudformation: Any) -> dict[str, str]:
    """Return the outputs of the deployed stack."""
    described = cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"][0]
    return {each["OutputKey"]: each["OutputValue"] for each in described["Outputs"]}


def _environment(folders: Folders) -> dict[str, str]:
    home = folders.top / "sam-cli"
    home.mkdir(exist_ok=True)
    # Without it every run would ask PyPI for a newer SAM CLI.
    (home / "metadata.json").write_text(json.dumps({"telemetryEnabled": False, "lastVersionCheck": time.time()}))
    return clean_environment() | {
        "SAM_CLI_TELEMETRY": "0",
        "__SAM_CLI_APP_DIR": str(home),
        "SAM_CLI_POLL_DELAY": "0.5",
    }
