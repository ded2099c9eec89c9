"""Where a route fixes the record type, the values of that type count: for the check, and before the call."""

import pytest

from lockstep.domain.contract import check_route
from lockstep.domain.describes import read_describe, read_picklists, slim, slim_picklists
from lockstep.domain.limits import with_limits
from lockstep.domain.mapping import Unmappable, compile_route
from lockstep.domain.record_types import MOST_ASKED, picklists_needed, with_picklists
from tests.unit.describes import FIELDS, account, contact, lookup, picklist, route

SHOP, BRANCH, OLD = "012000000000001AAA", "012000000000002AAA", "012000000000003AAA"
MASTER = "012000000000000AAA"
TYPES = [(SHOP, "Shop", True), (BRANCH, "Branch", True), (OLD, "Old", False), (MASTER, "Master", True)]


def infos(types=TYPES):
    return [
        {"recordTypeId": each, "developerName": name, "active": active, "master": each == MASTER, "urls": {}}
        for each, name, active in types
    ]


def answer(**values):
    """What the UI API says of one record type."""
    return {
        "eTag": "x",
        "picklistFieldValues": {
            name: {"values": [{"value": value, "label": value, "validFor": []} for value in each]}
            for name, each in values.items()
        },
    }


CHANGED = {
    "RecordTypeId": lookup("RecordTypeId", "RecordType", "RecordType"),
    "Tier__c": picklist("Tier__c", "Gold", "Basic", "Silver"),
    "Tags__c": picklist("Tags__c", "A", "B") | {"type": "multipicklist"},
}
VALUES = {
    ("Contact", SHOP): read_picklists(answer(Tier__c=["Gold", "Basic"], Tags__c=["A"], Branch=["Bank"])),
    ("Contact", BRANCH): read_picklists(answer(Tier__c=["Silver"], Tags__c=["A", "B"], Branch=[])),
}


def described(types=TYPES):
    target = read_describe(contact(CHANGED) | {"recordTypeInfos": infos(types)})
    return {"Contact": target, "Account": read_describe(account())}


def by_name(match, **options):
    return {"type": "lookup", "object": "RecordType", "match": match, **options}


NAMED = by_name({"DeveloperName": {"value": "Shop"}, "SobjectType": {"value": "Contact"}})
GIVEN = by_name({"DeveloperName": {"from": "kind"}}, required=True)
FIXED = {
    "by Id": {"type": "constant", "value": SHOP},
    "by its short Id": {"type": "constant", "value": SHOP[:15]},
    "by name": NAMED,
    "by name in another case": by_name({"developername": {"value": "sHOP"}}),
}
SURE = {**FIXED, "by a name of the payload": GIVEN}
UNSURE = {
    "under a condition": {**NAMED, "when": "x"},
    "only for new records": {**NAMED, "create_only": True},
    "cleared where it is missing": {**NAMED, "when_missing": "clear"},
    "by a name that may be null": {**GIVEN, "required": False},
    "by its label": by_name({"Name": {"value": "Shop"}}),
    "another object": by_name({"DeveloperName": {"value": "Shop"}}) | {"object": "Group"},
    "none": None,
}


def needed(rule, describes=None, **more):
    return picklists_needed(route({"RecordTypeId": rule, **more}), describes or described())


@pytest.mark.parametrize("rule", FIXED.values(), ids=FIXED)
def test_values_of_the_type_that_the_route_fixes_are_asked_for(rule):
    assert needed(rule) == [("Contact", SHOP)]


def test_values_of_every_active_type_are_asked_for_where_the_payload_names_it():
    assert needed(GIVEN) == [("Contact", SHOP), ("Contact", BRANCH)]


@pytest.mark.parametrize("rule", UNSURE.values(), ids=UNSURE)
def test_nothing_is_asked_for_where_a_record_may_have_another_type(rule):
    assert needed(rule) == []


def test_nothing_is_asked_for_where_no_restricted_picklist_is_written():
    assert needed(NAMED, Tier__c=None) == []


def test_an_object_with_many_record_types_is_not_asked_for_each():
    many = [(f"0120000000001{n:02}AAA", f"T{n}", True) for n in range(MOST_ASKED + 1)]

    assert needed(GIVEN, described(many)) == []
    assert len(needed(GIVEN, described(many[:-1]))) == MOST_ASKED


def checked(rule, **fields):
    describes = with_picklists(described(), VALUES)
    found = check_route("r", route({"RecordTypeId": rule, **fields}), describes)
    return [(each.place, each.is_warning) for each in found], found


def tier(value, **more):
    return {"Tier__c": {**FIELDS["Tier__c"], "values": {"g": value}, **more}}


@pytest.mark.parametrize("rule", FIXED.values(), ids=FIXED)
def test_value_table_and_default_are_compared_with_the_values_of_the_type(rule):
    assert checked(rule)[0] == []
    places, found = checked(rule, **tier("Silver", default="Silver"))
    assert places == [("fields.Tier__c.values.g", False), ("fields.Tier__c.default", False)]
    assert "record type Shop" in found[0].reason
    assert "Gold, Basic" in found[0].remedy
    assert checked(rule, Tags__c={"type": "constant", "value": "A;B"})[0] == [("fields.Tags__c.value", False)]


def test_value_of_any_of_the_types_passes_where_the_payload_names_the_type():
    assert checked(GIVEN, **tier("Silver"))[0] == []


@pytest.mark.parametrize("rule", UNSURE.values(), ids=UNSURE)
def test_values_of_types_do_not_count_where_a_record_may_have_another(rule):
    places, _ = checked(rule, **tier("Silver"))

    assert "fields.Tier__c.values.g" not in places


def test_record_type_that_the_org_does_not_have_is_a_problem_of_the_route():
    wrong = [{"type": "constant", "value": "012000000000009AAA"}, by_name({"DeveloperName": {"value": "Shopp"}})]
    inactive = by_name({"DeveloperName": {"value": "Old"}})

    for rule in [*wrong, inactive]:
        places, found = checked(rule)
        assert places == [("fields.RecordTypeId", False)]
        assert "Shop, Branch" in found[0].remedy


def mapped(rule, payload, describes):
    fields = {
        "RecordTypeId": rule,
        "Tier__c": {"type": "picklist", "from": "tier", "passthrough": True},
        "Branch": {"type": "picklist", "from": "branch", "passthrough": True},
    }
    compiled = compile_route(with_limits(route(fields), describes))
    return compiled.to_record({"last": "x", "kind": "Shop", **payload}, "1", 1)


@pytest.mark.parametrize("rule", SURE.values(), ids=SURE)
def test_value_that_no_type_of_the_record_has_is_refused_before_the_call(rule):
    describes = with_picklists(
        described(), {**VALUES, ("Contact", BRANCH): read_picklists(answer(Tier__c=["Gold"], Tags__c=[]))}
    )

    refused = mapped(rule, {"tier": "Silver"}, describes)

    assert isinstance(refused, Unmappable)
    assert "Basic, Gold" in refused.problems[0].remedy
    assert not isinstance(mapped(rule, {"tier": "Gold"}, describes), Unmappable)


def test_type_without_any_value_takes_none():
    describes = with_picklists(described(), {("Contact", SHOP): read_picklists(answer(Tier__c=[]))})

    assert isinstance(mapped(NAMED, {"tier": "Gold"}, describes), Unmappable)


def test_open_picklist_takes_values_that_the_type_does_not_have():
    assert not isinstance(mapped(NAMED, {"branch": "Farm"}, with_picklists(described(), VALUES)), Unmappable)


@pytest.mark.parametrize("values", [{}, {("Contact", SHOP): None}], ids=["not asked", "not told"])
def test_all_active_values_count_where_those_of_the_type_are_not_known(values):
    assert not isinstance(mapped(NAMED, {"tier": "Silver"}, with_picklists(described(), values)), Unmappable)


def test_slim_answers_say_the_same():
    whole = contact() | {"recordTypeInfos": infos()}

    assert read_describe(slim(whole)) == read_describe(whole)
    assert read_describe(whole).record_types
    assert read_picklists(slim_picklists(answer(A=["x"]))) == {"a": ("x",)}


@pytest.mark.parametrize("nothing", [None, [], {}, {"picklistFieldValues": []}, "x"])
def test_what_is_no_answer_is_not_read(nothing):
    assert read_picklists(nothing) is None
    assert slim_picklists(nothing) is None


def test_fields_without_values_are_read_as_having_none():
    odd = {"picklistFieldValues": {"A": {}, "B": None, "C": {"values": [None, {"value": 1}]}}}

    assert read_picklists(odd) == {"a": (), "c": ("",)}
