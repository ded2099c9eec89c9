"""The local org's memory of every write, its threads, and what no fuzzing may break."""

import json
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.org.api import handle
from local.org.messages import Request
from local.org.org import Org, OrgSettings

KEY = "ERP_Id__c"
TARGET = f"/services/data/v66.0/composite/sobjects/Account/{KEY}"


def upsert(org, token, *rows, all_or_none=False):
    records = [{"attributes": {"type": "Account"}, **row} for row in rows]
    body = json.dumps({"records": records, "allOrNone": all_or_none}).encode()
    reply = handle(org, Request("PATCH", TARGET, {"authorization": f"Bearer {token}"}, body))
    return json.loads(reply.body)


def test_history_tells_each_write_with_what_it_changed(rules_org_schema):
    org = Org(rules_org_schema, OrgSettings(keeps_history=True))
    token = org.open_session()
    upsert(org, token, {KEY: "1", "Name": "a", "Version__c": 1})
    upsert(org, token, {KEY: "1", "Name": "a", "Version__c": 2})
    (record,) = org.records("Account")

    reply = handle(org, Request("GET", f"/_org/history/Account/{record['Id']}"))

    entries = json.loads(reply.body)
    assert [each["operation"] for each in entries] == ["create", "update"]
    assert entries[0]["values"]["Name"] == "a"
    assert {name for name in entries[1]["values"] if name.endswith("__c")} == {"Version__c"}
    assert entries[1]["values"]["Version__c"] == 2.0


def test_history_forgets_what_was_taken_back(rules_org_schema):
    org = Org(rules_org_schema, OrgSettings(keeps_history=True))
    token = org.open_session()
    (created,) = upsert(org, token, {KEY: "1", "Name": "a"})

    upsert(org, token, {KEY: "1", "Name": "b"}, {KEY: "2"}, all_or_none=True)

    assert [each["operation"] for each in org.history_of(created["id"])] == ["create"]


def went_back(org, path):
    reply = handle(org, Request("GET", f"/_org/history/{path}"))
    return reply.status, json.loads(reply.body)


def test_history_tells_whether_a_value_ever_went_back(rules_org_schema):
    org = Org(rules_org_schema, OrgSettings(keeps_history=True))
    token = org.open_session()
    for version in (1, 3, 3, 2, 4, None, 5):
        (written,) = upsert(org, token, {KEY: "1", "Name": "a", "Version__c": version})
        upsert(org, token, {KEY: "2", "Name": "a", "Version__c": 10 + (version or 6)})
        org.advance_clock(1)

    status, answer = went_back(org, "Account?field=version__c")

    steps = [(each["id"], each["from"], each["to"]) for each in answer["went_back"]]
    assert status == 200
    assert steps[:2] == [(written["id"], 3.0, 2.0), (written["id"], 4.0, None)]
    assert {each[0] for each in steps[2:]} == {each["Id"] for each in org.records("Account", **{KEY: "2"})}


def test_a_value_that_only_grows_never_went_back_even_when_its_record_is_deleted(rules_org_schema):
    org = Org(rules_org_schema, OrgSettings(keeps_history=True))
    token = org.open_session()
    for version in (1, 2):
        (written,) = upsert(org, token, {KEY: "1", "Name": "a", "Version__c": version})
    headers = {"authorization": f"Bearer {token}"}
    handle(org, Request("DELETE", f"/services/data/v66.0/sobjects/Account/{written['id']}", headers))

    assert went_back(org, "Account?field=Version__c") == (200, {"went_back": []})


def test_history_of_what_is_not_there_says_so(rules_org_schema):
    org = Org(rules_org_schema, OrgSettings(keeps_history=True))

    assert went_back(org, "Account?field=Nothing__c")[0] == 404
    assert went_back(org, "Nothing__c?field=Version__c")[0] == 404


def test_history_that_is_not_kept_says_so(rules_org):
    assert handle(rules_org, Request("GET", "/_org/history/Account/x")).status == 409


def test_threads_that_upsert_the_same_keys_make_one_record_each(rules_org):
    token = rules_org.open_session()
    rows = [{KEY: str(n), "Name": "x"} for n in range(50)]
    threads = [threading.Thread(target=upsert, args=(rules_org, token, *rows)) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(int(each[KEY]) for each in rules_org.records("Account")) == list(range(50))
    assert rules_org.usage.used == 8


NAMES = st.sampled_from(
    [
        "attributes",
        "type",
        "records",
        "allOrNone",
        "Id",
        "id",
        KEY,
        "Name",
        "Parent",
        "OwnerId",
        "ParentId",
        "Rate__c",
        "Since__c",
        "Born__c",
        "Active__c",
        "Tier__c",
        "IsDeleted",
        "BillingAddress",
        "ids",
        "fields",
        "Account",
    ]
) | st.text(max_size=5)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.just("Account")
VALUES = st.recursive(
    SCALARS, lambda each: st.lists(each, max_size=3) | st.dictionaries(NAMES, each, max_size=4), max_leaves=12
)
ROWS = st.lists(
    st.dictionaries(NAMES, VALUES, max_size=5).map(lambda row: {"attributes": {"type": "Account"}, **row}), max_size=4
)
BODIES = st.one_of(VALUES, st.fixed_dictionaries({"records": ROWS}), st.dictionaries(NAMES, VALUES, max_size=5))
PATHS = st.sampled_from(
    [
        "sobjects/Account",
        "sobjects/Contact/Id",
        f"sobjects/Account/{KEY}/1",
        "sobjects/Account/001Lk0000000001IAA",
        "composite/sobjects",
        f"composite/sobjects/Account/{KEY}",
        "composite/sobjects/Account/Id",
        "composite/sobjects/Account",
    ]
)


@pytest.fixture(scope="module")
def fuzzed_org(rules_org_schema):
    return Org(rules_org_schema, OrgSettings(daily_api_requests=10**9))


@given(method=st.sampled_from(["POST", "PATCH", "DELETE", "GET"]), path=PATHS, body=BODIES)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
def test_no_json_makes_the_org_crash(fuzzed_org, method, path, body):
    headers = {"authorization": f"Bearer {fuzzed_org.open_session()}"}

    reply = handle(fuzzed_org, Request(method, f"/services/data/v66.0/{path}", headers, json.dumps(body).encode()))

    assert reply.status < 500
    if reply.body:
        json.loads(reply.body)
    accounts = fuzzed_org.records("Account")
    keys = [each[KEY].lower() for each in accounts if each[KEY]]
    assert len(keys) == len(set(keys))
    assert all(each["Name"] for each in accounts)
    assert len(accounts) == fuzzed_org.counts().get("Account", 0)


@given(target=st.text(max_size=60))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_no_path_makes_the_org_crash(fuzzed_org, target):
    headers = {"authorization": f"Bearer {fuzzed_org.open_session()}"}

    for prefix in ("/", "/services/data/v66.0/", "/services/data/v66.0/query?q="):
        assert handle(fuzzed_org, Request("GET", prefix + target, headers)).status < 500
