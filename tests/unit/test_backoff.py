"""Where a change that failed waits, how long, and when waiting ends."""

import pytest

from lockstep.domain.backoff import SHORT_WAITS, NextStep, RetrySchedule, next_step
from lockstep.domain.changes import State
from lockstep.domain.failures import DISPOSITIONS, FailureKind, SyncError
from tests.fakes.changes import change

HALTED = FailureKind.ORG_UNAVAILABLE
LOCKED = FailureKind.ROW_LOCKED


def _least(low: float, _high: float) -> float:
    return low


def _most(_low: float, high: float) -> float:
    return high


def _step(kind, uniform=_most, retry_after_s=None, schedule=None, **counted):
    failure = SyncError(kind, "as the test wants", retry_after_s=retry_after_s)
    return next_step(failure, change(**counted), schedule or RetrySchedule(), uniform)


def _waits(kind, uniform=_least, schedule=None):
    """Return the waits in the error log until the tries are used up."""
    schedule = schedule or RetrySchedule()
    waits = []
    for tries in range(1, 100):
        wait_s = schedule.wait_s(kind, tries, uniform)
        if wait_s is None:
            return waits
        waits.append(wait_s)
    raise AssertionError("never ends")


@pytest.mark.parametrize(("deferrals", "delay_s"), [(0, 2), (1, 4), (2, 8), (3, 16), (4, 32)])
def test_what_heals_by_itself_waits_a_few_times_in_the_queue(deferrals, delay_s):
    assert _step(LOCKED, deferrals=deferrals) == NextStep(State.QUEUED, delay_s, deferrals + 1)


def test_after_the_short_waits_it_goes_over_to_the_schedule_and_has_no_more_of_them():
    assert _step(LOCKED, _least, deferrals=SHORT_WAITS) == NextStep(State.RETRYING, 60, tries=1)
    assert _step(LOCKED, _least, tries=1) == NextStep(State.RETRYING, 120, tries=2)


def test_schedule_is_1_2_4_8_16_32_minutes_for_seven_tries():
    assert [wait_s / 60 for wait_s in _waits(FailureKind.OUTCOME_UNKNOWN)] == [1, 2, 4, 8, 16, 32]


def test_schedule_is_spread_by_a_quarter_and_never_sooner():
    assert _waits(FailureKind.UNEXPECTED, _most)[0] == 75


def test_schedule_can_be_set():
    assert _waits(FailureKind.UNEXPECTED, schedule=RetrySchedule(max_tries=3, first_retry_s=10)) == [10, 20]
    assert _waits(FailureKind.UNEXPECTED, schedule=RetrySchedule(max_tries=1)) == []


def test_child_is_tried_for_two_hours_before_its_parent_is_given_up():
    assert sum(_waits(FailureKind.PARENT_MISSING)) >= 2 * 3600
    assert len(_waits(FailureKind.PARENT_MISSING)) == 6


def test_last_try_ends_abandoned():
    assert _step(FailureKind.OUTCOME_UNKNOWN, tries=6) == NextStep(State.ABANDONED, tries=7)


@pytest.mark.parametrize("counted", [{}, {"deferrals": 3}, {"tries": 6}, {"deferrals": 500, "tries": 6}])
def test_outage_of_the_org_counts_nothing(counted):
    expected = {"deferrals": 0, "tries": 0} | counted

    assert _step(HALTED, _least, **counted) == NextStep(State.QUEUED, 30, **expected)
    assert _step(HALTED, _most, **counted) == NextStep(State.QUEUED, 60, **expected)


def test_time_that_is_told_is_kept_and_counts_nothing():
    assert _step(FailureKind.ROUTE_BROKEN, retry_after_s=600) == NextStep(State.QUEUED, 600)
    assert _step(FailureKind.RECORD_HELD, retry_after_s=2, tries=3) == NextStep(State.QUEUED, 2, tries=3)


def test_what_needs_a_person_is_pending_at_once_without_a_try():
    assert _step(FailureKind.RECORD_INVALID, tries=2) == NextStep(State.PENDING, tries=2)


def test_delay_is_spread_and_never_zero():
    assert _step(LOCKED, lambda low, _high: low / 10).delay_s == 1


def test_every_failure_kind_has_a_disposition():
    assert set(DISPOSITIONS) == set(FailureKind)


@pytest.mark.parametrize("kind", FailureKind)
def test_every_failure_kind_has_a_next_step(kind):
    assert _step(kind).state in (State.QUEUED, State.RETRYING, State.PENDING)
