"""Queries that lead to other objects: children, semi-joins, polymorphic parents."""

import pytest

from local.org.soql import run_query
from tests.unit.soql_tables import MemoryTables


@pytest.fixture(scope="module")
def org():
    tables = MemoryTables()
    ann = tables.add("User", Name="Ann Lee", LastName="Lee", Email="ann@example.com")
    queue = tables.add("Group", Name="Sales queue", Type="Queue")
    acme = tables.add("Account", Name="Acme", OwnerId=ann["Id"])
    beta = tables.add("Account", Name="Beta", ParentId=acme["Id"])
    tables.add("Account", Name="Core")
    for last_name, account in (("Roe", acme), ("Ash", acme), ("Fox", beta)):
        tables.add("Contact", LastName=last_name, AccountId=account["Id"])
    tables.add("Contact", LastName="Lone")
    tables.add("Lead", LastName="A", OwnerId=ann["Id"])
    tables.add("Lead", LastName="B", OwnerId=queue["Id"])
    tables.add("Lead", LastName="C")
    return tables


def ask(org, soql):
    return run_query(soql, org, "66.0").records


def children(record, name="Contacts"):
    nested = record[name]
    return None if nested is None else [each["LastName"] for each in nested["records"]]


CHILDREN = {
    "all": ("(SELECT LastName FROM Contacts)", [["Roe", "Ash"], ["Fox"], None]),
    "in any case": ("(select lastname from contacts)", [["Roe", "Ash"], ["Fox"], None]),
    "sorted": ("(SELECT LastName FROM Contacts ORDER BY LastName)", [["Ash", "Roe"], ["Fox"], None]),
    "cut for each parent": ("(SELECT LastName FROM Contacts LIMIT 1)", [["Roe"], ["Fox"], None]),
    "offset": ("(SELECT LastName FROM Contacts LIMIT 5 OFFSET 1)", [["Ash"], None, None]),
    "chosen": ("(SELECT LastName FROM Contacts WHERE LastName != 'Fox')", [["Roe", "Ash"], None, None]),
    "with an alias": ("(SELECT c.LastName FROM Contacts c WHERE c.LastName = 'Fox')", [None, ["Fox"], None]),
    "all fields": ("(SELECT FIELDS(ALL) FROM Contacts LIMIT 200)", [["Roe", "Ash"], ["Fox"], None]),
}


@pytest.mark.parametrize(("query", "expected"), CHILDREN.values(), ids=CHILDREN)
def test_children_stand_within_their_parent(org, query, expected):
    records = ask(org, f"SELECT Name, {query} FROM Account")

    assert [children(each) for each in records] == expected
    assert list(records[0]) == ["attributes", "Name", "Contacts"]


def test_a_list_of_children_is_a_result_of_its_own(org):
    (beta,) = ask(org, "SELECT (SELECT Id, Account.Name FROM Contacts) FROM Account WHERE Name = 'Beta'")

    contact_id = beta["Contacts"]["records"][0]["Id"]
    account = beta["attributes"]
    assert beta["Contacts"] == {
        "totalSize": 1,
        "done": True,
        "records": [
            {
                "attributes": {"type": "Contact", "url": f"/services/data/v66.0/sobjects/Contact/{contact_id}"},
                "Id": contact_id,
                "Account": {"attributes": account, "Name": "Beta"},
            }
        ],
    }


def test_children_of_children_are_nested_too(org):
    (acme,) = ask(
        org,
        "SELECT (SELECT Name, (SELECT LastName FROM Contacts) FROM ChildAccounts) FROM Account WHERE Name = 'Acme'",
    )

    assert children(acme["ChildAccounts"]["records"][0]) == ["Fox"]


def test_children_are_at_most_five_levels_away(org):
    soql = "SELECT Name FROM ChildAccounts"
    for _ in range(3):
        soql = f"SELECT Name, ({soql}) FROM ChildAccounts"
    assert len(ask(org, f"SELECT Name, ({soql}) FROM Account")) == 3

    with pytest.raises(Exception, match="more than 5 levels"):
        ask(org, f"SELECT Name, (SELECT Name, ({soql}) FROM ChildAccounts) FROM Account")


JOINS = {
    "among": ("Id IN (SELECT AccountId FROM Contact)", ["Acme", "Beta"]),
    "among those chosen": ("Id IN (SELECT AccountId FROM Contact WHERE LastName = 'Fox')", ["Beta"]),
    "not among": ("Id NOT IN (SELECT AccountId FROM Contact)", ["Core"]),
    "both": (
        "Id IN (SELECT AccountId FROM Contact WHERE LastName = 'Roe') AND OwnerId IN (SELECT Id FROM User)",
        ["Acme"],
    ),
    "among none": ("Id IN (SELECT AccountId FROM Contact WHERE LastName = 'x')", []),
    "beside a condition": ("Name LIKE 'B%' AND Id IN (SELECT AccountId FROM Contact)", ["Beta"]),
    "by a parent's id": ("Parent.Id IN (SELECT AccountId FROM Contact)", ["Beta"]),
}


@pytest.mark.parametrize(("condition", "names"), JOINS.values(), ids=JOINS)
def test_a_record_is_chosen_by_the_answers_of_another_query(org, condition, names):
    assert [each["Name"] for each in ask(org, f"SELECT Name FROM Account WHERE {condition}")] == names


def test_a_polymorphic_parent_shows_the_fields_of_its_own_object(org):
    soql = "SELECT LastName, TYPEOF Owner WHEN User THEN Email, LastName WHEN Group THEN Name ELSE Id END FROM Lead"

    user, group, none = (each["Owner"] for each in ask(org, soql))

    assert user["attributes"]["type"] == "User"
    assert list(user) == ["attributes", "Email", "LastName"]
    assert (list(group), group["Name"]) == (["attributes", "Name"], "Sales queue")
    assert none is None


def test_a_polymorphic_parent_without_a_branch_shows_the_fields_of_the_last(org):
    (record,) = ask(org, "SELECT TYPEOF Owner WHEN Group THEN Name ELSE Id, Name END FROM Lead WHERE LastName = 'A'")

    assert list(record["Owner"]) == ["attributes", "Id", "Name"]


@pytest.mark.parametrize(
    "clause", ["WITH SECURITY_ENFORCED", "FOR VIEW", "LIMIT 3 FOR REFERENCE", "FOR VIEW, REFERENCE"]
)
def test_clauses_that_choose_nothing_are_taken(org, clause):
    assert len(ask(org, f"SELECT Id FROM Account {clause}")) == 3
