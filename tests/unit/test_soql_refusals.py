"""What the query engine refuses: with the codes, texts and places of an org, and never anything but a SoqlError."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.org.soql import SoqlError, run_query
from tests.unit.soql_tables import MemoryTables

ORG = MemoryTables()
ORG.add("Account", Name="Acme", AnnualRevenue=1.0)
REFERENCE = "Please reference your WSDL or the describe call for the appropriate names."


def refusal(soql: str) -> SoqlError:
    with pytest.raises(SoqlError) as caught:
        run_query(soql, ORG, "66.0")
    return caught.value


def test_an_unknown_field_is_shown_with_a_caret():
    error = refusal("SELECT Foo FROM Account")

    assert error.error_code == "INVALID_FIELD"
    assert error.message == (
        "\nSELECT Foo FROM Account\n       ^\nERROR at Row:1:Column:8\n"
        "No such column 'Foo' on entity 'Account'. If you are attempting to use a custom field, "
        f"be sure to append the '__c' after the custom field name. {REFERENCE}"
    )


def test_an_unknown_object_is_shown_with_a_caret():
    error = refusal("select count() from XYZZY")

    assert error.error_code == "INVALID_TYPE"
    assert error.message == (
        "\nselect count() from XYZZY\n                    ^\nERROR at Row:1:Column:21\n"
        "sObject type 'XYZZY' is not supported. If you are attempting to use a custom object, "
        f"be sure to append the '__c' after the entity name. {REFERENCE}"
    )


def test_the_place_is_that_of_the_row():
    error = refusal("SELECT Id\nFROM Account\nWHERE Foo = 1")

    assert error.message.startswith("\nWHERE Foo = 1\n      ^\nERROR at Row:3:Column:7\n")


def test_a_long_row_is_cut_on_both_sides_of_the_caret():
    many = "', '".join(["x" * 30] * 100)
    soql = f"SELECT Id FROM Account WHERE Name IN ('{many}') AND Foo = 1 AND Name IN ('{many}')"

    _, shown, caret, place, *_ = refusal(soql).message.split("\n")

    assert len(shown) <= 200
    assert shown[caret.index("^") :].startswith("Foo")
    assert place == f"ERROR at Row:1:Column:{soql.index('Foo') + 1}"


REFUSED = {
    "mixed and and or": ("Name = 'a' AND Name = 'b' OR Name = 'c'", "MALFORMED_QUERY", "unexpected token: 'OR'"),
    "not within and": ("Name = 'a' AND NOT Name = 'b'", "MALFORMED_QUERY", "unexpected token"),
    "no value": ("Name =", "MALFORMED_QUERY", "unexpected end of query"),
    "open text": ("Name = 'a", "MALFORMED_QUERY", "unexpected token"),
    "bad escape": (r"Name = '\q'", "MALFORMED_QUERY", "Illegal character sequence"),
    "empty list": ("Name IN ()", "MALFORMED_QUERY", "unexpected token: ')'"),
    "semi-join of one object": (
        "Id IN (SELECT ParentId FROM Account)",
        "MALFORMED_QUERY",
        "The inner and outer selects should not be on the same object type",
    ),
    "semi-join of a text": (
        "Name IN (SELECT AccountId FROM Contact)",
        "MALFORMED_QUERY",
        "The left operand field in the where expression for outer query should be an id field, cannot use: 'Name'",
    ),
    "semi-join with a text": (
        "Id IN (SELECT LastName FROM Contact)",
        "MALFORMED_QUERY",
        "Semi join sub-selects can only query id fields, cannot use: 'LastName'",
    ),
    "semi-join with two fields": ("Id IN (SELECT Id, AccountId FROM Contact)", "MALFORMED_QUERY", "exactly one id"),
    "semi-join with a limit": ("Id IN (SELECT AccountId FROM Contact LIMIT 1)", "MALFORMED_QUERY", "WHERE clause only"),
    "semi-join with or": (
        "Name = 'a' OR Id IN (SELECT AccountId FROM Contact)",
        "MALFORMED_QUERY",
        "Semi join sub-selects are not allowed with the 'OR' operator",
    ),
    "semi-join within": (
        "Name = 'a' AND (Name = 'b' AND Id IN (SELECT AccountId FROM Contact))",
        "MALFORMED_QUERY",
        "only allowed at the top level WHERE expressions",
    ),
    "semi-join turned round": (
        "NOT Id IN (SELECT AccountId FROM Contact)",
        "MALFORMED_QUERY",
        "only allowed at the top",
    ),
    "semi-join in a semi-join": (
        "Id IN (SELECT AccountId FROM Contact WHERE Id IN (SELECT ContactId FROM Case))",
        "MALFORMED_QUERY",
        "Nesting of semi join sub-selects is not supported",
    ),
    "three semi-joins": (
        " AND ".join(["Id IN (SELECT AccountId FROM Contact)"] * 3),
        "MALFORMED_QUERY",
        "Maximum 2 semi join sub-selects are allowed in one query",
    ),
    "semi-join of what is not there": ("Id IN (SELECT Id FROM Nope)", "INVALID_TYPE", "sObject type 'Nope'"),
    "aggregate": ("COUNT(Id) > 1", "MALFORMED_QUERY", "COUNT() is not a function that the local org knows here"),
    "distance": ("DISTANCE(BillingAddress) < 1", "MALFORMED_QUERY", "DISTANCE() is not emulated"),
    "date function of a text": ("CALENDAR_YEAR(Name) = 1", "MALFORMED_QUERY", "does not support the date function"),
    "date function of nothing": ("CALENDAR_YEAR() = 1", "MALFORMED_QUERY", "takes one field here"),
    "hour of a date": ("HOUR_IN_DAY(LastActivityDate) = 1", "MALFORMED_QUERY", "does not support the date function"),
    "years beyond the calendar": ("CreatedDate = NEXT_N_YEARS:9999", "MALFORMED_QUERY", "is not a date literal"),
    "a fiscal week": ("CreatedDate = THIS_FISCAL_WEEK", "MALFORMED_QUERY", "is not a date literal"),
    "bind variable": ("Name = :name", "MALFORMED_QUERY", "unexpected token: ':'"),
    "unknown date word": ("CreatedDate = SOMEDAY", "MALFORMED_QUERY", "'SOMEDAY' is not a date literal"),
    "date word without number": ("CreatedDate = LAST_N_DAYS", "MALFORMED_QUERY", "is not a date literal"),
    "date word with too large a number": (
        "CreatedDate = LAST_N_DAYS:99999999",
        "MALFORMED_QUERY",
        "is not a date literal",
    ),
    "date word of a text": ("Name = TODAY", "INVALID_FIELD", "'TODAY' is no value"),
    "no such day": ("CreatedDate > 2026-02-30T00:00:00Z", "MALFORMED_QUERY", "Invalid datetime"),
    "beyond the calendar": ("CreatedDate > 0001-01-01T00:00:00+14:00", "MALFORMED_QUERY", "Invalid datetime"),
    "date for a datetime": ("CreatedDate > 2026-02-01", "INVALID_FIELD", "must be of type dateTime and should not"),
    "number for a text": (
        "Name = 5",
        "INVALID_FIELD",
        "'Name' must be of type string and should be enclosed in quotes",
    ),
    "text for a number": ("AnnualRevenue = '5'", "INVALID_FIELD", "must be of type double and should not be enclosed"),
    "text for a boolean": ("IsDeleted = 'true'", "INVALID_FIELD", "must be of type boolean"),
    "a bad id": ("Id = 'x'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: x"),
    "an id with a wrong checksum": (
        "OwnerId = '005000000000000AAB'",
        "INVALID_QUERY_FILTER_OPERATOR",
        "invalid ID field",
    ),
    "like on an id": ("Id LIKE '001%'", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on id field"),
    "order of booleans": ("IsDeleted > false", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on boolean field"),
    "like a number": ("Name LIKE 5", "INVALID_FIELD", "must be of type string"),
    "in on several choices": ("Tags__c IN ('a')", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator"),
    "includes a number": ("Tags__c INCLUDES (5)", "INVALID_QUERY_FILTER_OPERATOR", "takes texts only"),
    "long text": ("Description = 'a'", "INVALID_FIELD", "field 'Description' can not be filtered in a query call"),
    "address": ("BillingAddress = 'a'", "INVALID_FIELD", "can not be filtered"),
    "unknown relationship": ("Boss.Name = 'a'", "INVALID_FIELD", "Didn't understand relationship 'Boss' in field path"),
    "unknown field of a parent": ("Owner.Foo = 'a'", "INVALID_FIELD", "No such column 'Foo' on entity 'User'"),
    "too many parents": ("Parent." * 6 + "Name = 'a'", "INVALID_FIELD", "at most 5 parents"),
    "deep nesting": ("NOT (" * 200 + "Name = 'a'" + ")" * 200, "MALFORMED_QUERY", "nested more than 100 deep"),
}


@pytest.mark.parametrize(("condition", "error_code", "message"), REFUSED.values(), ids=REFUSED)
def test_a_condition_that_an_org_refuses_is_refused(condition, error_code, message):
    error = refusal(f"SELECT Id FROM Account WHERE {condition}")

    assert error.error_code == error_code
    assert message in error.message


WORDS = [
    *(
        "SELECT",
        "(SELECT Id FROM Contacts)",
        "(SELECT AccountId FROM Contact)",
        "TYPEOF Owner WHEN User THEN Name END",
        "GROUP BY",
        "HAVING",
        "CALENDAR_YEAR(CreatedDate)",
        "WITH SECURITY_ENFORCED",
        "FOR VIEW",
        "FROM",
        "WHERE",
        "AND",
        "OR",
        "NOT",
        "IN",
        "LIKE",
        "ORDER BY",
        "LIMIT",
        "OFFSET",
        "NULLS LAST",
        "(",
        ")",
    ),
    *("Id", "Name", "Account", "Owner", ".", ",", "=", "!=", "<", "'a'", "('a', 'b')", "5", "-1", "2026-01-01", "null"),
    *(
        "COUNT()",
        "COUNT(Id)",
        "FIELDS(ALL)",
        "TODAY",
        "LAST_N_DAYS:3",
        "'\\",
        "'",
        "\\u12",
        "true",
        "Tags__c",
        "INCLUDES",
    ),
]


def is_answered_or_refused(soql):
    try:
        run_query(soql, ORG, "66.0")
    except SoqlError as error:
        return error.error_code.isupper()
    return True


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)))
def test_no_text_makes_it_raise_anything_but_a_refusal(text):
    assert is_answered_or_refused(text)
    assert is_answered_or_refused(f"SELECT Id FROM Account {text}")
    assert is_answered_or_refused(f"SELECT Id FROM Account WHERE Name = '{text}' {text}")


@pytest.mark.timeout(20)
def test_no_pattern_is_slow():
    org = MemoryTables()
    org.add("Account", Name="a" * 255)

    answer = run_query(f"SELECT Id FROM Account WHERE Name LIKE '{'%a' * 60}%b'", org, "66.0")

    assert answer.total_size == 0
