"""Planned faults and the rest of the local org's control prefix."""

import pytest
import requests

UPSERT = "composite/sobjects/Account/ERP_Id__c"


def rows(*keys):
    return {"records": [{"attributes": {"type": "Account"}, "ERP_Id__c": key, "Name": key} for key in keys]}


def keys(org):
    return [each["ERP_Id__c"] for each in org.records("Account")]


@pytest.mark.parametrize(("when", "written"), [("before", []), ("after", ["1"])])
def test_fault_strikes_before_or_after_the_commit(api, rules_org, when, written):
    rules_org.plan_faults({"match": {"method": "PATCH"}, "when": when, "error_code": "SERVER_UNAVAILABLE"})

    response = api.call("PATCH", UPSERT, rows("1"))

    assert (response.status_code, response.json()[0]["errorCode"]) == (503, "SERVER_UNAVAILABLE")
    assert keys(rules_org) == written
    assert api.call("PATCH", UPSERT, rows("1")).status_code == 200


def test_fault_strikes_from_the_nth_matching_call_as_often_as_planned(api, rules_org):
    rules_org.plan_faults({"match": {"path_contains": "limits", "nth": 2}, "times": 2, "status": 500})

    statuses = [api.call("GET", "limits").status_code for _ in range(4)]

    assert statuses == [200, 500, 500, 200]
    assert api.call("GET", "sobjects").status_code == 200
    assert [(each["seen"], each["fired"]) for each in rules_org.faults.state()] == [(4, 2)]


def test_fault_without_an_end_strikes_until_it_is_cleared(api, rules_org):
    rules_org.plan_faults({"times": None, "status": 502, "html": True})

    struck = [api.call("GET", "limits") for _ in range(3)]
    api.call("DELETE", "/_org/faults")

    assert {each.status_code for each in struck} == {502}
    assert struck[0].headers["Content-Type"].startswith("text/html")
    assert api.call("GET", "limits").status_code == 200


@pytest.mark.parametrize(
    ("match", "strikes"),
    [
        ({"object": "Account"}, True),
        ({"object": "account"}, True),
        ({"object": "Contact"}, False),
        ({"external_id": "1"}, True),
        ({"external_id": "2"}, False),
        ({"method": "patch"}, True),
        ({"method": "GET"}, False),
    ],
)
def test_fault_is_for_the_calls_that_it_names(api, rules_org, match, strikes):
    rules_org.plan_faults({"match": match, "status": 500})

    assert (api.call("PATCH", UPSERT, rows("1")).status_code == 500) is strikes


@pytest.mark.parametrize(("when", "written"), [("before", ["1", "3"]), ("after", ["1", "2", "3"])])
def test_row_fault_strikes_its_row_and_not_its_neighbours(api, rules_org, when, written):
    plan = {"row": True, "match": {"external_id": "2"}, "when": when, "error_code": "UNABLE_TO_LOCK_ROW"}
    rules_org.plan_faults(plan)

    results = api.call("PATCH", UPSERT, rows("1", "2", "3")).json()

    assert [each["success"] for each in results] == [True, False, True]
    assert results[1]["errors"] == [
        {
            "statusCode": "UNABLE_TO_LOCK_ROW",
            "message": "unable to obtain exclusive access to this record",
            "fields": [],
        }
    ]
    assert keys(rules_org) == written
    assert all(each["success"] for each in api.call("PATCH", UPSERT, rows("1", "2", "3")).json())


def test_row_fault_strikes_a_single_record_too(api, rules_org):
    rules_org.plan_faults({"row": True, "match": {"object": "Account"}, "error_code": "UNABLE_TO_LOCK_ROW"})

    response = api.call("PATCH", "sobjects/Account/ERP_Id__c/1", {"Name": "x"})

    assert (response.status_code, response.json()[0]["errorCode"]) == (400, "UNABLE_TO_LOCK_ROW")
    assert keys(rules_org) == []


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "composite/sobjects"), ("PATCH", "composite/sobjects"), ("PATCH", UPSERT)],
    ids=["create", "update", "upsert"],
)
def test_row_fault_knows_its_row_by_external_id_in_every_call(api, rules_org, method, path):
    ids = [each["id"] for each in api.call("PATCH", UPSERT, rows("1", "2")).json()] if method == "PATCH" else [None] * 2
    rules_org.plan_faults({"row": True, "match": {"external_id": "2"}, "error_code": "UNABLE_TO_LOCK_ROW"})
    body = rows("1", "2")
    if (method, path) == ("PATCH", "composite/sobjects"):
        for record, record_id in zip(body["records"], ids, strict=True):
            record["id"] = record_id

    assert [each["success"] for each in api.call(method, path, body).json()] == [True, False]


def test_fault_of_the_token_endpoint_has_the_shape_of_oauth(api, rules_org):
    rules_org.plan_faults(
        {"match": {"path_contains": "token"}, "status": 400, "error_code": "invalid_grant", "message": "m"}
    )

    response = api.call("POST", "/services/oauth2/token", b"")

    assert (response.status_code, response.json()) == (400, {"error": "invalid_grant", "error_description": "m"})


def test_slow_answer_ends_the_patience_of_its_caller(door, org):
    org.plan_faults({"delay_s": 0.3})

    with pytest.raises(requests.ReadTimeout):
        door.session.get(f"{door.instance_url}/services/data", timeout=0.05)


def test_slow_answer_is_the_right_one(door, org):
    org.plan_faults({"delay_s": 0.01})

    assert door.session.get(f"{door.instance_url}/services/data", timeout=20).json()[0]["version"] == "40.0"


def test_dropped_connection_may_have_written(salesforce_session, org):
    session, url, token = salesforce_session
    org.plan_faults({"drop_connection": True, "when": "after", "match": {"method": "POST"}})
    headers = {"Authorization": f"Bearer {token}"}

    with pytest.raises(requests.ConnectionError):
        session.post(f"{url}/services/data/v66.0/sobjects/Account", json={"Name": "x"}, headers=headers, timeout=20)

    assert org.counts()["Account"] == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        [{"when": "never"}],
        [{"nope": 1}],
        [{"match": {"nth": 0}}],
        [{"delay_s": -1}],
        [{"status": 99}],
        "x",
        b"{",
        b"\xff",
    ],
    ids=repr,
)
def test_malformed_plan_is_refused_and_nothing_planned(api, rules_org, body):
    assert api.call("POST", "/_org/faults", body).status_code == 400
    assert rules_org.faults.state() == []


def test_calls_are_listed_without_those_of_the_control_prefix(api):
    api.call("PATCH", UPSERT, rows("1", "2"))
    api.call("GET", "nope")

    calls = api.call("GET", "/_org/calls").json()

    assert [(each["method"], each["status"], each["rows"]) for each in calls] == [("PATCH", 200, 2), ("GET", 404, 0)]
    assert calls[0]["path"] == f"/services/data/v66.0/{UPSERT}"
    api.call("DELETE", "/_org/calls")
    assert api.call("GET", "/_org/calls").json() == []


def test_records_can_be_filtered_by_a_field(api):
    api.call("PATCH", UPSERT, rows("1", "2"))

    found = api.call("GET", "/_org/records/Account?field=ERP_Id__c&value=2").json()
    listed = api.call("GET", "/_org/records/Account?fields=Name,ERP_Id__c").json()

    assert [each["Name"] for each in found] == ["2"]
    assert listed == [{"Name": "1", "ERP_Id__c": "1"}, {"Name": "2", "ERP_Id__c": "2"}]
    assert api.call("GET", "/_org/counts").json()["Account"] == 2
    assert api.call("GET", "/_org/records/Nope").status_code == 404


def test_reset_returns_to_the_start(api, rules_org):
    start = rules_org.counts()
    api.call("PATCH", UPSERT, rows("1"))
    rules_org.plan_faults({"status": 500, "times": None})
    rules_org.advance_clock(1e6)

    api.call("POST", "/_org/reset")

    assert (rules_org.counts(), rules_org.calls(), rules_org.faults.state()) == (start, [], [])
    assert api.call("GET", "limits").status_code == 401


def test_clock_sessions_limits_and_refresh_tokens_are_in_the_tests_hand(api, rules_org):
    before_s = rules_org.clock.now_s()
    assert api.call("POST", "/_org/clock", {"advance_s": 3600}).json()["now_s"] >= before_s + 3600
    assert api.call("POST", "/_org/limits", {"daily_api_requests_max": 10, "used": 10}).json()["used"] == 10
    assert api.call("GET", "limits").status_code == 403
    api.call("POST", "/_org/sessions/expire")
    assert api.call("GET", "limits").status_code == 401
    api.call("DELETE", "/_org/refresh-tokens")
    known = rules_org.settings.credentials
    form = f"client_id={known.client_id}&client_secret={known.client_secret}&refresh_token={known.refresh_token}"
    refused = api.call("POST", "/services/oauth2/token", f"grant_type=refresh_token&{form}")
    assert refused.json()["error"] == "invalid_grant"


@pytest.mark.parametrize("body", [{"advance_s": "soon"}, {"advance_s": 1e300}, {}, [], b"NaN"], ids=repr)
def test_malformed_clock_is_refused(api, body):
    assert api.call("POST", "/_org/clock", body).status_code == 400


def test_unknown_control_path_names_the_known_ones(api):
    response = api.call("GET", "/_org/nope")

    assert response.status_code == 404
    assert "POST /_org/reset" in response.json()["error"]
