"""The statements that the query engine refuses, apart from conditions: with the codes and texts of an org."""

import pytest

from local.org.soql import SoqlError, run_query
from tests.unit.soql_tables import MemoryTables

ORG = MemoryTables()
ORG.add("Account", Name="Acme", AnnualRevenue=1.0)


def refusal(soql: str) -> SoqlError:
    with pytest.raises(SoqlError) as caught:
        run_query(soql, ORG, "66.0")
    return caught.value


def test_unknown_children_are_shown_with_a_caret():
    error = refusal("SELECT Id, (SELECT Id FROM Pets) FROM Account")

    assert error.error_code == "INVALID_TYPE"
    assert error.message.startswith(
        "\nSELECT Id, (SELECT Id FROM Pets) FROM Account\n                           ^\nERROR at Row:1:Column:28\n"
        "Didn't understand relationship 'Pets' in FROM part of query call."
    )


STATEMENTS = {
    "nothing": ("", "unexpected end of query"),
    "another language": ("DELETE FROM Account", "unexpected token: 'DELETE'"),
    "no fields": ("SELECT FROM Account", "unexpected end of query"),
    "two statements": ("SELECT Id FROM Account; SELECT Id FROM Account", "unexpected token: ';'"),
    "a query as a field of a group": ("SELECT (SELECT Id FROM Contacts) FROM Account GROUP BY Name", "fields only"),
    "aggregate of children": ("SELECT (SELECT COUNT(Id) FROM Contacts) FROM Account", "Only root queries support"),
    "a field beside groups": (
        "SELECT Industry FROM Account GROUP BY Name",
        "Field must be grouped or aggregated: Industry",
    ),
    "a parent's field beside groups": (
        "SELECT Owner.Name FROM Account GROUP BY Name",
        "Field must be grouped or aggregated: Owner.Name",
    ),
    "ungrouped order": (
        "SELECT Name FROM Account GROUP BY Name ORDER BY Industry",
        "Ordered field must be grouped or aggregated: Industry",
    ),
    "ungrouped having": ("SELECT Name FROM Account GROUP BY Name HAVING Industry = 'x'", "Field must be grouped"),
    "having alone": ("SELECT Name FROM Account HAVING Name = 'x'", "HAVING needs GROUP BY"),
    "having an overall count": ("SELECT COUNT(Id) FROM Account HAVING COUNT(Id) > 1", "HAVING needs GROUP BY"),
    "having a semi-join": (
        "SELECT Id FROM Account GROUP BY Id HAVING Id IN (SELECT AccountId FROM Contact)",
        "Semi-joins are only supported in WHERE clauses",
    ),
    "groups of amounts": (
        "SELECT AnnualRevenue FROM Account GROUP BY AnnualRevenue",
        "field 'AnnualRevenue' can not be grouped in a query call",
    ),
    "rollup": ("SELECT Name, COUNT(Id) FROM Account GROUP BY ROLLUP(Name)", "GROUP BY ROLLUP is not emulated"),
    "cube": ("SELECT Name, COUNT(Id) FROM Account GROUP BY CUBE(Name, Industry)", "GROUP BY CUBE is not emulated"),
    "alias of a field": ("SELECT Name n FROM Account", "only aggregate expressions use field aliasing"),
    "type of a plain parent": ("SELECT TYPEOF Parent WHEN Account THEN Name END FROM Account", "polymorphic"),
    "type of what it cannot be": ("SELECT TYPEOF Owner WHEN Account THEN Name END FROM Lead", "'Account' is no object"),
    "for update": ("SELECT Id FROM Account FOR UPDATE", "FOR UPDATE is something"),
    "all rows": ("SELECT Id FROM Account WHERE Id != null ALL ROWS", "ALL ROWS is something"),
    "with": (
        "SELECT Id FROM Account WHERE Id != null WITH USER_MODE",
        "WITH other than SECURITY_ENFORCED is something",
    ),
    "scope": ("SELECT Id FROM Account USING SCOPE mine", "USING SCOPE is something"),
    "label": ("SELECT toLabel(Status) FROM Case", "toLabel() is not emulated"),
    "format": ("SELECT FORMAT(Amount) FROM Opportunity", "FORMAT() is not emulated"),
    "currency": ("SELECT convertCurrency(Amount) FROM Opportunity", "convertCurrency() is not emulated"),
    "unknown function": ("SELECT Spell(Name) FROM Case", "Spell() is not a function"),
    "count beside a field": ("SELECT COUNT(), Id FROM Account", "COUNT() needs a field here"),
    "mixed": ("SELECT COUNT(Id), Name FROM Account", "Field must be grouped or aggregated: Name"),
    "sum of texts": ("SELECT SUM(Name) FROM Account", "field Name does not support aggregate operator SUM"),
    "one alias twice": ("SELECT MIN(Name) n, MAX(Name) n FROM Account", "duplicate alias: n"),
    "ordered aggregate": ("SELECT COUNT(Id) FROM Account ORDER BY Name", "Ordered field must be grouped"),
    "limited aggregate": ("SELECT COUNT(Id) FROM Account LIMIT 5", "overall aggregate functions cannot also use LIMIT"),
    "fields without a limit": ("SELECT FIELDS(ALL) FROM Account", "must have a LIMIT of at most 200"),
    "fields of what": ("SELECT FIELDS(SOME) FROM Account LIMIT 1", "FIELDS() is not a function"),
    "broken limit": ("SELECT Id FROM Account LIMIT 1.5", "LIMIT needs a whole number"),
    "negative offset": ("SELECT Id FROM Account OFFSET -1", "OFFSET needs a whole number"),
    "too long": (f"SELECT Id FROM Account WHERE Name = '{'x' * 100_000}'", "cannot be longer than 100000 characters"),
}


@pytest.mark.parametrize(("soql", "message"), STATEMENTS.values(), ids=STATEMENTS)
def test_a_statement_that_is_not_done_is_refused_as_malformed(soql, message):
    error = refusal(soql)

    assert error.error_code == "MALFORMED_QUERY"
    assert message in error.message


@pytest.mark.parametrize(
    ("soql", "error_code", "message"),
    [
        ("SELECT Id, Name, id FROM Account", "INVALID_FIELD", "duplicate field selected: id"),
        ("SELECT Id FROM Account ORDER BY Description", "INVALID_FIELD", "can not be sorted in a query call"),
        ("SELECT Id FROM Account OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000"),
    ],
    ids=["twice", "unsortable", "far-offset"],
)
def test_other_refusals_have_codes_of_their_own(soql, error_code, message):
    error = refusal(soql)

    assert (error.error_code, message in error.message) == (error_code, True)
