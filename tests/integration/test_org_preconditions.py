"""Conditional requests of the local org: 304, 412, and nothing written where a condition is not met."""

from email.utils import formatdate

import pytest

ACCOUNT = {"Name": "Acme", "ERP_Id__c": "1"}


@pytest.fixture
def account(api):
    return api.call("POST", "sobjects/Account", ACCOUNT).json()["id"]


@pytest.fixture
def contact(api):
    return api.call("POST", "sobjects/Contact", {"LastName": "Lee"}).json()["id"]


def http_date(org, offset_s=0):
    return formatdate(org.clock.now_s() + offset_s, usegmt=True)


def etag(api, account):
    return api.call("GET", f"sobjects/Account/{account}").headers["ETag"]


def patch(api, path, **headers):
    body = {"Phone": "5"} if "Account" in path else {"FirstName": "5"}
    return api.call("PATCH", f"sobjects/{path}", body, headers={k.replace("_", "-"): v for k, v in headers.items()})


def test_only_accounts_have_an_etag_and_it_moves_with_every_write(api, account, contact):
    first = etag(api, account)
    api.call("PATCH", f"sobjects/Account/{account}", {"Phone": "1"})

    assert first != etag(api, account)
    assert first.startswith('"')
    assert first.endswith('--gzip"')
    assert "ETag" not in api.call("GET", f"sobjects/Contact/{contact}").headers


def test_a_known_etag_is_answered_304_without_a_body(api, account):
    headers = {"If-None-Match": etag(api, account)}

    response = api.call("GET", f"sobjects/Account/{account}", headers=headers)

    assert (response.status_code, response.content) == (304, b"")


def test_an_if_match_that_no_longer_matches_writes_nothing(api, rules_org, account):
    old = etag(api, account)
    assert patch(api, f"Account/{account}", If_Match=f'"x", {old}').status_code == 204

    response = api.call("PATCH", f"sobjects/Account/{account}", {"Phone": "6"}, headers={"If-Match": old})

    message = "An ETag validation has failed."
    assert response.status_code == 412
    assert response.json() == [{"errorCode": "MATCH_PRECONDITION_FAILED", "message": message}]
    assert rules_org.records("Account")[0]["Phone"] == "5"


def test_an_if_none_match_that_matches_writes_nothing(api, rules_org, account):
    assert patch(api, f"Account/{account}", If_None_Match=etag(api, account)).status_code == 412
    assert patch(api, f"Account/{account}", If_None_Match="*").status_code == 412
    assert rules_org.records("Account")[0]["Phone"] is None


def test_etags_mean_nothing_for_other_objects(api, contact):
    assert patch(api, f"Contact/{contact}", If_Match='"x"').status_code == 204


@pytest.mark.parametrize("name", ["Account", "Contact"])
def test_a_record_changed_since_is_not_written(api, rules_org, account, contact, name):
    path = f"{name}/{account if name == 'Account' else contact}"
    read_at = http_date(rules_org)
    assert patch(api, path, If_Unmodified_Since=read_at).status_code == 204
    rules_org.advance_clock(5)
    api.call("PATCH", f"sobjects/{path}", {"Description": "a person was here"})

    response = patch(api, path, If_Unmodified_Since=read_at)

    assert (response.status_code, response.content) == (412, b"")
    assert rules_org.records(name)[0]["Description"] == "a person was here"


def test_a_record_that_did_not_change_is_answered_304(api, rules_org, contact):
    later = {"If-Modified-Since": http_date(rules_org, 1)}
    earlier = {"If-Modified-Since": http_date(rules_org, -60)}

    assert api.call("GET", f"sobjects/Contact/{contact}", headers=later).status_code == 304
    assert api.call("GET", f"sobjects/Contact/{contact}", headers=earlier).status_code == 200


def test_a_condition_that_is_no_date_refuses_a_write_and_is_nothing_to_a_read(api, rules_org, contact):
    response = patch(api, f"Contact/{contact}", If_Unmodified_Since="yesterday")

    assert (response.status_code, response.json()[0]["errorCode"]) == (400, "BAD_REQUEST")
    assert rules_org.records("Contact")[0]["FirstName"] is None
    headers = {"If-Modified-Since": "yesterday"}
    assert api.call("GET", f"sobjects/Contact/{contact}", headers=headers).status_code == 200


def test_a_delete_knows_no_conditions(api, rules_org, contact):
    headers = {"If-Unmodified-Since": http_date(rules_org, -3600)}

    assert api.call("DELETE", f"sobjects/Contact/{contact}", headers=headers).status_code == 204


@pytest.mark.parametrize("path", ["sobjects", "sobjects/Account/describe"])
def test_describes_are_answered_304_to_who_has_seen_them(api, rules_org, path):
    first = api.call("GET", path)

    again = api.call("GET", path, headers={"If-Modified-Since": first.headers["Last-Modified"]})
    before = api.call("GET", path, headers={"If-Modified-Since": "Sat, 1 Jan 2000 00:00:01 GMT"})

    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert before.json() == first.json()


def test_a_part_of_a_composite_request_has_conditions_too(api, rules_org, contact):
    part = {
        "method": "PATCH",
        "url": f"/services/data/v66.0/sobjects/Contact/{contact}",
        "referenceId": "a",
        "body": {"FirstName": "x"},
        "httpHeaders": {"If-Unmodified-Since": http_date(rules_org, -3600)},
    }
    response = api.call("POST", "composite", {"compositeRequest": [part]})

    assert response.json()["compositeResponse"] == [
        {"body": None, "httpHeaders": {}, "httpStatusCode": 412, "referenceId": "a"}
    ]
