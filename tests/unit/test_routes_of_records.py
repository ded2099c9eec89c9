"""What is wrong with further records, conditions and lookups is said when they are loaded, each with its place."""

import pytest

from tests.unit.route_files import problems_of

HEAD = """
source: shop
entity: {entity}
object: {object}
external_id: {{field: Key__c}}
on_delete: ignore
{fields}
"""
NAME = "fields: {Name: {from: name, type: text}}\n"
ITEM = "object: OrderItem, external_id: {field: L__c, from: item.id}, fields: {Quantity: {from: q, type: number}}"


def _route(rest="", *, fields=NAME, entity="order", object_="Order"):
    return HEAD.format(entity=entity, object=object_, fields=fields) + rest


def test_route_with_further_records_is_compiled_with_them(load):
    routes = load(a=_route(f"also: [{{{ITEM}, each: lines}}]"))

    assert [also.record.object_name for also in routes["shop", "order"].also] == ["OrderItem"]


WRONG = {
    "condition is no JMESPath": ("when: 'a['", "when", "not JMESPath"),
    "condition is empty": ("when: ''", "when", "a JMESPath expression"),
    "condition calls what is not there": ("when: lower(a)", "when", "there is no function lower()"),
    "key has no place": (
        "also: [{object: Contact, external_id: {field: K__c}, fields: {LastName: {from: a, type: text}}}]",
        "also.0.external_id",
        "set either `from` or `template`",
    ),
    "key is a constant": (
        f"also: [{{{ITEM.replace('item.id', 'item.id, template: x')}}}]",
        "also.0.external_id.template",
        "a template without a {part} is a constant",
    ),
    "each is no JMESPath": (f"also: [{{{ITEM}, each: 'a['}}]", "also.0.each", "not JMESPath"),
    "no fields": ("also: [{object: Contact, external_id: {field: K__c, from: a}}]", "also.0.fields", "Field required"),
    "delete policy": (f"also: [{{{ITEM}, on_delete: delete}}]", "also.0.on_delete", "Extra inputs"),
    "own field": (
        f"also: [{{{ITEM}, version_field: Quantity}}]",
        "also.0.fields.Quantity",
        "which Lockstep fills by itself",
    ),
    "record twice": (f"also: [{{{ITEM}}}, {{{ITEM}}}]", "also.1", "OrderItem by L__c is written by also.0"),
    "main record again": (
        "also: [{object: order, external_id: {field: KEY__C, from: a}, fields: {Name: {from: a, type: text}}}]",
        "also.0",
        "order by KEY__C is written by the main record already: map all its fields there",
    ),
}


@pytest.mark.parametrize(("rest", "place", "reason"), WRONG.values(), ids=WRONG)
def test_mistake_in_a_further_record_names_its_place_and_remedy(load, rest, place, reason):
    (problem,) = problems_of(load, a=_route(rest))

    assert problem.startswith(f"routes/a.yaml: {place}: ")
    assert reason in problem


LOOKUP = "type: lookup, object: User"
WRONG_FIELDS = {
    "lookup matches nothing": (f"OwnerId: {{{LOOKUP}, match: {{}}}}", "OwnerId.lookup.match", "at least 1"),
    "lookup matches no field": (
        f"OwnerId: {{{LOOKUP}, match: {{'User Name': {{from: a}}}}}}",
        "OwnerId.lookup.match.User Name.[key]",
        "not an API name",
    ),
    "lookup matches a broken path": (
        f"OwnerId: {{{LOOKUP}, match: {{'Profile..Name': {{from: a}}}}}}",
        "OwnerId.lookup.match.Profile..Name.[key]",
        "not an API name",
    ),
    "lookup matches an injection": (
        f"OwnerId: {{{LOOKUP}, match: {{'Id) OR (Id': {{from: a}}}}}}",
        "OwnerId.lookup.match.Id) OR (Id.[key]",
        "not an API name",
    ),
    "lookup matches a blank constant": (
        f"OwnerId: {{{LOOKUP}, match: {{Alias: {{value: ''}}}}}}",
        "OwnerId.lookup.match.Alias.value.value",
        "mean null",
    ),
    "required and cleared": (
        f"OwnerId: {{{LOOKUP}, match: {{Alias: {{from: a}}}}, required: true, when_missing: clear}}",
        "OwnerId.lookup",
        "a required field cannot be cleared",
    ),
    "condition of a field": ("Name: {from: a, type: text, when: 'a['}", "Name.text.when", "not JMESPath"),
    "condition of a constant": ("Name: {type: constant, value: x, when: 1}", "Name.constant.when", "JMESPath"),
    "set once is no word": ("Name: {from: a, type: text, create_only: 'yes'}", "Name.text.create_only", "boolean"),
}


@pytest.mark.parametrize(("rule", "place", "reason"), WRONG_FIELDS.values(), ids=WRONG_FIELDS)
def test_mistake_in_a_lookup_or_a_condition_names_its_place(load, rule, place, reason):
    (problem,) = problems_of(load, a=_route(fields=f"fields:\n  {rule}\n"))

    assert problem.startswith(f"routes/a.yaml: fields.{place}: ")
    assert reason in problem


WAIT = "would wait for each other. Take one reference away"


def test_cycle_through_a_further_record_is_told_with_its_place(load):
    account = "also: [{object: Account, external_id: {field: A__c, from: a}, fields: {%s}}]"
    order = _route(account % "Last_Order__c: {type: reference, from: id, to: Order, by: Key__c}")
    order = order.replace(
        "{Name: {from: name, type: text}}", "{AccountId: {type: reference, from: a, to: Account, by: A__c}}"
    )

    assert problems_of(load, a=order) == [
        f"routes/a.yaml: fields.AccountId: Order and Account {WAIT}",
        f"routes/a.yaml: also.0.fields.Last_Order__c: Account and Order {WAIT}",
    ]


def test_child_of_the_main_record_is_no_cycle(load):
    child = ITEM.replace("{Quantity", "{OrderId: {type: reference, from: body.id, to: Order, by: Key__c}, Quantity")

    assert load(a=_route(f"also: [{{{child}, each: lines}}]"))
