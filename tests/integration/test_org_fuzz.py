"""Random requests to every route: always an answer of the API, and a refused call changes nothing.

`ORG_FUZZ_EXAMPLES=5000` makes it search longer than CI has time for.
"""

import json
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.org.api import handle
from local.org.ids import to_18
from local.org.messages import Request
from local.org.org import Org, OrgSettings
from local.org.record import IS_DELETED
from tests.integration.org_doors import rules_schema
from tests.integration.org_requests import ACCOUNT_ID, V, requests

EXAMPLES = int(os.environ.get("ORG_FUZZ_EXAMPLES", "60"))
SCHEMA = rules_schema()
SEEDS = (
    ("Account", {"Name": "Acme", "ERP_Id__c": "1", "Code__c": "c"}),
    ("Account", {"Name": "Beta", "ERP_Id__c": "2", "Code__c": "c"}),
    ("Contact", {"LastName": "Lee", "AccountId": to_18(ACCOUNT_ID), "ERP_Id__c": "1"}),
)


def seeded_org():
    org = Org(SCHEMA, OrgSettings(daily_api_requests=10**9))
    token = org.open_session()
    for object_name, values in SEEDS:
        answer = ask(org, token, "POST", f"sobjects/{object_name}", json.dumps(values).encode())
        assert answer.status == 201, answer.body
    return org, token


def ask(org, token, method, path, body, headers=None):
    every = {"authorization": f"Bearer {token}", "content-type": "application/json", **(headers or {})}
    return handle(org, Request(method, f"{V}/{path}", every, body))


def state_of(org):
    """Return every record; a number once given out stays used, which nobody can see."""
    return {table.schema.name: [repr(each) for each in table.rows if each is not None] for table in org.store.tables()}


def check_indexes(org):
    """Every living record is found by its values, and no other one is."""
    for table in org.store.tables():
        living = list(table.records())
        assert table.live == len(living), table.schema.name
        for column in table.indexes:
            for record in living:
                value = record.get(column.field.name)
                assert value is None or any(found is record for found in column.index.find(value))
                assert not any(found[IS_DELETED] for found in column.index.find(value))


def is_refusal(answer):
    """Tell whether a body is one of an error: an array of errors, that of a tree, or none after a failed condition."""
    if not answer.body:
        return answer.status == 412
    body = json.loads(answer.body)
    return body["hasErrors"] if isinstance(body, dict) else {"errorCode", "message"} <= body[0].keys()


def is_refused(answer):
    """Tell whether all that was asked was refused, be it row by row or part by part."""
    if answer.status >= 400:
        return True
    body = json.loads(answer.body) if answer.body[:1] in {b"{", b"["} else None
    if isinstance(body, list):
        return bool(body) and all(isinstance(row, dict) and row.get("success") is False for row in body)
    if not isinstance(body, dict):
        return False
    graphs = [each["isSuccessful"] for each in body.get("graphs", ())]
    statuses = [each["httpStatusCode"] for each in body.get("compositeResponse", ())]
    statuses += [each["statusCode"] for each in body.get("results", ()) if "statusCode" in each]
    return (bool(graphs) and not any(graphs)) or (bool(statuses) and min(statuses) >= 400)


@pytest.mark.timeout(240)
@settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(st.lists(requests(), min_size=1, max_size=6))
def test_every_request_is_answered_and_a_refused_one_changes_nothing(asked):
    org, token = seeded_org()

    for each in asked:
        before = state_of(org)
        answer = ask(org, token, each.method, each.path, each.body, each.headers)

        assert 200 <= answer.status < 500
        assert answer.status < 400 or is_refusal(answer)
        if is_refused(answer):
            assert state_of(org) == before
        check_indexes(org)
