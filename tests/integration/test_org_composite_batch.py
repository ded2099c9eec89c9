"""Batches of the local org: independent requests in one call."""

import pytest

from tests.integration.composite_parts import names


def batch(api, *requests, **options):
    response = api.call("POST", "composite/batch", {"batchRequests": requests, **options})
    assert response.status_code == 200, response.text
    return response.json()


def test_a_batch_goes_on_after_a_failure(both_doors_api, org):
    answer = batch(
        both_doors_api,
        {"method": "POST", "url": "v66.0/sobjects/Account", "richInput": {}},
        {"method": "POST", "url": "v66.0/sobjects/Account", "richInput": {"Name": "b"}},
        {"method": "GET", "url": "/services/data/v66.0/query?q=SELECT+Name+FROM+Account"},
    )

    assert answer["hasErrors"] is True
    assert [each["statusCode"] for each in answer["results"]] == [400, 201, 200]
    assert answer["results"][2]["result"]["records"][0]["Name"] == "b"
    assert names(org) == ["b"]


def test_a_batch_halts_where_it_is_told_to(api, rules_org):
    bad, good = ({"method": "POST", "url": "v66.0/sobjects/Account", "richInput": body} for body in ({}, {"Name": "x"}))

    answer = batch(api, good, bad, good, haltOnError=True)

    assert [each["statusCode"] for each in answer["results"]] == [201, 400, 412]
    assert answer["results"][2]["result"][0]["errorCode"] == "BATCH_PROCESSING_HALTED"
    assert names(rules_org) == ["x"]


def test_each_request_of_a_batch_is_a_call(api, rules_org):
    before = rules_org.usage.used

    batch(api, *[{"method": "GET", "url": "v66.0/limits"}] * 3)

    assert rules_org.usage.used == before + 3


@pytest.mark.parametrize(
    "body",
    [
        {"batchRequests": [{"method": "GET", "url": "v66.0/limits"}] * 26},
        {"batchRequests": []},
        {"batchRequests": [{"method": "GET"}]},
        {"batchRequests": [{"method": ["GET"], "url": "v66.0/limits"}]},
        {"batchRequests": [{"method": "BREW", "url": "v66.0/limits"}]},
        {"batchRequests": [5]},
    ],
    ids=["26", "none", "no url", "method as list", "odd method", "number"],
)
def test_a_wrong_batch_is_refused_as_a_whole(api, body):
    assert api.call("POST", "composite/batch", body).status_code == 400


def test_a_batch_holds_no_batch(api):
    answer = batch(api, {"method": "POST", "url": "v66.0/composite/batch", "richInput": {"batchRequests": []}})

    assert answer["results"][0]["statusCode"] == 404
