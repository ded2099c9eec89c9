"""The local org's limits and maintenance windows."""

import pytest

from tests.integration.sign_in import REFRESH, ask, limits_status

DAY_S = 24 * 3600
CONCURRENT = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."


@pytest.fixture
def call(door, org):
    """Ask for the limits with a good token."""
    token = org.open_session()

    def ask_limits(path="limits"):
        headers = {"Authorization": f"Bearer {token}"}
        return door.session.get(f"{door.instance_url}/services/data/v66.0/{path}", headers=headers, timeout=20)

    return ask_limits


def control(door, method, path, body=None):
    return door.session.request(method, f"{door.instance_url}/_org/{path}", json=body, timeout=20)


def test_calls_of_others_count_against_the_day_and_not_against_the_app(door, org, call):
    control(door, "POST", "limits", {"daily_api_requests_max": 100, "app_max": 50, "app_name": "sample"})
    call()
    stands = control(door, "POST", "limits", {"others_use": 40}).json()

    response = call()

    assert (stands["used"], stands["used_by_app"]) == (41, 1)
    assert response.headers["Sforce-Limit-Info"] == "api-usage=42/100; per-app-api-usage=2/50(appName=sample)"
    assert response.json()["DailyApiRequests"] == {
        "Max": 100,
        "Remaining": 58,
        "sample": {"Max": 50, "Remaining": 48},
    }


def test_allocation_of_the_app_can_be_taken_away_again(door, call):
    control(door, "POST", "limits", {"app_max": 50})
    control(door, "POST", "limits", {"app_max": None})

    assert call().headers["Sforce-Limit-Info"] == "api-usage=1/15000"


def test_spent_day_refuses_with_the_numbers_until_its_hour_leaves_the_window(door, org, call):
    org.change_app(session_s=10 * DAY_S)
    control(door, "POST", "limits", {"daily_api_requests_max": 10, "others_use": 10})

    refused = call()
    org.advance_clock(DAY_S - 3600 - 1)
    still = call()
    org.advance_clock(3600 + 1)

    assert (refused.status_code, refused.headers["Sforce-Limit-Info"]) == (403, "api-usage=10/10")
    assert refused.json() == [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]
    assert still.status_code == 403
    assert call().status_code == 200


def test_signing_in_costs_no_call_of_the_day(door, org):
    org.set_limits(daily_api_requests_max=0)

    assert ask(door, "token", REFRESH).status_code == 200
    assert org.usage.used == 0


@pytest.mark.parametrize(("running", "status"), [(4, 200), (5, 403), (6, 403)])
def test_too_many_long_calls_refuse_the_next_one_with_other_words_than_a_spent_day(door, org, call, running, status):
    control(door, "POST", "limits", {"long_calls_running": running})

    response = call()

    assert response.status_code == status
    if status == 403:
        assert response.json() == [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": CONCURRENT}]
        assert response.headers["Sforce-Limit-Info"] == "api-usage=0/15000"


def test_limit_of_long_calls_is_that_of_the_edition(door, call):
    control(door, "POST", "limits", {"concurrent_max": 25, "long_calls_running": 24})
    before = call().status_code
    control(door, "POST", "limits", {"long_calls_running": 25})

    assert (before, call().status_code) == (200, 403)


def test_slow_call_counts_from_its_twentieth_second_until_it_ends(api, rules_org):
    rules_org.set_limits(concurrent_max=1)
    rules_org.plan_faults({"delay_s": 60, "match": {"path_contains": "sobjects"}})
    with pytest.raises(OSError, match="too slow"):  # a requests.ReadTimeout: the caller goes away, the call runs on
        api.call("GET", "sobjects")

    statuses = []
    for seconds in (0, 19, 2, 38, 2):
        rules_org.advance_clock(seconds)
        statuses.append(api.call("GET", "limits").status_code)

    assert statuses == [200, 200, 403, 403, 200]


@pytest.mark.parametrize(
    "body", [{"nope": 1}, {"used": -1}, {"others_use": None}, {"long_call_s": 0}, {"self": 1}, []], ids=repr
)
def test_limit_that_is_none_is_refused(door, body):
    assert control(door, "POST", "limits", body).status_code == 400


@pytest.mark.parametrize(("kind", "content_type"), [("html", "text/html;charset=UTF-8"), ("empty", None)])
def test_nothing_answers_in_a_maintenance_window_and_everything_after_it(door, org, call, kind, content_type):
    org.change_app(session_s=DAY_S)
    control(door, "POST", "maintenance", {"lasts_s": 7200, "body": kind})

    closed, sign_in = call(), ask(door, "token", REFRESH)
    org.advance_clock(7199)
    last = call()
    org.advance_clock(2)

    assert [each.status_code for each in (closed, sign_in, last)] == [503, 503, 503]
    assert (closed.headers.get("Content-Type"), bool(closed.content)) == (content_type, kind == "html")
    assert "Sforce-Limit-Info" not in closed.headers
    assert (call().status_code, org.usage.used) == (200, 1)
    assert ask(door, "token", REFRESH).status_code == 200


def test_sign_in_may_stay_open_in_a_maintenance_window(door, org, call):
    org.plan_maintenance(lasts_s=60, closes_sign_in=False)

    assert call().status_code == 503
    assert ask(door, "token", REFRESH).status_code == 200


def test_maintenance_window_may_start_later_and_be_called_off(door, org, call):
    starts_at_s = org.clock.now_s() + 600
    control(door, "POST", "maintenance", {"starts_at_s": starts_at_s, "lasts_s": 600})
    before = call().status_code
    org.advance_clock(601)
    during = call().status_code
    planned = control(door, "GET", "maintenance").json()
    control(door, "DELETE", "maintenance")

    assert (before, during, call().status_code) == (200, 503, 200)
    assert [(each["starts_at_s"], each["is_on"]) for each in planned] == [(starts_at_s, True)]
    assert control(door, "GET", "maintenance").json() == []


@pytest.mark.parametrize("body", [{}, {"lasts_s": 0}, {"lasts_s": 1, "body": "x"}, {"lasts_s": 1, "self": 1}], ids=repr)
def test_window_that_is_none_is_refused(door, body):
    assert control(door, "POST", "maintenance", body).status_code == 400


def test_reset_opens_the_org_and_returns_its_limits(door, org):
    start = control(door, "GET", "limits").json()
    org.plan_maintenance(lasts_s=60)
    org.set_limits(long_calls_running=9, app_max=1, used=7, concurrent_max=1)

    control(door, "POST", "reset")

    assert control(door, "GET", "limits").json() == start
    assert limits_status(door, org.open_session()) == 200


@pytest.mark.parametrize(("when", "written"), [("before", 0), ("after", 1)])
def test_planned_fault_may_end_every_session_for_good(salesforce_session, org, when, written):
    session, url, token = salesforce_session
    org.plan_faults({"match": {"method": "POST"}, "when": when, "ends_sessions": True})
    target, headers = f"{url}/services/data/v66.0/sobjects/Account", {"Authorization": f"Bearer {token}"}

    statuses = [session.post(target, json={"Name": "x"}, headers=headers, timeout=20).status_code for _ in range(2)]

    assert statuses == ([401, 401] if when == "before" else [201, 401])
    assert org.counts().get("Account", 0) == written
