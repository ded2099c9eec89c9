"""Queries and their answers: selection, conditions, order, parents, aggregates."""

from datetime import UTC, datetime

import pytest

from local.org.soql import run_query
from tests.unit.soql_tables import MemoryTables

NOW = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def org():
    tables = MemoryTables()
    ann = tables.add("User", Name="Ann Lee", LastName="Lee")
    queue = tables.add("Group", Name="Sales queue", Type="Queue")
    acme = tables.add(
        "Account",
        Name="Acme",
        OwnerId=ann["Id"],
        Industry="Banking",
        AnnualRevenue=100.0,
        NumberOfEmployees=5,
        Ext__c="E1",
        Exact__c="k",
        Loose__c="loose",
        Tags__c="red;blue",
        CreatedDate="2026-03-15T09:00:00.000+0000",
    )
    tables.add(
        "Account",
        Name="beta 50%",
        ParentId=acme["Id"],
        AnnualRevenue=250.5,
        Ext__c="e2",
        Exact__c="K",
        Loose__c="LOOSE",
        Tags__c="red",
        CreatedDate="2026-03-14T23:59:59.000+0000",
    )
    tables.add("Account", Name="O'Neil \\ Sons", Industry="Retail", CreatedDate="2026-02-01T00:00:00.000+0000")
    tables.add("Account", Name=None, CreatedDate="2025-12-31T00:00:00.000+0000")
    tables.add("Contact", LastName="Roe", AccountId=acme["Id"])
    tables.add("Contact", LastName="Lone")
    tables.add("Opportunity", Name="Deal", CloseDate="2026-03-16", IsPrivate=True)
    tables.add("Opportunity", Name="Old deal", CloseDate="2026-03-15", IsPrivate=False)
    tables.add("Lead", LastName="A", OwnerId=ann["Id"])
    tables.add("Lead", LastName="B", OwnerId=queue["Id"])
    return tables


def ask(org, soql):
    return run_query(soql, org, "66.0", now=NOW)


def names(org, condition, object_name="Account"):
    return [each["Name"] for each in ask(org, f"SELECT Name FROM {object_name} WHERE {condition}").records]


CONDITIONS = {
    "equal whatever the case": ("Name = 'ACME'", ["Acme"]),
    "unequal lets nulls pass": ("Industry != 'banking'", ["beta 50%", "O'Neil \\ Sons", None]),
    "the other unequal": ("Industry <> 'Banking' AND Industry != null", ["O'Neil \\ Sons"]),
    "null": ("Name = null", [None]),
    "empty text is null": ("Name = ''", [None]),
    "not null": ("Industry != NULL", ["Acme", "O'Neil \\ Sons"]),
    "greater": ("AnnualRevenue > 100", ["beta 50%"]),
    "at least": ("AnnualRevenue >= 100.0", ["Acme", "beta 50%"]),
    "less": ("AnnualRevenue < 1e2", []),
    "at most": ("AnnualRevenue <= +100", ["Acme"]),
    "text order": ("Name > 'acme'", ["beta 50%", "O'Neil \\ Sons"]),
    "whole number": ("NumberOfEmployees = 5", ["Acme"]),
    "beginning": ("Name LIKE 'ac%'", ["Acme"]),
    "end": ("Name LIKE '%SONS'", ["O'Neil \\ Sons"]),
    "within": ("Name LIKE '%e%'", ["Acme", "beta 50%", "O'Neil \\ Sons"]),
    "one character": ("Name LIKE 'A_me'", ["Acme"]),
    "escaped wildcard": (r"Name LIKE '%50\%'", ["beta 50%"]),
    "escaped underscore": (r"Name LIKE 'A\_me'", []),
    "no pattern": ("Name LIKE 'acm'", []),
    "escaped quote and backslash": (r"Name = 'o\'neil \\ sons'", ["O'Neil \\ Sons"]),
    "unicode escape": (r"Name = '\u0041cme'", ["Acme"]),
    "in": ("Name IN ('acme', 'none')", ["Acme"]),
    "in one list with an escaped quote": (r"Name IN ('o\'neil \\ sons', 'acme')", ["Acme", "O'Neil \\ Sons"]),
    "in one list with a text that ends in a backslash": (r"Name IN ('x\\', 'acme')", ["Acme"]),
    "in with null": ("Industry IN ('retail', null)", ["beta 50%", "O'Neil \\ Sons", None]),
    "not in": ("Name NOT IN ('acme', 'beta 50%')", ["O'Neil \\ Sons", None]),
    "in numbers": ("NumberOfEmployees IN (4, 5)", ["Acme"]),
    "includes": ("Tags__c INCLUDES ('blue')", ["Acme"]),
    "includes all of one": ("Tags__c INCLUDES ('blue;RED', 'green')", ["Acme"]),
    "excludes": ("Tags__c EXCLUDES ('blue')", ["beta 50%", "O'Neil \\ Sons", None]),
    "and": ("Name LIKE '%e%' AND Industry = 'Retail'", ["O'Neil \\ Sons"]),
    "or": ("Name = 'acme' OR Industry = 'Retail'", ["Acme", "O'Neil \\ Sons"]),
    "not": ("NOT Name = 'acme'", ["beta 50%", "O'Neil \\ Sons", None]),
    "parentheses": ("(Name = 'acme' OR Name = null) AND (NOT (Industry = null))", ["Acme"]),
    "parent": ("Owner.Name = 'ann lee'", ["Acme"]),
    "no parent": ("Owner.Name = null", ["beta 50%", "O'Neil \\ Sons", None]),
    "two parents up": ("Parent.Owner.LastName = 'Lee'", ["beta 50%"]),
    "own name before": ("Account.Name = 'Acme'", ["Acme"]),
    "case-sensitive field": ("Exact__c = 'K'", ["beta 50%"]),
    "not unique, so whatever the case": ("Loose__c = 'Loose'", ["Acme", "beta 50%"]),
    "datetime": ("CreatedDate < 2026-02-01T01:00:00+01:00", [None]),
    "datetime equal in another zone": ("CreatedDate = 2026-03-15T10:00:00.000+0100", ["Acme"]),
    "today": ("CreatedDate = TODAY", ["Acme"]),
    "before today": ("CreatedDate < today", ["beta 50%", "O'Neil \\ Sons", None]),
    "after yesterday": ("CreatedDate > YESTERDAY", ["Acme"]),
    "until yesterday": ("CreatedDate <= YESTERDAY", ["beta 50%", "O'Neil \\ Sons", None]),
    "last days": ("CreatedDate = LAST_N_DAYS:1", ["Acme", "beta 50%"]),
    "last month": ("CreatedDate = LAST_MONTH", ["O'Neil \\ Sons"]),
    "last year": ("CreatedDate = LAST_YEAR", [None]),
    "one of two spans": ("CreatedDate IN (TODAY, LAST_YEAR)", ["Acme", None]),
    "not today": ("CreatedDate != TODAY", ["beta 50%", "O'Neil \\ Sons", None]),
}


@pytest.mark.parametrize(("condition", "expected"), CONDITIONS.values(), ids=CONDITIONS)
def test_a_condition_picks_the_records_that_an_org_would_pick(org, condition, expected):
    assert names(org, condition) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("CloseDate = 2026-03-16", ["Deal"]),
        ("CloseDate = TOMORROW", ["Deal"]),
        ("CloseDate = NEXT_N_DAYS:3", ["Deal"]),
        ("CloseDate >= THIS_MONTH", ["Deal", "Old deal"]),
        ("IsPrivate = TRUE", ["Deal"]),
        ("IsPrivate != true", ["Old deal"]),
    ],
    ids=str,
)
def test_dates_and_booleans_compare(org, condition, expected):
    assert names(org, condition, "Opportunity") == expected


def test_a_record_has_its_attributes_then_the_fields_as_asked(org):
    (record,) = ask(org, "select industry, NAME from account where name = 'acme'").records

    record_id = org.table("Account").rows[0]["Id"]
    url = f"/services/data/v66.0/sobjects/Account/{record_id}"
    assert list(record.items()) == [
        ("attributes", {"type": "Account", "url": url}),
        ("Industry", "Banking"),
        ("Name", "Acme"),
    ]


def test_parents_are_nested_and_a_missing_one_is_null(org):
    roe, lone = ask(org, "SELECT LastName, Account.Name, Account.Owner.Name, Account.Id FROM Contact").records

    assert list(roe["Account"]) == ["attributes", "Name", "Owner", "Id"]
    assert roe["Account"]["attributes"]["type"] == "Account"
    assert roe["Account"]["Owner"]["Name"] == "Ann Lee"
    assert lone["Account"] is None


def test_an_owner_is_a_user_or_a_queue(org):
    user, queue = ask(org, "SELECT Owner.Name, Owner.Type FROM Lead ORDER BY LastName").records

    assert (user["Owner"]["Type"], user["Owner"]["attributes"]["type"]) == ("User", "User")
    assert (queue["Owner"]["Type"], queue["Owner"]["Name"]) == ("Group", "Sales queue")


def test_an_alias_stands_for_the_object(org):
    (record,) = ask(org, "SELECT a.Name, a.Owner.Name FROM Account a WHERE a.Name = 'acme'").records

    assert (record["Name"], record["Owner"]["Name"]) == ("Acme", "Ann Lee")


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ("ORDER BY Name", [None, "Acme", "beta 50%", "O'Neil \\ Sons"]),
        ("ORDER BY Name DESC", [None, "O'Neil \\ Sons", "beta 50%", "Acme"]),
        ("ORDER BY Name ASC NULLS LAST", ["Acme", "beta 50%", "O'Neil \\ Sons", None]),
        ("ORDER BY Name desc nulls last", ["O'Neil \\ Sons", "beta 50%", "Acme", None]),
        ("ORDER BY Industry NULLS LAST, CreatedDate DESC", ["Acme", "O'Neil \\ Sons", "beta 50%", None]),
        ("ORDER BY Owner.Name NULLS LAST LIMIT 1", ["Acme"]),
        ("ORDER BY AnnualRevenue DESC NULLS LAST LIMIT 2", ["beta 50%", "Acme"]),
        ("LIMIT 2 OFFSET 1", ["beta 50%", "O'Neil \\ Sons"]),
        ("LIMIT 0", []),
        ("OFFSET 3", [None]),
    ],
    ids=str,
)
def test_records_come_in_the_order_and_number_asked_for(org, clause, expected):
    answer = ask(org, f"SELECT Name FROM Account {clause}")

    assert [each["Name"] for each in answer.records] == expected
    assert answer.total_size == len(expected)


def test_a_plain_count_has_a_number_and_no_records(org):
    answer = ask(org, "select count() from Account where Industry != null")

    assert (answer.total_size, answer.records) == (2, [])


def test_aggregates_answer_with_one_record(org):
    functions = "COUNT(Id), COUNT(Industry) filled, MIN(Name), max(AnnualRevenue), SUM(AnnualRevenue) total"
    answer = ask(org, f"SELECT {functions}, AVG(AnnualRevenue), COUNT_DISTINCT(Industry) FROM Account")

    assert answer.total_size == 1
    assert answer.records == [
        {
            "attributes": {"type": "AggregateResult"},
            "expr0": 4,
            "filled": 2,
            "expr1": "Acme",
            "expr2": 250.5,
            "total": 350.5,
            "expr3": 175.25,
            "expr4": 2,
        }
    ]


def test_aggregates_over_nothing_are_null_and_zero(org):
    answer = ask(
        org, "SELECT COUNT(Id), MAX(Name), SUM(AnnualRevenue), AVG(AnnualRevenue) FROM Account WHERE Name = 'x'"
    )

    assert list(answer.records[0].values())[1:] == [0, None, None, None]


def test_fields_all_stands_for_every_field(org):
    (record,) = ask(org, "SELECT FIELDS(ALL) FROM Account LIMIT 1").records

    assert list(record)[1:] == list(org.schema.objects["Account"].fields)


def test_fields_custom_stands_for_the_custom_ones(org):
    (record,) = ask(org, "SELECT Id, FIELDS(custom) FROM Account LIMIT 1").records

    assert list(record)[1:] == ["Id", "Ext__c", "Exact__c", "Loose__c", "Tags__c"]


@pytest.mark.parametrize("name", ["Order", "Group", "Case"], ids=str)
def test_an_object_may_be_named_like_a_word_of_the_language(org, name):
    assert ask(org, f"SELECT Id FROM {name} ORDER BY Id LIMIT 1").total_size in {0, 1}


INDEXED = {
    "external id": ("Ext__c = 'e1'", ["Ext__c"]),
    "external ids": ("Ext__c IN ('E1','E2','E2')", ["Ext__c", "Ext__c"]),
    "inside an and": ("Name != null AND Ext__c = 'E1'", ["Ext__c"]),
    "inside a nested and": ("(Name != null AND (Ext__c = 'E1' AND Industry != null))", ["Ext__c"]),
    "case-sensitive": ("Exact__c = 'k'", ["Exact__c"]),
}


@pytest.mark.parametrize(("condition", "used"), INDEXED.values(), ids=INDEXED)
def test_an_index_is_used_where_one_answers(org, condition, used):
    table = org.table("Account")
    scans = table.scans
    table.finds.clear()

    names(org, condition)

    assert (table.finds, table.scans) == (used, scans)


@pytest.mark.parametrize("length", [15, 18], ids=str)
def test_an_id_of_either_length_is_looked_up(org, length):
    table = org.table("Account")
    scans, record_id = table.scans, table.rows[1]["Id"][:length]

    assert names(org, f"Id = '{record_id}'") == ["beta 50%"]
    assert table.scans == scans


SCANNED = {
    "or": "Ext__c = 'E1' OR Name = 'beta 50%'",
    "not": "NOT Ext__c = 'E1'",
    "null": "Ext__c = null",
    "null in a list": "Ext__c IN ('E1', null)",
    "a text that is not unique": "Loose__c = 'loose'",
    "a parent's external id": "Parent.Ext__c = 'E1'",
}


@pytest.mark.parametrize("condition", SCANNED.values(), ids=SCANNED)
def test_every_record_is_read_where_an_index_would_miss_some(org, condition):
    table = org.table("Account")
    scans = table.scans

    names(org, condition)

    assert table.scans == scans + 1
