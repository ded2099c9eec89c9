"""simple-salesforce, unchanged, against the local org through both doors."""

import pytest
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)
from simple_salesforce.format import format_external_id

from local.org.org import Org


@pytest.fixture
def org(rules_org) -> Org:
    """These tests need one field for each rule."""
    return rules_org


@pytest.fixture
def client(salesforce_session):
    session, instance_url, token = salesforce_session
    return Salesforce(session_id=token, instance_url=instance_url, session=session)


def test_client_creates_reads_updates_and_deletes(client):
    created = client.Account.create({"Name": "Ünï", "NumberOfEmployees": 5})
    record = client.Account.get(created["id"])
    statuses = [client.Account.update(created["id"], {"Phone": "1"}), client.Account.delete(created["id"])]

    assert (created["success"], record["Name"], record["NumberOfEmployees"]) == (True, "Ünï", 5)
    assert statuses == [204, 204]
    with pytest.raises(SalesforceResourceNotFound):
        client.Account.get(created["id"])


@pytest.mark.parametrize("key", ["1", "a b", "50%", "ü", "a?b#c"])
def test_client_upserts_by_external_id(client, org, key):
    path = format_external_id("ERP_Id__c", key)
    statuses = [client.Account.upsert(path, {"Name": name}) for name in ("one", "two")]

    assert statuses == [201, 200]
    assert [(each["ERP_Id__c"], each["Name"]) for each in org.records("Account")] == [(key, "two")]
    assert client.Account.get(path)["Name"] == "two"


def test_client_upserts_a_collection(client, org):
    rows = [{"attributes": {"type": "Account"}, "ERP_Id__c": str(n), "Name": f"n{n}"} for n in range(200)]

    for created in (True, False):
        body = {"allOrNone": False, "records": rows}
        results = client.restful("composite/sobjects/Account/ERP_Id__c", method="PATCH", json=body)
        assert {(each["success"], each["created"]) for each in results} == {(True, created)}

    assert org.counts()["Account"] == 200
    assert client.api_usage["api-usage"].used == 2


def test_client_pages_through_a_query(client, org):
    rows = [{"attributes": {"type": "Account"}, "Name": f"n{n:04d}"} for n in range(450)]
    for start in range(0, 450, 200):
        client.restful("composite/sobjects", method="POST", json={"records": rows[start : start + 200]})
    soql = "SELECT Name FROM Account WHERE Name LIKE 'n%' ORDER BY Name"

    first = client.query(soql, headers={"Sforce-Query-Options": "batchSize=200"})
    second = client.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    everything = client.query_all(soql)

    assert (first["totalSize"], first["done"], len(first["records"])) == (450, False, 200)
    assert first["nextRecordsUrl"].endswith("-200")
    assert second["records"][0]["Name"] == "n0200"
    assert [each["Name"] for each in everything["records"]] == [row["Name"] for row in rows]
    assert client.query("SELECT COUNT() FROM Account")["totalSize"] == 450


def test_client_finds_children_by_their_parent(client):
    parent = client.Account.create({"Name": "p", "ERP_Id__c": "1"})["id"]
    client.Contact.create({"LastName": "c", "Account": {"ERP_Id__c": "1"}})

    found = client.query("SELECT LastName, Account.Name FROM Contact WHERE Account.ERP_Id__c = '1'")["records"]

    assert [(each["LastName"], each["Account"]["Name"]) for each in found] == [("c", "p")]
    assert found[0]["Account"]["attributes"]["url"].endswith(f"/sobjects/Account/{parent}")


def test_client_describes_and_reads_limits(client):
    assert client.describe()["maxBatchSize"] == 200
    assert "ERP_Id__c" in [each["name"] for each in client.Account.describe()["fields"]]
    assert client.Account.metadata()["objectDescribe"]["name"] == "Account"
    assert client.limits()["DailyApiRequests"]["Max"] == 15000


def test_client_raises_its_own_errors(client, org):
    with pytest.raises(SalesforceMalformedRequest) as malformed:
        client.Account.create({"Phone": "1"})
    for _ in range(2):
        client.Account.create({"Name": "x", "Code__c": "c"})
    with pytest.raises(SalesforceMoreThanOneRecord):
        client.Account.upsert("Code__c/c", {"Name": "y"})
    with pytest.raises(SalesforceMalformedRequest) as unknown:
        client.query("SELECT Nope FROM Account")
    org.set_limits(daily_api_requests_max=0)
    with pytest.raises(SalesforceRefusedRequest):
        client.limits()
    org.expire_sessions()
    with pytest.raises(SalesforceExpiredSession):
        client.limits()

    assert malformed.value.content[0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert unknown.value.content[0]["errorCode"] == "INVALID_FIELD"


def test_page_that_ends_with_the_result_is_the_last(client):
    rows = [{"attributes": {"type": "Account"}, "Name": "x"}] * 200
    for _ in range(2):
        client.restful("composite/sobjects", method="POST", json={"records": rows})

    first = client.query("SELECT Id FROM Account", headers={"Sforce-Query-Options": "batchSize=200"})
    headers = {"Sforce-Query-Options": "batchSize=200"}
    last = client.query_more(first["nextRecordsUrl"], identifier_is_url=True, headers=headers)

    assert (last["done"], len(last["records"]), "nextRecordsUrl" in last) == (True, 200, False)


@pytest.mark.parametrize("locator", ["01gLk0000000001IAA-200", "nonsense", "01gLk0000000001IAA"])
def test_unknown_query_locator_is_refused(client, locator):
    with pytest.raises(SalesforceMalformedRequest) as refused:
        client.query_more(locator)

    assert refused.value.content == [{"errorCode": "INVALID_QUERY_LOCATOR", "message": "invalid query locator"}]


def test_query_cursor_ends_after_two_days(client, org):
    for _ in range(2):
        rows = [{"attributes": {"type": "Account"}, "Name": "x"}] * 200
        client.restful("composite/sobjects", method="POST", json={"records": rows})
    headers = {"Sforce-Query-Options": "batchSize=200"}
    first = client.query("SELECT Id FROM Account", headers=headers)

    org.advance_clock(2 * 24 * 3600 + 1)
    client.session_id = org.open_session()
    client.headers["Authorization"] = f"Bearer {client.session_id}"

    with pytest.raises(SalesforceMalformedRequest):
        client.query_more(first["nextRecordsUrl"], identifier_is_url=True)
