"""The contract with the org for fields that can be set once, and for parents that are made."""

import pytest

from lockstep.domain.contract import check_route
from lockstep.domain.describes import read_describe
from lockstep.domain.routes import Route
from tests.unit.describes import field, key, lookup

ITEM = read_describe(
    {
        "name": "OrderItem",
        "fields": [key("Key__c"), field("Once__c", updateable=False), field("Never__c", createable=False)],
    }
)


def _found(name, **options):
    route = {
        "source": "shop",
        "entity": "item",
        "object": "OrderItem",
        "external_id": {"field": "Key__c"},
        "on_delete": "ignore",
        "fields": {name: {"type": "text", "from": "a", "max_length": 80, **options}},
    }
    return check_route("item", Route.model_validate(route), {"OrderItem": ITEM})


def test_field_that_can_be_set_once_fits_where_the_route_says_so():
    assert _found("Once__c", create_only=True) == []


def test_field_that_can_be_set_once_is_a_problem_with_that_remedy_where_the_route_does_not():
    (problem,) = _found("Once__c")

    assert problem.place == "fields.Once__c"
    assert problem.reason.endswith("it can be set when a record is created, and not later")
    assert "create_only: true" in problem.remedy


@pytest.mark.parametrize("create_only", [True, False])
def test_field_that_cannot_be_set_in_a_new_record_is_a_problem_either_way(create_only):
    (problem,) = _found("Never__c", create_only=create_only)

    assert "it cannot be set when a record is created" in problem.reason
    assert "create_only" not in problem.remedy


ACCOUNT = read_describe(
    {"name": "Account", "fields": [key("Key__c"), field("Name", nillable=False), field("Total__c", createable=False)]}
)
CHILD = read_describe({"name": "Order", "fields": [key("Key__c"), lookup("AccountId", "Account", "Account")]})
TEXT = {"type": "text", "from": "a", "max_length": 80}
STUBS = {
    "fits": ({"Name": TEXT}, []),
    "required field": ({}, ["fields.AccountId.create_missing.Name"]),
    "unknown field": ({"Name": TEXT, "Nmae": TEXT}, ["fields.AccountId.create_missing.Nmae"]),
    "read only field": ({"name": TEXT, "Total__c": TEXT}, ["fields.AccountId.create_missing.Total__c"]),
}


@pytest.mark.parametrize(("stub", "places"), STUBS.values(), ids=STUBS)
def test_parent_that_is_made_is_checked(stub, places):
    rule = {"type": "reference", "from": "a", "to": "Account", "by": "Key__c", "create_missing": stub}
    route = {
        "source": "shop",
        "entity": "order",
        "object": "Order",
        "external_id": {"field": "Key__c"},
        "on_delete": "ignore",
        "fields": {"AccountId": rule},
    }

    found = check_route("order", Route.model_validate(route), {"Order": CHILD, "Account": ACCOUNT})

    assert [each.place for each in found] == places
