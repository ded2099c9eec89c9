"""Lookups by query: what is asked for, what becomes of the answer, and the same on both wires."""

import pytest

from lockstep.domain.conversions.results import Noted, Problem
from lockstep.domain.flat_rows import flat_mapper
from lockstep.domain.lookups import LookupTarget, Several, Wish, fulfilled
from lockstep.domain.mapped import Mapped, Unmappable
from lockstep.domain.mapping import compile_route
from lockstep.domain.routes import Route

RULE = {
    "type": "lookup",
    "object": "RecordType",
    "match": {"DeveloperName": {"from": ["kind", "type"]}, "SobjectType": {"value": "Account"}},
}
TARGET = LookupTarget("RecordType", ("DeveloperName", "SobjectType"))
WISH = Wish("RecordTypeId", TARGET, ("Shop", "Account"), "wait")


def _route(**options):
    return compile_route(
        Route.model_validate(
            {
                "source": "shop",
                "entity": "customer",
                "object": "Account",
                "external_id": {"field": "Key__c"},
                "on_delete": "ignore",
                "fields": {"RecordTypeId": {**RULE, **options}},
            }
        )
    )


def _mapped(payload, **options):
    return _route(**options).to_record(payload, "1", 1)


def test_lookup_is_a_wish_and_no_value():
    assert _mapped({"kind": "Shop"}) == Mapped({"Key__c": "1"}, wishes=(WISH,))


@pytest.mark.parametrize("payload", [{"type": "Shop"}, {"kind": " ", "type": "Shop"}, {"kind": None, "type": "Shop"}])
def test_first_that_is_neither_null_nor_blank_is_looked_up(payload):
    assert _mapped(payload).wishes == (WISH,)


def test_number_is_looked_up_digit_for_digit_and_a_text_trimmed_where_asked_for():
    assert _mapped({"kind": 9007199254740993}).wishes[0].values == ("9007199254740993", "Account")
    match = {"DeveloperName": {"from": "kind", "trim": True}}
    assert _mapped({"kind": " Shop "}, match=match).wishes[0].values == ("Shop",)


EMPTY = {
    "null clears": ({"kind": None}, {}, {"RecordTypeId": None}),
    "blank clears": ({"kind": " "}, {}, {"RecordTypeId": None}),
    "null is left": ({"kind": None}, {"when_null": "leave"}, {}),
    "blank is left": ({"kind": ""}, {"when_blank": "leave"}, {}),
    "absent is left": ({}, {}, {}),
    "condition does not hold": ({"kind": "Shop"}, {"when": "go"}, {}),
}


@pytest.mark.parametrize(("payload", "options", "written"), EMPTY.values(), ids=EMPTY)
def test_lookup_without_a_value_clears_or_leaves(payload, options, written):
    assert _mapped(payload, **options) == Mapped({"Key__c": "1", **written})


BAD = {
    "required, absent": ({}, {"required": True}, "required"),
    "required, null": ({"kind": None}, {"required": True}, "required"),
    "list": ({"kind": ["SECRET"]}, {}, "a list"),
    "control character": ({"kind": "SECRET\x00"}, {}, "control character"),
    "null mark": ({"kind": "#N/A"}, {}, "#N/A"),
    "condition": ({"kind": "Shop", "go": []}, {"when": "starts_with(go, 'x')"}, "`when`"),
}


@pytest.mark.parametrize(("payload", "options", "reason"), BAD.values(), ids=BAD)
def test_bad_value_is_a_problem_of_the_field_without_its_value(payload, options, reason):
    found = _mapped(payload, **options)

    assert isinstance(found, Unmappable)
    (problem,) = found.problems
    assert problem.field == "RecordTypeId"
    assert reason in problem.reason
    assert "SECRET" not in problem.reason


def test_bulk_row_carries_the_wish_and_leaves_its_cell():
    row = _route().to_bulk_row(_mapped({"kind": "Shop"}))

    assert (row.cells, row.wishes) == (["1", ""], (WISH,))
    assert _route().to_bulk_row(_mapped({"kind": None})).cells == ["1", "#N/A"]


def test_flat_row_carries_the_wish_too():
    rows = [["Shop"], ["Shop", "one too many"]]

    found, refused = flat_mapper(_route(), ["kind"])(rows, ["1", "1"], [1, 1], ["", ""])

    assert [made.record for made in found] == [_mapped({"kind": "Shop"})]
    assert isinstance(refused, Unmappable)


def test_found_record_is_the_value():
    assert fulfilled(WISH, {("Shop", "Account"): "012"}) == "012"


def test_missing_record_waits_or_is_refused_or_clears_as_the_rule_says():
    assert fulfilled(WISH, {}) is None
    refused = fulfilled(Wish("F", TARGET, ("Shop", "Account"), "reject"), {})
    assert isinstance(refused, Problem)
    assert "RecordType by DeveloperName, SobjectType" in refused.reason
    assert fulfilled(Wish("F", TARGET, ("Shop", "Account"), "clear"), {}) == Noted(
        None, "cleared, because the lookup found no record"
    )


def test_several_records_are_a_problem_that_names_the_fields_and_no_value():
    found = fulfilled(WISH, {("Shop", "Account"): Several.SEVERAL})

    assert isinstance(found, Problem)
    assert "DeveloperName, SobjectType" in found.reason
    assert "Shop" not in found.reason
