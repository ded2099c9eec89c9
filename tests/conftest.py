"""What every test needs: no real AWS account can be reached, and Powertools is quiet."""

import os
from pathlib import Path

import pytest

os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION="us-east-1",
    AWS_REGION="us-east-1",
    AWS_CONFIG_FILE=os.devnull,
    AWS_SHARED_CREDENTIALS_FILE=os.devnull,
    AWS_EC2_METADATA_DISABLED="true",
    POWERTOOLS_TRACE_DISABLED="1",
    POWERTOOLS_SERVICE_NAME="tests",
    POWERTOOLS_METRICS_NAMESPACE="Lockstep/tests",
    POWERTOOLS_LOG_LEVEL="WARNING",
)
for _name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
    os.environ.pop(_name, None)

TESTS = Path(__file__).parent
USUAL_INPUTS = TESTS.parents[1] / "shared" / "inputs"
NEED_INPUTS = {TESTS / "acceptance", TESTS / "recordings"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--inputs", help="folder of captured inputs; empty means ../shared/inputs beside the checkout")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out, without the option, what reads the captured inputs."""
    return True if collection_path in NEED_INPUTS and config.getoption("inputs") is None else None


@pytest.fixture(scope="session")
def inputs(pytestconfig: pytest.Config) -> Path:
    return Path(pytestconfig.getoption("inputs") or USUAL_INPUTS)
