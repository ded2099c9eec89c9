"""`Integration_Error_Log__c` in the local org: described, upserted by correlation ID, queried by status."""

import pytest

from local.org.org import Org
from tests.integration.org_doors import Api, in_process_door

LOG = "Integration_Error_Log__c"
PATH = f"{LOG}/Correlation_Id__c"


@pytest.fixture
def log(org: Org):
    with in_process_door(org) as door:
        yield Api(door, org.open_session())


def entry(correlation_id="c" * 32, **more):
    return {
        "Correlation_Id__c": correlation_id,
        "Source_System__c": "shopify",
        "Object_Type__c": "Account",
        "Status__c": "Pending",
        "Retry_Count__c": 0,
        "First_Failed_At__c": "2026-11-24T03:00:00Z",
        **more,
    }


def test_an_entry_is_upserted_by_its_correlation_id_and_numbered(org, log):
    (created,) = log.upsert(PATH, entry())
    (updated,) = log.upsert(PATH, entry(Status__c="Abandoned", Retry_Count__c=7))

    assert (created["created"], updated["created"]) == (True, False)
    (kept,) = org.records(LOG)
    assert (kept["Name"], kept["Status__c"], kept["Retry_Count__c"]) == ("IE-00000001", "Abandoned", 7.0)


def test_correlation_ids_are_told_apart_by_case(org, log):
    log.upsert(PATH, entry("ab"), entry("AB"))

    assert org.counts()[LOG] == 2


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("Status__c", "Done", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("Payload__c", "x" * 131_073, "STRING_TOO_LONG"),
        ("Error_Message__c", "x" * 32_769, "STRING_TOO_LONG"),
        ("Retry_Count__c", 10_000, "NUMBER_OUTSIDE_VALID_RANGE"),
    ],
)
def test_a_value_that_the_field_does_not_hold_is_refused(log, field, value, code):
    (refused,) = log.upsert(PATH, entry(**{field: value}))

    assert refused["errors"][0]["statusCode"] == code


def test_the_longest_payload_fits(org, log):
    log.upsert(PATH, entry(Payload__c="ä" * 131_072, Error_Message__c="e" * 32_768))

    (kept,) = org.records(LOG)
    assert len(kept["Payload__c"]) == 131_072


def test_an_entry_is_pending_where_nothing_is_said(org, log):
    log.upsert(PATH, {"Correlation_Id__c": "1"})

    assert org.records(LOG)[0]["Status__c"] == "Pending"


def test_it_is_described_and_queried(log):
    log.upsert(PATH, entry("1"), entry("2", Status__c="Resolved"))

    described = log.call("GET", f"sobjects/{LOG}/describe").json()
    found = log.call("GET", f"query?q=SELECT Correlation_Id__c FROM {LOG} WHERE Status__c = 'Pending'").json()

    fields = {field["name"]: field for field in described["fields"]}
    assert fields["Payload__c"]["length"] == 131_072
    assert [each["Correlation_Id__c"] for each in found["records"]] == ["1"]
