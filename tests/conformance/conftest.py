"""Salesforce's own clients, unmodified, against a served local org; runs only where `--conformance` is given."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.jsforce_scripts import JsforceScripts
from tests.conformance.npm_clients import NpmClients, SetupError, install
from tests.conformance.served_org import ServedOrg, served_org
from tests.conformance.sf_cli import SfCli
from tests.conformance.table import Finding, lines

ROOT = Path(__file__).parents[2]
_CLIENT_BY_MODULE = {"test_simple_salesforce": "simple-salesforce", "test_jsforce": "jsforce", "test_sf": "sf"}
_MOST_REASON = 200
FINDINGS = pytest.StashKey[list[Finding]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--conformance", action="store_true", help="install the clients and run their scripts")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "capability(name): the row of the table that a client's script fills")
    config.stash[FINDINGS] = []


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    """Leave these tests out of a plain run: the option is unknown there, or was not given."""
    return None if config.getoption("conformance", None) else True


@pytest.fixture(scope="session")
def build_folder() -> Path:
    folder = ROOT / "build" / "conformance"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def npm_clients(build_folder: Path) -> NpmClients:
    try:
        return install(build_folder)
    except SetupError as error:
        pytest.exit(str(error), returncode=1)


@pytest.fixture(scope="session")
def org(build_folder: Path) -> Iterator[ServedOrg]:
    with served_org(build_folder / "org") as served:
        yield served


@pytest.fixture(scope="session")
def environment(org: ServedOrg, npm_clients: NpmClients, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What both npm clients start with: a home folder of their own, and trust in the org's certificate."""
    home = tmp_path_factory.mktemp("home")
    path = os.pathsep.join([str(npm_clients.node.parent), os.environ["PATH"]])
    return {"PATH": path, "HOME": str(home), "NODE_EXTRA_CA_CERTS": org.ca_file}


@pytest.fixture(scope="session")
def jsforce(org: ServedOrg, npm_clients: NpmClients, environment: dict[str, str]) -> JsforceScripts:
    return JsforceScripts(org, npm_clients, environment)


@pytest.fixture(scope="session")
def sf(org: ServedOrg, npm_clients: NpmClients, environment: dict[str, str], tmp_path_factory: Any) -> SfCli:
    """The Salesforce CLI, signed in."""
    cli = SfCli(npm_clients, environment, tmp_path_factory.mktemp("sf"))
    cli.sign_in(org)
    return cli


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report: pytest.TestReport = yield  # type: ignore[assignment]
    marker = item.get_closest_marker("capability")
    client = _CLIENT_BY_MODULE.get(item.path.stem)
    if marker is not None and client is not None and (report.failed or report.when == "call"):
        reason = _reason(report) if report.failed else None
        item.config.stash[FINDINGS].append(Finding(client, marker.args[0], reason))
    return report


def _reason(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    reason = str(report.longrepr if crash is None else crash.message).strip().partition("\n")[0]
    return reason.removeprefix("AssertionError: ")[:_MOST_REASON]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    terminalreporter.section("conformance: client by capability")
    for line in lines(config.stash[FINDINGS]):
        terminalreporter.write_line(line)
