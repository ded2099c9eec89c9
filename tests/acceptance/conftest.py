"""The captured deliveries of real senders, posted through the deployed API; runs only where `--inputs` is given."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.stack import Stack
from local.stack.progress import Progress
from tests.acceptance.captured import Delivery, read_deliveries
from tests.acceptance.table import lines
from tests.acceptance.trial import Story, Trial, tell

ROOT = Path(__file__).parents[2]
STORY = pytest.StashKey[Story]()


@pytest.fixture(scope="session")
def deliveries(inputs: Path) -> list[Delivery]:
    folder = inputs / "webhooks" / "raw"
    if not folder.is_dir():
        raise pytest.UsageError(f"{folder} does not exist; give the folder of the inputs: make acceptance INPUTS=…")
    return read_deliveries(folder)


@pytest.fixture(scope="session")
def stack(pytestconfig: pytest.Config) -> Iterator[Stack]:
    running = Stack(ROOT / "build" / "acceptance", progress=Progress())
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        running.up()
    try:
        yield running
    finally:
        running.down()


@pytest.fixture(scope="session")
def story(stack: Stack, deliveries: list[Delivery], pytestconfig: pytest.Config) -> Story:
    """Everything that is posted, once, in the order in which it happens; the tests look at what was kept of it."""
    trial = Trial(stack)
    trial.set_public_url()
    pytestconfig.stash[STORY] = told = tell(trial, deliveries)
    return told


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    told = config.stash.get(STORY, None)
    if told is not None:
        terminalreporter.section("captured deliveries")
        for line in lines(told):
            terminalreporter.write_line(line)
