"""The window to look through, over plain HTTP: what stands on its pages, and what never does."""

import html
import re

import pytest

from local.org.exchanges import KEPT, MOST_BODY_BYTES
from local.org.org import Org, OrgSettings
from tests.integration.org_doors import Api, in_process_door

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}",
    "</table>",
    "a & b <b>",
    "javascript:1",
]


@pytest.fixture
def api(door, rules_org):
    return Api(door, rules_org.open_session())


@pytest.fixture
def org(rules_org) -> Org:
    """What `door` opens to."""
    return rules_org


@pytest.fixture
def look(api):
    """Get a page as anybody may, without a token."""

    def get(path, status=200):
        answer = api.door.session.get(api.door.instance_url + path, timeout=20)
        assert answer.status_code == status, answer.text
        return answer.text

    return get


def _text(page):
    """Return what a reader sees of a page."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition("</style>")[2])))


def test_overview_tells_what_the_org_holds_and_was_asked(api, look, org):
    api.upsert("Account/ERP_Id__c", *({"ERP_Id__c": str(n), "Name": f"n{n}"} for n in range(3)))
    org.plan_faults({"match": {"path_contains": "/nowhere"}, "times": 2, "error_code": "SERVER_UNAVAILABLE"})
    job = api.call("POST", "jobs/ingest", {"object": "Account", "operation": "insert"}).json()["id"]
    query = api.call("POST", "jobs/query", {"operation": "query", "query": "SELECT Id FROM Account"}).json()["id"]
    seen = _text(look("/"))

    assert org.settings.organization_id in seen
    assert "Account Account 3" in seen
    assert 'path_contains "/nowhere" error_code "SERVER_UNAVAILABLE" 2 0 0' in seen
    assert f"{job} Account insert Open 0 0" in seen
    assert re.search(f"{query} Account query \\w+ \\d+ 0", seen)
    assert "PATCH /services/data/v66.0/composite/sobjects/Account/ERP_Id__c 200 3" in seen
    assert "API requests in 24 hours 3 15,000" in seen


def test_looking_is_no_call_costs_nothing_and_no_fault_strikes_it(look, org):
    org.plan_faults({"times": None, "error_code": "SERVER_UNAVAILABLE"})
    org.plan_maintenance(lasts_s=60)
    for path in ("/", "/_window/calls", "/_window/objects/Account"):
        look(path)

    assert (org.calls(), org.usage.used, org.faults.state()[0]["seen"]) == ([], 0, 0)
    assert "Maintenance" in _text(look("/"))


def test_records_of_an_object_are_shown_a_page_at_a_time(api, look):
    api.upsert("Account/ERP_Id__c", *({"ERP_Id__c": str(n), "Name": f"name-{n:03d}"} for n in range(120)))
    first, last, beyond = (look(f"/_window/objects/account?page={n}") for n in (1, 3, 99999999999))

    assert "120 records, page 1 of 3" in _text(first)
    assert re.findall(r"name-\d+", first) == [f"name-{n:03d}" for n in range(50)]
    assert re.findall(r"name-\d+", last) == [f"name-{n:03d}" for n in range(100, 120)]
    assert ("Next page" in first, "Next page" in last) == (True, False)
    assert "page 1 of 3" in _text(beyond)


def test_record_shows_every_field_and_leads_to_its_parent(api, look):
    parent = api.call("POST", "sobjects/Account", {"Name": "p"}).json()["id"]
    child = api.call("POST", "sobjects/Contact", {"LastName": "c", "AccountId": parent}).json()["id"]
    page = look(f"/_window/records/{child}")

    assert f'<a href="/_window/records/{parent}">{parent}</a>' in page
    assert "LastName Last Name string c" in _text(page)
    assert "history is not kept" in _text(page)
    assert f"Account {parent}" in _text(look(f"/_window/records/{parent[:15]}"))


def test_deleted_record_is_still_shown(api, look):
    record_id = api.call("POST", "sobjects/Account", {"Name": "gone"}).json()["id"]
    api.call("DELETE", f"sobjects/Account/{record_id}")

    assert "Deleted yes" in _text(look(f"/_window/records/{record_id}"))
    assert record_id not in look("/_window/objects/Account")


def test_history_of_a_record_is_shown_where_it_is_kept(rules_org_schema):
    org = Org(rules_org_schema, OrgSettings(keeps_history=True))
    with in_process_door(org) as door:
        api = Api(door, org.open_session())
        for name in ("one", "two"):
            api.upsert("Account/ERP_Id__c", {"ERP_Id__c": "1", "Name": name})
        record_id = org.records("Account")[0]["Id"]
        seen = _text(door.session.get(f"{door.instance_url}/_window/records/{record_id}", timeout=20).text)

    assert re.search(r"1 \S+ \S+ UTC create .*\"one\".* 2 \S+ \S+ UTC update .*\"two\"", seen)


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_value_stays_text_on_every_page(api, look, value):
    record_id = api.call("POST", "sobjects/Account", {"Name": value}).json()["id"]
    api.call("GET", "query", params={"q": f"SELECT Id FROM Account WHERE Name = '{value}'"})
    pages = ["/", "/_window/objects/Account", f"/_window/records/{record_id}", *(f"/_window/calls/{n}" for n in (1, 2))]

    for path in pages:
        body = look(path).partition("</style>")[2]
        assert not re.search(r"<(script|img|b)\b", body), path
    assert value in html.unescape(look(f"/_window/records/{record_id}"))


def test_no_page_shows_what_would_sign_somebody_in(api, look, org, door):
    credentials = org.settings.credentials
    url = f"{door.instance_url}/services/oauth2/token"
    form = {"grant_type": "refresh_token", "client_id": credentials.client_id}
    form |= {"client_secret": credentials.client_secret, "refresh_token": credentials.refresh_token}
    token = door.session.post(url, form, timeout=20).json()["access_token"]
    door.session.get(f"{door.instance_url}/id/x/y?oauth_token={token}&format=json", timeout=20)
    door.session.post(f"{door.instance_url}/services/oauth2/revoke", {"token": token}, timeout=20)
    door.session.get(f"{url}?client_secret={credentials.client_secret}", timeout=20)
    api.call("POST", "sobjects/Account", {"Name": token, "Phone": credentials.client_secret})
    api.call("GET", f"limits?access_token={token}")
    pages = [look(path) for path in ("/", "/_window/calls", *(f"/_window/calls/{n}" for n in range(1, 7)))]

    for secret in (token, token.partition("!")[2], credentials.client_secret, credentials.refresh_token, api.token):
        assert not any(secret in html.unescape(page) for page in pages)
    assert '"grant_type": "refresh_token"' in html.unescape(pages[2])
    assert "(masked)" in pages[2]


def test_call_shows_both_bodies_laid_out(api, look):
    api.call("POST", "sobjects/Account", {"Phone": "1"})
    seen = html.unescape(look("/_window/calls/1"))

    assert '{\n  "Phone": "1"\n}' in seen
    assert '"errorCode": "REQUIRED_FIELD_MISSING"' in seen


def test_bodies_are_kept_up_to_a_bound_and_calls_up_to_a_number(api, look, org):
    long = "x" * (MOST_BODY_BYTES * 2)
    api.call("POST", "sobjects/Account", {"Name": long})
    assert "more bytes" in look("/_window/calls/1")
    assert len(org.exchanges.latest()[0].request.body) == MOST_BODY_BYTES
    for _ in range(KEPT):
        api.call("GET", "limits")

    look("/_window/calls/1", status=404)
    assert len(org.exchanges.latest()) == KEPT


def test_bytes_that_are_no_text_are_shown_without_an_error(api, look):
    api.call("POST", "sobjects/Account", b"\xff\xfe\x00{", headers={"Content-Type": "application/octet-stream"})

    assert "�" in look("/_window/calls/1")


@pytest.mark.parametrize(
    "path",
    ["/_window", "/_window/", "/_window/objects/Nope", "/_window/records/001x", "/_window/calls/0", "/_window/a/b"],
)
def test_page_that_is_not_there_says_so(look, path):
    assert "Not found" in look(path, status=404)


@pytest.mark.parametrize("path", ["/", "/_window/calls"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_window_is_for_looking_only(api, method, path):
    answer = api.call(method, path, {})

    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_page_may_load_and_run_nothing(api):
    answer = api.door.session.get(api.door.instance_url + "/", timeout=20)

    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert not re.search(r"<script|\son\w+=|style=\"|https?://", answer.text.replace(api.door.instance_url, ""))


def test_reset_forgets_the_calls_but_never_reuses_their_numbers(api, look, org):
    api.call("GET", "limits")
    org.reset()
    api.token = org.open_session()
    api.call("GET", "limits")

    look("/_window/calls/1", status=404)
    look("/_window/calls/2")
