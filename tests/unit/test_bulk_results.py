"""What result files say: an error's parts, and which row a key is."""

import random

import pytest

from lockstep.adapters.salesforce_failures import of_bulk_row, of_job
from lockstep.domain.bulk_results import RowError, SubmittedKeys, key_column, row_error
from lockstep.domain.failures import FailureKind, SyncError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --",
            RowError("REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", ("Name",)),
        ),
        (
            "DUPLICATE_VALUE:duplicate value found: X__c duplicates value on record with id: 500Ox000008nUim:--",
            RowError(
                "DUPLICATE_VALUE", "duplicate value found: X__c duplicates value on record with id: 500Ox000008nUim", ()
            ),
        ),
        (
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY:T: execution of\n\ncaused by: x: y:Product__c,Broker__c --",
            RowError(
                "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
                "T: execution of\n\ncaused by: x: y",
                ("Product__c", "Broker__c"),
            ),
        ),
        ("INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:--",
         RowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ())),
        ("ODD", RowError("ODD", "", ())),
        ("", RowError("", "", ())),
    ],
    ids=["one field", "colons", "line breaks", "no field", "no colon", "nothing"],
)  # fmt: skip
def test_an_error_is_read_as_salesforce_writes_it(text, expected):
    assert row_error(text) == expected


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("UNABLE_TO_LOCK_ROW:unable to obtain exclusive access:--", FailureKind.ROW_LOCKED),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION:LOCKSTEP_STALE_VERSION x:V__c --", FailureKind.STALE_VERSION),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION:no:V__c --", FailureKind.RECORD_INVALID),
        ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY:T: System.LimitException: x:--", FailureKind.GOVERNOR_LIMIT),
        ("INVALID_FIELD:Foreign key external ID: 9 not found for field X in entity Y:--", FailureKind.FIELD_UNKNOWN),
        ("NEVER_SEEN:x:--", FailureKind.UNEXPECTED),
    ],
    ids=lambda each: each if isinstance(each, FailureKind) else "",
)
def test_a_row_is_classified_as_by_rest(text, kind):
    assert of_bulk_row(text).kind is kind


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("InvalidBatch : Field name not found : X__c", FailureKind.ROUTE_BROKEN),
        ("ClientInputError : LineEnding is invalid on user data", FailureKind.ROUTE_BROKEN),
        ("TooManyLockFailure : Too many lock failures", FailureKind.ROW_LOCKED),
        ("ExceededQuota : x", FailureKind.ORG_LIMIT_EXCEEDED),
        ("InternalServerError : x", FailureKind.BULK_JOB_FAILED),
        ("Something else", FailureKind.BULK_JOB_FAILED),
        ("", FailureKind.BULK_JOB_FAILED),
    ],
)
def test_a_job_is_classified_by_what_its_message_begins_with(message, kind):
    assert of_job(message).kind is kind


def test_results_in_any_order_and_in_other_letters_find_their_rows():
    keys = ["a", "B", "001", "912260031", "7.5", "x,y"]
    shown = {"a": "a", "B": "b", "001": "1.0", "912260031": "9.12260031E8", "7.5": "7.50", "x,y": "X,Y"}
    order = list(enumerate(keys))
    random.Random(1).shuffle(order)
    submitted = SubmittedKeys(keys)

    assert [submitted.take(shown[key]) for _, key in order] == [place for place, _ in order]
    assert (submitted.missing, submitted.unknown) == ([], 0)


def test_a_key_that_is_named_twice_or_by_nobody_is_counted():
    submitted = SubmittedKeys(["a", "A", "b", "c"])

    assert [submitted.take(key) for key in ("a", "a", "z")] == [0, None, None]
    assert (submitted.missing, submitted.unknown) == ([1, 2, 3], 2)


def test_a_key_that_may_be_two_rows_is_neither():
    submitted = SubmittedKeys(["Ab", "aB"])

    assert submitted.take("AB") is None
    assert submitted.missing == [0, 1]


def test_the_key_column_is_found_in_any_case():
    assert key_column(["sf__Id", "NAME", "erp_id__C"], "ERP_Id__c") == 2
    with pytest.raises(SyncError, match="no column X__c"):
        key_column(["sf__Id"], "X__c")
