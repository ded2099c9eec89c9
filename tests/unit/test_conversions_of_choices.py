"""Picklists with case rules and passthrough, and multi-select picklists."""

import pytest

from lockstep.domain.conversions.results import Noted, Problem
from tests.unit.conversion_rules import conversion

STATUS = {"paid": "Activated", "Open": "Draft"}


@pytest.mark.parametrize("value", ["paid", "PAID", "Paid"])
def test_picklist_ignores_case_where_it_is_asked_to(value):
    assert conversion("picklist", values=STATUS, ignore_case=True)(value) == "Activated"
    assert isinstance(conversion("picklist", values=STATUS)(value.upper()), Problem)


def test_case_of_another_script_is_folded():
    assert conversion("picklist", values={"STRASSE": "Street"}, ignore_case=True)("straße") == "Street"


@pytest.mark.parametrize(("value", "expected"), [("paid", "Activated"), ("void", "void"), (7, "7"), (True, "true")])
def test_passthrough_sends_what_is_not_in_the_table_as_it_is(value, expected):
    assert conversion("picklist", values=STATUS, passthrough=True)(value) == expected
    assert conversion("picklist", passthrough=True)("Hot Lead") == "Hot Lead"


@pytest.mark.parametrize("value", ["a\x00", "a\ud800", "v" * 256, ["a"], {}, 1.5])
def test_passthrough_sends_nothing_that_the_org_would_refuse(value):
    assert isinstance(conversion("picklist", passthrough=True)(value), Problem)


COLOURS = {"r": "Red", "rot": "Red", "g": "Green", "b": "Blue"}


@pytest.mark.parametrize(
    ("options", "value", "expected"),
    [
        pytest.param({}, ["g", "r"], "Green;Red", id="list, in its order"),
        pytest.param({}, "g;r", "Green;Red", id="text"),
        pytest.param({"separator": ","}, "g, r ,", "Green;Red", id="own separator, spaces, an empty end"),
        pytest.param({}, ["r", "rot", "g", "r"], "Red;Green", id="each value once"),
        pytest.param({}, ["r", None, ""], "Red", id="nulls and blanks are no values"),
        pytest.param({}, "r", "Red", id="one"),
        pytest.param({}, [], "", id="none"),
        pytest.param({}, [None], "", id="nothing but null"),
        pytest.param({"passthrough": True}, ["r", "Teal"], "Red;Teal", id="passed through"),
        pytest.param({"ignore_case": True}, "R;G", "Red;Green", id="any case"),
        pytest.param(
            {"default": "Blue"}, ["x", "g"], Noted("Blue;Green", "not in the value table: default used"), id="default"
        ),
    ],
)
def test_multi_picklist_arrives(options, value, expected):
    assert conversion("multi_picklist", values=COLOURS, **options)(value) == expected


@pytest.mark.parametrize("value", [["r", "x"], "r,g", ["r;g"], [["r"]], [{}], {"r": True}, 1.5, "r;\x00", ["\ud800"]])
def test_multi_picklist_is_refused(value):
    assert isinstance(conversion("multi_picklist", values=COLOURS)(value), Problem)


def test_multi_picklist_passes_no_value_that_would_become_two():
    assert isinstance(conversion("multi_picklist", passthrough=True)(["a;b"]), Problem)
    assert conversion("multi_picklist", passthrough=True, separator="|")("a|b") == "a;b"
