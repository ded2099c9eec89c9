"""Pages of queries of the local org: of records, of their children, of groups."""

import pytest

SMALL = {"headers": {"Sforce-Query-Options": "batchSize=200"}}


def ask(api, soql, **kwargs):
    return api.call("GET", "query", params={"q": soql}, **kwargs)


@pytest.fixture
def contacts(api, rules_org):
    """One account with 450 contacts."""
    account = api.call("POST", "sobjects/Account", {"Name": "Acme"}).json()["id"]
    for start in (0, 200, 400):
        rows = [{"ERP_Id__c": str(n), "LastName": f"{n}", "AccountId": account} for n in range(start, start + 200)]
        api.upsert("Contact/ERP_Id__c", *rows[: 450 - start])
    return account


def test_a_long_list_of_children_has_pages_of_its_own(api, contacts):
    soql = "SELECT Name, (SELECT LastName FROM Contacts) FROM Account"

    nested = ask(api, soql, **SMALL).json()["records"][0]["Contacts"]
    pages = [nested]
    while not pages[-1]["done"]:
        pages.append(api.call("GET", pages[-1]["nextRecordsUrl"], **SMALL).json())

    assert [page["totalSize"] for page in pages] == [450] * 3
    assert [len(page["records"]) for page in pages] == [200, 200, 50]
    assert [row["LastName"] for page in pages for row in page["records"]] == [str(n) for n in range(450)]


def test_a_page_can_be_asked_for_again(api, contacts):
    first = ask(api, "SELECT Id, (SELECT Id FROM Contacts) FROM Account", **SMALL).json()
    url = first["records"][0]["Contacts"]["nextRecordsUrl"]

    assert api.call("GET", url, **SMALL).json() == api.call("GET", url, **SMALL).json()


def test_groups_have_one_page_only(api, contacts):
    refused = ask(api, "SELECT LastName, COUNT(Id) FROM Contact GROUP BY LastName", **SMALL)
    limited = ask(api, "SELECT LastName, COUNT(Id) FROM Contact GROUP BY LastName LIMIT 200", **SMALL)

    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, "EXCEEDED_ID_LIMIT")
    assert (limited.json()["totalSize"], limited.json()["done"]) == (200, True)


def test_children_through_both_doors(both_doors_api, org):
    api = both_doors_api
    account = api.call("POST", "sobjects/Account", {"Name": "Acme"}).json()["id"]
    api.call("POST", "sobjects/Contact", {"LastName": "Lee", "AccountId": account})

    (record,) = ask(api, "SELECT (SELECT LastName FROM Contacts), (SELECT Id FROM Cases) FROM Account").json()[
        "records"
    ]

    assert record["Contacts"]["records"][0]["LastName"] == "Lee"
    assert record["Cases"] is None
    assert org.counts()["Contact"] == 1


def test_a_plan_is_not_guessed(api):
    response = api.call("GET", "query", params={"explain": "SELECT Id FROM Account"})

    assert (response.status_code, response.json()[0]["errorCode"]) == (404, "NOT_FOUND")
    assert "is not emulated" in response.json()[0]["message"]
