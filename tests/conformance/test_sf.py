"""The Salesforce CLI as the npm registry has it."""

import csv
import io
import json

import pytest

KEY = "ERP_Account_ID__c"
WAIT = ("--wait", "2")


def _csv(*rows):
    return "\n".join([f"{KEY},Name,Phone", *rows]) + "\n"


def _parsed(text):
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.capability("sign-in")
def test_login_by_access_token_knows_user_and_org(sf, org):
    signed_in = sf.sign_in(org)
    shown = sf.run("org display")

    assert (signed_in["username"], signed_in["orgId"]) == (org.facts["username"], org.facts["organization_id"])
    assert (shown["connectedStatus"], shown["alias"], shown["apiVersion"]) == ("Connected", "local", "66.0")


@pytest.mark.capability("create, read, update, delete")
def test_record_is_created_read_changed_and_deleted(sf, org):
    record_id = sf.run("data create record", "-s", "Account", "-v", "Name='sf crud' NumberOfEmployees=5")["id"]
    read = sf.run("data get record", "-s", "Account", "-i", record_id)
    sf.run("data update record", "-s", "Account", "-w", "Name='sf crud'", "-v", "Phone=1")
    changed = org.records("Account", "Id", record_id)
    sf.run("data delete record", "-s", "Account", "-i", record_id)

    assert (read["Name"], read["NumberOfEmployees"], changed[0]["Phone"]) == ("sf crud", 5, "1")
    assert org.records("Account", "Id", record_id) == []


@pytest.mark.capability("query, all pages")
def test_query_fetches_every_page_and_names_its_columns(sf):
    rows = [f"sfpage{n},sf page {n},1" for n in range(2100)]
    sf.run("data import bulk", "-s", "Account", "-f", sf.file("pages.csv", _csv(*rows)), *WAIT)

    soql = "SELECT Id, Name, Owner.Username FROM Account WHERE Name LIKE 'sf page %' ORDER BY Name"
    fetched = sf.run("data query", "-q", soql)

    assert (fetched["totalSize"], fetched["done"], len(fetched["records"])) == (2100, True, 2100)


@pytest.mark.capability("describe")
def test_objects_are_listed_and_described(sf):
    described = sf.run("sobject describe", "-s", "Account")

    assert KEY in [each["name"] for each in described["fields"]]
    assert "Account" in sf.run("sobject list", "-s", "all")
    assert sf.run("sobject list", "-s", "custom") == ["Integration_Error_Log__c"]


@pytest.mark.capability("limits")
def test_limits_are_listed(sf):
    limits = {each["name"]: each["max"] for each in sf.run("limits api display")}

    assert limits["DailyApiRequests"] == 15000


@pytest.mark.capability("Bulk 2.0 ingest: insert")
def test_bulk_import_creates_every_row(sf):
    done = sf.run(
        "data import bulk", "-s", "Account", "-f", sf.file("in.csv", _csv("sfin1,sf in,1", "sfin2,sf in,2")), *WAIT
    )

    assert (done["processedRecords"], done["successfulRecords"], done["failedRecords"]) == (2, 2, 0)


@pytest.mark.capability("Bulk 2.0 ingest: upsert")
def test_bulk_upsert_writes_each_key_once(sf, org):
    name = sf.file("up.csv", _csv("sfup1,sf up 1,1", "sfup2,sf up 2,2"))
    for _ in range(2):
        done = sf.run("data upsert bulk", "-s", "Account", "-f", name, "-i", KEY, *WAIT)
        assert done["jobInfo"]["numberRecordsFailed"] == 0

    assert [each["Phone"] for each in org.records("Account", KEY, "sfup1")] == ["1"]


@pytest.mark.capability("Bulk 2.0 ingest: update, delete")
def test_bulk_update_and_delete_by_id(sf, org):
    record_id = sf.run("data create record", "-s", "Account", "-v", "Name='sf bulk update'")["id"]
    sf.run("data update bulk", "-s", "Account", "-f", sf.file("change.csv", f"Id,Phone\n{record_id},7\n"), *WAIT)
    changed = org.records("Account", "Id", record_id)
    sf.run("data delete bulk", "-s", "Account", "-f", sf.file("gone.csv", f"Id\n{record_id}\n"), *WAIT)

    assert changed[0]["Phone"] == "7"
    assert org.records("Account", "Id", record_id) == []


@pytest.mark.capability("Bulk 2.0 result files")
def test_bulk_results_are_written_to_files(sf):
    name = sf.file("mixed.csv", _csv("sfmix1,sf mix,1", "sfmix2,,2"))
    job_id = sf.refused("data upsert bulk", "-s", "Account", "-f", name, "-i", KEY, *WAIT)["data"]["jobId"]

    results = sf.run("data bulk results", "--job-id", job_id)
    failed = _parsed(sf.read(results["failedFilePath"]))

    assert (results["processedRecords"], results["failedRecords"], results["status"]) == (2, 1, "JobComplete")
    assert [each[KEY] for each in _parsed(sf.read(results["successFilePath"]))] == ["sfmix1"]
    assert failed[0]["sf__Error"].startswith("REQUIRED_FIELD_MISSING:")


@pytest.mark.capability("Bulk 2.0 query")
def test_bulk_export_writes_what_the_query_finds(sf):
    name = sf.file("export.csv", _csv("sfex1,sf ex 1,1", "sfex2,sf ex 2,2"))
    sf.run("data upsert bulk", "-s", "Account", "-f", name, "-i", KEY, *WAIT)

    soql = f"SELECT {KEY}, Phone FROM Account WHERE Name LIKE 'sf ex %' ORDER BY {KEY}"
    exported = sf.run("data export bulk", "-q", soql, "--output-file", "out.csv", *WAIT)

    assert exported["totalSize"] == 2
    assert _parsed(sf.read("out.csv")) == [{KEY: "sfex1", "Phone": "1"}, {KEY: "sfex2", "Phone": "2"}]


@pytest.mark.capability("tree import")
def test_tree_of_parents_and_children_is_imported(sf, org):
    child = {"attributes": {"type": "Contact", "referenceId": "child"}, "LastName": "sf leaf"}
    parent = {
        "attributes": {"type": "Account", "referenceId": "parent"},
        "Name": "sf root",
        "Contacts": {"records": [child]},
    }
    imported = sf.run("data import tree", "--files", sf.file("tree.json", json.dumps({"records": [parent]})))

    ids = {each["refId"]: each["id"] for each in imported}
    assert org.records("Contact", "LastName", "sf leaf")[0]["AccountId"] == ids["parent"]


@pytest.mark.capability("raw request")
def test_any_resource_is_asked(sf):
    answer = sf.run("api request rest", "/services/data/v66.0/limits")

    assert answer["statusCode"] == 200
    assert answer["body"]["DailyApiRequests"]["Max"] == 15000


@pytest.mark.capability("refusals are the client's own errors")
def test_refusals_become_the_clients_errors(sf):
    assert sf.refused("data create record", "-s", "Account", "-v", "Phone=1")["name"] == "REQUIRED_FIELD_MISSING"
    assert sf.refused("data query", "-q", "SELECT Nope FROM Account")["name"] == "INVALID_FIELD"
