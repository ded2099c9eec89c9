"""Row locks of the local org: what a save locks, who waits, and what a refused lock leaves behind."""

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
import requests

from local.org.clock import OrgClock
from local.org.org import Org, OrgSettings
from local.org.schema_loader import load_schema
from tests.fakes.sfdx import Project
from tests.integration.org_doors import Api, https_door, in_process_door

NUMBER = "<type>Number</type><precision>18</precision><scale>0</scale>"
LOOKUP = "<type>Lookup</type><referenceTo>Parent__c</referenceTo><deleteConstraint>{}</deleteConstraint>"
TOTAL = (
    "<type>Summary</type><summarizedField>Child__c.Count__c</summarizedField>"
    "<summaryForeignKey>Child__c.Master__c</summaryForeignKey><summaryOperation>sum</summaryOperation>"
)
LOCKED = "unable to obtain exclusive access to this record or 1 records: {}"


@pytest.fixture(scope="session")
def schema(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("locks"))
    project.custom_object("Parent__c", Total__c=TOTAL)
    master = "<type>MasterDetail</type><referenceTo>Parent__c</referenceTo><relationshipOrder>0</relationshipOrder>"
    project.custom_object("Child__c", Master__c=master, Count__c=NUMBER)
    project.custom_object("Loose__c", Clears__c=LOOKUP.format("SetNull"), Restricts__c=LOOKUP.format("Restrict"))
    return load_schema([project.folder])


@pytest.fixture
def org(schema):
    return Org(schema, OrgSettings(keeps_history=True))


@pytest.fixture
def api(org):
    with in_process_door(org) as door:
        yield Api(door, org.open_session())


@pytest.fixture
def impatient(org):
    org.row_locks.change(wait_s=0)


@pytest.fixture
def parent_id(api):
    return api.call("POST", "sobjects/Parent__c", {"Key__c": "p"}).json()["id"]


def code(response):
    return response.json()[0]["errorCode"] if response.status_code >= 400 else None


def test_a_locked_record_is_refused_once_the_wait_is_over(org, api, parent_id):
    org.row_locks.change(wait_s=0.02)
    org.row_locks.hold([parent_id], 60)

    answer = api.call("PATCH", f"sobjects/Parent__c/{parent_id}", {"Name": "late"})

    assert answer.status_code == 400
    told = {"message": LOCKED.format(parent_id), "errorCode": "UNABLE_TO_LOCK_ROW", "fields": []}
    assert answer.json() == [told]
    assert len(org.history_of(parent_id)) == 1


def test_a_call_waits_for_a_lock_that_ends_in_time(org, api, parent_id):
    org.row_locks.hold([parent_id], 0.05)

    answer = api.call("PATCH", f"sobjects/Parent__c/{parent_id}", {"Name": "waited"})

    assert answer.status_code == 204
    assert [each["operation"] for each in org.history_of(parent_id)] == ["create", "update"]


@pytest.mark.parametrize("let_go", [lambda org: org.advance_clock(120), lambda org: org.row_locks.free_all()])
def test_the_clock_and_the_end_of_all_locks_let_a_waiting_call_go_on(org, api, parent_id, let_go):
    org.row_locks.change(wait_s=600)
    org.row_locks.hold([parent_id], 60)
    answers = []
    caller = threading.Thread(
        target=lambda: answers.append(api.call("PATCH", f"sobjects/Parent__c/{parent_id}", {"Name": "n"}))
    )

    caller.start()
    while caller.is_alive():
        with org.lock:
            let_go(org)
        caller.join(0.01)

    assert [each.status_code for each in answers] == [204]


def test_in_a_collection_only_the_rows_that_meet_the_lock_are_refused(org, api, parent_id, impatient):
    org.row_locks.hold([parent_id], 60)

    locked, free = api.upsert("Parent__c/Key__c", {"Key__c": "p", "Name": "x"}, {"Key__c": "q"})

    told = {"statusCode": "UNABLE_TO_LOCK_ROW", "message": LOCKED.format(parent_id), "fields": []}
    assert locked["errors"] == [told]
    assert free["success"]


SAVES = {
    "a new detail": ("Child__c", {"Key__c": "new", "Master__r": {"Key__c": "p"}}, True),
    "a detail that its master sums up": ("Child__c", {"Key__c": "c", "Count__c": 2}, True),
    "a lookup that a delete empties": ("Loose__c", {"Key__c": "l", "Clears__r": {"Key__c": "p"}}, False),
    "a lookup that forbids the delete": ("Loose__c", {"Key__c": "l", "Restricts__r": {"Key__c": "p"}}, True),
    "another record": ("Parent__c", {"Key__c": "q"}, False),
}


@pytest.mark.parametrize(("object_name", "row", "meets"), SAVES.values(), ids=SAVES)
def test_a_save_locks_parents_by_the_kind_of_their_lookup(org, api, parent_id, impatient, object_name, row, meets):
    api.upsert("Child__c/Key__c", {"Key__c": "c", "Master__c": parent_id, "Count__c": 1})
    org.row_locks.hold([parent_id], 60)

    (result,) = api.upsert(f"{object_name}/Key__c", row)

    assert result["success"] is not meets


def test_the_account_of_a_contact_is_locked_and_its_owner_is_not(org, api, impatient):
    account_id = api.call("POST", "sobjects/Account", {"Name": "a"}).json()["id"]
    org.row_locks.hold([account_id, org.user_id], 60)

    named = api.call("POST", "sobjects/Contact", {"LastName": "x", "AccountId": account_id})
    owned = api.call("POST", "sobjects/Contact", {"LastName": "x", "OwnerId": org.user_id})

    assert (code(named), code(owned)) == ("UNABLE_TO_LOCK_ROW", None)


def test_a_delete_locks_all_that_goes_with_it(org, api, parent_id, impatient):
    api.upsert("Child__c/Key__c", {"Key__c": "c", "Master__c": parent_id})
    org.row_locks.hold([org.records("Child__c")[0]["Id"]], 60)

    answer = api.call("DELETE", f"sobjects/Parent__c/{parent_id}")

    assert code(answer) == "UNABLE_TO_LOCK_ROW"
    assert org.counts()["Parent__c"] == 1


def slow_call(org, api, parent_id, *, lasts_s):
    """Let a call commit and hold its locks longer than its caller waits for the answer."""
    org.plan_faults({"match": {"method": "PATCH"}, "delay_s": lasts_s, "holds_locks": True})
    with pytest.raises(requests.ReadTimeout):
        api.door.session.patch(
            f"{api.door.instance_url}/services/data/v66.0/sobjects/Parent__c/{parent_id}",
            json={"Name": "slow"},
            headers={"Authorization": f"Bearer {api.token}"},
            timeout=lasts_s / 2,
        )


def test_a_second_call_on_a_record_waits_for_the_first_and_wins(org, api, parent_id):
    slow_call(org, api, parent_id, lasts_s=0.1)

    answer = api.call("PATCH", f"sobjects/Parent__c/{parent_id}", {"Name": "second"})

    assert answer.status_code == 204
    assert org.records("Parent__c")[0]["Name"] == "second"


def test_a_second_call_on_a_record_is_refused_where_the_first_lasts_too_long(org, api, parent_id, impatient):
    slow_call(org, api, parent_id, lasts_s=100)

    assert code(api.call("PATCH", f"sobjects/Parent__c/{parent_id}", {"Name": "second"})) == "UNABLE_TO_LOCK_ROW"
    assert code(api.call("PATCH", "sobjects/Parent__c/Key__c/other", {"Name": "other"})) is None


def test_a_delay_that_holds_no_locks_is_in_nobodys_way(org, api, parent_id, impatient):
    org.plan_faults({"match": {"method": "PATCH"}, "delay_s": 0.01})
    api.call("PATCH", f"sobjects/Parent__c/{parent_id}", {"Name": "first"})

    assert code(api.call("PATCH", f"sobjects/Parent__c/{parent_id}", {"Name": "second"})) is None


def test_a_transaction_time_makes_writes_last_and_reads_not(org, api, parent_id, impatient):
    org.row_locks.change(transaction_s=0.05)

    api.call("PATCH", f"sobjects/Parent__c/{parent_id}", {"Name": "first"})
    assert list(org.row_locks.held()) in ([parent_id], [])
    api.call("GET", f"sobjects/Parent__c/{parent_id}")

    write, read = org.calls()[-2:]
    assert write.duration_s >= 0.05 > read.duration_s


def test_a_refused_write_holds_no_lock(org, api, parent_id):
    org.row_locks.change(transaction_s=100)

    refused = api.call("PATCH", f"sobjects/Parent__c/{parent_id}", {"Name": "x" * 81})

    assert refused.status_code == 400
    assert org.row_locks.held() == {}


def test_a_call_that_waits_in_its_middle_does_nothing_twice(org, api, parent_id):
    org.row_locks.hold([parent_id], 0.05)
    base = "/services/data/v66.0/sobjects"
    parts = [
        {"method": "POST", "url": f"{base}/Loose__c", "referenceId": "a", "body": {"Name": "one"}},
        {"method": "PATCH", "url": f"{base}/Parent__c/{parent_id}", "referenceId": "b", "body": {"Name": "two"}},
    ]

    answer = api.call("POST", "composite", {"compositeRequest": parts}).json()

    assert [each["httpStatusCode"] for each in answer["compositeResponse"]] == [201, 204]
    assert org.counts()["Loose__c"] == 1


def test_all_or_none_keeps_nothing_where_a_lock_is_refused(org, api, parent_id, impatient):
    org.row_locks.hold([parent_id], 60)

    results = api.upsert("Parent__c/Key__c", {"Key__c": "q"}, {"Key__c": "p", "Name": "x"}, allOrNone=True)

    codes = [each["errors"][0]["statusCode"] for each in results]
    assert codes == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "UNABLE_TO_LOCK_ROW"]
    assert org.counts()["Parent__c"] == 1


def test_rows_of_a_bulk_job_do_not_wait(org, api, parent_id):
    org.row_locks.hold([parent_id], 60)
    job = {"object": "Parent__c", "operation": "upsert", "externalIdFieldName": "Key__c"}
    job_id = api.call("POST", "jobs/ingest", job).json()["id"]
    api.call("PUT", f"jobs/ingest/{job_id}/batches", b"Key__c,Name\np,x\nq,y\n", headers={"Content-Type": "text/csv"})
    api.call("PATCH", f"jobs/ingest/{job_id}", {"state": "UploadComplete"})
    while api.call("GET", f"jobs/ingest/{job_id}").json()["state"] != "JobComplete":
        pass

    failed = api.call("GET", f"jobs/ingest/{job_id}/failedResults").text

    assert f"UNABLE_TO_LOCK_ROW:{LOCKED.format(parent_id)}:--" in failed
    assert org.counts()["Parent__c"] == 2


@pytest.mark.parametrize(("wait_s", "codes"), [(60, [None, None]), (0, ["UNABLE_TO_LOCK_ROW", None])])
def test_two_clients_at_once_on_one_parent_over_https(schema, org_certificate, socket_enabled, wait_s, codes):
    org = Org(schema, OrgSettings(keeps_history=True))
    parent_id = org.store.seed("Parent__c", {"Key__c": "p", "Name": "p"})
    org.row_locks.change(wait_s=wait_s)
    org.row_locks.hold([parent_id], 0.2)
    with https_door(org, org_certificate) as door:
        api = Api(door, org.open_session())
        rows = [("Child__c", {"Key__c": "c", "Master__c": parent_id}), ("Parent__c", {"Key__c": "free"})]
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda row: api.call("POST", f"sobjects/{row[0]}", row[1]), rows))

    assert [code(each) for each in answers] == codes
    assert org.counts()["Parent__c"] == 2


def test_writers_of_one_record_follow_each_other_while_transactions_last(schema, org_certificate, socket_enabled):
    org = Org(schema, OrgSettings(keeps_history=True))
    parent_id = org.store.seed("Parent__c", {"Key__c": "p", "Name": "p"})
    org.row_locks.change(transaction_s=0.1, wait_s=60)
    with https_door(org, org_certificate) as door:
        api = Api(door, org.open_session())
        path = f"sobjects/Parent__c/{parent_id}"
        with ThreadPoolExecutor(3) as pool:
            answers = list(pool.map(lambda name: api.call("PATCH", path, {"Name": name}), "abc"))

    assert [each.status_code for each in answers] == [204] * 3
    written_at = [each["at"] for each in org.history_of(parent_id)]
    assert all(later - earlier >= 0.09 for earlier, later in pairwise(written_at))


def test_a_frozen_clock_ends_the_wait_too(schema):
    org = Org(schema, clock=OrgClock(lambda: 1e9))
    org.row_locks.change(wait_s=0.02)
    with in_process_door(org) as door:
        api = Api(door, org.open_session())
        record_id = api.call("POST", "sobjects/Parent__c", {"Key__c": "p"}).json()["id"]
        org.row_locks.hold([record_id], 60)

        assert code(api.call("PATCH", f"sobjects/Parent__c/{record_id}", {"Name": "x"})) == "UNABLE_TO_LOCK_ROW"


def test_locks_are_seen_held_and_freed_through_the_control_prefix(org, api, parent_id):
    api.call("POST", "/_org/locks", {"wait_s": 0})
    held = api.call("POST", "/_org/locks/held", {"ids": [parent_id[:15]], "for_s": 30}).json()
    assert (held["settings"], list(held["held"])) == ({"transaction_s": 0.0, "wait_s": 0.0}, [parent_id])
    assert code(api.call("PATCH", f"sobjects/Parent__c/{parent_id}", {"Name": "x"})) == "UNABLE_TO_LOCK_ROW"

    assert api.call("DELETE", "/_org/locks/held").json()["held"] == {}

    assert code(api.call("PATCH", f"sobjects/Parent__c/{parent_id}", {"Name": "x"})) is None
    assert api.call("POST", "/_org/locks/held", {"ids": ["no id"]}).status_code == 400
    assert api.call("POST", "/_org/locks", {"wait_s": -1}).status_code == 400
    assert api.call("GET", "/_org/locks").json()["held"] == {}
