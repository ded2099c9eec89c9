"""What was changed, what was deleted, and what is in the recycle bin of the local org."""

from datetime import UTC, datetime, timedelta

import pytest


@pytest.fixture
def ids(api):
    return [api.call("POST", "sobjects/Contact", {"LastName": name}).json()["id"] for name in "abc"]


def window(org, start_s, end_s, **kwargs):
    now = datetime.fromtimestamp(org.clock.now_s(), UTC)
    spec = kwargs.get("timespec", "seconds")
    return {
        "start": (now + timedelta(seconds=start_s)).isoformat(timespec=spec),
        "end": (now + timedelta(seconds=end_s)).isoformat(timespec=spec),
    }


def ask(api, what, **params):
    return api.call("GET", f"sobjects/Contact/{what}", params=params)


def test_updated_names_what_was_written_in_the_window_and_still_lives(api, rules_org, ids):
    rules_org.advance_clock(3600)
    api.call("PATCH", f"sobjects/Contact/{ids[0]}", {"FirstName": "x"})
    api.call("DELETE", f"sobjects/Contact/{ids[1]}")
    rules_org.advance_clock(120)

    assert ask(api, "updated", **window(rules_org, -600, 0)).json()["ids"] == [ids[0]]
    assert ask(api, "updated", **window(rules_org, -7200, 0)).json()["ids"] == [ids[0], ids[2]]


def test_deleted_names_what_was_deleted_in_the_window(api, rules_org, ids):
    api.call("DELETE", f"sobjects/Contact/{ids[1]}")
    rules_org.advance_clock(120)

    answer = ask(api, "deleted", **window(rules_org, -600, 0)).json()

    assert list(answer) == ["deletedRecords", "earliestDateAvailable", "latestDateCovered"]
    assert [each["id"] for each in answer["deletedRecords"]] == [ids[1]]
    assert answer["deletedRecords"][0]["deletedDate"].endswith(".000+0000")


def test_windows_that_follow_each_other_lose_and_repeat_nothing(api, rules_org):
    seen, start = [], datetime.fromtimestamp(rules_org.clock.now_s(), UTC) - timedelta(minutes=5)
    made = []
    for step_s in (7, 31, 59, 60, 61, 10, 95, 3, 120):
        made.append(api.call("POST", "sobjects/Contact", {"LastName": "x"}).json()["id"])
        rules_org.advance_clock(step_s)
        now = datetime.fromtimestamp(rules_org.clock.now_s(), UTC)
        response = ask(api, "updated", start=start.isoformat(), end=now.isoformat())
        if response.status_code == 200:
            answer = response.json()
            seen.extend(answer["ids"])
            start = datetime.fromisoformat(answer["latestDateCovered"])

    assert seen == made


REFUSED = {
    "31 days ago": (-31 * 86_400, 0),
    "end before start": (0, -3600),
    "less than a minute": (-7200, -7200),
}


@pytest.mark.parametrize("what", ["updated", "deleted"])
@pytest.mark.parametrize(("start_s", "end_s"), REFUSED.values(), ids=REFUSED)
def test_a_window_out_of_range_is_refused(api, rules_org, what, start_s, end_s):
    response = ask(api, what, **window(rules_org, start_s, end_s))

    assert (response.status_code, response.json()[0]["errorCode"]) == (400, "INVALID_REPLICATION_DATE")


@pytest.mark.parametrize(
    "params", [{}, {"start": "x", "end": "y"}, {"start": "2026-01-01T00:00:00", "end": "z"}], ids=str
)
def test_a_window_that_is_none_is_refused(api, params):
    response = ask(api, "updated", **params)

    assert (response.status_code, response.json()[0]["errorCode"]) == (400, "INVALID_REPLICATION_DATE")


def test_query_all_shows_the_recycle_bin_and_query_does_not(both_doors_api, org):
    api = both_doors_api
    ids = [api.call("POST", "sobjects/Contact", {"LastName": name}).json()["id"] for name in "ab"]
    api.call("DELETE", f"sobjects/Contact/{ids[0]}")

    every = api.call("GET", "queryAll", params={"q": "SELECT Id, IsDeleted FROM Contact"}).json()["records"]
    living = api.call("GET", "query", params={"q": "SELECT Id FROM Contact"}).json()["records"]
    gone = api.call("GET", "queryAll", params={"q": f"SELECT Id FROM Contact WHERE Id = '{ids[0]}'"}).json()["records"]

    assert [(each["Id"], each["IsDeleted"]) for each in every] == [(ids[0], True), (ids[1], False)]
    assert [each["Id"] for each in living] == [ids[1]]
    assert [each["Id"] for each in gone] == [ids[0]]


def test_pages_of_query_all_are_its_own(api, rules_org):
    for start in (0, 200):
        api.upsert("Account/ERP_Id__c", *({"ERP_Id__c": str(n), "Name": "x"} for n in range(start, start + 200)))

    headers = {"Sforce-Query-Options": "batchSize=200"}
    first = api.call("GET", "queryAll", params={"q": "SELECT Id FROM Account"}, headers=headers).json()
    second = api.call("GET", first["nextRecordsUrl"], headers=headers).json()

    assert first["nextRecordsUrl"].startswith("/services/data/v66.0/queryAll/01g")
    assert (len(second["records"]), second["done"]) == (200, True)
    assert rules_org.counts()["Account"] == 400


def test_an_assignment_rule_is_refused_and_the_switch_is_not(api):
    def create(value):
        return api.call("POST", "sobjects/Account", {"Name": "x"}, headers={"Sforce-Auto-Assign": value}).status_code

    assert [create(value) for value in ("FALSE", "true", "01Qxx0000000001")] == [201, 201, 400]
