"""A cold start of the webhook function pays only for what it needs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHOW_MODULES = "import json, sys, functions.webhook.handler; print(json.dumps(sorted(sys.modules)))"


def imported_modules():
    paths = [str(ROOT), str(ROOT / "layers" / "lockstep"), str(ROOT / "layers" / "config")]
    shown = subprocess.run(
        [sys.executable, "-c", SHOW_MODULES],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        check=True,
        text=True,
    )
    return set(json.loads(shown.stdout))


@pytest.mark.parametrize("package", ["boto3", "botocore.session", "pydantic", "requests", "simple_salesforce", "yaml"])
def test_import_of_the_webhook_handler_leaves_heavy_packages_out(package):
    assert package not in imported_modules()
