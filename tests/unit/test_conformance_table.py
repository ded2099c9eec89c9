"""The table that `make conformance` ends with."""

from tests.conformance.table import Finding, lines


def test_capability_is_passed_where_every_script_of_it_passed():
    told = lines([Finding("jsforce", "query"), Finding("jsforce", "query"), Finding("sf", "query")])

    assert told == [
        "capability  simple-salesforce  jsforce  sf",
        "query       -                  pass     pass",
    ]


def test_one_failed_script_fails_its_capability_and_is_explained():
    told = lines([Finding("sf", "limits"), Finding("sf", "limits", "no such command"), Finding("jsforce", "limits")])

    assert told[1].split() == ["limits", "-", "pass", "FAIL"]
    assert told[2:] == ["FAIL sf, limits: no such command"]


def test_capabilities_stand_in_the_order_they_were_tried():
    told = lines([Finding("sf", "b"), Finding("sf", "a"), Finding("jsforce", "b")])

    assert [line.split()[0] for line in told] == ["capability", "b", "a"]
