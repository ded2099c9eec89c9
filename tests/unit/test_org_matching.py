"""When two values match by each method of a matching rule, and how boolean filters are read."""

import pytest

from local.org.boolean_filters import read_cases
from local.org.duplicates.methods import METHODS
from local.org.filter_items import FilterError

MATCHES = {
    "Exact": [("a@b.example", "A@b.example "), (7.0, 7.0)],
    "FirstName": [("Robert", "Rob"), ("R.", "Robert"), ("Katherine", "Katharine")],
    "LastName": [("Lovelace", "lovelace"), ("Schmidt-Meyer", "Schmidt Meyer"), ("Kirkpatrick", "Kirkpatric")],
    "CompanyName": [
        ("Acme, Inc.", "ACME Incorporated"),
        ("The Engine Co", "Engine Company"),
        ("Müller GmbH", "müller"),
    ],
    "Phone": [("+1 (617) 555-0143", "617 555 0143"), ("617-555-0143", "6175550143")],
    "City": [("San Francisco", "san  francisco"), ("Pittsburgh", "Pittsburg")],
    "Street": [("12 North Main Street", "12 N. Main St."), ("5 Oak Avenue, Suite 3", "5 Oak Ave Ste 3")],
    "Zip": [("02139-4307", "02139"), ("sw1a 1aa", "SW1A1AA")],
    "Title": [("Vice President", "vice president")],
}
DIFFERS = {
    "Exact": [("a@b.example", "ab@b.example")],
    "FirstName": [("Robert", "Roland"), ("Jo", "John")],
    "LastName": [("Jones", "James"), ("Smith", "Schmidt")],
    "CompanyName": [("Acme Inc", "Apex Inc")],
    "Phone": [("617-555-0143", "212-555-0143"), ("555-0143", "617-555-0143")],
    "City": [("Boston", "Berlin")],
    "Street": [("12 Main St", "90 Elm Rd")],
    "Zip": [("02139", "02140")],
    "Title": [("Vice President", "Valet")],
}


def pairs(table):
    return [(method, *pair) for method, listed in table.items() for pair in listed]


@pytest.mark.parametrize(("method", "one", "other"), pairs(MATCHES))
def test_values_that_match_share_their_key(method, one, other):
    assert METHODS[method].is_match(one, other)
    assert METHODS[method].is_match(other, one)
    assert METHODS[method].key_of(one) == METHODS[method].key_of(other)


@pytest.mark.parametrize(("method", "one", "other"), pairs(DIFFERS))
def test_values_that_differ_do_not_match(method, one, other):
    assert not METHODS[method].is_match(one, other)


@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_blank_has_no_key(value):
    assert {method.key_of(value) for method in METHODS.values()} == {None}


@pytest.mark.parametrize(
    ("text", "count", "cases"),
    [
        (None, 2, [{0, 1}]),
        ("1", 1, [{0}]),
        ("1 or 2", 2, [{0}, {1}]),
        ("1 AND (2 OR 3)", 3, [{0, 1}, {0, 2}]),
        ("(1 OR 2) AND (2 OR 3)", 3, [{0, 1}, {0, 2}, {1}, {1, 2}]),
        ("1 AND 2 OR 3", 3, [{0, 1}, {2}]),
    ],
)
def test_a_boolean_filter_becomes_the_sets_that_pass(text, count, cases):
    assert read_cases(text, count) == [frozenset(each) for each in cases]


@pytest.mark.parametrize("text", ["2", "0", "1 AND", "(1", "1)", "1 XOR 1", "NOT 1", "1 1", "AND 1", "٣"])
def test_what_is_no_boolean_filter_is_refused(text):
    with pytest.raises(FilterError, match="not in the form"):
        read_cases(text, 1)


def test_a_filter_of_too_many_cases_is_refused():
    with pytest.raises(FilterError, match="too many cases"):
        read_cases(" AND ".join(["(1 OR 2)"] * 11), 2)
