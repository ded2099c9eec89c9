"""How ingest jobs of the local org move on: by the org's clock, at looks, and in a thread where the org is served."""

import pytest
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from local.org.bulk.settings import BulkSettings
from local.org.bulk.worker import BulkWorker
from local.org.clock import OrgClock
from local.org.org import Org, OrgSettings
from tests.integration.bulk_jobs import BulkApi, accounts
from tests.integration.org_doors import Api, in_process_door


@pytest.fixture
def org(rules_org_schema) -> Org:
    """An org whose clock stands still: 100 rows of a job a second, the first a second after its close."""
    settings = OrgSettings(bulk=BulkSettings(rows_per_s=100, starts_after_s=1))
    return Org(rules_org_schema, settings, OrgClock(lambda: 1_800_000_000.0))


@pytest.fixture
def bulk(org):
    with in_process_door(org) as door:
        yield BulkApi(Api(door, org.open_session()))


def state(bulk, job):
    shown = bulk.look(job)
    return shown["state"], shown["numberRecordsProcessed"]


def test_job_goes_through_its_states_in_chunks_of_200_rows(bulk, org):
    job = bulk.closed(accounts(500))

    seen = [state(bulk, job)]
    for seconds in (1, 2, 1, 1, 1):
        org.advance_clock(seconds)
        seen.append(state(bulk, job))

    assert seen == [
        ("UploadComplete", 0),
        ("InProgress", 0),
        ("InProgress", 200),
        ("InProgress", 200),
        ("InProgress", 400),
        ("JobComplete", 500),
    ]


def test_clock_alone_moves_a_job_on(bulk, org):
    bulk.closed(accounts(300))

    org.advance_clock(60)

    assert len(org.records("Account")) == 300


def test_jobs_run_side_by_side(bulk, org):
    jobs = [bulk.closed(accounts(400, first=first)) for first in (0, 1000)]

    org.advance_clock(3)

    assert [state(bulk, job) for job in jobs] == [("InProgress", 200)] * 2


def test_speed_can_be_changed_while_a_job_runs(bulk, org):
    job = bulk.closed(accounts(400))

    org.set_bulk(rows_per_s=0, starts_after_s=0)

    assert state(bulk, job) == ("JobComplete", 400)


def test_job_aborted_in_the_middle_keeps_what_it_wrote_and_hands_back_the_rest(bulk, org):
    text = accounts(500)
    job = bulk.closed(text)
    org.advance_clock(3)

    aborted = bulk.set_state(job, "Aborted").json()

    header, *lines = text.splitlines(keepends=True)
    assert (aborted["state"], bulk.look(job)["numberRecordsProcessed"]) == ("Aborted", 200)
    assert len(bulk.rows(job, "successfulResults")) == 200
    assert bulk.file(job, "unprocessedrecords") == header + "".join(lines[200:])
    org.advance_clock(60)
    assert len(org.records("Account")) == 200


def test_rows_with_line_breaks_are_handed_back_whole(bulk, org):
    rows = [f'{n},"line one\nline ""two"" of {n}"\n' for n in range(300)]
    job = bulk.closed("ERP_Id__c,Name\n" + "".join(rows))
    org.advance_clock(3)

    bulk.set_state(job, "Aborted")

    assert bulk.file(job, "unprocessedrecords") == "ERP_Id__c,Name\n" + "".join(rows[200:])


def test_job_aborted_before_it_began_hands_back_everything(bulk):
    text = accounts(3)
    job = bulk.closed(text)

    bulk.set_state(job, "Aborted")

    assert bulk.file(job, "unprocessedrecords") == text
    assert bulk.file(job, "successfulResults") == '"sf__Id","sf__Created",ERP_Id__c,Name\n'
    assert bulk.file(job, "failedResults") == '"sf__Id","sf__Error",ERP_Id__c,Name\n'


@pytest.mark.parametrize("name", ["successfulResults", "failedResults", "unprocessedrecords"])
def test_results_are_there_when_the_job_has_ended(bulk, name):
    job = bulk.closed(accounts(1))

    response = bulk.api.call("GET", f"jobs/ingest/{job}/{name}")

    assert (response.status_code, response.json()[0]["errorCode"]) == (400, "INVALIDJOBSTATE")


def test_open_job_is_aborted_after_a_day_and_every_job_goes_after_a_week(bulk, org):
    job = bulk.open()

    org.advance_clock(24 * 3600)
    bulk.api.token = org.open_session()
    state_after_a_day = bulk.look(job)["state"]
    org.advance_clock(6 * 24 * 3600)
    bulk.api.token = org.open_session()

    assert state_after_a_day == "Aborted"
    assert bulk.api.call("GET", f"jobs/ingest/{job}").status_code == 404


def test_served_org_works_jobs_off_while_nobody_looks(rules_org):
    with in_process_door(rules_org) as door:
        bulk = BulkApi(Api(door, rules_org.open_session()))
        worker = BulkWorker(rules_org)
        worker.start()
        try:
            job = bulk.closed(accounts(2500))
            is_done = retry(
                retry=retry_if_result(lambda counts: counts.get("Account") != 2500),
                stop=stop_after_delay(20),
                wait=wait_fixed(0.01),
            )(rules_org.counts)
            is_done()
        finally:
            worker.stop()

        assert bulk.look(job)["state"] == "JobComplete"


def test_control_shows_jobs_and_changes_how_they_run(bulk, org):
    job = bulk.closed(accounts(1))

    changed = bulk.api.call("POST", "/_org/bulk", {"rows_per_s": 0, "starts_after_s": 0}).json()
    shown = bulk.api.call("GET", "/_org/bulk").json()
    refused = bulk.api.call("POST", "/_org/bulk", {"rows_per_s": -1})

    assert (changed["rows_per_s"], changed["starts_after_s"]) == (0, 0)
    assert shown["settings"] == changed
    (only,) = shown["jobs"]
    assert (only["id"], only["state"], only["processed"], only["batches"]) == (job, "JobComplete", 1, 1)
    assert refused.status_code == 400


def test_delete_in_progress_sees_a_child_that_somebody_made_meanwhile(bulk, org):
    org.set_bulk(rows_per_s=0, starts_after_s=0)
    ids = [row["sf__Id"] for row in bulk.rows(bulk.done(accounts(400)), "successfulResults")]
    org.set_bulk(rows_per_s=100)
    job = bulk.closed("Id\n" + "".join(f"{each}\n" for each in ids), "delete")
    org.advance_clock(2)

    made = bulk.api.call("POST", "sobjects/Contact", {"LastName": "child", "AccountId": ids[399]})
    org.advance_clock(2)

    assert made.status_code == 201
    assert state(bulk, job) == ("JobComplete", 400)
    assert org.records("Contact") == []
