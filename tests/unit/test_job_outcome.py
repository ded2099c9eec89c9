"""What is done with the rows that a job has not written."""

import pytest

from lockstep.domain import job_outcome
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.job_outcome import JobOutcome, next_steps
from lockstep.domain.job_rows import ManifestRow
from lockstep.domain.repeated_keys import RepeatedKeys
from lockstep.domain.row_counts import JobRows

CAUSE = SyncError(FailureKind.BULK_JOB_FAILED, "why")
LOCKED = SyncError(FailureKind.ROW_LOCKED, "x")
LIMITED = SyncError(FailureKind.GOVERNOR_LIMIT, "x")
INVALID = SyncError(FailureKind.RECORD_INVALID, "x")


def row(line, *, is_submitted=True):
    return ManifestRow(line, 1, f"k{line}", "", is_submitted)


@pytest.fixture
def outcome():
    return JobOutcome(
        successful=[row(1).text],
        stale=[row(2)],
        failed=[(row(9), LOCKED), (row(3), INVALID), (row(4), LIMITED)],
        unprocessed=[row(8), row(5)],
        missing=[row(6)],
        left_out=[row(7, is_submitted=False)],
    )


def lines(rows):
    return [each.line for each in rows]


def by_line(steps):
    return {each.line: failure.kind for each, failure in steps.one_by_one}


def test_a_jobs_balance_says_what_no_file_names(outcome):
    assert outcome.rows == JobRows(submitted=8, successful=1, failed=4, unprocessed=2)
    assert outcome.rows.missing == 1


def test_a_few_rows_go_one_by_one_in_the_order_of_the_file(outcome):
    steps = next_steps(outcome, CAUSE, may_try_again=True)

    assert (lines(steps.again), steps.is_failure) == ([7], False)
    assert list(by_line(steps)) == [3, 4, 5, 6, 8, 9]
    assert by_line(steps)[5] is FailureKind.BULK_JOB_FAILED
    assert by_line(steps)[6] is FailureKind.ROWS_UNACCOUNTED


def test_many_rows_go_in_a_job_but_those_that_meet_a_limit_there(outcome, monkeypatch):
    monkeypatch.setattr(job_outcome, "MOST_BY_REST", 1)
    steps = next_steps(outcome, CAUSE, may_try_again=True)

    assert (lines(steps.again), steps.is_failure) == ([5, 6, 7, 8, 9], True)
    assert by_line(steps) == {3: FailureKind.RECORD_INVALID, 4: FailureKind.GOVERNOR_LIMIT}


def test_rows_whose_tries_are_used_up_are_told_one_by_one_and_what_was_never_tried_goes(outcome, monkeypatch):
    monkeypatch.setattr(job_outcome, "MOST_BY_REST", 1)
    steps = next_steps(outcome, CAUSE, may_try_again=False)

    assert (lines(steps.again), steps.is_failure) == ([7], False)
    assert list(by_line(steps)) == [3, 4, 5, 6, 8, 9]


def test_what_an_aborted_job_had_not_come_to_waits_whatever_it_is(outcome):
    steps = next_steps(outcome, CAUSE, may_try_again=True, goes_again=True)

    assert lines(steps.again) == [5, 6, 7, 8]
    assert list(by_line(steps)) == [3, 4, 9]


@pytest.mark.parametrize("expected", [1, 100, 50_000], ids=["crowded", "fitting", "roomy"])
def test_every_key_that_comes_twice_is_in_doubt_and_most_others_are_not(expected):
    keys = RepeatedKeys(expected)
    keys.look(f"k{number}" for number in range(5_000))
    keys.look(f"k{number}" for number in range(4_990, 6_000))

    doubted = {number for number in range(6_000) if keys.may_repeat(f"k{number}")}
    assert doubted >= set(range(4_990, 5_000))
    assert len(doubted) < (3_000 if expected < 100 else 1_000)
