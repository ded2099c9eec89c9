"""What was recorded of real orgs, asked of the local org again; runs only where `--inputs` is given."""

from pathlib import Path

import pytest

USUAL_INPUTS = Path(__file__).parents[3] / "shared" / "inputs"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--inputs", help="folder with salesforce-recordings; empty means ../shared/inputs beside the checkout"
    )


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    """Leave these tests out of a plain run: the option is unknown there, or was not given."""
    return True if config.getoption("inputs", None) is None else None


@pytest.fixture(scope="session")
def recordings(pytestconfig: pytest.Config) -> Path:
    folder = Path(pytestconfig.getoption("inputs") or USUAL_INPUTS) / "salesforce-recordings"
    if not folder.is_dir():
        raise pytest.UsageError(f"{folder} does not exist; give the folder of the inputs: make recordings INPUTS=…")
    return folder
