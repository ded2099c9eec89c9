"""simple-salesforce's own sign-in, unchanged, against the local org in the place of Salesforce's hosts."""

import pytest
import requests
from simple_salesforce import Salesforce, SalesforceLogin
from simple_salesforce.exceptions import SalesforceAuthenticationFailed

from local.org.in_process import OrgAdapter
from local.org.sign_in_gate import UserState
from tests.integration.sign_in import KNOWN, key_pair

HOSTS = ("https://login.salesforce.com", "https://test.salesforce.com", "https://mine.my.salesforce.com")


@pytest.fixture
def session(org):
    org.change_app(certificate=key_pair()[1])
    with requests.Session() as opened:
        for host in HOSTS:
            opened.mount(host, OrgAdapter(org))
        yield opened


def by_jwt(session, **kwargs):
    known = {"username": KNOWN.username, "consumer_key": KNOWN.client_id, "privatekey": key_pair()[0]}
    return Salesforce(session=session, **{**known, **kwargs})


@pytest.mark.parametrize("domain", ["login", "test", "mine.my"])
def test_client_signs_in_by_jwt_at_every_host(session, org, domain):
    client = by_jwt(session, domain=domain)

    assert client.limits()["DailyApiRequests"]["Max"] == 15000
    assert org.calls()[0].path == "/services/oauth2/token"


def test_client_signs_in_with_client_credentials_at_the_orgs_own_host(session):
    client = Salesforce(
        consumer_key=KNOWN.client_id, consumer_secret=KNOWN.client_secret, domain="mine.my", session=session
    )

    assert client.limits()["DailyApiRequests"]["Max"] == 15000


def test_client_is_told_that_the_app_is_not_approved(session, org):
    org.set_user_state(UserState.NOT_APPROVED)

    with pytest.warns(UserWarning, match="authorize"), pytest.raises(SalesforceAuthenticationFailed) as refused:
        by_jwt(session)

    assert refused.value.code == "invalid_grant"
    assert "user hasn't approved this consumer" in str(refused.value)


@pytest.mark.parametrize(("changes", "message"), [({"consumer_key": "x"}, "invalid assertion")])
def test_client_is_told_what_is_wrong_with_its_assertion(session, changes, message):
    with pytest.raises(SalesforceAuthenticationFailed, match=message):
        by_jwt(session, **changes)


def test_common_hosts_take_no_client_credentials(session):
    form = {"grant_type": "client_credentials", "client_id": KNOWN.client_id, "client_secret": KNOWN.client_secret}
    for host in HOSTS[:2]:
        answer = session.post(f"{host}/services/oauth2/token", data=form, timeout=20).json()
        assert answer["error_description"] == "request not supported on this domain"


def test_client_refuses_what_it_cannot_sign_in_with(session):
    with pytest.raises(SalesforceAuthenticationFailed):
        SalesforceLogin(session=session)
