"""What an answer of the org tells about its API calls."""

import pytest
import requests

from lockstep.adapters.api_meter import NO_OBJECT, ApiMeter, SalesforceLimits, usage_of_header, usage_of_limits
from lockstep.adapters.salesforce_failures import of_call
from lockstep.domain.failures import FailureKind
from tests.fakes.changes import NOON
from tests.fakes.connection import FakeMeter

BASE = "https://org.example/services/data/v66.0/"


class Answers(requests.adapters.BaseAdapter):
    """Answers everything alike."""

    def __init__(self, headers):
        super().__init__()
        self.headers = headers

    def send(self, request, **_):
        response = requests.Response()
        response.status_code, response.url, response.request = 200, request.url, request
        response.headers.update(self.headers)
        response._content = b"{}"
        return response

    def close(self):
        pass


@pytest.fixture
def metered():
    """Return a function that sends requests and the meter that sees their answers."""
    meter = ApiMeter(lambda: NOON)
    session = requests.Session()
    meter.watch(session)

    def send(method, url, headers=None, **kwargs):
        session.mount("https://", Answers(headers or {}))
        session.request(method, url, **kwargs)

    return send, meter


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("api-usage=25/5000", (25, 5000)),
        ("api-usage=25/5000; per-app-api-usage=17/250(appName=sample-connected-app)", (25, 5000)),
        ("per-app-api-usage=17/250(appName=x); api-usage=25/5000", (25, 5000)),
        ("per-app-api-usage=17/250(appName=x)", None),
        ("api-usage=0/0", None),
        ("nonsense", None),
        (None, None),
    ],
)
def test_header_tells_the_usage_in_both_of_its_forms(text, expected):
    usage = usage_of_header(text, NOON)

    assert (usage and (usage.used, usage.maximum)) == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"DailyApiRequests": {"Max": 15000, "Remaining": 14998}}, (2, 15000)),
        ({"DailyApiRequests": {"Max": 100, "Remaining": -5, "Ant Migration Tool": {"Max": 0}}}, (105, 100)),
        ({"DailyApiRequests": {"Max": 0, "Remaining": 0}}, None),
        ({"DailyApiRequests": {"Ant Migration Tool": {"Max": 0}}}, None),
        ({}, None),
        ([], None),
        (None, None),
    ],
)
def test_limits_tell_the_usage(answer, expected):
    usage = usage_of_limits(answer, NOON)

    assert (usage and (usage.used, usage.maximum)) == expected


@pytest.mark.parametrize(
    ("method", "path", "kwargs", "counted"),
    [
        ("PATCH", "composite/sobjects/Account/Shopify_Customer_Id__c", {"data": "{}"}, "Account"),
        ("GET", "ui-api/object-info/Account/picklist-values/012x", {}, "Account"),
        ("GET", "sobjects/Order__c/describe", {}, "Order__c"),
        ("GET", "query/", {"params": {"q": "SELECT Id, (SELECT Id FROM x) FROM Account"}}, "x"),
        ("GET", "query/", {"params": {"q": "SELECT Id FROM OrderItem WHERE Name = 'a FROM b'"}}, "OrderItem"),
        ("GET", "query/01gxx-2000", {}, NO_OBJECT),
        ("POST", "composite/sobjects", {"json": {"records": [{"attributes": {"type": "Contact"}}]}}, "Contact"),
        ("DELETE", "composite/sobjects?ids=001x", {}, NO_OBJECT),
        ("GET", "limits", {}, NO_OBJECT),
    ],
)
def test_call_is_counted_for_the_object_that_it_is_about(metered, method, path, kwargs, counted):
    send, meter = metered

    send(method, BASE + path, **kwargs)

    assert meter.drain() == {counted: 1}
    assert meter.drain() == {}


@pytest.mark.parametrize("path", ["https://org.example/services/oauth2/token", "https://org.example/services/data"])
def test_what_salesforce_does_not_count_is_not_counted(metered, path):
    send, meter = metered

    send("POST", path)

    assert meter.drain() == {}


def test_latest_answer_is_what_is_known(metered):
    send, meter = metered

    send("GET", BASE + "limits", {"Sforce-Limit-Info": "api-usage=1/10"})
    send("GET", BASE + "limits", {"Sforce-Limit-Info": "api-usage=2/10"})
    send("GET", BASE + "limits")

    assert meter.latest.used == 2


class Client:
    def __init__(self, answer):
        self.answer = answer

    def limits(self):
        return self.answer


def test_header_helps_where_the_user_may_not_see_the_limits():
    seen = usage_of_header("api-usage=7/10", NOON)

    limits = SalesforceLimits(lambda: Client({}), FakeMeter(seen), lambda: NOON)

    assert limits.usage() == seen


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("TotalRequests Limit exceeded.", FailureKind.API_LIMIT_EXCEEDED),
        ("ConcurrentRequests (Concurrent API Requests) Limit exceeded.", FailureKind.CONCURRENT_LIMIT_EXCEEDED),
        ("ConcurrentPerOrgLongTxn Limit exceeded.", FailureKind.CONCURRENT_LIMIT_EXCEEDED),
        ("ConcurrentRequests 制限を超えました。", FailureKind.CONCURRENT_LIMIT_EXCEEDED),
        (None, FailureKind.API_LIMIT_EXCEEDED),
    ],
)
def test_spent_day_is_told_from_too_many_calls_at_once(message, kind):
    body = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": message}]

    assert of_call(403, body).kind is kind


def test_word_concurrent_means_nothing_in_another_error():
    assert of_call(503, [{"errorCode": "SERVER_UNAVAILABLE", "message": "Concurrent x"}]).kind is (
        FailureKind.ORG_UNAVAILABLE
    )
