"""The org's describes through our adapter, by both doors: the shipped routes fit, and what is missing is told."""

import pytest

from lockstep.adapters.salesforce import SalesforceRest
from lockstep.adapters.salesforce_session import TimeLimitedSession
from lockstep.domain.connection import AccessToken
from lockstep.domain.contract import check_route, objects_of
from lockstep.domain.describes import read_describe, slim
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.runtime.route_files import load_route_models

ROUTES = load_route_models()


class Token:
    """A session that the org knows."""

    def __init__(self, value, url):
        self.value = AccessToken(value, url)

    def token(self):
        return self.value

    def discard(self, token):
        raise AssertionError("the session ended")


@pytest.fixture
def source(door, org):
    ours = TimeLimitedSession()
    for prefix, adapter in door.session.adapters.items():
        ours.mount(prefix, adapter)
    ours.verify, ours.trust_env = door.session.verify, False
    yield SalesforceRest(Token(org.open_session(), door.instance_url), "66.0", ours)
    ours.close()


@pytest.mark.parametrize("name", ROUTES)
def test_shipped_route_fits_the_org(source, name):
    describes = {each: read_describe(slim(source.describe(each))) for each in objects_of(ROUTES[name])}

    assert check_route(name, ROUTES[name], describes) == []


def test_object_that_is_not_there_has_no_describe(source):
    assert source.describe("Nothing__c") is None


def test_describe_is_one_call(source, org):
    before = len(org.calls())

    source.describe("Account")

    assert len(org.calls()) == before + 1


def test_org_that_is_away_is_not_an_object_that_is_not_there(source, org):
    org.plan_faults({"match": {"path_contains": "describe"}, "error_code": "SERVER_UNAVAILABLE"})

    with pytest.raises(SyncError) as caught:
        source.describe("Account")

    assert caught.value.kind is FailureKind.ORG_UNAVAILABLE
