"""sObject Tree of the local org: records with their children, all or none of them."""

import pytest

from tests.integration.composite_parts import names


def leaf(name, type_name="Account", **fields):
    return {"attributes": {"type": type_name, "referenceId": name}, **fields}


def test_a_tree_is_created_with_its_children(both_doors_api, org):
    children = {"records": [leaf("c1", "Contact", LastName="Lee"), leaf("c2", "Contact", LastName="Ray")]}
    records = [leaf("a1", Name="One", Contacts=children), leaf("a2", Name="Two")]

    response = both_doors_api.call("POST", "composite/tree/Account", {"records": records})

    assert response.status_code == 201
    answer = response.json()
    assert answer["hasErrors"] is False
    ids = {each["referenceId"]: each["id"] for each in answer["results"]}
    assert list(ids) == ["a1", "a2", "c1", "c2"]
    assert [each["AccountId"] for each in org.records("Contact")] == [ids["a1"]] * 2


def test_a_tree_with_one_bad_record_creates_none(api, rules_org):
    children = {"records": [leaf("c1", "Contact", LastName="Lee"), leaf("c2", "Contact", FirstName="x")]}

    response = api.call("POST", "composite/tree/Account", {"records": [leaf("a1", Name="One", Contacts=children)]})

    missing = {
        "statusCode": "REQUIRED_FIELD_MISSING",
        "message": "Required fields are missing: [LastName]",
        "fields": ["LastName"],
    }
    assert response.status_code == 400
    assert response.json() == {"hasErrors": True, "results": [{"referenceId": "c2", "errors": [missing]}]}
    assert rules_org.counts().get("Account") is None


def nested(levels):
    return leaf(f"n{levels}", Name="x", **({"ChildAccounts": {"records": [nested(levels - 1)]}} if levels > 1 else {}))


TREES = {
    "same reference": ([leaf("a", Name="1"), leaf("a", Name="2")], "Duplicate ReferenceId provided in the request."),
    "no reference": ([{"attributes": {"type": "Account"}, "Name": "1"}], "Include a reference ID"),
    "no attributes": ([{"Name": "1"}], "Include a reference ID"),
    "another type": ([leaf("a", "Contact", LastName="1")], "The type of the record must be Account."),
}


@pytest.mark.parametrize(("records", "message"), TREES.values(), ids=TREES)
def test_a_wrong_tree_names_the_records_to_blame(api, rules_org, records, message):
    response = api.call("POST", "composite/tree/Account", {"records": records})

    assert response.status_code == 400
    errors = [each["errors"][0] for each in response.json()["results"]]
    assert len(errors) == len(records)
    assert all(each["statusCode"] == "INVALID_INPUT" and message in each["message"] for each in errors)
    assert names(rules_org) == []


@pytest.mark.parametrize(
    "records",
    [[leaf(f"a{n}", Name="x") for n in range(201)], [nested(6)], [], [5], {}],
    ids=["201 records", "6 levels", "none", "number", "object"],
)
def test_a_tree_beyond_the_limits_is_refused_as_a_whole(api, rules_org, records):
    assert api.call("POST", "composite/tree/Account", {"records": records}).status_code == 400
    assert names(rules_org) == []


def test_unknown_children_are_an_unknown_field(api, rules_org):
    records = [leaf("a", Name="1", Pets__r={"records": [leaf("b", "Pet__c")]})]

    response = api.call("POST", "composite/tree/Account", {"records": records})

    assert response.json()["results"][0]["errors"][0]["statusCode"] == "INVALID_FIELD"
    assert names(rules_org) == []
