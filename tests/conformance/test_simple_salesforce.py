"""simple-salesforce as PyPI has it, over HTTPS."""

import csv
import io

import pytest
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)

KEY = "ERP_Account_ID__c"


@pytest.fixture
def client(org):
    return Salesforce(instance_url=org.url, session_id=org.access_token(), session=org.session())


def _rows(count, prefix, **more):
    return [{KEY: f"{prefix}{n:05d}", "Name": f"{prefix} {n}", **more} for n in range(count)]


def _parsed(text):
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.capability("create, read, update, delete")
def test_record_is_created_read_changed_and_deleted(client):
    record_id = client.Account.create({"Name": "ss Ünï", "NumberOfEmployees": 5})["id"]
    read = client.Account.get(record_id)
    statuses = [client.Account.update(record_id, {"Phone": "1"}), client.Account.delete(record_id)]

    assert (read["Name"], read["NumberOfEmployees"], statuses) == ("ss Ünï", 5, [204, 204])
    with pytest.raises(SalesforceResourceNotFound):
        client.Account.get(record_id)


@pytest.mark.capability("upsert by external ID")
def test_upsert_creates_then_updates_the_same_record(client, org):
    statuses = [client.Account.upsert(f"{KEY}/ss-one", {"Name": name}) for name in ("first", "second")]

    assert statuses == [201, 200]
    assert [each["Name"] for each in org.records("Account", KEY, "ss-one")] == ["second"]


@pytest.mark.capability("Collections upsert")
def test_collection_is_upserted_200_in_a_call(client):
    rows = [{"attributes": {"type": "Account"}, **row} for row in _rows(200, "sscol")]
    for created in (True, False):
        results = client.restful(f"composite/sobjects/Account/{KEY}", method="PATCH", json={"records": rows})
        assert {(each["success"], each["created"]) for each in results} == {(True, created)}


@pytest.mark.capability("query, all pages")
def test_query_all_fetches_every_page(client):
    rows = [{"attributes": {"type": "Account"}, "Name": f"sspage {n:04d}"} for n in range(450)]
    for start in range(0, len(rows), 200):
        client.restful("composite/sobjects", method="POST", json={"records": rows[start : start + 200]})

    soql = "SELECT Name FROM Account WHERE Name LIKE 'sspage %' ORDER BY Name"
    first = client.query(soql, headers={"Sforce-Query-Options": "batchSize=200"})
    fetched = [each["Name"] for each in first["records"]]
    while not first["done"]:
        first = client.query_more(
            first["nextRecordsUrl"], identifier_is_url=True, headers={"Sforce-Query-Options": "batchSize=200"}
        )
        fetched += [each["Name"] for each in first["records"]]

    assert fetched == [row["Name"] for row in rows]
    assert client.query_all(soql)["totalSize"] == len(rows)


@pytest.mark.capability("describe")
def test_describes_are_read(client):
    fields = {each["name"]: each for each in client.Account.describe()["fields"]}

    assert fields[KEY]["externalId"] is True
    assert "Account" in [each["name"] for each in client.describe()["sobjects"]]


@pytest.mark.capability("limits")
def test_limits_and_the_usage_header_are_read(client):
    assert client.limits()["DailyApiRequests"]["Max"] == 15000
    assert client.api_usage["api-usage"].total == 15000


@pytest.mark.capability("Bulk 2.0 ingest: insert")
def test_bulk_insert_takes_no_row_twice(client):
    outcome = client.bulk2.Account.insert(records=_rows(3, "ssins"), wait=0)

    assert [(each["numberRecordsProcessed"], each["numberRecordsFailed"]) for each in outcome] == [(3, 0)]


@pytest.mark.capability("Bulk 2.0 ingest: upsert")
def test_bulk_upsert_writes_each_key_once(client, org):
    rows = _rows(1200, "ssup", Phone="+1 555")
    for _ in range(2):
        outcome = client.bulk2.Account.upsert(records=rows, external_id_field=KEY, wait=0)
        assert [(each["numberRecordsProcessed"], each["numberRecordsFailed"]) for each in outcome] == [(1200, 0)]

    assert client.query("SELECT COUNT() FROM Account WHERE Name LIKE 'ssup %'")["totalSize"] == 1200
    assert [each["Phone"] for each in org.records("Account", KEY, "ssup00007")] == ["+1 555"]


@pytest.mark.capability("Bulk 2.0 ingest: update, delete")
def test_bulk_update_and_delete_by_id(client):
    rows = [{"Id": client.Account.create({"Name": f"ssdel {n}"})["id"]} for n in range(2)]

    updated = client.bulk2.Account.update(records=[{**row, "Phone": "9"} for row in rows], wait=0)
    phones = [each["Phone"] for each in client.query("SELECT Phone FROM Account WHERE Name LIKE 'ssdel %'")["records"]]
    deleted = client.bulk2.Account.delete(records=rows, wait=0)

    assert (updated[0]["numberRecordsFailed"], deleted[0]["numberRecordsFailed"], phones) == (0, 0, ["9", "9"])
    assert client.query("SELECT COUNT() FROM Account WHERE Name LIKE 'ssdel %'")["totalSize"] == 0


@pytest.mark.capability("Bulk 2.0 result files")
def test_all_three_result_files_account_for_every_row(client):
    rows = [*_rows(2, "ssres"), {KEY: "ssres-bad", "Name": ""}]
    job_id = client.bulk2.Account.upsert(records=rows, external_id_field=KEY, wait=0)[0]["job_id"]

    successful = _parsed(client.bulk2.Account.get_successful_records(job_id))
    failed = _parsed(client.bulk2.Account.get_failed_records(job_id))
    unprocessed = _parsed(client.bulk2.Account.get_unprocessed_records(job_id))

    assert sorted((each["sf__Created"], each[KEY]) for each in successful) == [
        ("true", "ssres00000"),
        ("true", "ssres00001"),
    ]
    assert [(each["sf__Id"], each[KEY]) for each in failed] == [("", "ssres-bad")]
    assert failed[0]["sf__Error"].startswith("REQUIRED_FIELD_MISSING:")
    assert unprocessed == []


@pytest.mark.capability("Bulk 2.0 query")
def test_bulk_query_follows_its_locators(client):
    client.bulk2.Account.upsert(records=_rows(5, "ssbq"), external_id_field=KEY, wait=0)

    pages = list(
        client.bulk2.Account.query(
            "SELECT Name, Phone FROM Account WHERE Name LIKE 'ssbq %' ORDER BY Name", max_records=2, wait=0
        )
    )

    assert len(pages) == 3
    assert [row["Name"] for page in pages for row in _parsed(page)] == [f"ssbq {n}" for n in range(5)]
    assert {row["Phone"] for page in pages for row in _parsed(page)} == {""}


@pytest.mark.capability("refusals are the client's own errors")
def test_refusals_become_the_clients_exceptions(client, org):
    with pytest.raises(SalesforceMalformedRequest) as missing:
        client.Account.create({"Phone": "1"})
    with pytest.raises(SalesforceMalformedRequest) as unknown:
        client.query("SELECT Nope FROM Account")
    with pytest.raises(SalesforceExpiredSession):
        Salesforce(instance_url=org.url, session_id="00D!nobody", session=org.session()).limits()

    assert missing.value.content[0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert unknown.value.content[0]["errorCode"] == "INVALID_FIELD"
