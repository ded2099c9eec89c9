"""What was recorded of real orgs, asked of the local org again; runs only where `--inputs` is given."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def recordings(inputs: Path) -> Path:
    folder = inputs / "salesforce-recordings"
    if not folder.is_dir():
        raise pytest.UsageError(f"{folder} does not exist; give the folder of the inputs: make recordings INPUTS=…")
    return folder
