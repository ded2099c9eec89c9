"""What the org's people see of an entry of the error log."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockstep.domain.changes import PayloadReference
from lockstep.domain.error_log import EntryStatus, ErrorEntry, FailedTry, unreadable_entry
from lockstep.domain.error_mirror import KEY, MAX_LENGTHS, OBJECT, is_about_itself, mirrored
from tests.fakes.changes import change as change_of

AT = datetime(2026, 11, 24, 3, 0, 7, 900_000, tzinfo=UTC)


def entry(**more) -> ErrorEntry:
    facts = {
        "correlation_id": "c" * 32,
        "status": EntryStatus.PENDING,
        "failure_kind": "REQUIRED_FIELD_MISSING",
        "detail": "LastName is missing",
        "updated_at": AT + timedelta(hours=1),
        "created_at": AT,
        "change": change_of(),
        "object_name": "Contact",
        "error_code": "REQUIRED_FIELD_MISSING",
        "tries": 3,
    }
    return ErrorEntry(**{**facts, **more})


def units(text):
    """Count as a long text area does."""
    return len(text.encode("utf-16-le")) // 2 + text.count("\n") - text.count("\r\n")


def test_an_entry_says_what_failed_and_why():
    one = entry(vendor_message="Required fields are missing: [LastName]")
    record = mirrored(one)

    assert record[KEY] == one.correlation_id
    assert (record["Source_System__c"], record["Entity__c"]) == (one.change.source, one.change.entity)
    assert (record["Object_Type__c"], record["External_Id__c"]) == ("Contact", one.change.external_id)
    assert (record["Failure_Kind__c"], record["Error_Code__c"]) == ("REQUIRED_FIELD_MISSING", "REQUIRED_FIELD_MISSING")
    assert record["Error_Message__c"] == "LastName is missing\nSalesforce: Required fields are missing: [LastName]"
    assert (record["Payload__c"], record["Payload_Location__c"]) == (one.change.payload, None)


def test_the_first_try_is_no_retry():
    assert [mirrored(entry(tries=tries))["Retry_Count__c"] for tries in (0, 1, 2, 7)] == [0, 0, 1, 6]


def test_times_are_those_of_the_tries_to_the_second():
    tries = tuple(FailedTry(AT + timedelta(minutes=n), "ROW_LOCKED", None) for n in (5, 1, 3))

    record = mirrored(entry(attempts=tries))

    assert record["First_Failed_At__c"] == "2026-11-24T03:01:07Z"
    assert record["Last_Tried_At__c"] == "2026-11-24T03:05:07Z"


def test_an_entry_without_tries_failed_when_it_was_made():
    assert mirrored(entry())["First_Failed_At__c"] == "2026-11-24T03:00:07Z"


@pytest.mark.parametrize("status", EntryStatus)
def test_only_a_retry_has_a_next_try_and_only_what_is_resolved_an_end(status):
    record = mirrored(entry(status=status, next_try_at=AT))

    assert record["Status__c"] == status.value
    assert (record["Next_Try_At__c"] is not None) is (status is EntryStatus.RETRYING)
    assert (record["Resolved_At__c"] is not None) is (status is EntryStatus.RESOLVED)


def test_what_is_no_change_shows_its_body():
    record = mirrored(unreadable_entry("not\x00json \ud800", "no JSON", AT))

    assert record["Payload__c"] == "not\N{REPLACEMENT CHARACTER}json ?"
    assert record["Source_System__c"] is None


def test_a_payload_that_lies_elsewhere_is_pointed_to():
    reference = PayloadReference(bucket="payloads", key="shopify/1")
    away = change_of().model_copy(update={"payload": None, "payload_reference": reference})

    record = mirrored(entry(change=away))

    assert (record["Payload__c"], record["Payload_Location__c"]) == (None, "s3://payloads/shopify/1")


def test_a_payload_that_is_too_long_is_cut_and_says_where_the_whole_lies():
    long = change_of().model_copy(update={"payload": "x" * 131_073})

    record = mirrored(entry(change=long))

    assert record["Payload__c"].endswith("cut by Lockstep")
    assert len(record["Payload__c"]) == 131_072
    assert record["Payload_Location__c"] == f"error log, correlation ID {'c' * 32}"


@given(text=st.text(st.sampled_from("a\n\r😀é\x00\ud800\ufffe"), max_size=300), times=st.integers(1, 1500))
def test_every_text_fits_its_field_and_can_be_sent(text, times):
    record = mirrored(entry(detail=text * times or "x", error_code=text, change=None, raw_body=text * times))

    for name, limit in MAX_LENGTHS.items():
        if record[name] is not None:
            assert 0 < units(record[name]) <= limit, name
            assert "\x00" not in record[name]


def test_the_mirror_is_never_about_itself():
    assert is_about_itself(entry(object_name=OBJECT))
    assert not is_about_itself(entry())
