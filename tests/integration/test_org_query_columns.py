"""`query?columns=true`, which the sf CLI asks beside each query; the answers are as its own tests keep them."""

import pytest

from local.org.org import Org


@pytest.fixture
def columns(api):
    def ask(soql):
        answer = api.call("GET", "query", params={"q": soql, "columns": "true"})
        assert answer.status_code == 200, answer.text
        return answer.json()

    return ask


def _plain(name, **facts):
    names = ("aggregate", "booleanType", "custom", "insertable", "numberType", "textType", "updatable")
    rest = {"apexType": None, "columnName": name, "displayName": name, "foreignKeyName": None, "joinColumns": []}
    return {**dict.fromkeys(names, False), **rest, **facts}


def test_field_says_its_type_and_whether_it_can_be_written(columns):
    told = columns("SELECT Id, Phone, NumberOfEmployees, Active__c, Since__c FROM Account")

    assert told["columnMetadata"] == [
        _plain("Id", apexType="Id"),
        _plain("Phone", apexType="String", textType=True, insertable=True, updatable=True),
        _plain("NumberOfEmployees", apexType="Integer", numberType=True, insertable=True, updatable=True),
        _plain("Active__c", apexType="Boolean", booleanType=True, custom=True, insertable=True, updatable=True),
        _plain("Since__c", apexType="Datetime", custom=True, insertable=True, updatable=True),
    ]
    assert (told["entityName"], told["groupBy"], told["idSelected"], told["keyPrefix"]) == (
        "Account",
        False,
        True,
        "001",
    )


def test_fields_of_one_parent_stand_in_one_column(columns):
    told = columns("SELECT LastName, Account.Name, Account.Owner.Username, Account.Phone FROM Contact")

    last_name, account = told["columnMetadata"]
    owner = account["joinColumns"][1]
    assert (last_name["columnName"], told["idSelected"]) == ("LastName", False)
    assert (account["columnName"], account["foreignKeyName"], account["apexType"]) == ("Account", "AccountId", None)
    assert [each["columnName"] for each in account["joinColumns"]] == ["Name", "Owner", "Phone"]
    assert (owner["foreignKeyName"], owner["joinColumns"][0]["columnName"]) == ("OwnerId", "Username")


def test_function_is_an_aggregate_column(columns):
    told = columns("SELECT MAX(Version__c), COUNT(Id) total, MIN(Name) FROM Account")["columnMetadata"]

    assert told == [
        _plain("expr0", aggregate=True, displayName="max(Version__c)", numberType=True),
        _plain("total", aggregate=True, displayName="count(Id)", numberType=True),
        _plain("expr1", aggregate=True, displayName="min(Name)"),
    ]


@pytest.mark.parametrize("soql", ["SELECT Nope FROM Account", "SELECT Id FROM Nope", "SELECT"])
def test_query_that_is_refused_has_no_columns(api, soql):
    asked, run = (api.call("GET", "query", params={"q": soql, **more}) for more in ({"columns": "true"}, {}))

    assert (asked.status_code, asked.json()) == (400, run.json())


def test_columns_read_no_record(api, rules_org: Org):
    api.upsert("Account/ERP_Id__c", {"ERP_Id__c": "1", "Name": "x"})

    assert "records" not in api.call("GET", "query", params={"q": "SELECT Id FROM Account", "columns": "true"}).json()


def test_children_are_a_column_with_columns(columns):
    told = columns("SELECT Name, (SELECT LastName, Account.Name FROM Contacts) FROM Account")["columnMetadata"]

    contacts = told[1]
    assert (contacts["columnName"], contacts["aggregate"]) == ("Contacts", True)
    assert [each["columnName"] for each in contacts["joinColumns"]] == ["LastName", "Account"]


def test_groups_say_that_they_are_groups(columns):
    told = columns("SELECT Industry, CALENDAR_YEAR(CreatedDate) y, COUNT(Id) FROM Account GROUP BY Industry")

    assert told["groupBy"] is True
    assert [each["columnName"] for each in told["columnMetadata"]] == ["Industry", "y", "expr0"]


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT TYPEOF Owner WHEN User THEN Name END FROM Lead",
        "SELECT (SELECT COUNT(Id) FROM Contacts) FROM Account",
        "SELECT COUNT(Id), (SELECT Id FROM Contacts) FROM Account",
        "SELECT Nope FROM Account",
    ],
)
def test_columns_that_are_not_told_are_refused(api, soql):
    assert api.call("GET", "query", params={"q": soql, "columns": "true"}).status_code == 400
