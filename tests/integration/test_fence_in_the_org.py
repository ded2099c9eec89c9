"""The fence at work: whoever writes, in whatever order and from however many threads, no version goes back."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from local.org.org import Org, OrgSettings
from tests.integration.org_doors import Api, in_process_door

KEY = "Shopify_Customer_Id__c"
VERSION = "Shopify_Version__c"
WRITERS, CALLS, RECORDS, SEED = 16, 12, 20, 20261124


def write_in_random_order(schema):
    """Let writers send versions of the same records in random order; return the org and the newest of each."""
    org = Org(schema, OrgSettings(keeps_history=True))
    newest = dict.fromkeys(map(str, range(RECORDS)), 0)
    calls = []
    chooser = random.Random(SEED)
    for _ in range(WRITERS * CALLS):
        versions = {key: chooser.randrange(1, 10**12) for key in newest if chooser.random() < 0.7}
        newest = {key: max(newest[key], versions.get(key, 0)) for key in newest}
        calls.append([{KEY: key, "Name": f"v{version}", VERSION: version} for key, version in versions.items()])
    with in_process_door(org) as door, ThreadPoolExecutor(WRITERS) as writers:
        api = Api(door, org.open_session())
        list(writers.map(lambda rows: api.upsert(f"Account/{KEY}", *rows), calls))
    return org, newest


def test_every_record_ends_at_its_newest_version_and_none_ever_went_back(org_schema):
    org, newest = write_in_random_order(org_schema)

    assert {each[KEY]: each[VERSION] for each in org.records("Account")} == newest
    assert all(each["Name"] == f"v{newest[each[KEY]]}" for each in org.records("Account"))
    assert org.went_back("Account", VERSION) == []


def test_without_the_rules_the_same_writes_go_back(org_schema):
    org, _ = write_in_random_order(replace(org_schema, validation_rules={}))

    assert org.went_back("Account", VERSION)


@pytest.fixture
def api(org):
    with in_process_door(org) as door:
        yield Api(door, org.open_session())


def account(version, **more):
    return {KEY: "1", "Name": "n", VERSION: version, **more}


def test_a_stale_write_is_told_by_its_token(api):
    api.upsert(f"Account/{KEY}", account(5))

    (refused,) = api.upsert(f"Account/{KEY}", account(4))

    (error,) = refused["errors"]
    assert error["statusCode"] == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert error["message"].startswith("LOCKSTEP_STALE_VERSION: ")
    assert error["fields"] == [VERSION]


def test_the_same_change_may_arrive_twice(api):
    api.upsert(f"Account/{KEY}", account(5))

    assert api.upsert(f"Account/{KEY}", account(5))[0]["success"]


def test_a_mark_of_a_delete_is_fenced_like_any_change(api, org):
    api.upsert(f"Account/{KEY}", account(5))

    older = api.upsert(f"Account/{KEY}", account(4, Is_Deleted_In_Shopify__c=True))
    newer = api.upsert(f"Account/{KEY}", account(6, Is_Deleted_In_Shopify__c=True))

    assert (older[0]["success"], newer[0]["success"]) == (False, True)
    assert org.records("Account")[0]["Is_Deleted_In_Shopify__c"] is True


def test_each_source_has_a_version_of_its_own(api):
    api.upsert(f"Account/{KEY}", account(5, Stripe_Version__c=900))

    assert api.upsert(f"Account/{KEY}", account(6))[0]["success"]
    assert not api.upsert(f"Account/{KEY}", account(7, Stripe_Version__c=899))[0]["success"]


def test_what_people_change_leaves_the_version_alone(api, org):
    api.upsert(f"Account/{KEY}", account(5))
    record_id = org.records("Account")[0]["Id"]

    assert api.call("PATCH", f"sobjects/Account/{record_id}", {"Phone": "1"}).status_code == 204


def test_nobody_blanks_a_version_but_with_the_override(api, org_schema):
    api.upsert(f"Account/{KEY}", account(5))
    repaired = Org(org_schema, OrgSettings(permission_sets=("Lockstep_Data_Repair",)))

    assert api.call("PATCH", f"sobjects/Account/{KEY}/1", {VERSION: None}).status_code == 400
    with in_process_door(repaired) as door:
        person = Api(door, repaired.open_session())
        person.upsert(f"Account/{KEY}", account(5))
        assert person.call("PATCH", f"sobjects/Account/{KEY}/1", {VERSION: None}).status_code == 200
