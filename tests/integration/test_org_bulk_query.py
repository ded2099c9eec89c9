"""Query jobs of the local org: states, result files byte for byte, locators, what they refuse."""

import pytest

from local.org.org import Org
from tests.integration.bulk_jobs import BulkApi, accounts
from tests.integration.org_doors import Api


@pytest.fixture
def org(rules_org) -> Org:
    return rules_org


@pytest.fixture
def bulk(salesforce_session, door) -> BulkApi:
    return BulkApi(Api(door, salesforce_session[2]))


def create(bulk, query, operation="query", version="66.0", **facts):
    path = f"/services/data/v{version}/jobs/query"
    return bulk.api.call("POST", path, {"operation": operation, "query": query, **facts})


def results(bulk, job, query="", version="66.0"):
    response = bulk.api.call("GET", f"/services/data/v{version}/jobs/query/{job}/results{query}")
    assert response.status_code == 200, response.text
    return response


def text_of(bulk, query, **facts):
    return results(bulk, create(bulk, query, **facts).json()["id"]).content.decode()


def test_query_job_is_shown_over_its_life_as_it_was_recorded(bulk):
    bulk.done(accounts(2))
    made = create(bulk, "select ID from ACCOUNT").json()
    shown = bulk.api.call("GET", f"jobs/query/{made['id']}").json()

    start = ["id", "operation", "object", "createdById", "createdDate", "systemModstamp", "state"]
    start += ["concurrencyMode", "contentType", "apiVersion"]
    layout = ["lineEnding", "columnDelimiter"]
    counts = ["numberRecordsProcessed", "retries", "totalProcessingTime", "isPkChunkingSupported"]
    assert list(made) == [*start, *layout]
    assert (made["state"], made["object"], made["id"][:3], made["apiVersion"]) == (
        "UploadComplete",
        "Account",
        "750",
        66.0,
    )
    assert list(shown) == [*start, "jobType", *layout, *counts]
    assert (shown["state"], shown["jobType"], shown["numberRecordsProcessed"]) == ("JobComplete", "V2Query", 2)


def test_result_has_the_columns_of_the_query_and_quotes_every_value(bulk, org):
    bulk.done('ERP_Id__c,Name,AnnualRevenue,Active__c,Since__c\n1,"a ""b"", c",912260031,,2026-01-02T03:04:05Z\n')
    bulk.done("ERP_Id__c,Name,Parent.ERP_Id__c\n2,child,1\n")

    text = text_of(
        bulk,
        "SELECT Parent.Name, erp_id__C, Name, AnnualRevenue, Active__c, Since__c, Parent.ERP_Id__c "
        "FROM Account ORDER BY ERP_Id__c",
    )

    assert text == (
        '"Parent.Name","ERP_Id__c","Name","AnnualRevenue","Active__c","Since__c","Parent.ERP_Id__c"\n'
        '"","1","a ""b"", c","9.12260031E8","true","2026-01-02T03:04:05.000Z",""\n'
        '"a ""b"", c","2","child","","true","","1"\n'
    )


def test_layout_of_the_job_is_that_of_its_result(bulk):
    bulk.done(accounts(1))

    text = text_of(bulk, "SELECT ERP_Id__c, Name FROM Account", columnDelimiter="PIPE", lineEnding="CRLF")

    assert text == '"ERP_Id__c"|"Name"\r\n"0"|"Account 0"\r\n'


def test_pages_follow_each_other_by_locator_and_can_be_read_again(bulk):
    bulk.done(accounts(5))
    job = create(bulk, "SELECT ERP_Id__c FROM Account ORDER BY ERP_Id__c").json()["id"]

    pages, locator = [], ""
    while locator != "null":
        page = results(bulk, job, f"?maxRecords=2{locator and f'&locator={locator}'}")
        locator = page.headers["Sforce-Locator"]
        pages.append((page.headers["Sforce-NumberOfRecords"], page.text.splitlines()[1:]))

    assert pages == [("2", ['"0"', '"1"']), ("2", ['"2"', '"3"']), ("1", ['"4"'])]
    second = results(bulk, job, "?maxRecords=2").headers["Sforce-Locator"]
    assert results(bulk, job, f"?maxRecords=9&locator={second}").text.splitlines()[1:] == ['"2"', '"3"', '"4"']


def test_result_without_rows_has_its_header_and_the_last_locator(bulk):
    job = create(bulk, "SELECT Id FROM Account").json()["id"]

    page = results(bulk, job)

    assert page.text == '"Id"\n'
    assert (page.headers["Sforce-Locator"], page.headers["Sforce-NumberOfRecords"]) == ("null", "0")


def test_deleted_records_are_for_query_all(bulk):
    made = bulk.rows(bulk.done(accounts(2)), "successfulResults")
    bulk.done(f"Id\n{made[0]['sf__Id']}\n", "delete")

    counts = [
        len(text_of(bulk, "SELECT Id FROM Account", operation=each).splitlines()) for each in ("query", "queryAll")
    ]

    assert counts == [2, 3]


def test_columns_of_old_versions_stand_in_the_order_of_the_alphabet(bulk):
    job = create(bulk, "SELECT Name, Id FROM Account", version="49.0").json()["id"]

    assert results(bulk, job, version="49.0").text == '"Id","Name"\n'


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT Id FROM Nothing", "INVALID_TYPE"),
        ("SELECT Nothing FROM Account", "INVALID_FIELD"),
        ("SELECT", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Nothing = 1", "INVALID_FIELD"),
        ("SELECT Id FROM Account ORDER BY Nothing", "INVALID_FIELD"),
        ("SELECT Id, Id FROM Account", "INVALID_FIELD"),
        ("SELECT COUNT(Id) FROM Account", "API_ERROR"),
        ("SELECT BillingAddress FROM Account", "API_ERROR"),
        ("SELECT Id FROM Account LIMIT 1 OFFSET 1", "API_ERROR"),
        ("SELECT Name FROM Account GROUP BY Name", "API_ERROR"),
        ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", "API_ERROR"),
        ("SELECT TYPEOF Owner WHEN User THEN Id END FROM Case", "API_ERROR"),
    ],
)
def test_query_that_no_job_can_run_is_refused_at_once(bulk, query, code):
    response = create(bulk, query)

    assert (response.status_code, response.json()[0]["errorCode"]) == (400, code)


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("?locator=nonsense!", 400, "INVALID_QUERY_LOCATOR"),
        ("?locator=OTk", 400, "INVALID_QUERY_LOCATOR"),
        ("?maxRecords=0", 400, "CLIENTINPUTERROR"),
    ],
)
def test_page_that_is_not_there_is_refused(bulk, query, status, code):
    job = create(bulk, "SELECT Id FROM Account").json()["id"]

    response = bulk.api.call("GET", f"jobs/query/{job}/results{query}")

    assert (response.status_code, response.json()[0]["errorCode"]) == (status, code)


def test_results_are_read_with_the_version_of_the_job(bulk):
    job = create(bulk, "SELECT Id FROM Account").json()["id"]

    assert bulk.api.call("GET", f"/services/data/v65.0/jobs/query/{job}/results").status_code == 409


def test_query_job_can_be_aborted_listed_and_deleted(bulk, org):
    org.set_bulk(starts_after_s=60)
    job = create(bulk, "SELECT Id FROM Account").json()["id"]
    path = f"jobs/query/{job}"

    waiting = bulk.api.call("GET", f"{path}/results")
    aborted = bulk.api.call("PATCH", path, {"state": "Aborted"}).json()
    again = bulk.api.call("PATCH", path, {"state": "Aborted"})
    listed = bulk.api.call("GET", "jobs/query").json()
    deleted = bulk.api.call("DELETE", path)

    assert [each.json()[0]["errorCode"] for each in (waiting, again)] == ["INVALIDJOBSTATE"] * 2
    assert aborted["state"] == "Aborted"
    assert [(each["id"], each["state"], each["jobType"]) for each in listed["records"]] == [(job, "Aborted", "V2Query")]
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert bulk.api.call("GET", path).status_code == 404


def test_query_jobs_go_wrong_on_demand_too(bulk, org):
    org.plan_faults({"job": "fail"}, {"job": "abort", "match": {"nth": 2}}, {"job": "stick", "match": {"nth": 3}})

    jobs = [create(bulk, "SELECT Id FROM Account").json()["id"] for _ in range(3)]

    assert [bulk.api.call("GET", f"jobs/query/{job}").json()["state"] for job in jobs] == [
        "Failed",
        "Aborted",
        "InProgress",
    ]
