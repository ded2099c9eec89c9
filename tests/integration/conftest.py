"""The local org for the integration tests, behind either of its doors."""

from collections.abc import Iterator

import pytest
import requests

from local.org.certificate import CertificateFiles, make_certificate
from local.org.org import Org
from local.org.schema import Schema
from tests.integration.org_doors import Api, Door, https_door, in_process_door, repository_schema, rules_schema


@pytest.fixture(scope="session")
def org_schema() -> Schema:
    """The standard objects and this project's own fields."""
    return repository_schema()


@pytest.fixture
def org(org_schema: Schema) -> Org:
    """A fresh org with this project's own fields."""
    return Org(org_schema)


@pytest.fixture(scope="session")
def org_certificate(tmp_path_factory: pytest.TempPathFactory) -> CertificateFiles:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(params=["in_process", "https"])
def door(request: pytest.FixtureRequest, org: Org) -> Iterator[Door]:
    """A session that reaches `org`; tests that ask for it run through both doors."""
    if request.param == "in_process":
        with in_process_door(org) as opened:
            yield opened
        return
    request.getfixturevalue("socket_enabled")
    with https_door(org, request.getfixturevalue("org_certificate")) as opened:
        yield opened


@pytest.fixture
def salesforce_session(door: Door, org: Org) -> tuple[requests.Session, str, str]:
    """Session, instance URL and a good access token for `org`."""
    return door.session, door.instance_url, org.open_session()


@pytest.fixture(scope="session")
def rules_org_schema() -> Schema:
    return rules_schema()


@pytest.fixture
def rules_org(rules_org_schema: Schema) -> Org:
    """A fresh org with one field for each rule."""
    return Org(rules_org_schema)


@pytest.fixture
def api(rules_org: Org) -> Iterator[Api]:
    """The REST API of `rules_org`, in process."""
    with in_process_door(rules_org) as opened:
        yield Api(opened, rules_org.open_session())


@pytest.fixture
def both_doors_api(door: Door, org: Org) -> Api:
    """The REST API of `org`, in process and then over HTTPS."""
    return Api(door, org.open_session())
