"""What can go wrong with a bulk job, on demand, through both doors."""

import pytest
import requests

from local.org.org import Org
from tests.integration.bulk_jobs import CSV, BulkApi, accounts
from tests.integration.org_doors import Api


@pytest.fixture
def org(rules_org) -> Org:
    return rules_org


@pytest.fixture
def bulk(salesforce_session, door) -> BulkApi:
    return BulkApi(Api(door, salesforce_session[2]))


def test_job_fails_after_some_rows_and_the_rest_is_unprocessed(bulk, org):
    org.plan_faults({"job": "fail", "after_rows": 500, "message": "TooManyLockFailure : Too many lock failures"})
    text = accounts(700)

    job = bulk.closed(text)
    shown = bulk.look(job)

    assert (shown["state"], shown["errorMessage"]) == ("Failed", "TooManyLockFailure : Too many lock failures")
    assert (shown["numberRecordsProcessed"], shown["numberRecordsFailed"]) == (400, 0)
    assert len(bulk.rows(job, "successfulResults")) == len(org.records("Account")) == 400
    assert bulk.file(job, "unprocessedrecords").splitlines() == [
        "ERP_Id__c,Name",
        *text.splitlines()[401:],
    ]


def test_job_fault_can_name_its_object_and_strikes_as_often_as_planned(bulk, org):
    org.plan_faults({"job": "fail", "match": {"object": "Contact"}}, {"job": "fail", "match": {"object": "account"}})

    states = [bulk.look(bulk.closed(accounts(1)))["state"] for _ in range(2)]

    assert states == ["Failed", "JobComplete"]
    assert [each["fired"] for each in org.faults.state()] == [0, 1]


def test_stuck_job_goes_on_when_its_faults_are_cleared(bulk, org):
    org.plan_faults({"job": "stick", "after_rows": 200})
    job = bulk.closed(accounts(300))

    org.advance_clock(3600)
    stuck = bulk.look(job)
    bulk.api.call("DELETE", "/_org/faults")
    ended = bulk.look(job)

    assert (stuck["state"], stuck["numberRecordsProcessed"]) == ("InProgress", 200)
    assert (ended["state"], ended["numberRecordsProcessed"]) == ("JobComplete", 300)


def test_job_sticks_for_a_time(bulk, org):
    org.plan_faults({"job": "stick", "delay_s": 600})
    job = bulk.closed(accounts(1))

    states = [bulk.look(job)["state"]]
    for seconds in (599, 1):
        org.advance_clock(seconds)
        states.append(bulk.look(job)["state"])

    assert states == ["InProgress", "InProgress", "JobComplete"]


def test_person_aborts_a_job(bulk, org):
    org.plan_faults({"job": "abort", "after_rows": 200}, {"job": "stick", "match": {"nth": 2}})
    by_fault, by_call = bulk.closed(accounts(300)), bulk.closed(accounts(1))
    bulk.look(by_fault)

    first = bulk.api.call("POST", f"/_org/bulk/jobs/{by_call}/abort")
    again = bulk.api.call("POST", f"/_org/bulk/jobs/{by_call}/abort")

    assert [bulk.look(job)["state"] for job in (by_fault, by_call)] == ["Aborted", "Aborted"]
    assert len(bulk.rows(by_fault, "unprocessedrecords")) == 100
    assert (first.status_code, again.status_code) == (200, 400)


@pytest.mark.parametrize(("when", "written"), [("before", ["1"]), ("after", ["0", "1"])])
def test_row_fails_with_any_code(bulk, org, when, written):
    org.plan_faults({"row": True, "match": {"external_id": "0"}, "error_code": "UNABLE_TO_LOCK_ROW", "when": when})

    job = bulk.done(accounts(2))

    assert bulk.errors(job) == ["UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record:--"]
    assert [each["ERP_Id__c"] for each in org.records("Account")] == written


def test_row_of_a_delete_can_fail_too(bulk, org):
    made = bulk.rows(bulk.done(accounts(1)), "successfulResults")
    org.plan_faults({"row": True, "match": {"external_id": made[0]["sf__Id"]}, "error_code": "UNABLE_TO_LOCK_ROW"})

    job = bulk.done(f"Id\n{made[0]['sf__Id']}\n", "delete")

    assert bulk.rows(job, "failedResults")[0]["sf__Id"] == made[0]["sf__Id"]
    assert len(org.records("Account")) == 1


@pytest.mark.parametrize("step", ["batches", "close", "look", "successfulResults"])
def test_session_can_end_at_every_step(bulk, org, step):
    job = bulk.open()
    calls = {
        "batches": lambda: bulk.upload(job, accounts(1)),
        "close": lambda: bulk.set_state(job, "UploadComplete"),
        "look": lambda: bulk.api.call("GET", f"jobs/ingest/{job}"),
        "successfulResults": lambda: bulk.api.call("GET", f"jobs/ingest/{job}/successfulResults"),
    }

    answers = []
    for name, call in calls.items():
        if name == step:
            org.plan_faults({"ends_sessions": True})
            answers.append(call())
            bulk.api.token = org.open_session()
        answers.append(call())

    refused = [each for each in answers if each.status_code == 401]
    assert [each.json()[0]["errorCode"] for each in refused] == ["INVALID_SESSION_ID"]
    assert [each.status_code for each in answers if each.status_code != 401] == [201, 200, 200, 200]
    assert len(org.records("Account")) == 1


def chunks_of(text):
    yield from (text[start : start + 1000].encode() for start in range(0, len(text), 1000))


@pytest.mark.parametrize("is_chunked", [False, True], ids=["length", "chunked"])
def test_session_that_ends_in_the_middle_of_an_upload_takes_none_of_it(bulk, org, is_chunked):
    org.plan_faults({"match": {"method": "PUT"}, "after_bytes": 1500, "ends_sessions": True})
    job, text = bulk.open(), accounts(300)
    path = f"jobs/ingest/{job}/batches"

    cut = bulk.api.call("PUT", path, headers=CSV, data=chunks_of(text)) if is_chunked else bulk.upload(job, text)
    bulk.api.token = org.open_session()

    assert (cut.status_code, cut.json()[0]["errorCode"]) == (401, "INVALID_SESSION_ID")
    assert "numberRecordsProcessed" not in bulk.look(job)
    assert bulk.upload(job, text).status_code == 201


@pytest.mark.parametrize("after_bytes", [0, 1500, 10**9])
def test_connection_that_drops_in_the_middle_of_an_upload_takes_none_of_it(bulk, org, after_bytes):
    org.plan_faults({"match": {"path_contains": "/batches"}, "after_bytes": after_bytes})
    job = bulk.open()

    with pytest.raises(requests.ConnectionError):
        bulk.upload(job, accounts(300))

    assert bulk.upload(job, accounts(300)).status_code == 201


def test_upload_can_be_taken_and_its_answer_lost(bulk, org):
    org.plan_faults({"match": {"method": "PUT"}, "when": "after", "drop_connection": True})
    job = bulk.open()

    with pytest.raises(requests.ConnectionError):
        bulk.upload(job, accounts(1))
    again = bulk.upload(job, accounts(1))

    assert (again.status_code, again.json()[0]["errorCode"]) == (400, "CLIENTINPUTERROR")
    bulk.set_state(job, "UploadComplete")
    assert bulk.look(job)["state"] == "JobComplete"


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_download_breaks_off_half_way_and_can_be_had_again(bulk, org, chunked):
    job = bulk.done(accounts(300))
    whole = bulk.file(job, "successfulResults")
    org.plan_faults({"match": {"path_contains": "successfulResults"}, "after_bytes": 2000, "chunked": chunked})
    answer = bulk.api.call("GET", f"jobs/ingest/{job}/successfulResults", stream=True)
    got: list[bytes] = []

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        got.extend(answer.iter_content(500))

    assert whole.encode().startswith(b"".join(got))
    assert 0 < sum(map(len, got)) <= 2000
    assert bulk.file(job, "successfulResults") == whole


def test_session_can_end_while_results_are_read(bulk, org):
    job = bulk.done(accounts(300))
    org.plan_faults({"match": {"path_contains": "successfulResults"}, "after_bytes": 100, "ends_sessions": True})

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        bulk.file(job, "successfulResults")

    assert bulk.api.call("GET", f"jobs/ingest/{job}").status_code == 401


def test_service_can_be_unavailable_anywhere(bulk, org):
    org.plan_faults({"match": {"path_contains": "jobs/ingest"}, "error_code": "SERVER_UNAVAILABLE"})

    statuses = [bulk.create().status_code for _ in range(2)]

    assert statuses == [503, 200]
