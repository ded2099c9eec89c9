"""Failures are gathered by their reason: one alert with counts, and no count is lost."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from lockstep.adapters.alert_topic import MAX_TEXT_CHARS
from lockstep.domain.error_log import EntryStatus, ErrorEntry, unreadable_entry
from lockstep.domain.failure_digest import (
    FORGOTTEN_S,
    MAX_REASONS,
    OTHER_REASONS,
    TOLD_AGAIN_S,
    FailureDigest,
    alert_of,
    due,
    taken_in,
    told,
)
from tests.fakes.changes import NOON, change

HOUR = timedelta(seconds=TOLD_AGAIN_S)


def failed(name="1", status=EntryStatus.PENDING, kind="RECORD_INVALID", code="STRING_TOO_LONG", **more):
    one = change(name)
    facts = {"detail": "LastName is too long", "object_name": "Account", "error_code": code, "change": one, **more}
    return ErrorEntry(one.correlation_id, status, kind, updated_at=NOON, created_at=NOON, **facts)


def alert(*entries):
    return alert_of(due(taken_in(FailureDigest(), entries), NOON))


def test_thousand_of_one_reason_are_one_line_with_a_count_and_examples():
    entries = [failed(str(number)) for number in range(1000)]

    subject, text = alert(*entries)

    assert subject == "Lockstep: 1,000 changes need a person"
    assert "1. 1,000 x RECORD_INVALID (STRING_TOO_LONG), from shop, to Account: Pending\n" in text
    assert "LastName is too long" in text
    assert [entry.correlation_id in text for entry in entries[:4]] == [True, True, True, False]
    assert "2. " not in text


def test_reasons_are_told_apart_and_the_most_frequent_comes_first():
    others = [
        failed("2", EntryStatus.ABANDONED),
        failed("3", kind="MAPPING_FAILED", code=None),
        failed("4", object_name="Contact"),
        failed("5", code="REQUIRED_FIELD_MISSING"),
        failed("6", change=change("6", source="erp")),
    ]

    subject, text = alert(*others, failed("7"), failed("8"))

    assert subject == "Lockstep: 6 changes need a person, 1 change was given up"
    assert text.startswith("1. 2 x RECORD_INVALID (STRING_TOO_LONG), from shop, to Account: Pending")
    assert "\n6. " in text
    assert "1 x MAPPING_FAILED, from shop, to Account: Pending" in text
    assert "from erp" in text
    assert ": Abandoned" in text


def test_message_that_is_no_change_is_told_without_a_route():
    _subject, text = alert(unreadable_entry("x", "no JSON", NOON))

    assert text.startswith("1. 1 x MESSAGE_INVALID: Pending\n   The first says: no JSON")


def test_what_is_retried_or_resolved_or_given_up_by_a_person_is_counted_nowhere():
    given_up = failed(status=EntryStatus.ABANDONED, abandoned_by="ann")

    digest = taken_in(
        FailureDigest(), [failed(status=EntryStatus.RETRYING), failed(status=EntryStatus.RESOLVED), given_up]
    )

    assert digest == FailureDigest()


def test_reason_that_was_told_is_told_again_after_an_hour_with_what_came_since():
    digest = taken_in(FailureDigest(), [failed(), failed("2")])
    digest = told(digest, due(digest, NOON), NOON)
    digest = taken_in(digest, [failed("3", detail="another detail")])

    assert due(digest, NOON + HOUR - timedelta(seconds=1)) == []
    (reason,) = due(digest, NOON + HOUR)
    assert (reason.waiting, reason.examples, reason.detail) == (1, (change("3").correlation_id,), "another detail")


def test_reason_that_nobody_was_told_of_does_not_wait_for_another():
    digest = taken_in(FailureDigest(), [failed()])
    digest = taken_in(told(digest, due(digest, NOON), NOON), [failed("2"), failed("3", code="OTHER")])

    assert [reason.error_code for reason in due(digest, NOON)] == ["OTHER"]


def test_reason_is_forgotten_after_a_day_unless_something_waits():
    digest = taken_in(FailureDigest(), [failed(), failed("2", code="OTHER")])
    digest = taken_in(told(digest, due(digest, NOON), NOON), [failed("3", code="OTHER")])
    later = NOON + timedelta(seconds=FORGOTTEN_S)

    assert [reason.error_code for reason in told(digest, [], later).reasons] == ["OTHER"]


def test_reasons_without_end_fit_one_alert_and_none_is_left_out():
    long = "x" * 5_000
    entries = [
        replace(failed(str(number), code=f"{number:080}", object_name="O" * 80), detail=long)
        for number in range(MAX_REASONS + 50)
    ]

    digest = taken_in(FailureDigest(), entries)
    subject, text = alert_of(due(digest, NOON))

    assert len(digest.reasons) == MAX_REASONS + 1
    assert "50 x " + OTHER_REASONS in text
    assert subject == "Lockstep: 150 changes need a person"
    assert len(text) < MAX_TEXT_CHARS
    assert "What to do" in text


FAILURES = st.builds(
    failed,
    name=st.integers(0, 10**6).map(str),
    status=st.sampled_from(EntryStatus),
    kind=st.sampled_from(["RECORD_INVALID", "MAPPING_FAILED"]),
    code=st.sampled_from([None, "A", "B"]),
)


@given(runs=st.lists(st.tuples(st.lists(FAILURES, max_size=8), st.integers(0, 5_000)), max_size=12))
def test_however_failures_are_split_into_runs_each_is_told_once(runs):
    digest, now, heard = FailureDigest(), NOON, Counter()
    for entries, seconds in [*runs, ([], TOLD_AGAIN_S)]:
        now += timedelta(seconds=seconds)
        digest = taken_in(FailureDigest.model_validate_json(digest.model_dump_json()), entries)
        reasons = due(digest, now)
        heard.update({reason.name: reason.waiting for reason in reasons})
        digest = told(digest, reasons, now)

    failures = [entry for entries, _ in runs for entry in entries if entry.status.needs_people]
    wanted = Counter((e.status, "shop", "Account", e.failure_kind, e.error_code or "") for e in failures)
    assert heard == wanted
