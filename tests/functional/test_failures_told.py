"""From a failure to a mailbox, to the org and back: the monitor, the retry and the upsert function, and an org."""

import json
from dataclasses import replace
from datetime import timedelta

import boto3
import pytest

from functions.monitor import handler as monitor_handler
from functions.retry import handler as retry_handler
from local.org.in_process import OrgAdapter
from local.org.org import Org
from lockstep.adapters import salesforce_session
from lockstep.adapters.digest_store import DIGEST, DynamoDbDigests
from lockstep.adapters.error_log_desk import DynamoDbErrorDesk
from lockstep.domain.changes import State
from lockstep.domain.error_list import Abandonment
from lockstep.domain.error_log import EntryStatus
from lockstep.domain.error_mirror import OBJECT
from lockstep.domain.failure_digest import FailureDigest
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.services import mirror_failures
from tests.fakes.changes import change
from tests.functional.conftest import ORG_URL, SCHEMA
from tests.functional.monitor_site import MAINTENANCE, SERVICE, Lanes, metrics_of
from tests.functional.test_error_log import failure

TOO_LONG = {"match": {"external_id": "1"}, "row": True, "error_code": "STRING_TOO_LONG"}


def shown(site):
    return {each["Correlation_Id__c"]: each for each in site.org.records(OBJECT)}


def fail(site, count, at=None, **more):
    """Log failures of one reason; return the changes."""
    changes = [change(str(number)) for number in range(count)]
    at = at or site.now
    site.stack.errors.log([failure(one, EntryStatus.PENDING, at=at, **more) for one in changes])
    return changes


def test_failure_is_told_shown_retried_by_a_person_and_resolved_in_the_org(site):
    site.org.plan_faults(TOO_LONG)
    (one,) = site.write(1)

    site.look()
    record = shown(site)[one.correlation_id]
    assert site.subjects == ["[stack] Lockstep: 1 change needs a person"]
    assert one.correlation_id in site.alerts[0]
    assert (record["Status__c"], record["Failure_Kind__c"], record["Object_Type__c"]) == (
        "Pending",
        "RECORD_INVALID",
        "Account",
    )
    assert record["Payload__c"] == one.payload
    assert "STRING_TOO_LONG" in record["Error_Message__c"]

    site.stack.errors.reopen([one.correlation_id], site.now)
    site.look()
    assert shown(site)[one.correlation_id]["Status__c"] == "Retrying"

    assert retry_handler.lambda_handler({}, site.stack.context()) == {"sent": 1}
    assert site.stack.invoke(*site.queued) == []
    assert site.stack.state(one) is State.APPLIED
    site.look()
    record = shown(site)[one.correlation_id]
    assert record["Status__c"] == "Resolved"
    assert record["Resolved_At__c"]
    assert len(site.alerts) == 1


def test_many_of_one_reason_are_one_alert_and_a_call_for_200(site, capsys):
    fail(site, 201)

    site.look()
    counted = metrics_of(capsys)
    site.look(2)

    assert site.subjects == ["[stack] Lockstep: 201 changes need a person"]
    assert len(shown(site)) == 201
    assert counted["ApiCalls", (("lane", "monitor"), ("object", OBJECT), SERVICE)] == [2.0]


def test_what_comes_later_of_a_reason_is_told_after_an_hour(site):
    fail(site, 1)
    site.look()
    site.stack.errors.log([failure(change("late"), EntryStatus.PENDING, at=site.now)])

    site.look(59)
    assert len(site.alerts) == 1
    site.look(2)
    assert change("late").correlation_id in site.alerts[1]


def test_nothing_is_told_while_the_circuit_is_open_and_all_of_it_after(site):
    site.org.revoke_refresh_tokens()
    site.write(1)
    fail(site, 2)

    site.look(5)
    assert [subject for subject in site.subjects if "need a person" in subject] == []

    site.org.sessions.restore_refresh_tokens()
    site.look(10)
    assert Lanes.are_on
    assert site.subjects[-1] == "[stack] Lockstep: 2 changes need a person"
    assert len(shown(site)) == 2


def test_org_in_maintenance_that_no_circuit_knows_of_yet_is_waited_for(site):
    site.look()
    fail(site, 2)
    site.org.plan_faults({**MAINTENANCE, "match": {"path_contains": OBJECT}})

    site.look(2)
    assert (site.alerts, len(site.stack.errors.news(10))) == ([], 2)

    site.org.faults.clear()
    site.look()
    assert (len(site.alerts), len(shown(site))) == (1, 2)


def test_org_without_the_object_is_said_once_in_the_log_with_the_remedy(site, monkeypatch, caplog):
    bare = Org(replace(SCHEMA, objects={name: each for name, each in SCHEMA.objects.items() if name != OBJECT}))

    class Session(salesforce_session.TimeLimitedSession):
        def __init__(self):
            super().__init__()
            self.mount(ORG_URL, OrgAdapter(bare))

    monkeypatch.setattr(salesforce_session, "TimeLimitedSession", Session)
    monitor_handler.monitor_connection.cache_clear()
    fail(site, 3)

    site.look(3)

    (line,) = [each for each in caplog.records if each.message == "failures could not be told or shown"]
    assert line.counts == {"FIELD_UNKNOWN NOT_FOUND": 3}
    assert mirror_failures.REMEDY in line.why
    assert len(site.alerts) == 1
    assert site.stack.errors.news(10) == []
    assert [call.path for call in bare.calls() if OBJECT in call.path] == [
        f"/services/data/v66.0/composite/sobjects/{OBJECT}/Correlation_Id__c"
    ]


def test_org_that_should_not_show_failures_is_not_asked(site, monkeypatch):
    monkeypatch.setenv("MIRROR_ERRORS", "false")
    fail(site, 1)

    site.look()

    assert shown(site) == {}
    assert len(site.alerts) == 1


def test_what_a_person_gives_up_is_shown_and_nobody_is_told(site):
    site.stack.errors.log([failure(one := change("1"), at=site.now + timedelta(hours=1))])

    assert DynamoDbErrorDesk("error-log").abandon(one.correlation_id, Abandonment(site.now, "ann", "a test customer"))
    site.look()

    assert shown(site)[one.correlation_id]["Status__c"] == "Abandoned"
    assert site.alerts == []


def test_payload_that_is_too_long_for_the_field_is_cut_and_points_to_the_whole(site):
    payload = json.dumps({"note": "x" * 140_000})
    one = change("1").model_copy(update={"payload": payload})
    site.stack.errors.log([failure(one, EntryStatus.PENDING, at=site.now)])

    site.look()

    (record,) = shown(site).values()
    assert record["Payload__c"].endswith("cut by Lockstep")
    assert record["Payload_Location__c"] == f"error log, correlation ID {one.correlation_id}"


def test_change_that_should_have_been_retried_long_ago_is_counted(site, capsys):
    site.look()
    assert metrics_of(capsys)["OldestDueRetrySeconds", (SERVICE,)] == [0.0]
    site.stack.errors.log([failure(at=site.now - timedelta(hours=1))])

    site.look()

    assert metrics_of(capsys)["OldestDueRetrySeconds", (SERVICE,)] == [pytest.approx(3600, abs=1)]


def test_digest_comes_back_as_it_was_saved(aws):
    digests = DynamoDbDigests("connection")
    assert digests.load() == FailureDigest()
    boto3.client("dynamodb").put_item(
        TableName="connection", Item={"name": {"S": DIGEST}, "content": {"S": '{"reasons": [{}]}'}}
    )

    with pytest.raises(SyncError, match="delete the item") as caught:
        digests.load()

    assert caught.value.kind is FailureKind.CONFIGURATION_INVALID
    digests.save(FailureDigest())
    assert digests.load() == FailureDigest()
