"""The contract with the org: each mistake is found once, at its place, and no describe makes the check crash."""

import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockstep.domain.contract import check_route, objects_of
from lockstep.domain.contract_fields import TYPES_BY_RULE
from lockstep.domain.describes import read_describe, slim
from lockstep.domain.rules import ConstantRule, Rule
from tests.unit.describes import FIELDS, account, contact, field, key, lookup, number, picklist, route


def problems(route_=None, contact_=None, account_=None):
    """Check a route against the two describes."""
    describes = {"Contact": read_describe(contact_ or contact()), "Account": read_describe(account_ or account())}
    return check_route("erp_contact", route_ or route(), describes)


def places(found):
    return [(each.place, each.is_warning) for each in found]


def rule(name, **changes):
    """The usual rule of a field with other options."""
    return {name: {**FIELDS[name], **changes}}


def test_route_that_fits_has_no_problems():
    assert problems() == []


def test_check_needs_the_describes_of_the_object_and_of_the_parents():
    assert objects_of(route()) == ["Account", "Contact"]


MISTAKES_OF_THE_ROUTE = {
    "unknown field": ({"Middle__c": FIELDS["FirstName"]}, {}, "fields.Middle__c"),
    "misspelled required field": ({"LastNam": FIELDS["LastName"], "LastName": None}, {}, "fields.LastNam"),
    "required field not mapped": ({"LastName": None}, {}, "fields.LastName"),
    "text for a number": ({"Score__c": {"from": "score", "type": "text", "max_length": 5}}, {}, "fields.Score__c"),
    "number for a text": ({"FirstName": {"from": "first", "type": "number"}}, {}, "fields.FirstName"),
    "date for a datetime": ({"Seen__c": FIELDS["Birthdate"]}, {}, "fields.Seen__c"),
    "reference for a text": ({"FirstName": FIELDS["AccountId"] | {"relationship": "X"}}, {}, "fields.FirstName"),
    "read-only field": ({"Name": FIELDS["FirstName"]}, {}, "fields.Name"),
    "field that can only be set once": ({"Currency__c": FIELDS["FirstName"]}, {}, "fields.Currency__c"),
    "longer text than the field": (rule("FirstName", max_length=41), {}, "fields.FirstName.max_length"),
    "more decimals than the field": (rule("Score__c", scale=3), {}, "fields.Score__c.scale"),
    "more digits than the field": (rule("Score__c", precision=6), {}, "fields.Score__c.precision"),
    "more digits than a whole number": (rule("Children", precision=9), {}, "fields.Children.precision"),
    "unknown picklist value": (rule("Tier__c", values={"g": "Golden"}), {}, "fields.Tier__c.values.g"),
    "inactive picklist value": (rule("Tier__c", values={"g.h": "Old"}), {}, "fields.Tier__c.values.g.h"),
    "unknown default": (rule("Tier__c", default="None"), {}, "fields.Tier__c.default"),
    "constant of another type": ({"Gone__c": {"type": "constant", "value": "no"}}, {}, "fields.Gone__c.value"),
    "constant that is no number": ({"Score__c": {"type": "constant", "value": "1,5"}}, {}, "fields.Score__c.value"),
    "constant number for a text": ({"FirstName": {"type": "constant", "value": 1}}, {}, "fields.FirstName.value"),
    "constant that is too long": ({"FirstName": {"type": "constant", "value": "x" * 41}}, {}, "fields.FirstName.value"),
    "constant that is no value": ({"Tier__c": {"type": "constant", "value": "Old"}}, {}, "fields.Tier__c.value"),
    "lookup to another object": (rule("AccountId", to="Contact"), {}, "fields.AccountId.to"),
    "unknown field of the parent": (rule("AccountId", by="ERPP__c"), {}, "fields.AccountId.by"),
    "plain field of the parent": (rule("AccountId", by="Plain__c"), {}, "fields.AccountId.by"),
    "wrong relationship": (rule("AccountId", relationship="Accounts"), {}, "fields.AccountId.relationship"),
    "unknown External ID": ({}, {"external_id": {"field": "Key2__c"}}, "external_id.field"),
    "External ID that is none": ({"FirstName": None}, {"external_id": {"field": "FirstName"}}, "external_id.field"),
    "unknown version field": ({}, {"version_field": "Version2__c"}, "version_field"),
    "version field with decimals": ({"Score__c": None}, {"version_field": "Score__c"}, "version_field"),
    "version field that is text": ({"FirstName": None}, {"version_field": "FirstName"}, "version_field"),
    "unknown change field": ({}, {"change_field": "Change2__c"}, "change_field"),
    "change field that is a number": ({"Score__c": None}, {"change_field": "Score__c"}, "change_field"),
    "unknown mark": ({}, {"on_delete": {"mark": {"Gon__c": True}}}, "on_delete.mark.Gon__c"),
    "mark of another type": ({}, {"on_delete": {"mark": {"Gone__c": "yes"}}}, "on_delete.mark.Gone__c"),
    "read-only mark": ({}, {"on_delete": {"mark": {"Name": "x"}}}, "on_delete.mark.Name"),
}


@pytest.mark.parametrize(("fields", "given_", "place"), MISTAKES_OF_THE_ROUTE.values(), ids=MISTAKES_OF_THE_ROUTE)
def test_mistake_in_a_route_is_one_problem_at_its_place(fields, given_, place):
    assert places(problems(route(fields, **given_))) == [(place, False)]


MISTAKES_OF_THE_ORG = {
    "object is read only": ({"createable": False}, {}, "object"),
    "object cannot be deleted": ({"deletable": False}, {"on_delete": "delete"}, "on_delete"),
    "key is not unique": ({"changed": {"Key__c": key("Key__c") | {"unique": False}}}, {}, "external_id.field"),
    "key cannot be written": ({"changed": {"Key__c": key("Key__c", createable=False)}}, {}, "external_id.field"),
    "version cannot be written": (
        {"changed": {"Version__c": number("Version__c", updateable=False)}},
        {},
        "version_field",
    ),
    "change does not fit": ({"changed": {"C__c": field("C__c", length=31)}}, {"change_field": "C__c"}, "change_field"),
    "change is unique": ({"changed": {"C__c": field("C__c", unique=True)}}, {"change_field": "C__c"}, "change_field"),
    "change cannot be written": (
        {"changed": {"C__c": field("C__c", updateable=False)}},
        {"change_field": "C__c"},
        "change_field",
    ),
    "new required field": ({"changed": {"New__c": field("New__c", nillable=False)}}, {}, "fields.New__c"),
    "field is gone": ({"changed": {"Birthdate": None}}, {}, "fields.Birthdate"),
    "lookup has moved": (
        {"changed": {"AccountId": lookup("AccountId", "Firm__c", "Account")}},
        {},
        "fields.AccountId.to",
    ),
    "value was taken away": ({"changed": {"Tier__c": picklist("Tier__c", "Basic")}}, {}, "fields.Tier__c.values.g"),
    "field became shorter": (
        {"changed": {"FirstName": field("FirstName", length=20)}},
        {},
        "fields.FirstName.max_length",
    ),
}


@pytest.mark.parametrize(("facts", "given_", "place"), MISTAKES_OF_THE_ORG.values(), ids=MISTAKES_OF_THE_ORG)
def test_change_of_the_org_is_one_problem_at_its_place(facts, given_, place):
    assert places(problems(route(**given_), contact(**facts))) == [(place, False)]


WARNINGS = {
    "text for a picklist": ({"Tier__c": {"from": "tier", "type": "text", "max_length": 5}}, {}, "fields.Tier__c"),
    "text for a lookup": ({"AccountId": {"from": "id", "type": "text", "max_length": 18}}, {}, "fields.AccountId"),
    "date for a text": ({"FirstName": {"from": "born", "type": "date"}}, {}, "fields.FirstName"),
    "new value of an open picklist": (rule("Branch", values={"b": "Farm"}), {}, "fields.Branch.values.b"),
    "required field that may be absent": (rule("LastName", required=False), {}, "fields.LastName"),
    "parent's key is not unique": (rule("AccountId", by="Loose__c"), {}, "fields.AccountId.by"),
    "key ignores case": ({}, {"Key__c": key("Key__c") | {"caseSensitive": False}}, "external_id.field"),
    "key is a number": ({}, {"Key__c": key("Key__c") | {"type": "double"}}, "external_id.field"),
}


@pytest.mark.parametrize(("fields", "changed", "place"), WARNINGS.values(), ids=WARNINGS)
def test_doubt_is_one_warning_at_its_place(fields, changed, place):
    assert places(problems(route(fields), contact(changed))) == [(place, True)]


@pytest.mark.parametrize(
    "rule_",
    [
        {"FirstName": {"from": "first", "type": "text"}},
        {"FirstName": {"from": "first", "type": "email"}},
        {"Notes__c": {"from": "notes", "type": "long_text"}},
        {"Score__c": {"from": "score", "type": "number"}},
        {"Score__c": {"from": "score", "type": "number", "scale": 1}},
        {"Children": {"from": "children", "type": "integer"}},
    ],
    ids=str,
)
def test_limit_that_the_author_leaves_to_the_org_is_no_problem(rule_):
    assert problems(route(rule_)) == []


def test_ten_mistakes_at_once_are_ten_problems_each_at_its_place():
    mistakes = {
        "Frist__c": FIELDS["FirstName"],
        "LastName": None,
        "Name": FIELDS["FirstName"],
        "Seen__c": FIELDS["Birthdate"],
        **rule("FirstName", max_length=41),
        **rule("Score__c", scale=3),
        **rule("Tier__c", values={"g": "Golden"}),
        **rule("AccountId", by="Plain__c"),
    }
    wrong = route(mistakes, external_id={"field": "Key2__c"}, on_delete={"mark": {"Gon__c": True}})

    assert sorted(each.place for each in problems(wrong)) == [
        "external_id.field",
        "fields.AccountId.by",
        "fields.FirstName.max_length",
        "fields.Frist__c",
        "fields.LastName",
        "fields.Name",
        "fields.Score__c.scale",
        "fields.Seen__c",
        "fields.Tier__c.values.g",
        "on_delete.mark.Gon__c",
    ]


def test_object_that_is_not_there_is_the_only_problem():
    (problem,) = check_route("erp_contact", route(), {"Contact": None, "Account": None})

    assert (problem.place, problem.route) == ("object", "erp_contact")


def test_parent_that_is_not_there_is_said_of_the_reference():
    found = check_route("erp_contact", route(), {"Contact": read_describe(contact()), "Account": None})

    assert places(found) == [("fields.AccountId.to", False)]


def test_nearest_name_is_suggested():
    (problem,) = problems(route({"FirstNam": FIELDS["FirstName"], "FirstName": None}))

    assert "FirstName" in problem.remedy


def test_case_of_names_does_not_count():
    assert problems(route({"lastname": FIELDS["LastName"], "LastName": None})) == []


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_every_problem_says_reason_and_remedy(name):
    for each in problems(contact_=contact({name: field(name, "base64", createable=False)})):
        assert len(each.reason) > 10
        assert len(each.remedy) > 5


def test_slim_describe_says_the_same_and_is_small():
    whole = contact()

    assert read_describe(slim(whole)) == read_describe(whole)
    assert "somethingNew" not in json.dumps(slim(whole))


@pytest.mark.parametrize("nothing", [None, [], "x", 1, {}, {"name": 1}, {"fields": []}])
def test_what_is_no_describe_is_not_read(nothing):
    assert read_describe(nothing) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
FIELD_KEYS = sorted(field("x"))
ANY_FIELD = st.dictionaries(st.sampled_from(FIELD_KEYS), JSON) | JSON
ANY_FACTS = st.lists(
    st.builds(
        lambda base, changes: {**base, **changes},
        st.sampled_from(contact()["fields"]),
        st.dictionaries(st.sampled_from([name for name in FIELD_KEYS if name != "name"]), JSON, max_size=4),
    )
    | ANY_FIELD,
    max_size=12,
)


@given(fields=ANY_FACTS, facts=st.dictionaries(st.sampled_from(["createable", "deletable", "urls"]), JSON))
def test_no_describe_makes_the_check_crash(fields, facts):
    odd = read_describe({**contact(), **facts, "fields": fields})

    for each in check_route("r", route(), {"Contact": odd, "Account": odd}):
        assert each.place


def _rule_types():
    union = get_args(get_args(Rule)[0])
    return {get_args(each.model_fields["type"].annotation)[0] for each in union if each is not ConstantRule}


def test_every_type_of_rule_has_its_types_of_fields():
    assert _rule_types() <= set(TYPES_BY_RULE)


ADDRESS = {
    "MailingAddress": {"type": "address", "city": "city", "street": "street"},
    "Place__c": {"type": "geolocation", "latitude": "lat", "longitude": "lon"},
}
PARTS = {
    "MailingCity": field("MailingCity", length=40),
    "MailingStreet": field("MailingStreet", "textarea", length=255),
    "Place__Latitude__s": number("Place__Latitude__s", 18, 15),
    "Place__Longitude__s": number("Place__Longitude__s", 18, 15),
    "MailingAddress": field("MailingAddress", "address", createable=False, updateable=False),
}


def test_compound_is_checked_by_its_parts():
    assert problems(route(ADDRESS), contact(PARTS)) == []


@pytest.mark.parametrize(
    ("changed", "place", "is_warning"),
    [
        ({"MailingCity": None}, "fields.MailingAddress.city", False),
        ({"MailingCity": field("MailingCity", "double")}, "fields.MailingAddress.city", False),
        ({"MailingCity": field("MailingCity", length=20)}, "fields.MailingAddress.city", True),
        ({"Place__Latitude__s": field("Place__Latitude__s")}, "fields.Place__c.latitude", False),
        ({"Place__Longitude__s": number("Place__Longitude__s", createable=False)}, "fields.Place__c.longitude", False),
    ],
    ids=["missing part", "part of another type", "short part", "coordinate as text", "read-only coordinate"],
)
def test_part_of_a_compound_that_does_not_fit_is_one_problem(changed, place, is_warning):
    assert places(problems(route(ADDRESS), contact(PARTS | changed))) == [(place, is_warning)]


def lookup_rule(object_name="Account", **match):
    matched = match or {"Name": {"from": "account"}}
    return {"AccountId": {"type": "lookup", "object": object_name, "match": matched}}


@pytest.mark.parametrize(
    ("rule_", "found"),
    [
        (lookup_rule(), []),
        (lookup_rule("Contact"), [("fields.AccountId.object", False)]),
        (lookup_rule(Nam={"from": "account"}), [("fields.AccountId.match.Nam", False)]),
        (lookup_rule(**{"Owner.Name": {"from": "x"}}), [("fields.AccountId.match.Owner.Name", False)]),
    ],
    ids=["fits", "wrong object", "unknown field", "unknown relationship"],
)
def test_lookup_by_query_is_checked(rule_, found):
    assert places(problems(route(rule_))) == found


def test_further_record_of_a_route_is_checked_at_its_own_place():
    also = {
        "object": "Account",
        "external_id": {"field": "ERP__c", "from": "account"},
        "fields": {"Nam": {"from": "name", "type": "text", "max_length": 80}},
    }

    found = problems(route(also=[also]))

    assert places(found) == [("also.0.fields.Nam", False)]
    assert objects_of(route(also=[also])) == ["Account", "Contact"]
