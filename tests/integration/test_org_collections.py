"""sObject Collections of the local org."""

import pytest

from local.org.collection_views import MOST_ROWS

UPSERT = "Account/ERP_Id__c"


def account(**fields):
    return {"attributes": {"type": "Account"}, **fields}


def error_of(result):
    (error,) = result["errors"]
    return error["statusCode"], error["message"], error["fields"]


def names(org):
    return [each["Name"] for each in org.records("Account")]


def test_upsert_answers_each_row_in_order(api, rules_org):
    api.upsert(UPSERT, {"ERP_Id__c": "2", "Name": "old"})

    results = api.upsert(
        UPSERT, {"ERP_Id__c": "1", "Name": "one"}, {"ERP_Id__c": "2", "Name": "two"}, {"ERP_Id__c": "3"}
    )

    ids = {each["ERP_Id__c"]: each["Id"] for each in rules_org.records("Account")}
    missing = {
        "statusCode": "REQUIRED_FIELD_MISSING",
        "message": "Required fields are missing: [Name]",
        "fields": ["Name"],
    }
    assert results == [
        {"id": ids["1"], "success": True, "errors": [], "created": True},
        {"id": ids["2"], "success": True, "errors": [], "created": False},
        {"success": False, "errors": [missing], "created": False},
    ]
    assert [list(each) for each in results[:2]] == [["id", "success", "errors", "created"]] * 2


def test_every_row_of_a_key_given_twice_is_refused_and_its_neighbours_go_on(api, rules_org):
    results = api.upsert(
        UPSERT,
        *({"ERP_Id__c": key, "Name": key} for key in ("ABC123", "x", "abc123")),
        {"ERP_Id__c": None, "Name": "n"},
    )

    assert error_of(results[0]) == ("DUPLICATE_VALUE", "Duplicate external id specified: ABC123", ["ERP_Id__c"])
    assert error_of(results[2]) == ("DUPLICATE_VALUE", "Duplicate external id specified: abc123", ["ERP_Id__c"])
    assert error_of(results[3]) == ("MISSING_ARGUMENT", "ERP_Id__c not specified", [])
    assert names(rules_org) == ["x"]


def test_keys_that_differ_in_case_are_two_where_the_field_minds_it(api):
    rows = [{"ERP_Id__c": key, "LastName": "x"} for key in ("a", "A")]

    assert [each["created"] for each in api.upsert("Contact/ERP_Id__c", *rows)] == [True, True]


def test_key_of_several_records_is_refused_with_their_ids(api):
    ids = [api.call("POST", "sobjects/Account", {"Name": "x", "Code__c": "c"}).json()["id"] for _ in range(2)]

    (result,) = api.upsert("Account/Code__c", {"Code__c": "c", "Name": "y"})

    message = f"Code__c: more than one record found for external id field: [{ids[0]}, {ids[1]}]"
    assert error_of(result) == ("DUPLICATE_EXTERNAL_ID", message, ["Code__c"])


def test_all_or_none_takes_every_row_back(api, rules_org):
    api.upsert(UPSERT, {"ERP_Id__c": "1", "Name": "old", "Phone": "1"})

    results = api.upsert(
        UPSERT,
        {"ERP_Id__c": "1", "Name": "new", "Phone": "2"},
        {"ERP_Id__c": "2", "Name": "two"},
        {"ERP_Id__c": "3"},
        allOrNone=True,
    )

    rolled_back = (
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "Record rolled back because not all records were valid and the request was using AllOrNone header",
        [],
    )
    assert [error_of(each)[0] for each in results] == [rolled_back[0]] * 2 + ["REQUIRED_FIELD_MISSING"]
    assert error_of(results[0]) == rolled_back
    assert [(each["Name"], each["Phone"]) for each in rules_org.records("Account")] == [("old", "1")]
    assert api.call("GET", "sobjects/Account/ERP_Id__c/2").status_code == 404
    assert [each["created"] for each in api.upsert(UPSERT, {"ERP_Id__c": "2", "Name": "x"})] == [True]
    assert rules_org.counts()["Account"] == 2


def test_all_or_none_returns_to_the_value_before_the_first_of_several_writes(api, rules_org):
    (created,) = api.upsert(UPSERT, {"ERP_Id__c": "1", "Name": "first"})
    rows = [
        account(Id=created["id"], Name="second", ERP_Id__c="2"),
        account(Id=created["id"], Name="third", ERP_Id__c="3"),
    ]

    api.call(
        "PATCH", "composite/sobjects", {"records": [*rows, account(Id=created["id"], Name=None)], "allOrNone": True}
    )

    assert names(rules_org) == ["first"]
    found = [api.call("GET", f"sobjects/Account/ERP_Id__c/{key}").status_code for key in "123"]
    assert found == [200, 404, 404]


def test_first_refused_field_of_a_row_is_the_one_named(api):
    (result,) = api.upsert(UPSERT, {"ERP_Id__c": "1", "Name": "x" * 256, "Tier__c": "Silver", "Nope__c": 1})

    assert error_of(result)[0] == "STRING_TOO_LONG"


def test_all_or_none_delete_takes_back_what_it_deleted(api, rules_org):
    (result,) = api.upsert(UPSERT, {"ERP_Id__c": "1", "Name": "kept"})

    api.call("DELETE", f"composite/sobjects?ids={result['id']},001Lk0000000099IAA&allOrNone=true")

    assert rules_org.counts()["Account"] == 1
    assert api.call("GET", "sobjects/Account/ERP_Id__c/1").json()["Name"] == "kept"


def test_more_than_200_rows_are_refused_whole(api, rules_org):
    rows = [account(ERP_Id__c=str(n), Name="x") for n in range(MOST_ROWS + 1)]

    response = api.call("PATCH", f"composite/sobjects/{UPSERT}", {"records": rows})

    assert response.status_code == 400
    assert response.json() == [
        {
            "errorCode": "EXCEEDED_ID_LIMIT",
            "message": "record limit reached. cannot submit more than 200 records into this call",
        }
    ]
    assert names(rules_org) == []


def test_two_hundred_rows_are_taken(api, rules_org):
    results = api.upsert(UPSERT, *({"ERP_Id__c": str(n), "Name": "x"} for n in range(MOST_ROWS)))

    assert all(each["success"] for each in results)
    assert rules_org.counts()["Account"] == MOST_ROWS


@pytest.mark.parametrize(
    ("field", "value", "wanted"),
    [("Since__c", "yesterday", "datetime"), ("Version__c", "v1", "double"), ("Active__c", "yes", "boolean")],
)
def test_value_of_the_wrong_kind_fails_the_whole_call(api, rules_org, field, value, wanted):
    rows = [account(ERP_Id__c="1", Name="good"), account(ERP_Id__c="2", Name="bad", **{field: value})]

    response = api.call("PATCH", f"composite/sobjects/{UPSERT}", {"records": rows})

    (error,) = response.json()
    assert (response.status_code, error["errorCode"]) == (400, "JSON_PARSER_ERROR")
    assert error["message"].startswith(f"Cannot deserialize instance of {wanted} from VALUE_STRING value {value} or")
    assert names(rules_org) == []


def test_wrong_row_says_why_and_the_others_are_written(api, rules_org):
    rows = [
        {"ERP_Id__c": "1", "Name": "x" * 256},
        {"ERP_Id__c": "2", "Name": "x", "Tier__c": "Silver"},
        {"ERP_Id__c": "3", "Name": "x", "Mail__c": "nobody"},
        {"ERP_Id__c": "4", "Name": "x", "Rate__c": 1000},
        {"ERP_Id__c": "5", "Name": "x", "Nope__c": 1},
        {"ERP_Id__c": "6", "Name": "x", "Parent": {"ERP_Id__c": "none"}},
        {"ERP_Id__c": "7", "Name": "x", "Id": "001"},
        {"ERP_Id__c": "8", "Name": "good"},
    ]

    results = api.upsert(UPSERT, *rows)

    assert [error_of(each)[0] for each in results[:-1]] == [
        "STRING_TOO_LONG",
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "INVALID_EMAIL_ADDRESS",
        "NUMBER_OUTSIDE_VALID_RANGE",
        "INVALID_FIELD",
        "INVALID_FIELD",
        "INVALID_FIELD",
    ]
    assert names(rules_org) == ["good"]


def test_row_may_name_a_parent_written_before_it_in_the_same_call(api, rules_org):
    rows = [
        account(ERP_Id__c="1", Name="p"),
        {"attributes": {"type": "Contact"}, "LastName": "c", "Account": {"ERP_Id__c": "1"}},
    ]

    results = api.call("POST", "composite/sobjects", {"records": rows}).json()

    assert [each["success"] for each in results] == [True, True]
    assert rules_org.records("Contact")[0]["AccountId"] == results[0]["id"]


def test_update_by_id_and_upsert_by_id(api, rules_org):
    created = api.upsert("Account/Id", {"Id": None, "Name": "one"})

    updated = api.upsert("Account/Id", {"Id": created[0]["id"], "Name": "two"})
    rows = [account(id=created[0]["id"], Phone="5"), account(Phone="6"), account(Id="001x", Phone="7")]
    results = api.call("PATCH", "composite/sobjects", {"records": rows}).json()

    assert (created[0]["created"], updated[0]["created"]) == (True, False)
    assert results[0] == {"id": created[0]["id"], "success": True, "errors": []}
    assert [error_of(each)[0] for each in results[1:]] == ["MISSING_ARGUMENT", "MALFORMED_ID"]
    assert [(each["Name"], each["Phone"]) for each in rules_org.records("Account")] == [("two", "5")]


def test_delete_answers_each_id(api, rules_org):
    (result,) = api.upsert(UPSERT, {"ERP_Id__c": "1", "Name": "x"})

    results = api.call("DELETE", f"composite/sobjects?ids={result['id']},{result['id']},001,001Lk0000000099IAA").json()

    assert results[0] == {"id": result["id"], "success": True, "errors": []}
    assert [error_of(each) for each in results[1:]] == [
        ("ENTITY_IS_DELETED", "entity is deleted", []),
        ("MALFORMED_ID", "malformed id 001", []),
        ("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", []),
    ]
    assert names(rules_org) == []


def test_retrieve_keeps_the_order_and_leaves_null_for_what_is_missing(api):
    results = api.upsert(UPSERT, {"ERP_Id__c": "1", "Name": "a"}, {"ERP_Id__c": "2", "Name": "b"})
    ids = [results[1]["id"], "001Lk0000000099IAA", results[0]["id"]]

    by_get = api.call("GET", f"composite/sobjects/Account?ids={','.join(ids)}&fields=Name").json()
    by_post = api.call("POST", "composite/sobjects/Account", {"ids": ids, "fields": ["Name"]}).json()

    assert by_get == by_post
    assert [each and each["Name"] for each in by_get] == ["b", None, "a"]


@pytest.mark.parametrize("runs", [10, 11])
def test_mixed_types_are_cut_in_ten_runs_at_most(api, runs):
    rows = [account(Name="x") if n % 2 else {"attributes": {"type": "Contact"}, "LastName": "x"} for n in range(runs)]

    assert api.call("POST", "composite/sobjects", {"records": rows}).status_code == (200 if runs == 10 else 400)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"records": None},
        {"records": {}},
        {"records": [1]},
        {"records": [{"Name": "x"}]},
        {"records": [{"attributes": {}, "Name": "x"}]},
        {"records": [{"attributes": {"type": 5}, "Name": "x"}]},
        {"records": [{"attributes": {"type": "Nope__c"}, "Name": "x"}]},
        {"records": [{"attributes": {"type": "Contact"}, "LastName": "x"}], "allOrNone": "yes"},
        [],
        "x",
        None,
    ],
    ids=repr,
)
def test_malformed_call_is_refused_whole(api, rules_org, body):
    before = rules_org.counts()

    for method, path in (("POST", "composite/sobjects"), ("PATCH", f"composite/sobjects/{UPSERT}")):
        assert api.call(method, path, body).status_code == 400

    assert rules_org.counts() == before
