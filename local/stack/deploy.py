"""Builds and deploys the real template with the real SAM CLI, at the local AWS."""

import json
import platform
import sys
import time
from pathlib import Path
from typing import Any

from filelock import FileLock

from local.stack.environment import REGION, clean_environment
from local.stack.folders import BUILD_CACHE, Folders
from local.stack.processes import ROOT, run
from local.stack.state import OrgAccess

SAM = ROOT / ".venv-sam" / "bin" / "sam"
TEMPLATE = ROOT / "template.yaml"
STACK_NAME = "lockstep"
LOCK_WAIT_S = 300.0


def build(folders: Folders, template: Path = TEMPLATE) -> None:
    """Build the layers for this machine; what has not changed since the last build is taken from the cache."""
    # The cache's keys know neither the interpreter nor the platform.
    cache = BUILD_CACHE / f"{sys.implementation.cache_tag}-{platform.machine()}"
    cache.mkdir(parents=True, exist_ok=True)
    command: list[str | Path] = [
        SAM,
        "build",
        "--template-file",
        template,
        "--base-dir",
        ROOT,
        "--build-dir",
        folders.sam,
    ]
    with FileLock(cache.with_suffix(".lock"), timeout=LOCK_WAIT_S):
        run(
            "building (sam build)",
            [*command, "--cached", "--cache-dir", cache],
            _environment(folders) | {"LAYER_PLATFORM": "host", "PIP": f"{sys.executable} -m pip"},
            folders.log("build"),
        )


def deploy(folders: Folders, aws_url: str, org: OrgAccess) -> None:
    """Deploy what was built."""
    parameters = {
        "Stage": "local",
        "SalesforceLoginUrl": org.login_url,
        "Architecture": architecture(platform.machine()),
    }
    command: list[str | Path] = [
        SAM,
        "deploy",
        "--template-file",
        folders.sam / "template.yaml",
        "--stack-name",
        STACK_NAME,
    ]
    options: list[str | Path] = [
        "--config-file",
        ROOT / "samconfig.toml",
        "--no-confirm-changeset",
        "--no-progressbar",
        "--region",
        REGION,
    ]
    overrides = [f"{name}={value}" for name, value in parameters.items()]
    run(
        "deploying (sam deploy)",
        [*command, *options, "--parameter-overrides", *overrides],
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
