"""Ingest jobs through our adapter, in process and over HTTPS: files in, files out, and what each error means."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from lockstep.adapters.local_files import TemporaryFiles
from lockstep.adapters.salesforce_bulk import SalesforceBulk
from lockstep.adapters.salesforce_session import TimeLimitedSession
from lockstep.adapters.token_endpoint import HttpTokenEndpoint
from lockstep.domain.bulk_job import JobState
from lockstep.domain.bulk_results import ResultFile
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.ports.bulk import UpsertJob
from tests.fakes.sign_in import FakeConnectionSecret, FakeTurns, broker

KEY = "ERP_Account_ID__c"
WANTED = UpsertJob("Account", KEY)
COUNT = 3_000


@pytest.fixture
def client(door, org):
    """Makes one client after the other, each as a fresh container has it."""
    session = TimeLimitedSession()
    for prefix, adapter in door.session.adapters.items():
        session.mount(prefix, adapter)
    session.verify, session.trust_env = door.session.verify, False
    login = org.settings.credentials
    secret = FakeConnectionSecret(
        client_id=login.client_id, client_secret=login.client_secret, refresh_token=login.refresh_token
    )
    endpoint = HttpTokenEndpoint(door.instance_url, session, lambda: datetime.now(UTC))
    sign_in = broker(secret, endpoint, FakeTurns(), {urlsplit(door.instance_url).hostname})
    yield lambda: SalesforceBulk(sign_in, "66.0", session)
    session.close()


@pytest.fixture
def bulk(client):
    return client()


@pytest.fixture
def rows():
    with TemporaryFiles().new() as file:
        file.append([f"{KEY},Name\n".encode(), *(f"k{number},Ünï {number}\n".encode() for number in range(COUNT))])
        yield file


def results(bulk, job_id, which):
    with TemporaryFiles().new() as file:
        bulk.fetch(job_id, which, file)
        return list(file.csv_rows())


def test_rows_go_from_a_file_into_records_and_results_into_a_file(bulk, org, rows):
    job_id = bulk.create(WANTED)
    bulk.upload(job_id, rows)
    before = bulk.look(job_id)
    bulk.close(job_id)

    job = bulk.look(job_id)
    header, *written = results(bulk, job_id, ResultFile.SUCCESSFUL)
    assert (before.state, before.object_name, before.external_id_field) == (JobState.OPEN, "Account", KEY)
    assert (job.state, job.processed, job.failed, job.successful) == (JobState.JOB_COMPLETE, COUNT, 0, COUNT)
    assert header == ["sf__Id", "sf__Created", KEY, "Name"]
    assert {row[2]: row[3] for row in written} == {f"k{number}": f"Ünï {number}" for number in range(COUNT)}
    assert len(results(bulk, job_id, ResultFile.FAILED)) == len(results(bulk, job_id, ResultFile.UNPROCESSED)) == 1
    assert len(org.records("Account")) == COUNT


@pytest.mark.parametrize("path", ["batches", "successfulResults"])
@pytest.mark.parametrize(
    "plan",
    [{"ends_sessions": True, "when": "before"}, {"after_bytes": 5_000, "drop_connection": True}],
    ids=["session ends", "connection breaks"],
)
def test_a_transfer_is_whole_or_told(bulk, org, rows, plan, path):
    org.plan_faults({**plan, "match": {"path_contains": path}})
    job_id = bulk.create(WANTED)
    if path == "batches" and "after_bytes" in plan:
        # A job takes rows once, so nobody knows: it is made anew, by whoever has the chunk.
        with pytest.raises(SyncError) as raised:
            bulk.upload(job_id, rows)
        assert raised.value.kind is FailureKind.OUTCOME_UNKNOWN
        return
    bulk.upload(job_id, rows)
    bulk.close(job_id)

    assert bulk.look(job_id).processed == COUNT
    assert len(results(bulk, job_id, ResultFile.SUCCESSFUL)) == COUNT + 1


def test_a_step_that_comes_too_late_says_so(bulk, rows):
    job_id = bulk.create(WANTED)
    bulk.upload(job_id, rows)
    bulk.close(job_id)
    bulk.look(job_id)

    for late in (lambda: bulk.close(job_id), lambda: bulk.abort(job_id), lambda: bulk.upload(job_id, rows)):
        with pytest.raises(SyncError) as raised:
            late()
        assert raised.value.kind is FailureKind.JOB_STATE_CHANGED


def test_a_job_that_nobody_closed_is_among_the_open_ones_and_can_be_aborted(bulk):
    first, second = bulk.create(WANTED), bulk.create(WANTED)

    assert {job.id for job in bulk.open_jobs()} == {first, second}
    assert all(job.created_at for job in bulk.open_jobs())
    bulk.abort(first)

    assert [job.id for job in bulk.open_jobs()] == [second]
    assert bulk.look(first).state is JobState.ABORTED


def test_a_fresh_client_asks_who_it_is_before_it_names_jobs_its_own(client):
    client().create(WANTED)

    assert len(client().open_jobs()) == 1


def test_a_job_that_the_org_does_not_know_is_none(bulk):
    assert bulk.look("7503h00000CV7GpAAL") is None


def test_what_the_org_does_not_take_is_the_routes_fault(bulk, rows):
    with pytest.raises(SyncError) as raised:
        bulk.create(UpsertJob("Nothing__c", KEY))
    assert raised.value.kind is FailureKind.ROUTE_BROKEN

    job_id = bulk.create(WANTED)
    with TemporaryFiles().new() as wrong:
        wrong.append([f"{KEY},Nowhere__c\n1,x\n".encode()])
        bulk.upload(job_id, wrong)
    bulk.close(job_id)
    job = bulk.look(job_id)

    assert (job.state, job.failure.kind, job.failure.error_code) == (
        JobState.FAILED,
        FailureKind.ROUTE_BROKEN,
        "InvalidBatch",
    )
    assert "Nowhere__c" in job.failure.vendor_message
