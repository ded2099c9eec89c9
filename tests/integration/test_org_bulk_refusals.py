"""What the local org refuses of bulk jobs, by state and by request, and what a refusal leaves as it was."""

import pytest

from local.org.bulk.spec import IngestSpec
from tests.integration.bulk_jobs import CSV, BulkApi, accounts


@pytest.fixture
def bulk(api) -> BulkApi:
    return BulkApi(api)


def refusal(response):
    (error,) = response.json()
    return response.status_code, error["errorCode"]


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"object": "Nothing__c"}, "INVALIDENTITY"),
        ({"operation": "merge"}, "INVALIDJOB"),
        ({"operation": "upsert", "externalIdFieldName": None}, "INVALIDJOB"),
        ({"operation": "hardDelete"}, "FEATURENOTENABLED"),
        ({"contentType": "JSON"}, "INVALIDJOB"),
        ({"columnDelimiter": "COLON"}, "INVALIDJOB"),
        ({"lineEnding": "CR"}, "INVALIDJOB"),
        ({"object": None}, "INVALIDJOB"),
        ({"colour": "red"}, "INVALIDJOB"),
    ],
)
def test_job_that_cannot_be_is_refused(bulk, facts, code):
    response = bulk.create("insert", **facts)

    assert refusal(response) == (400, code)
    assert bulk.api.call("GET", "jobs/ingest").json()["records"] == []


def test_upsert_without_its_key_is_told_so(bulk):
    response = bulk.create("upsert", externalIdFieldName=None)

    message = "External ID was blank for Account. An External ID must be specified for upsert."
    assert response.json()[0]["message"] == message


OPEN, CLOSED, RUNNING, DONE, ABORTED, FAILED = (
    "Open",
    "UploadComplete",
    "InProgress",
    "JobComplete",
    "Aborted",
    "Failed",
)


def job_in(bulk, org, state):
    """Return a job in that state."""
    job = bulk.open()
    if state == OPEN:
        return job
    bulk.upload(job, accounts(1))
    if state == ABORTED:
        bulk.set_state(job, "Aborted")
        return job
    if state == CLOSED:
        org.set_bulk(starts_after_s=60)
    if state in {RUNNING, FAILED}:
        org.plan_faults({"job": "stick" if state == RUNNING else "fail"})
    bulk.set_state(job, "UploadComplete")
    assert bulk.look(job)["state"] == state
    return job


# What the six states answer to a second upload, a close, an abort and a delete: 0 stands for INVALIDJOBSTATE.
_STATES = {
    OPEN: (201, 200, 200, 0),
    CLOSED: (0, 0, 200, 204),
    RUNNING: (0, 0, 200, 0),
    DONE: (0, 0, 0, 204),
    ABORTED: (0, 0, 0, 204),
    FAILED: (0, 0, 0, 204),
}


@pytest.mark.parametrize("step", range(4), ids=["upload", "close", "abort", "delete"])
@pytest.mark.parametrize("state", _STATES)
def test_state_allows_a_step_or_refuses_it_and_stays(bulk, rules_org, state, step):
    job = job_in(bulk, rules_org, state)
    steps = (
        lambda: bulk.upload(job, accounts(1)),
        lambda: bulk.set_state(job, "UploadComplete"),
        lambda: bulk.set_state(job, "Aborted"),
        lambda: bulk.api.call("DELETE", f"jobs/ingest/{job}"),
    )

    response = steps[step]()

    expected = _STATES[state][step]
    if expected:
        assert response.status_code == expected
    else:
        assert refusal(response) == (400, "INVALIDJOBSTATE")
        assert bulk.look(job)["state"] == state


@pytest.mark.parametrize("state", ["Open", "InProgress", "JobComplete", "Failed", "", None, 7])
def test_client_sets_two_states_only(bulk, state):
    job = bulk.open()

    assert refusal(bulk.set_state(job, state)) == (400, "INVALIDJOBSTATE")
    assert bulk.look(job)["state"] == "Open"


def test_job_takes_one_upload(bulk, rules_org):
    job = bulk.open()
    bulk.upload(job, accounts(1))

    assert refusal(bulk.upload(job, accounts(2))) == (400, "CLIENTINPUTERROR")
    bulk.set_state(job, "UploadComplete")
    assert bulk.look(job)["numberRecordsProcessed"] == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Content-Type": "application/json"}, 415), ({**CSV, "Content-Encoding": "br"}, 415)],
    ids=["type", "encoding"],
)
def test_upload_is_csv(bulk, headers, status):
    job = bulk.open()

    assert bulk.api.call("PUT", f"jobs/ingest/{job}/batches", b"Name\n", headers=headers).status_code == status
    assert bulk.upload(job, "Name\n").status_code == 201


def test_upload_has_a_greatest_size(bulk, monkeypatch):
    monkeypatch.setattr("local.org.bulk.jobs.MOST_UPLOAD_BYTES", 100)
    job = bulk.open()

    assert refusal(bulk.upload(job, "x" * 101)) == (400, "LIMIT_EXCEEDED")
    assert bulk.upload(job, "Name\n").status_code == 201


@pytest.mark.parametrize("job", ["750000000000000AAA", "7500000", "001Lk0000000001IAA", "x"])
def test_job_that_is_not_there_is_not_found(bulk, job):
    answers = [bulk.api.call(method, f"jobs/ingest/{job}") for method in ("GET", "DELETE")]
    answers += [bulk.set_state(job, "Aborted"), bulk.upload(job, "Name\n")]
    answers += [bulk.api.call("GET", f"jobs/ingest/{job}/{name}") for name in ("successfulResults", "failedResults")]

    assert {refusal(each) for each in answers} == {(404, "NOT_FOUND")}


def test_query_jobs_and_ingest_jobs_do_not_see_each_other(bulk):
    query = bulk.api.call("POST", "jobs/query", {"operation": "query", "query": "SELECT Id FROM Account"}).json()["id"]
    ingest = bulk.open()

    assert query != ingest
    assert bulk.api.call("GET", f"jobs/ingest/{query}").status_code == 404
    assert bulk.api.call("GET", f"jobs/query/{ingest}").status_code == 404


def test_jobs_are_listed_a_thousand_to_a_page(bulk, rules_org):
    spec = IngestSpec(object="Account", operation="insert")
    jobs = {rules_org.bulk.ingest.create(spec, 66.0).id for _ in range(1001)}

    first = bulk.api.call("GET", "jobs/ingest/?jobType=V2Ingest").json()
    second = bulk.api.call("GET", first["nextRecordsUrl"]).json()
    none = bulk.api.call("GET", "jobs/ingest?jobType=Classic").json()

    assert (first["done"], len(first["records"]), second["done"], second["nextRecordsUrl"]) == (False, 1000, True, None)
    assert {each["id"] for each in (*first["records"], *second["records"])} == jobs
    assert first["nextRecordsUrl"].startswith("/services/data/v66.0/jobs/ingest?queryLocator=")
    assert none == {"done": True, "records": [], "nextRecordsUrl": None}


def test_hard_delete_is_for_who_may(bulk, rules_org):
    rules_org.set_bulk(permits_hard_delete=True)
    made = bulk.rows(bulk.done(accounts(2)), "successfulResults")

    bulk.done(f"Id\n{made[0]['sf__Id']}\n", "hardDelete")

    left = bulk.api.call("GET", "queryAll?q=SELECT+Id+FROM+Account").json()["records"]
    assert [each["Id"] for each in left] == [made[1]["sf__Id"]]


def test_batches_of_a_day_are_limited_and_the_rest_is_unprocessed(bulk, rules_org):
    rules_org.set_bulk(daily_batches=1)

    job = bulk.closed(accounts(10_001))

    shown = bulk.look(job)
    assert (shown["state"], shown["errorMessage"]) == ("Failed", "ExceededQuota : ApiBatchItems Limit exceeded.")
    assert shown["numberRecordsProcessed"] == len(rules_org.records("Account")) == 10_000
    assert [row["ERP_Id__c"] for row in bulk.rows(job, "unprocessedrecords")] == ["10000"]
    assert bulk.api.call("GET", "limits").json()["DailyBulkApiBatches"] == {"Max": 1, "Remaining": 0}
    rules_org.advance_clock(25 * 3600)
    bulk.api.token = rules_org.open_session()
    bulk.done(accounts(1))


def test_query_jobs_of_a_day_are_limited(bulk, rules_org):
    rules_org.set_bulk(daily_query_jobs=1)
    body = {"operation": "query", "query": "SELECT Id FROM Account"}

    answers = [bulk.api.call("POST", "jobs/query", body) for _ in range(2)]

    assert (answers[0].status_code, refusal(answers[1])) == (200, (400, "EXCEEDEDQUOTA"))


def test_every_call_of_a_job_counts(bulk, rules_org):
    before = rules_org.usage.used

    bulk.file(bulk.done(accounts(1)), "successfulResults")

    assert rules_org.usage.used - before == 5


def test_job_does_nothing_when_the_days_calls_are_spent(bulk, rules_org):
    rules_org.set_limits(daily_api_requests_max=0)

    assert refusal(bulk.create()) == (403, "REQUEST_LIMIT_EXCEEDED")
