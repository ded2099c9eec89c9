"""Composite requests of the local org: what a part takes from another, and what is taken back."""

import pytest

from tests.integration.composite_parts import ACCOUNT, BAD, CONTACT, ROLLED_BACK, V, composite, names, part


def test_a_part_takes_values_from_the_answers_before_it(both_doors_api, org):
    read = part("read", "GET", "query?q=SELECT Id, Name FROM Account WHERE Id = '@{acc.id}'")
    again = part("again", "PATCH", "sobjects/Account/@{acc.id}", {"Site": "of @{read.records[0].Name}!"})

    results = composite(both_doors_api, ACCOUNT, CONTACT, read, again)

    account_id = results[0]["body"]["id"]
    assert results[0] == {
        "body": {"id": account_id, "success": True, "errors": []},
        "httpHeaders": {"Location": f"{V}/sobjects/Account/{account_id}"},
        "httpStatusCode": 201,
        "referenceId": "acc",
    }
    assert [list(each) for each in results] == [["body", "httpHeaders", "httpStatusCode", "referenceId"]] * 4
    assert results[3]["body"] is None
    assert [each["httpStatusCode"] for each in results] == [201, 201, 200, 204]
    assert [each["AccountId"] for each in org.records("Contact")] == [account_id]
    assert org.records("Account")[0]["Site"] == "of Acme!"


def test_a_composite_request_is_one_call(api, rules_org):
    before = rules_org.usage.used

    composite(api, ACCOUNT, CONTACT)

    assert rules_org.usage.used == before + 1


def test_without_all_or_none_the_good_parts_stay(api, rules_org):
    depends = part("dep", "POST", "sobjects/Contact", {"LastName": "x", "AccountId": "@{bad.id}"})

    results = composite(api, ACCOUNT, BAD, depends)

    assert [each["httpStatusCode"] for each in results] == [201, 400, 400]
    assert results[1]["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert results[2]["body"] == [
        {
            "errorCode": "PROCESSING_HALTED",
            "message": "Invalid reference specified. No value for bad.id found in bad",
        }
    ]
    assert names(rules_org) == ["Acme"]


def test_all_or_none_takes_everything_back(api, rules_org):
    kept = api.call("POST", "sobjects/Account", {"Name": "kept", "ERP_Id__c": "k"}).json()["id"]
    update = part("upd", "PATCH", "sobjects/Account/ERP_Id__c/k", {"Name": "changed"})
    delete = part("del", "DELETE", f"sobjects/Account/{kept}")

    results = composite(api, ACCOUNT, update, delete, BAD, CONTACT, allOrNone=True)

    assert [each["httpStatusCode"] for each in results] == [400] * 5
    assert [each["body"] for each in (*results[:3], results[4])] == [[ROLLED_BACK]] * 4
    assert results[3]["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert names(rules_org) == ["kept"]
    assert api.call("GET", "sobjects/Account/ERP_Id__c/k").json()["Name"] == "kept"


def test_inner_all_or_none_is_within_the_outer_one(api, rules_org):
    rows = [{"attributes": {"type": "Account"}, "Name": name} for name in ("a", None)]
    collection = part("col", "POST", "composite/sobjects", {"allOrNone": True, "records": rows})

    results = composite(api, ACCOUNT, collection, part("later", "POST", "sobjects/Account", {"Name": "b"}))

    assert [each["success"] for each in results[1]["body"]] == [False, False]
    assert names(rules_org) == ["Acme", "b"]


def test_outer_all_or_none_fails_by_the_status_and_not_by_the_rows_of_a_collection(api, rules_org):
    rows = [{"attributes": {"type": "Account"}, "Name": name} for name in ("a", None)]
    collection = part("col", "POST", "composite/sobjects", {"allOrNone": False, "records": rows})

    (result, _) = composite(api, collection, ACCOUNT, allOrNone=True)

    assert [each["success"] for each in result["body"]] == [True, False]
    assert names(rules_org) == ["a", "Acme"]


def test_headers_of_a_part_count(api):
    headers = {"httpHeaders": {"Sforce-Query-Options": "batchSize=200"}}
    for start in (0, 200):
        rows = [{"Name": str(n), "ERP_Id__c": str(n)} for n in range(start, start + 200)]
        api.upsert("Account/ERP_Id__c", *rows)

    (result,) = composite(api, part("q", "GET", "query?q=SELECT Id FROM Account", **headers))

    assert (len(result["body"]["records"]), result["body"]["done"]) == (200, False)


WHOLE = {
    "no parts": ({"compositeRequest": []}, "JSON_PARSER_ERROR", "compositeRequest"),
    "no list": ({"compositeRequest": {}}, "JSON_PARSER_ERROR", "compositeRequest"),
    "no url": ({"compositeRequest": [{"referenceId": "a", "method": "GET"}]}, "BAD_REQUEST", "needs a url"),
    "no method": ({"compositeRequest": [{"referenceId": "a", "url": V}]}, "BAD_REQUEST", "needs a method"),
    "odd method": ({"compositeRequest": [part("a", "BREW", "limits")]}, "BAD_REQUEST", "Invalid method BREW"),
    "odd reference": ({"compositeRequest": [part("a-b", "GET", "limits")]}, "BAD_REQUEST", "Invalid reference ID a-b"),
    "same reference": ({"compositeRequest": [ACCOUNT, ACCOUNT]}, "BAD_REQUEST", "acc stands more than once"),
    "26 parts": ({"compositeRequest": [part(f"a{n}", "GET", "limits") for n in range(26)]}, "BAD_REQUEST", "25"),
    "6 queries": (
        {"compositeRequest": [part(f"a{n}", "GET", "query?q=SELECT Id FROM User") for n in range(6)]},
        "BAD_REQUEST",
        "at most 5 queries",
    ),
    "6 collections": (
        {"compositeRequest": [part(f"a{n}", "POST", "composite/sobjects", {"records": []}) for n in range(6)]},
        "BAD_REQUEST",
        "at most 5 queries",
    ),
    "closed header": (
        {"compositeRequest": [part("a", "GET", "limits", httpHeaders={"Authorization": "Bearer x"})]},
        "BAD_REQUEST",
        "cannot set the header authorization",
    ),
    "all or none as text": ({"compositeRequest": [ACCOUNT], "allOrNone": "yes"}, "JSON_PARSER_ERROR", "boolean"),
}


@pytest.mark.parametrize(("body", "code", "message"), WHOLE.values(), ids=WHOLE)
def test_a_wrong_composite_request_fails_as_a_whole(api, rules_org, body, code, message):
    response = api.call("POST", "composite", body)

    assert (response.status_code, response.json()[0]["errorCode"]) == (400, code)
    assert message in response.json()[0]["message"]
    assert names(rules_org) == []


PARTS = {
    "composite": (part("a", "POST", "composite", {"compositeRequest": [ACCOUNT]}), 400, "BAD_REQUEST"),
    "hidden composite": (part("a", "POST", "composit%65/batch", {"batchRequests": []}), 400, "BAD_REQUEST"),
    "bulk": (part("a", "POST", "jobs/ingest", {"object": "Account"}), 400, "BAD_REQUEST"),
    "unknown object": (part("a", "GET", "sobjects/Foo"), 404, "NOT_FOUND"),
    "unknown version": ({"referenceId": "a", "method": "GET", "url": "/services/data/v9.0/limits"}, 404, "NOT_FOUND"),
    "no resource": ({"referenceId": "a", "method": "GET", "url": "/limits"}, 404, "NOT_FOUND"),
    "versions": ({"referenceId": "a", "method": "GET", "url": "/services/data"}, 404, "NOT_FOUND"),
    "wrong method": (part("a", "PUT", "sobjects/Account"), 405, "METHOD_NOT_ALLOWED"),
    "wrong kind": (part("a", "POST", "sobjects/Account", {"Name": 5}), 400, "JSON_PARSER_ERROR"),
    "no such answer": (part("a", "GET", "sobjects/Account/@{b.id}"), 400, "PROCESSING_HALTED"),
    "whole answer": (part("a", "POST", "sobjects/Account", {"Name": "@{a}"}), 400, "PROCESSING_HALTED"),
    "odd reference": (part("a", "POST", "sobjects/Account", {"Name": "@{a..b[}"}), 400, "PROCESSING_HALTED"),
}


@pytest.mark.parametrize(("asked", "status", "code"), PARTS.values(), ids=PARTS)
def test_a_wrong_part_fails_alone(api, rules_org, asked, status, code):
    wrong, good = composite(api, asked, ACCOUNT)

    assert (wrong["httpStatusCode"], wrong["body"][0]["errorCode"]) == (status, code)
    assert good["httpStatusCode"] == 201
    assert names(rules_org) == ["Acme"]


def test_several_records_of_one_key_fail_a_transaction(api, rules_org):
    for _ in range(2):
        api.call("POST", "sobjects/Account", {"Name": "x", "Code__c": "c"})

    results = composite(api, ACCOUNT, part("up", "PATCH", "sobjects/Account/Code__c/c", {"Name": "y"}), allOrNone=True)

    assert [each["httpStatusCode"] for each in results] == [400, 300]
    assert names(rules_org) == ["x", "x"]
