"""Requests that nobody means well with: an error of the caller, no crash, no change."""

import gzip
import json
import zlib

import pytest

PATHS = [
    ("POST", "sobjects/Account"),
    ("PATCH", "sobjects/Account/ERP_Id__c/1"),
    ("POST", "composite/sobjects"),
    ("PATCH", "composite/sobjects/Account/ERP_Id__c"),
    ("POST", "composite/sobjects/Account"),
    ("POST", "jobs/ingest"),
    ("POST", "jobs/query"),
]
BODIES = {
    "empty": b"",
    "blank": b"  \n",
    "no json": b"{j}",
    "cut off": b'{"Name": "x"',
    "not utf-8": b'{"Name": "\xff\xfe"}',
    "utf-16": '{"Name": "x"}'.encode("utf-16"),
    "null": b"null",
    "text": b'"x"',
    "number": b"1",
    "not a number": b'{"Name": "x", "AnnualRevenue": NaN}',
    "infinity": b'{"Name": "x", "AnnualRevenue": -Infinity}',
    "endless number": b'{"Name": "x", "AnnualRevenue": ' + b"9" * 5000 + b"}",
    "deep list": b"[" * 100_000 + b"]" * 100_000,
    "deep object": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "lone surrogate": rb'{"Name": "\ud800"}',
    "lone surrogate in a key": rb'{"\uDC00": 1}',
    "name as object": b'{"Name": {"Name": {"Name": 1}}}',
    "name as list": b'{"Name": [[]]}',
    "attributes as list": b'{"attributes": [], "Nope": 1}',
    "records as number": b'{"records": 1e999}',
    "record as list": b'{"records": [[]]}',
    "parent as list": b'{"records": [{"attributes": {"type": "Account"}, "ERP_Id__c": 1, "Parent": []}]}',
    "id as object": b'{"records": [{"attributes": {"type": "Account"}, "Id": {}, "ERP_Id__c": {"a": []}}]}',
}


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_hostile_body_is_the_callers_error_and_changes_nothing(api, rules_org, method, path, body):
    before = rules_org.counts()

    response = api.call(method, path, body)

    assert response.status_code == 400
    assert {"errorCode", "message"} <= set(response.json()[0])
    assert rules_org.counts() == before


@pytest.mark.parametrize(
    "row",
    [
        {"Id": {}},
        {"Id": []},
        {"Id": 5},
        {"ERP_Id__c": "1", "Parent": {"ERP_Id__c": None}},
        {"ERP_Id__c": "1", "Parent": {"ERP_Id__c": []}},
        {"ERP_Id__c": "1", "Parent": {"Id": 5}},
        {"ERP_Id__c": "1", "Parent": {"attributes": 5, "ERP_Id__c": "x"}},
        {"ERP_Id__c": "1", "attributes": {"type": "Account"}, "": 1},
        {"ERP_Id__c": "1", "__class__": 1},
        {"ERP_Id__c": "1", "get": 1},
        {"ERP_Id__c": "1", "IsDeleted": True},
        {"ERP_Id__c": "1", "CreatedDate": "2020-01-01T00:00:00Z"},
    ],
    ids=str,
)
def test_hostile_row_is_refused_alone(api, rules_org, row):
    good = {"ERP_Id__c": "good", "Name": "good"}

    results = api.upsert("Account/ERP_Id__c", {"Name": "x", **row}, good)

    assert [each["success"] for each in results] == [False, True]
    assert [each["Name"] for each in rules_org.records("Account")] == ["good"]


@pytest.mark.parametrize(
    "path",
    [
        "sobjects/Account/%00",
        "sobjects/Account/%FF%FE",
        "sobjects/%2e%2e/Account",
        "sobjects//Account",
        "query?q=%00",
        "query/01g-1",
        "query/-",
        "query/01gLk0000000001IAA-99999999999999999999",
        "composite/sobjects/Account?ids=a,b&fields=Name",
        "composite/sobjects/Account",
        "sobjects/Account/001Lk0000000001IAA?fields=,",
    ],
)
def test_hostile_path_is_the_callers_error(api, path):
    assert 400 <= api.call("GET", path).status_code < 500


def test_gzip_body_is_read(api):
    body = gzip.compress(json.dumps({"Name": "zipped"}).encode())

    assert api.call("POST", "sobjects/Account", body, headers={"Content-Encoding": "gzip"}).status_code == 201


@pytest.mark.parametrize(
    "body",
    [b"{}", gzip.compress(b"{}")[:-5], gzip.compress(b" " * 60_000_000), zlib.compress(b"{}")],
    ids=["plain", "cut off", "bomb", "zlib"],
)
def test_bad_gzip_is_the_callers_error(api, body):
    response = api.call("POST", "sobjects/Account", body, headers={"Content-Encoding": "gzip"})

    assert (response.status_code, response.json()[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")


def test_other_content_type_is_refused(api):
    response = api.call("POST", "sobjects/Account", b"Name\nx", headers={"Content-Type": "text/csv"})

    assert (response.status_code, response.json()[0]["errorCode"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_parser_error_says_where(api):
    response = api.call("POST", "sobjects/Account", b'{"Name"\n: "x", j}')

    message = (
        "Unexpected character ('j' (code 106)): was expecting double-quote to start field name at [line:2, column:8]"
    )
    assert response.json() == [{"errorCode": "JSON_PARSER_ERROR", "message": message}]


def test_long_uri_and_long_headers_are_refused(api):
    assert api.call("GET", f"query?q={'x' * 16_400}").status_code == 414
    assert api.call("GET", "limits", headers={"X-Long": "x" * 16_400}).status_code == 431
