"""Grouped queries: what makes a group, what is said of it, which groups are kept."""

from datetime import UTC, datetime

import pytest

from local.org.soql import run_query
from tests.unit.soql_tables import MemoryTables

NOW = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)
ACCOUNTS = [
    ("Acme", "Banking", 100.0, "2026-03-15T09:00:00.000+0000"),
    ("Beta", "banking", 50.0, "2026-01-31T23:59:59.000+0000"),
    ("Core", "Retail", None, "2025-12-28T10:00:00.000+0000"),
    ("Dune", None, 7.0, "2025-12-31T10:30:00.000+0000"),
]


@pytest.fixture(scope="module")
def org():
    tables = MemoryTables()
    ann = tables.add("User", Name="Ann Lee", LastName="Lee")
    for name, industry, revenue, created in ACCOUNTS:
        owner = {"OwnerId": ann["Id"]} if industry else {}
        tables.add("Account", Name=name, Industry=industry, AnnualRevenue=revenue, CreatedDate=created, **owner)
    return tables


def rows(org, soql):
    result = run_query(soql, org, "66.0", now=NOW)
    assert result.is_grouped
    assert all(each["attributes"] == {"type": "AggregateResult"} for each in result.records)
    return [{key: value for key, value in each.items() if key != "attributes"} for each in result.records]


def test_groups_do_not_mind_case_and_null_is_one(org):
    assert rows(org, "SELECT Industry, COUNT(Id) FROM Account GROUP BY Industry") == [
        {"Industry": "Banking", "expr0": 2},
        {"Industry": "Retail", "expr0": 1},
        {"Industry": None, "expr0": 1},
    ]


def test_unnamed_functions_are_counted_and_named_ones_are_not(org):
    soql = (
        "SELECT Industry i, SUM(AnnualRevenue) total, MIN(Name), MAX(Name) most, AVG(AnnualRevenue) "
        "FROM Account WHERE Industry = 'Banking' GROUP BY Industry"
    )

    (row,) = rows(org, soql)

    assert row == {"i": "Banking", "total": 150.0, "expr0": "Acme", "most": "Beta", "expr1": 75.0}


HAVING = {
    "count": ("HAVING COUNT(Id) > 1", ["Banking"]),
    "sum and key": ("HAVING SUM(AnnualRevenue) < 200 AND Industry != null", ["Banking"]),
    "or": ("HAVING COUNT(Id) > 1 OR Industry = 'RETAIL'", ["Banking", "Retail"]),
    "not": ("HAVING NOT COUNT(Id) > 1", ["Retail", None]),
    "distinct": ("HAVING COUNT_DISTINCT(Name) = 2", ["Banking"]),
    "like": ("HAVING Industry LIKE 'b%'", ["Banking"]),
    "order by a function": ("ORDER BY COUNT(Id) DESC, Industry NULLS LAST", ["Banking", "Retail", None]),
    "order by the key": ("ORDER BY Industry DESC NULLS LAST", ["Retail", "Banking", None]),
    "cut": ("ORDER BY Industry NULLS FIRST LIMIT 1 OFFSET 1", ["Banking"]),
}


@pytest.mark.parametrize(("clauses", "industries"), HAVING.values(), ids=HAVING)
def test_groups_are_chosen_sorted_and_cut(org, clauses, industries):
    found = rows(org, f"SELECT Industry FROM Account GROUP BY Industry {clauses}")

    assert [each["Industry"] for each in found] == industries


def test_a_parents_field_can_be_a_key(org):
    found = rows(org, "SELECT Owner.Name, COUNT(Id) n FROM Account GROUP BY Owner.Name ORDER BY Owner.Name")

    assert found == [{"Name": None, "n": 1}, {"Name": "Ann Lee", "n": 3}]


def test_two_keys_make_a_group_each_time_both_agree(org):
    found = rows(org, "SELECT Industry, OwnerId, COUNT(Id) n FROM Account GROUP BY OwnerId, Industry")

    assert [each["n"] for each in found] == [2, 1, 1]


DATES = {
    "CALENDAR_YEAR(CreatedDate)": [2026, 2026, 2025, 2025],
    "CALENDAR_QUARTER(CreatedDate)": [1, 1, 4, 4],
    "CALENDAR_MONTH(CreatedDate)": [3, 1, 12, 12],
    "FISCAL_YEAR(CreatedDate)": [2026, 2026, 2025, 2025],
    "DAY_IN_MONTH(CreatedDate)": [15, 31, 28, 31],
    "DAY_IN_WEEK(CreatedDate)": [1, 7, 1, 4],
    "DAY_IN_YEAR(CreatedDate)": [74, 31, 362, 365],
    "WEEK_IN_MONTH(CreatedDate)": [3, 5, 4, 5],
    "WEEK_IN_YEAR(CreatedDate)": [11, 5, 52, 53],
    "HOUR_IN_DAY(CreatedDate)": [9, 23, 10, 10],
    "DAY_ONLY(CreatedDate)": ["2026-03-15", "2026-01-31", "2025-12-28", "2025-12-31"],
}


@pytest.mark.parametrize(("function", "values"), DATES.items(), ids=DATES)
def test_dates_group_by_what_they_say(org, function, values):
    found = rows(org, f"SELECT {function} d, Name FROM Account GROUP BY {function}, Name ORDER BY Name")

    assert [each["d"] for each in found] == values


def test_a_date_function_is_a_condition_too(org):
    soql = "SELECT Name FROM Account WHERE CALENDAR_YEAR(CreatedDate) = 2025 AND CALENDAR_MONTH(CreatedDate) > 11"

    assert [each["Name"] for each in run_query(soql, org, "66.0").records] == ["Core", "Dune"]


def test_an_empty_answer_has_no_groups_and_one_overall_row(org):
    assert rows(org, "SELECT Name, COUNT(Id) FROM Account WHERE Name = 'x' GROUP BY Name") == []
    assert rows(org, "SELECT COUNT(Id), MAX(Name) FROM Account WHERE Name = 'x'") == [{"expr0": 0, "expr1": None}]


LITERALS = {
    "YESTERDAY": ("2026-03-14", "2026-03-14"),
    "TOMORROW": ("2026-03-16", "2026-03-16"),
    "THIS_WEEK": ("2026-03-15", "2026-03-21"),
    "LAST_WEEK": ("2026-03-08", "2026-03-14"),
    "NEXT_WEEK": ("2026-03-22", "2026-03-28"),
    "THIS_MONTH": ("2026-03-01", "2026-03-31"),
    "LAST_MONTH": ("2026-02-01", "2026-02-28"),
    "NEXT_MONTH": ("2026-04-01", "2026-04-30"),
    "LAST_90_DAYS": ("2025-12-15", "2026-03-15"),
    "NEXT_90_DAYS": ("2026-03-16", "2026-06-13"),
    "THIS_QUARTER": ("2026-01-01", "2026-03-31"),
    "LAST_QUARTER": ("2025-10-01", "2025-12-31"),
    "NEXT_QUARTER": ("2026-04-01", "2026-06-30"),
    "THIS_YEAR": ("2026-01-01", "2026-12-31"),
    "NEXT_FISCAL_YEAR": ("2027-01-01", "2027-12-31"),
    "LAST_FISCAL_QUARTER": ("2025-10-01", "2025-12-31"),
    "LAST_N_DAYS:3": ("2026-03-12", "2026-03-15"),
    "NEXT_N_DAYS:3": ("2026-03-16", "2026-03-18"),
    "N_DAYS_AGO:3": ("2026-03-12", "2026-03-12"),
    "LAST_N_WEEKS:2": ("2026-03-01", "2026-03-14"),
    "NEXT_N_WEEKS:2": ("2026-03-22", "2026-04-04"),
    "N_WEEKS_AGO:2": ("2026-03-01", "2026-03-07"),
    "LAST_N_MONTHS:2": ("2026-01-01", "2026-02-28"),
    "NEXT_N_MONTHS:2": ("2026-04-01", "2026-05-31"),
    "N_MONTHS_AGO:14": ("2025-01-01", "2025-01-31"),
    "LAST_N_QUARTERS:1": ("2025-10-01", "2025-12-31"),
    "NEXT_N_QUARTERS:4": ("2026-04-01", "2027-03-31"),
    "N_QUARTERS_AGO:1": ("2025-10-01", "2025-12-31"),
    "LAST_N_YEARS:2": ("2024-01-01", "2025-12-31"),
    "NEXT_N_FISCAL_YEARS:1": ("2027-01-01", "2027-12-31"),
    "N_YEARS_AGO:1": ("2025-01-01", "2025-12-31"),
}


@pytest.mark.parametrize(("literal", "days"), LITERALS.items(), ids=LITERALS)
def test_a_date_literal_stands_for_days(literal, days):
    tables = MemoryTables()
    first, last = days
    for day in (first, last):
        tables.add("Opportunity", Name=day, CloseDate=day)

    def closed(condition):
        soql = f"SELECT Name FROM Opportunity WHERE {condition} ORDER BY Name"
        return [each["Name"] for each in run_query(soql, tables, "66.0", now=NOW).records]

    assert closed(f"CloseDate = {literal}") == sorted({first, last}) * (1 if first != last else 2)
    assert closed(f"CloseDate < {literal}") == []
    assert closed(f"CloseDate > {literal}") == []


def test_the_days_beside_a_date_literal_are_not_of_it():
    tables = MemoryTables()
    for day in ("2026-03-07", "2026-03-08", "2026-03-14", "2026-03-15"):
        tables.add("Opportunity", Name=day, CloseDate=day)

    def closed(operator):
        soql = f"SELECT Name FROM Opportunity WHERE CloseDate {operator} LAST_WEEK"
        return [each["Name"] for each in run_query(soql, tables, "66.0", now=NOW).records]

    assert closed("=") == ["2026-03-08", "2026-03-14"]
    assert (closed("<"), closed(">")) == (["2026-03-07"], ["2026-03-15"])
