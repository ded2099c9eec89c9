"""What a delete in the local org does to the records around it."""

import pytest


@pytest.fixture
def family(api):
    """An account with a child account, a contact, and that contact's task; their ids by name."""

    def create(object_name, **fields):
        return api.call("POST", f"sobjects/{object_name}", fields).json()["id"]

    parent = create("Account", Name="parent", ERP_Id__c="1")
    contact = create("Contact", LastName="contact", AccountId=parent)
    return {
        "parent": parent,
        "child": create("Account", Name="child", ParentId=parent),
        "contact": contact,
        "task": create("Task", Subject="task", WhoId=contact, Status="Not Started", Priority="Normal"),
    }


def delete(api, record_id, *, all_or_none=False, others=()):
    ids = ",".join([record_id, *others])
    return api.call("DELETE", f"composite/sobjects?ids={ids}&allOrNone={str(all_or_none).lower()}").json()


def test_delete_goes_on_to_children_and_empties_other_lookups(api, rules_org, family):
    (result,) = delete(api, family["parent"])

    assert result["success"] is True
    assert [(each["Name"], each["ParentId"]) for each in rules_org.records("Account")] == [("child", None)]
    assert rules_org.records("Contact") == rules_org.records("Task") == []
    assert api.call("GET", f"sobjects/Task/{family['task']}").json()[0]["errorCode"] == "ENTITY_IS_DELETED"


def test_record_that_two_ways_lead_to_is_deleted_once(api, rules_org, family):
    api.call("PATCH", f"sobjects/Task/{family['task']}", {"WhatId": family["parent"]})
    api.call("POST", "sobjects/Task", {"Subject": "other", "Status": "Not Started", "Priority": "Normal"})

    delete(api, family["parent"])

    assert rules_org.counts()["Task"] == len(rules_org.records("Task")) == 1


def test_delete_that_a_child_restricts_is_refused_and_changes_nothing(api, rules_org, family):
    api.call("POST", "sobjects/Case", {"Subject": "x", "ContactId": family["contact"]})
    before = rules_org.counts()

    (result,) = delete(api, family["parent"])
    single = api.call("DELETE", f"sobjects/Account/{family['parent']}")

    assert result["errors"][0]["statusCode"] == "DELETE_FAILED"
    assert (single.status_code, single.json()[0]["errorCode"]) == (400, "DELETE_FAILED")
    assert rules_org.counts() == before
    assert [each["ParentId"] for each in rules_org.records("Account", Name="child")] == [family["parent"]]


def test_all_or_none_takes_back_the_children_too(api, rules_org, family):
    before = rules_org.counts()

    delete(api, family["parent"], all_or_none=True, others=["001Lk0000000099IAA"])

    assert rules_org.counts() == before
    assert [each["ParentId"] for each in rules_org.records("Account", Name="child")] == [family["parent"]]
    assert api.call("GET", "sobjects/Account/ERP_Id__c/1").status_code == 200


def test_record_deleted_with_its_parent_in_one_call_is_already_gone(api, family):
    results = delete(api, family["parent"], others=[family["contact"]])

    assert [each["success"] for each in results] == [True, False]
    assert results[1]["errors"][0]["statusCode"] == "ENTITY_IS_DELETED"


def test_object_that_cannot_be_deleted_says_so(api, rules_org):
    response = api.call("DELETE", f"sobjects/User/{rules_org.user_id}")

    assert (response.status_code, response.json()[0]["errorCode"]) == (400, "INVALID_TYPE_FOR_OPERATION")
    assert rules_org.counts()["User"] == 1


def test_asset_needs_an_account_or_a_contact(api):
    (error,) = api.call("POST", "sobjects/Asset", {"Name": "x"}).json()

    assert error["errorCode"] == "FIELD_INTEGRITY_EXCEPTION"
    assert error["message"] == "Every asset needs an account, a contact, or both.: Account ID, Contact ID"
    assert sorted(error["fields"]) == ["AccountId", "ContactId"]
