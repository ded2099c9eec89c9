"""Sign-in, sessions and what the local org tells before and after it."""

import base64
import hashlib
import hmac
from email.utils import parsedate_to_datetime

import pytest

from local.org.sessions import Credentials

GOOD = {
    "grant_type": "refresh_token",
    "client_id": Credentials().client_id,
    "client_secret": Credentials().client_secret,
    "refresh_token": Credentials().refresh_token,
}


def sign_in(door, **changes):
    return door.session.post(f"{door.instance_url}/services/oauth2/token", data={**GOOD, **changes}, timeout=20)


def test_refresh_token_opens_a_session_at_the_origin_that_was_asked(door, org):
    answer = sign_in(door).json()

    signed = (answer["id"] + answer["issued_at"]).encode()
    signature = hmac.digest(GOOD["client_secret"].encode(), signed, hashlib.sha256)
    assert answer["instance_url"] == door.instance_url
    assert answer["id"] == f"{door.instance_url}/id/{org.settings.organization_id}/{org.user_id}"
    assert answer["signature"] == base64.b64encode(signature).decode()
    assert answer["access_token"].startswith(f"{org.settings.organization_id[:15]}!")
    assert (answer["token_type"], answer["scope"], "expires_in" in answer) == ("Bearer", "refresh_token api id", False)
    headers = {"Authorization": f"Bearer {answer['access_token']}"}
    limits = door.session.get(f"{answer['instance_url']}/services/data/v66.0/limits/", headers=headers, timeout=20)
    assert limits.json()["DailyApiRequests"] == {"Max": 15000, "Remaining": 14999}
    assert limits.headers["Sforce-Limit-Info"] == "api-usage=1/15000"


def test_date_header_tells_the_orgs_time(door, org):
    org.advance_clock(86_400)

    told = parsedate_to_datetime(sign_in(door).headers["Date"]).timestamp()

    assert told == pytest.approx(org.clock.now_s(), abs=5)


def test_token_answer_may_not_be_stored(door):
    headers = sign_in(door).headers

    assert headers["Cache-Control"] == "no-cache,must-revalidate,max-age=0,no-store,private"
    assert headers["Content-Type"] == "application/json;charset=UTF-8"


@pytest.mark.parametrize(
    ("changes", "error", "description"),
    [
        ({"refresh_token": "old"}, "invalid_grant", "expired access/refresh token"),
        ({"refresh_token": ""}, "invalid_grant", "expired access/refresh token"),
        ({"client_id": "x"}, "invalid_client_id", "client identifier invalid"),
        ({"client_secret": "ü"}, "invalid_client", "invalid client credentials"),
        ({"grant_type": "magic"}, "unsupported_grant_type", "grant type not supported"),
        ({"grant_type": ""}, "unsupported_grant_type", "grant type not supported"),
    ],
)
def test_refused_sign_in_names_the_error(door, changes, error, description):
    response = sign_in(door, **changes)

    assert response.status_code == 400
    assert response.json() == {"error": error, "error_description": description}


def test_client_may_sign_in_with_a_basic_header(door):
    url = f"{door.instance_url}/services/oauth2/token"
    form = {"grant_type": "refresh_token", "refresh_token": GOOD["refresh_token"]}

    response = door.session.post(url, data=form, auth=(GOOD["client_id"], GOOD["client_secret"]), timeout=20)

    assert response.status_code == 200


@pytest.mark.parametrize("token", ["", "nonsense", "00D!AQ"])
def test_unknown_token_is_an_expired_session_and_costs_no_call(api, rules_org, token):
    api.token = token

    response = api.call("GET", "sobjects")

    assert response.status_code == 401
    assert response.json() == [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]
    assert rules_org.usage.used == 0


@pytest.mark.parametrize("scheme", ["Bearer", "OAuth"])
def test_both_words_open_a_session(api, scheme):
    assert api.call("GET", "sobjects", headers={"Authorization": f"{scheme} {api.token}"}).status_code == 200


def test_session_ends_when_it_was_not_used_for_two_hours(api, rules_org):
    rules_org.advance_clock(7000)
    assert api.call("GET", "limits").status_code == 200
    rules_org.advance_clock(7000)
    assert api.call("GET", "limits").status_code == 200

    rules_org.advance_clock(7201)

    assert api.call("GET", "limits").status_code == 401


def test_user_information_needs_a_good_token(api, rules_org):
    told = api.call("GET", "/services/oauth2/userinfo").json()
    api.token = "bad"
    refused = api.call("GET", "/services/oauth2/userinfo")

    assert told["organization_id"] == rules_org.settings.organization_id
    assert told["preferred_username"] == rules_org.settings.credentials.username
    assert (refused.status_code, refused.text) == (403, "Bad_OAuth_Token")


def test_versions_need_no_session_and_stand_oldest_first(door, org):
    response = door.session.get(f"{door.instance_url}/services/data", timeout=20)
    versions = response.json()

    assert [each["version"] for each in versions] == [f"{n}.0" for n in range(40, 67)]
    assert {"label": "Winter '19", "url": "/services/data/v44.0", "version": "44.0"} in versions
    assert "Sforce-Limit-Info" not in response.headers
    assert org.usage.used == 0


def test_resources_of_a_version_name_their_paths(api, rules_org):
    resources = api.call("GET", "/services/data/v60.0/").json()

    assert resources["sobjects"] == "/services/data/v60.0/sobjects"
    assert resources["identity"].endswith(f"/{rules_org.user_id}")


def test_spent_allocation_refuses_every_call_until_the_window_moves(api, rules_org):
    rules_org.set_limits(daily_api_requests_max=2)

    statuses = [api.call("GET", "limits").status_code for _ in range(3)]
    refused = api.call("GET", "limits")
    rules_org.advance_clock(25 * 3600)
    api.token = rules_org.open_session()

    assert statuses == [200, 200, 403]
    assert refused.json() == [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]
    assert refused.headers["Sforce-Limit-Info"] == "api-usage=2/2"
    assert api.call("GET", "limits").status_code == 200


def test_record_counts_leave_out_objects_without_records(api):
    api.call("POST", "sobjects/Account", {"Name": "x"})

    counts = api.call("GET", "limits/recordCount?sObjects=Account,Contact").json()

    assert counts == {"sObjects": [{"count": 1, "name": "Account"}]}


def test_describe_tells_the_objects_and_fields_of_the_schema(api):
    objects = api.call("GET", "sobjects/").json()
    described = api.call("GET", "sobjects/Account/describe/").json()
    basic = api.call("GET", "sobjects/Account").json()

    assert objects["maxBatchSize"] == 200
    assert "Account" in [each["name"] for each in objects["sobjects"]]
    assert {"ERP_Id__c", "Name"} <= {each["name"] for each in described["fields"]}
    assert basic["objectDescribe"] == next(each for each in objects["sobjects"] if each["name"] == "Account")
    assert api.call("GET", "sobjects/Nope/describe").status_code == 404


def test_identity_url_tells_who_signed_in(api, rules_org):
    url = f"/id/{rules_org.settings.organization_id}/{rules_org.user_id}"

    told = api.call("GET", url).json()
    by_query = api.call("GET", f"{url}?oauth_token={api.token}", headers={"Authorization": ""}).json()
    other = api.call("GET", f"/id/{rules_org.settings.organization_id}/005Lk0000000009IAA")
    nobody = api.call("GET", url, headers={"Authorization": ""})

    assert told == by_query
    assert told["id"].endswith(url)
    assert told["username"] == rules_org.settings.credentials.username
    assert (other.status_code, other.text) == (404, "Bad_Id")
    assert (nobody.status_code, nobody.text) == (403, "Missing_OAuth_Token")


@pytest.mark.parametrize(("token", "is_refused"), [("access", False), (GOOD["refresh_token"], True)])
def test_revoked_token_is_dead_and_takes_its_sessions_along(api, rules_org, token, is_refused):
    token = api.token if token == "access" else token
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    assert api.call("POST", "/services/oauth2/revoke", f"token={token}", headers=form).status_code == 200

    assert api.call("GET", "limits").status_code == 401
    assert (sign_in(api.door).status_code == 400) is is_refused
    again = api.call("POST", "/services/oauth2/revoke", f"token={token}", headers=form)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_token")
