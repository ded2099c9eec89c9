"""What every test needs: no real AWS account can be reached, and Powertools is quiet."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient

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
FIRST = TESTS / "chaos" / "test_outages.py"  # minutes in which it waits for an org to come back


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--inputs", help="folder of captured inputs; empty means ../shared/inputs beside the checkout")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out, without the option, what reads the captured inputs."""
    return True if collection_path in NEED_INPUTS and config.getoption("inputs") is None else None


@pytest.fixture(autouse=True)
def boto3_is_left_as_it_was() -> Iterator[None]:
    """Fail a test that leaves boto3 changed: calls of a later one would reach nobody."""
    found = boto3.client, BaseClient._make_api_call
    yield
    left = boto3.client, BaseClient._make_api_call
    assert left == found, "patches of boto3 are undone in another order than they were made: use monkeypatch.context()"


@pytest.fixture(scope="session")
def inputs(pytestconfig: pytest.Config) -> Path:
    return Path(pytestconfig.getoption("inputs") or USUAL_INPUTS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the longest file, so that the others run beside it and no worker is left alone with it."""
    items.sort(key=lambda item: item.path != FIRST)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Run one worker more than there are cores: one of them waits for a local stack much of the time."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give a file to one worker, and all of `e2e`, which shares one stack."""
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "tests/e2e" if nodeid.startswith("tests/e2e/") else str(super()._split_scope(nodeid))

    return Scheduling(config, log) if config.getoption("dist") == "loadfile" else None
