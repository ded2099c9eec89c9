"""Ingest jobs of the local org: what each state shows, and the three result files byte for byte."""

import pytest

from local.org.org import Org
from tests.integration.bulk_jobs import BulkApi
from tests.integration.org_doors import Api

ROWS = 'ERP_Id__c,name,AnnualRevenue\n"123",GenePoint,912260031\n234,"United ""Oil"", UK",\n345,,\n'


@pytest.fixture
def org(rules_org) -> Org:
    return rules_org


@pytest.fixture
def bulk(salesforce_session, door) -> BulkApi:
    """Ingest jobs through either door."""
    return BulkApi(Api(door, salesforce_session[2]))


def test_job_is_shown_over_its_life_as_it_was_recorded(bulk):
    made = bulk.create().json()
    job = made["id"]
    before = bulk.look(job)
    upload = bulk.upload(job, ROWS)
    after = bulk.look(job)
    closed = bulk.set_state(job, "UploadComplete").json()
    ended = bulk.look(job)

    start = ["id", "operation", "object", "createdById", "createdDate", "systemModstamp", "state"]
    start += ["externalIdFieldName", "concurrencyMode", "contentType", "apiVersion"]
    layout = ["lineEnding", "columnDelimiter"]
    times = ["retries", "totalProcessingTime", "apiActiveProcessingTime", "apexProcessingTime"]
    counts = ["numberRecordsProcessed", "numberRecordsFailed"]
    assert list(made) == [*start, "contentUrl", *layout]
    assert list(before) == [*start, "jobType", "contentUrl", *layout, *times]
    assert (upload.status_code, upload.content) == (201, b"")
    assert list(after) == [*start, "jobType", "contentUrl", *layout, *counts, *times]
    assert list(closed) == start
    assert list(ended) == [*start, "jobType", *layout, *counts, *times]
    assert [each["state"] for each in (made, after, closed, ended)] == ["Open", "Open", "UploadComplete", "JobComplete"]
    assert (made["apiVersion"], made["contentUrl"]) == (66.0, f"services/data/v66.0/jobs/ingest/{job}/batches")
    assert (len(job), job[:3], ended["numberRecordsProcessed"], ended["numberRecordsFailed"]) == (18, "750", 3, 1)


def test_result_files_are_quoted_as_salesforce_quotes_them(bulk, org):
    job = bulk.done(ROWS)

    ids = {each["ERP_Id__c"]: each["Id"] for each in org.records("Account")}
    assert bulk.file(job, "successfulResults/") == (
        '"sf__Id","sf__Created",ERP_Id__c,name,AnnualRevenue\n'
        f'"{ids["123"]}","true","123","GenePoint","9.12260031E8"\n'
        f'"{ids["234"]}","true","234","United ""Oil"", UK",""\n'
    )
    assert bulk.file(job, "failedResults") == (
        '"sf__Id","sf__Error",ERP_Id__c,name,AnnualRevenue\n'
        '"","REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --","345","",""\n'
    )
    assert bulk.file(job, "unprocessedRecords") == "ERP_Id__c,name,AnnualRevenue\n"
    assert [each["Name"] for each in org.records("Account")] == ["GenePoint", 'United "Oil", UK']


def test_second_job_updates_what_the_first_created(bulk, org):
    bulk.done(ROWS)
    job = bulk.done("ERP_Id__c,Phone,AnnualRevenue\n123,1,#N/A\n234,2,5\n")

    assert {row["sf__Created"] for row in bulk.rows(job, "successfulResults")} == {"false"}
    kept = [(each["Name"], each["Phone"], each["AnnualRevenue"]) for each in org.records("Account")]
    assert kept == [("GenePoint", "1", None), ('United "Oil", UK', "2", 5.0)]


def test_insert_update_and_delete_do_what_they_say(bulk, org):
    made = bulk.rows(bulk.done("Name,Phone\na,1\nb,2\n", "insert"), "successfulResults")
    ids = [row["sf__Id"] for row in made]
    changed = bulk.done(f"Id,Phone\n{ids[0]},\n{ids[1]},3\n,4\n001000000000000AAA,5\n", "update")
    gone = bulk.done(f"Id\n{ids[0]}\n{ids[0]}\n", "delete")

    assert [row["sf__Created"] for row in made] == ["true", "true"]
    assert bulk.errors(changed) == [
        "MISSING_ARGUMENT:Id not specified in an update call:--",
        "INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:--",
    ]
    assert [(row["sf__Created"], row["Id"]) for row in bulk.rows(gone, "successfulResults")] == [("false", ids[0])]
    assert bulk.errors(gone) == ["ENTITY_IS_DELETED:entity is deleted:--"]
    assert [(each["Name"], each["Phone"]) for each in org.records("Account")] == [("b", "3")]


@pytest.mark.parametrize("text", ["", "ERP_Id__c,Name\n", "ERP_Id__c,Name"], ids=["empty", "header", "cut header"])
def test_file_without_rows_ends_well(bulk, text):
    job = bulk.done(text)

    assert bulk.look(job)["numberRecordsProcessed"] == 0
    assert bulk.rows(job, "successfulResults") == bulk.rows(job, "failedResults") == []
