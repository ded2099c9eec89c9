"""The org goes away while changes are under way, on the local stack: they wait, nothing is spent, and they go on."""

import io
import json
import shutil

import pytest
from rich.console import Console

from local.stack import Stack
from local.stack.progress import Progress
from tests.chaos.outages import Outage

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]
MANY = 2_000


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("outages")
    with Stack(folder, progress=Progress(Console(file=io.StringIO()))) as stack:
        outage = Outage(stack)
        outage.wait_until_applied(outage.take_in(1))
        yield outage
    shutil.rmtree(folder)


@pytest.fixture
def outage(running):
    running.alerts()
    return running


def _check_nothing_is_spent(outage, changes):
    """No try is spent, and no message was received so often that the queue gave it up."""
    log = outage.log()
    own = {each.correlation_id for each in changes}
    assert {item["state"]["S"] for name, item in log.items() if name in own} <= {"Queued", "Applied"}
    table = outage.stack.outputs["ErrorLogTableName"]
    assert outage.items(table) == []
    dead = outage.stack.aws("sqs").get_queue_attributes(
        QueueUrl=outage.stack.outputs["InboundDeadLetterQueueUrl"], AttributeNames=["ApproximateNumberOfMessages"]
    )
    assert dead["Attributes"]["ApproximateNumberOfMessages"] == "0"


def _check_each_is_there_once(outage, changes):
    found = [
        each["Shopify_Customer_Id__c"] for each in outage.org("GET", "records/Account?fields=Shopify_Customer_Id__c")
    ]
    assert len(found) == len(set(found))
    assert {each.external_id for each in changes} <= set(found)


def _opened(outage, changes=None):
    """Wait until the lanes are off, while more comes in where there is a list to add it to; return the alerts."""

    def is_off():
        if changes is not None:
            changes.extend(outage.take_in(20))
        return outage.lanes() == {"Disabled"}

    outage.wait_until(is_off, every_s=2)
    alerts = outage.alerts()
    outage.wait_until(lambda: alerts or alerts.extend(outage.alerts()) or alerts)
    return alerts


def test_revoked_sign_in_stops_the_lane_and_a_new_one_lets_it_go_on(outage):
    with outage.under_way(MANY) as changes:
        outage.wait_until(lambda: outage.states(changes[:200])["Applied"] > 0)
        outage.org("DELETE", "refresh-tokens")

    ((subject, text),) = _opened(outage)
    assert "refuses the sign-in" in subject
    assert "lockstep auth login" in text
    code, shown = outage.lockstep("auth", "status", "--json")
    assert (code, json.loads(shown)["circuit"]) == (1, "open"), shown
    assert len(changes) == MANY
    assert outage.states(changes)["Queued"] > 0
    _check_nothing_is_spent(outage, changes)
    assert outage.alerts() == []

    assert outage.org("GET", "connected-app")
    outage.sign_in()

    outage.wait_until_applied(changes)
    _check_each_is_there_once(outage, changes)
    assert [("goes on" in subject) for subject, _ in outage.alerts()] == [True]
    assert outage.lockstep("auth", "status")[0] == 0


def test_maintenance_of_two_hours_is_waited_out(outage):
    outage.org("POST", "maintenance", {"lasts_s": 7200})
    changes = outage.take_in(200)

    ((subject, text),) = _opened(outage, changes)
    assert "does not answer" in subject
    assert "status.salesforce.com" in text
    _check_nothing_is_spent(outage, changes)

    outage.org("POST", "clock", {"advance_s": 7200 + 1})

    outage.wait_until_applied(changes)
    _check_each_is_there_once(outage, changes)
    assert ["goes on" in subject for subject, _ in outage.alerts()] == [True]


def test_spent_daily_limit_is_waited_out(outage):
    limits = outage.org("GET", "limits")
    outage.org("POST", "limits", {"used": limits["daily_api_requests_max"]})
    changes = outage.take_in(200)

    ((subject, text),) = _opened(outage)
    assert "API calls are spent" in subject
    assert "API Usage" in text
    _check_nothing_is_spent(outage, changes)

    outage.org("POST", "clock", {"advance_s": 24 * 3600 + 1})
    # The next probe would come within a quarter of an hour.
    assert outage.lockstep("auth", "probe")[0] == 0

    outage.wait_until_applied(changes)
    _check_each_is_there_once(outage, changes)
    assert ["goes on" in subject for subject, _ in outage.alerts()] == [True]


def test_no_secret_of_the_run_stands_where_it_should_not(outage):
    secrets = outage.secrets()
    assert len(secrets) >= 4
    places = outage.everything_written()
    assert len(places) >= 6

    assert [name for name, text in places.items() for secret in secrets if secret in text] == []

    planted = {**places, "planted": f"token={next(iter(secrets))}"}
    assert [name for name, text in planted.items() for secret in secrets if secret in text] == ["planted"]
