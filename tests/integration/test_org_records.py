"""Single records of the local org: shapes, codes and headers."""

import re
from urllib.parse import quote

import pytest

ACCOUNT = {"Name": "Acme"}
LIMITED = (
    "Unable to create/update fields: Total__c. Please check the security settings of this field "
    "and verify that it is read/write for your profile or permission set."
)


def create(api, object_name="Account", **fields):
    response = api.call("POST", f"sobjects/{object_name}", fields or ACCOUNT)
    assert response.status_code == 201, response.text
    return response.json()["id"]


def refusal(response):
    (error,) = response.json()
    return response.status_code, error["errorCode"], error["message"], error.get("fields")


def test_created_record_is_read_back_with_its_system_fields(api, rules_org):
    response = api.call("POST", "sobjects/Account/", {"Name": "Ünï", "AnnualRevenue": 10, "NumberOfEmployees": 7})
    created = response.json()
    record = api.call("GET", f"sobjects/Account/{created['id'][:15]}").json()

    assert (response.status_code, list(created)) == (201, ["id", "success", "errors"])
    assert response.headers["Location"] == f"/services/data/v66.0/sobjects/Account/{created['id']}"
    assert next(iter(record)) == "attributes"
    assert record["attributes"]["url"] == response.headers["Location"]
    assert (record["Name"], record["AnnualRevenue"], record["NumberOfEmployees"]) == ("Ünï", 10.0, 7)
    assert record["OwnerId"] == record["CreatedById"] == record["LastModifiedById"] == rules_org.user_id
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000", record["CreatedDate"])
    assert (record["IsDeleted"], record["Active__c"], record["Tier__c"]) == (False, True, "Basic")


def test_doubles_are_shown_with_a_point_and_integers_without(api):
    record_id = create(api, Name="x", AnnualRevenue=10, NumberOfEmployees=10)

    text = api.call("GET", f"sobjects/Account/{record_id}?fields=AnnualRevenue,NumberOfEmployees").text

    assert '"AnnualRevenue":10.0,"NumberOfEmployees":10}' in text


def test_whole_number_above_what_a_double_holds_keeps_its_digits(api):
    record_id = create(api, Name="x", Version__c=900719925474099301)

    assert '"Version__c":900719925474099301' in api.call("GET", f"sobjects/Account/{record_id}?fields=Version__c").text


def test_fields_come_in_the_order_asked_for_whatever_their_case(api):
    record_id = create(api)

    record = api.call("GET", f"sobjects/account/{record_id}?fields=phone,NAME").json()

    assert list(record) == ["attributes", "Phone", "Name"]
    assert record["attributes"]["type"] == "Account"


@pytest.mark.parametrize(("method", "override"), [("PATCH", ""), ("POST", "?_HttpMethod=PATCH")])
def test_update_touches_only_the_fields_sent_and_null_clears(api, rules_org, method, override):
    record_id = create(api, Name="x", Phone="1", Fax="2")
    rules_org.advance_clock(60)

    response = api.call(method, f"sobjects/Account/{record_id}{override}", {"Phone": None})
    record = api.call("GET", f"sobjects/Account/{record_id}").json()

    assert (response.status_code, response.content) == (204, b"")
    assert (record["Phone"], record["Fax"]) == (None, "2")
    assert record["LastModifiedDate"] > record["CreatedDate"]


def test_deleted_record_is_gone_for_every_call(api):
    record_id = create(api, Name="x", ERP_Id__c="1")

    assert api.call("DELETE", f"sobjects/Account/{record_id}").status_code == 204
    for method in ("GET", "PATCH", "DELETE"):
        gone = api.call(method, f"sobjects/Account/{record_id}", {"Name": "y"} if method == "PATCH" else None)
        assert refusal(gone) == (404, "ENTITY_IS_DELETED", "entity is deleted", [])
    assert api.call("PATCH", "sobjects/Account/ERP_Id__c/1", {"Name": "new"}).status_code == 201


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"Phone": "1"}, (400, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", ["Name"])),
        ({"Name": ""}, (400, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", ["Name"])),
        ({"Name": "x", "Nope": 1}, (400, "INVALID_FIELD", "No such column 'Nope' on sobject of type Account", [])),
        (
            {"Name": "x", "Id": "001"},
            (400, "INVALID_FIELD", "The Id field should not be specified in the sobject data.", []),
        ),
        (
            {"Name": "x", "Total__c": 1},
            (
                400,
                "INVALID_FIELD_FOR_INSERT_UPDATE",
                LIMITED,
                ["Total__c"],
            ),
        ),
        (
            {"Name": "x", "ParentId": "001Lk0000000099IAA"},
            (400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", []),
        ),
        (
            {"Name": "x", "ParentId": "003Lk0000000001IAA"},
            (400, "MALFORMED_ID", "Parent Account ID: id value of incorrect type: 003Lk0000000001IAA", ["ParentId"]),
        ),
        (
            {"Name": "x", "Active__c": None},
            (400, "INVALID_TYPE_ON_FIELD_IN_RECORD", "Active: value not of required type: null", ["Active__c"]),
        ),
    ],
    ids=["required", "blank", "column", "id", "read-only", "no parent", "other object's id", "null checkbox"],
)
def test_refused_create_names_code_message_and_fields(api, rules_org, fields, expected):
    response = api.call("POST", "sobjects/Account", fields)

    assert refusal(response) == expected
    assert list(response.json()[0]) == ["message", "errorCode", "fields"]
    assert rules_org.records("Account") == []


def test_update_that_nulls_a_required_field_is_refused(api):
    record_id = create(api)

    response = api.call("PATCH", f"sobjects/Account/{record_id}", {"Name": None})

    assert refusal(response) == (400, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", ["Name"])


def test_value_of_a_unique_field_is_refused_on_a_second_record(api):
    first = create(api, Name="x", ERP_Id__c="Ab")

    response = api.call("POST", "sobjects/Account", {"Name": "y", "ERP_Id__c": "aB"})

    message = f"duplicate value found: ERP_Id__c duplicates value on record with id: {first}"
    assert refusal(response) == (400, "DUPLICATE_VALUE", message, [])


@pytest.mark.parametrize("value", ["1", "a/b", "../../Account", "50%", "a?b#c", "ü", "a b", "+1"])
def test_upsert_creates_then_updates_the_same_record(api, rules_org, value):
    path = f"sobjects/Account/ERP_Id__c/{quote(value, safe='')}"

    created = api.call("PATCH", path, {"Name": "one"})
    updated = api.call("PATCH", path, {"Name": "two"})

    assert (created.status_code, updated.status_code) == (201, 200)
    record_id = created.json()["id"]
    assert created.json() == {"id": record_id, "success": True, "errors": [], "created": True}
    assert updated.json() == {"id": record_id, "success": True, "errors": [], "created": False}
    assert [(each["ERP_Id__c"], each["Name"]) for each in rules_org.records("Account")] == [(value, "two")]
    assert api.call("GET", path).json()["Name"] == "two"
    assert api.call("DELETE", path).status_code == 204
    assert api.call("GET", path).status_code == 404


def test_upsert_before_v46_answers_without_created_and_204(api):
    path = "/services/data/v45.0/sobjects/Account/ERP_Id__c/1"

    created, updated = (api.call("PATCH", path, {"Name": "one"}) for _ in range(2))

    assert (created.status_code, "created" in created.json()) == (201, False)
    assert (updated.status_code, updated.content) == (204, b"")


def test_upsert_with_update_only_does_not_create(api, rules_org):
    response = api.call("PATCH", "sobjects/Account/ERP_Id__c/1?updateOnly=true", {"Name": "one"})

    assert refusal(response) == (404, "NOT_FOUND", "The requested resource does not exist", None)
    assert rules_org.records("Account") == []


def test_external_id_of_several_records_answers_300_and_writes_nothing(api, rules_org):
    ids = [create(api, Name="x", Code__c="c") for _ in range(2)]

    response = api.call("PATCH", "sobjects/Account/Code__c/c", {"Name": "y"})

    assert response.status_code == 300
    assert response.json() == [f"/services/data/v66.0/sobjects/Account/{each}" for each in ids]
    assert {each["Name"] for each in rules_org.records("Account")} == {"x"}


def test_matching_ignores_case_only_where_the_field_does(api, rules_org):
    for value in ("k", "K"):
        api.call("PATCH", f"sobjects/Account/ERP_Id__c/{value}", {"Name": "x"})
        api.call("PATCH", f"sobjects/Contact/ERP_Id__c/{value}", {"LastName": "x"})

    assert (len(rules_org.records("Account")), len(rules_org.records("Contact"))) == (1, 2)


def test_number_can_be_the_key(api, rules_org):
    codes = [
        api.call("PATCH", f"sobjects/Account/Number_Key__c/{key}", {"Name": "x"}).status_code for key in ("7", "7.0")
    ]

    assert codes == [201, 200]
    assert api.call("PATCH", "sobjects/Account/Number_Key__c/seven", {"Name": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("sobjects/Account/Nope__c/1", "The requested resource does not exist"),
        ("sobjects/Account/Name/1", "The requested resource does not exist"),
        ("sobjects/Nope__c/ERP_Id__c/1", "The requested resource does not exist"),
        ("sobjects/Account/ERP_Id__c/", "Provided external ID field does not exist or is not accessible: ERP_Id__c"),
    ],
)
def test_upsert_on_what_is_no_key_is_not_found(api, path, expected):
    assert refusal(api.call("PATCH", path, {"Name": "x"})) == (404, "NOT_FOUND", expected, None)


def test_key_in_the_body_of_an_upsert_is_refused(api):
    response = api.call("PATCH", "sobjects/Account/ERP_Id__c/1", {"Name": "x", "ERP_Id__c": "1"})

    assert refusal(response)[:3] == (
        400,
        "INVALID_FIELD",
        "The ERP_Id__c field should not be specified in the sobject data.",
    )


def test_post_to_the_id_field_creates(api):
    response = api.call("POST", "sobjects/Account/Id", {"Name": "x"})

    assert (response.status_code, response.json()["created"]) == (201, True)


def test_parent_is_found_by_its_external_id(api, rules_org):
    parent = create(api, Name="x", ERP_Id__c="0116")

    create(api, "Contact", LastName="a", Account={"ERP_Id__c": "0116"})
    create(api, "Contact", LastName="b", Account={"attributes": {"type": "Account"}, "erp_id__c": "0116"})
    create(api, "Contact", LastName="c", AccountId=parent[:15])

    assert [each["AccountId"] for each in rules_org.records("Contact")] == [parent] * 3


@pytest.mark.parametrize(
    ("parent", "message"),
    [
        ({"ERP_Id__c": "9"}, "Foreign key external ID: 9 not found for field ERP_Id__c in entity Account"),
        ({"Code__c": "c"}, "More than one record found for external id field: ["),
        ({"Name": "x"}, "Foreign key field Name is not an external ID of entity Account"),
        ({"ERP_Id__c": "9", "Code__c": "c"}, "The relationship Account takes exactly one external ID field"),
        ({}, "The relationship Account takes exactly one external ID field"),
    ],
    ids=["missing", "several", "no key", "two keys", "none"],
)
def test_parent_that_cannot_be_told_is_refused(api, rules_org, parent, message):
    for _ in range(2):
        create(api, Name="x", Code__c="c")

    response = api.call("POST", "sobjects/Contact", {"LastName": "a", "Account": parent})

    assert refusal(response)[:2] == (400, "INVALID_FIELD")
    assert refusal(response)[2].startswith(message)
    assert rules_org.records("Contact") == []


def test_deleted_parent_is_refused(api):
    parent = create(api)
    api.call("DELETE", f"sobjects/Account/{parent}")

    response = api.call("POST", "sobjects/Contact", {"LastName": "a", "AccountId": parent})

    assert refusal(response) == (400, "ENTITY_IS_DELETED", "entity is deleted", [])


def test_name_of_a_person_follows_its_parts(api):
    record_id = create(api, "Contact", FirstName="Ada", LastName="Byron")
    api.call("PATCH", f"sobjects/Contact/{record_id}", {"LastName": "Lovelace"})

    assert api.call("GET", f"sobjects/Contact/{record_id}?fields=Name").json()["Name"] == "Ada Lovelace"


def test_auto_number_rises_and_cannot_be_written(api):
    numbers = []
    for _ in range(2):
        record_id = create(api, "Case", Subject="x")
        numbers.append(api.call("GET", f"sobjects/Case/{record_id}").json()["CaseNumber"])

    assert int(numbers[1]) == int(numbers[0]) + 1
    refused = api.call("POST", "sobjects/Case", {"CaseNumber": "5"})
    assert refusal(refused)[1] == "INVALID_FIELD_FOR_INSERT_UPDATE"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("sobjects/Account/abc", "Provided external ID field does not exist or is not accessible: abc"),
        ("sobjects/Account/001Lk0000000099IAA", "The requested resource does not exist"),
        ("sobjects/Nope__c/001Lk0000000001IAA", "The requested resource does not exist"),
    ],
)
def test_record_that_is_not_there_is_not_found(api, path, expected):
    assert refusal(api.call("GET", path)) == (404, "NOT_FOUND", expected, None)


def test_update_of_a_record_that_is_not_there_is_a_cross_reference_error(api):
    response = api.call("PATCH", "sobjects/Account/001Lk0000000099IAA", {"Name": "x"})

    assert refusal(response) == (404, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [])


def test_id_of_another_object_is_malformed(api):
    contact = create(api, "Contact", LastName="x")

    response = api.call("GET", f"sobjects/Account/{contact}")

    assert refusal(response) == (400, "MALFORMED_ID", f"Account ID: id value of incorrect type: {contact}", ["Id"])


def test_unknown_path_is_refused_and_not_guessed(api):
    response = api.call("GET", "analytics/reports")

    assert refusal(response) == (404, "NOT_FOUND", "GET /services/data/v66.0/analytics/reports is not emulated", None)


def test_wrong_method_names_those_allowed(api):
    response = api.call("PUT", "sobjects/Account", {})

    assert refusal(response)[:3] == (
        405,
        "METHOD_NOT_ALLOWED",
        "HTTP Method 'PUT' not allowed. Allowed are GET,POST",
    )
    assert response.headers["Allow"] == "GET,POST"


@pytest.mark.parametrize("version", ["v39.0", "v67.0", "v66", "66.0", "v066.5"])
def test_unknown_version_is_not_found(api, version):
    assert refusal(api.call("GET", f"/services/data/{version}/sobjects"))[:2] == (404, "NOT_FOUND")


def test_pretty_print_puts_each_key_on_its_line(api):
    text = api.call("GET", "limits/recordCount", headers={"X-PrettyPrint": "1"}).text

    assert text.startswith('{\n  "sObjects" : [')
