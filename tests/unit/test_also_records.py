"""One payload, several records: `also`, `each`, `when`, keys, and every problem with its place."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockstep.domain.also_records import MAX_RECORDS, NotMeant, records_of
from lockstep.domain.mapped import FieldProblem, ParentKey, Unmappable
from lockstep.domain.mapping import compile_route
from lockstep.domain.routes import Route

ITEM = {
    "object": "OrderItem",
    "each": "lines",
    "external_id": {"field": "Line__c", "from": "item.id"},
    "fields": {
        "OrderId": {"type": "reference", "from": "body.id", "to": "Order", "by": "Key__c", "create_only": True},
        "Quantity": {"type": "number", "from": "item.quantity", "required": True},
    },
}
HEAD = {
    "source": "shop",
    "entity": "order",
    "object": "Order",
    "external_id": {"field": "Key__c"},
    "version_field": "Version__c",
    "on_delete": "ignore",
    "fields": {"Name": {"type": "text", "from": "name"}},
}
LINES = {"id": 7, "name": "n", "lines": [{"id": 1, "quantity": 2}, {"id": 2, "quantity": "3"}]}


def _route(*also, **more):
    return compile_route(Route.model_validate({**HEAD, "also": list(also), **more}))


def _records(payload, *also, **more):
    return records_of(_route(*also, **more), payload, "7", 5)


def _problems(payload, *also, **more):
    found = _records(payload, *also, **more)
    assert isinstance(found, Unmappable), found
    return [f"{each.field}: {each.reason}" for each in found.problems]


def test_list_becomes_one_record_for_each_element_with_the_payload_in_reach():
    main, first, second = _records(LINES, ITEM)

    assert (main.place, main.external_id, main.record.fields["Name"]) == ("", "7", "n")
    assert (first.place, first.external_id) == ("also[0].item 0", "1")
    assert first.record.fields == {"Line__c": "1", "Quantity": 2, "Order": {"Key__c": "7"}}
    assert first.record.parents == (ParentKey("Order", "Key__c", "7"),)
    assert second.record.fields["Quantity"] == Decimal(3)


def test_field_that_is_set_once_is_known_by_its_name_and_its_relationship():
    assert _route(ITEM).also[0].record.create_only == {"OrderId", "Order"}


def test_without_each_there_is_one_further_record_that_sees_the_payload():
    contact = {
        "object": "Contact",
        "external_id": {"field": "K__c", "template": "{shop}-{customer.id}"},
        "version_field": "V__c",
        "fields": {"LastName": {"type": "text", "from": "customer.name"}},
    }

    _, further = _records({"shop": "de", "customer": {"id": 9, "name": "Roe"}}, contact)

    assert further.record.fields == {"K__c": "de-9", "V__c": 5, "LastName": "Roe"}
    assert further.place == "also[0]"


@pytest.mark.parametrize("payload", [{}, {"lines": None}, {"lines": []}], ids=["absent", "null", "empty"])
def test_list_that_is_not_there_makes_no_record(payload):
    assert [each.place for each in _records(payload, ITEM)] == [""]


@pytest.mark.parametrize(
    ("payload", "problem"),
    [
        ({"lines": {"id": 1}}, "also[0] each: `each` finds something that is no list"),
        ({"lines": "SECRET"}, "also[0] each: `each` finds something that is no list"),
        ({"lines": [{"quantity": 1}]}, "also[0].item 0 external_id: the payload has no value for the External ID"),
        ({"lines": [None]}, "also[0].item 0 external_id: the payload has no value for the External ID"),
        ({"lines": [{"id": "", "quantity": 1}]}, "also[0].item 0 external_id: the payload has no value"),
        ({"lines": [{"id": [1], "quantity": 1}]}, "also[0].item 0 external_id: the value is a list"),
        ({"lines": [{"id": " SECRET", "quantity": 1}]}, "also[0].item 0 external_id: the key begins or ends"),
        ({"id": 7, "lines": [{"id": 1, "quantity": "SECRET"}]}, "also[0].item 0 Quantity: "),
    ],
)
def test_problem_names_its_place_and_no_value(payload, problem):
    (found,) = _problems(payload, ITEM)

    assert found.startswith(problem)
    assert "SECRET" not in found


def test_all_problems_of_all_records_are_said_at_once():
    bad = {"name": {}, "lines": [{"id": 1}, {"id": 2, "quantity": 1}, {"id": 3, "quantity": []}]}

    places = [each.partition(":")[0] for each in _problems(bad, ITEM)]

    assert places == ["Name", "also[0].item 0 Quantity", "also[0].item 2 Quantity"]


def test_two_elements_with_one_key_are_refused():
    (problem,) = _problems({"lines": [{"id": 1, "quantity": 1}, {"id": "1", "quantity": 2}]}, ITEM)

    assert problem.startswith("also[0].item 1 external_id: also[0].item 0 has the same External ID")


def test_payload_that_makes_too_many_records_is_refused_before_they_are_made():
    room = MAX_RECORDS - 1
    lines = [{"id": number, "quantity": 1} for number in range(room)]

    assert len(_records({"lines": lines}, ITEM)) == MAX_RECORDS
    (problem,) = _problems({"lines": [*lines, {}]}, ITEM)
    assert problem == "also[0] each: the payload makes more than 2,000 records"


def test_key_is_trimmed_where_it_is_asked_for():
    trimmed = {**ITEM, "external_id": {"field": "Line__c", "from": "item.id", "trim": True}}

    assert _records({"lines": [{"id": " 1 ", "quantity": 1}]}, trimmed)[1].external_id == "1"


def test_record_whose_condition_does_not_hold_is_not_made_and_needs_no_key():
    paid = {**ITEM, "when": "item.quantity > `0` && body.paid"}
    payload = {"paid": True, "lines": [{"quantity": 0}, {"id": 2, "quantity": 1}]}

    assert [each.place for each in _records(payload, paid)] == ["", "also[0].item 1"]
    assert [each.place for each in _records({**payload, "paid": False}, paid)] == [""]


TRUTHS = {
    "true": (True, True),
    "text": ("x", True),
    "zero": (0, True),
    "zero with decimals": (Decimal("0.0"), True),
    "list": ([0], True),
    "false": (False, False),
    "null": (None, False),
    "empty text": ("", False),
    "empty list": ([], False),
    "empty object": ({}, False),
}


@pytest.mark.parametrize(("value", "holds"), TRUTHS.values(), ids=TRUTHS)
def test_condition_of_a_route_holds_as_jmespath_has_it(value, holds):
    assert isinstance(_records({"a": value}, when="a"), NotMeant) is not holds


def test_condition_of_a_route_over_what_is_not_there_does_not_hold():
    assert isinstance(_records({}, ITEM, when="status == 'paid'"), NotMeant)
    assert isinstance(_records(None, ITEM, when="status == 'paid'"), NotMeant)


@pytest.mark.parametrize(
    ("more", "also", "place"),
    [
        ({"when": "contains(a, 'x')"}, {}, "when"),
        ({"when": "a > `1`"}, {}, "when"),
        ({}, {"when": "contains(body.a, 'x')"}, "also[0].item 0 when"),
        ({"fields": {"Name": {"type": "text", "from": "n", "when": "contains(a, 'x')"}}}, {}, "Name"),
    ],
    ids=["route", "comparison of kinds", "also", "field"],
)
def test_function_that_does_not_fit_the_payload_is_a_problem_and_no_guess(more, also, place):
    payload = {"a": {"SECRET": 1}, "lines": [{"id": 1, "quantity": 1}]}
    if more.get("when") == "a > `1`":
        payload["a"] = "SECRET"

    (problem,) = _problems(payload, {**ITEM, **also}, **more)

    assert problem == f"{place}: a function in `when` does not fit the payload"


FIELDS = {
    "text": ({"type": "text", "from": "x"}, {"F__c": "1"}),
    "constant": ({"type": "constant", "value": "1"}, {"F__c": "1"}),
    "reference": ({"type": "reference", "from": "x", "to": "A", "by": "K__c"}, {"F__r": {"K__c": "1"}}),
    "geolocation": (
        {"type": "geolocation", "latitude": "x", "longitude": "x"},
        {"F__Latitude__s": Decimal(1), "F__Longitude__s": Decimal(1)},
    ),
}


@pytest.mark.parametrize(("rule", "written"), FIELDS.values(), ids=FIELDS)
def test_field_under_a_condition_is_written_or_left_alone(rule, written):
    route = {"fields": {"F__c": {**rule, "when": "go"}}, "version_field": None}

    (held,) = _records({"x": "1", "go": True}, **route)
    (left,) = _records({"x": "1", "go": False}, **route)

    assert held.record.fields == {"Key__c": "7", **written}
    assert left.record.fields == {"Key__c": "7"}
    assert left.record.parents == ()


def test_field_under_a_condition_is_left_in_a_bulk_row_too():
    route = _route(fields={"F__c": {"type": "text", "from": "x", "when": "go"}}, version_field=None)

    assert route.to_bulk_row(route.to_record({"x": "1", "go": True}, "7", 5)).cells == ["1", "7"]
    assert route.to_bulk_row(route.to_record({"x": "1"}, "7", 5)).cells == ["", "7"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "a", "quantity"]), inner),
    max_leaves=8,
)
ANY_ROUTE = _route(
    {
        **ITEM,
        "when": "item.a",
        "external_id": {"field": "Line__c", "template": "{body.id}-{item.id}"},
        "fields": {
            **ITEM["fields"],
            "PricebookEntryId": {
                "type": "lookup",
                "object": "PricebookEntry",
                "match": {"Product2.ProductCode": {"from": ["item.a", "item.id"]}, "IsActive": {"value": True}},
            },
        },
    },
    {"object": "Contact", "external_id": {"field": "C__c", "from": "a"}, "fields": HEAD["fields"], "when": "a > `1`"},
    when="id || a",
    fields={"Name": {"type": "text", "from": "name", "when": "starts_with(a, 'x')"}},
)


@settings(deadline=None)
@given(payload=JSON | st.fixed_dictionaries({"id": JSON, "a": JSON, "lines": JSON}))
def test_no_payload_makes_it_raise(payload):
    found = records_of(ANY_ROUTE, payload, "1", 1)

    assert isinstance(found, list | Unmappable | NotMeant)
    if isinstance(found, Unmappable):
        assert all(isinstance(each, FieldProblem) for each in found.problems)
