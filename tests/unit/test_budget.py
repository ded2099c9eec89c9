"""The API budget: who waits first when calls get scarce."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockstep.domain.budget import USAGE_IS_KNOWN_FOR_S, ApiBudget, Lane, Usage, is_worth_sharing, newest
from tests.fakes.changes import NOON

BUDGET = ApiBudget(20)


def usage(used, maximum=1000, read_at=NOON):
    return Usage(used=used, maximum=maximum, read_at=read_at)


@pytest.mark.parametrize(
    ("used", "may"),
    [
        (0, [Lane.WEBHOOKS, Lane.FILES, Lane.RECONCILIATION]),
        (599, [Lane.WEBHOOKS, Lane.FILES, Lane.RECONCILIATION]),
        (600, [Lane.WEBHOOKS, Lane.FILES]),  # 200 in reserve, and 25 % of the other 800
        (719, [Lane.WEBHOOKS, Lane.FILES]),
        (720, [Lane.WEBHOOKS]),
        (799, [Lane.WEBHOOKS]),
        (800, []),
        (1200, []),
    ],
)
def test_lanes_stop_one_after_the_other_and_none_takes_from_the_reserve(used, may):
    assert [lane for lane in Lane if BUDGET.may_call(lane, usage(used), NOON)] == may


@given(st.integers(0, 90), st.integers(1, 10**7), st.integers(0, 10**7))
def test_a_lane_that_may_call_lets_every_more_urgent_one_call(percent, maximum, used):
    answers = [ApiBudget(percent).may_call(lane, usage(used, maximum), NOON) for lane in Lane]

    assert answers == sorted(answers, reverse=True)


def test_without_a_reserve_the_org_decides_how_far_over_its_maximum_the_urgent_lane_may_go():
    assert ApiBudget(0).may_call(Lane.WEBHOOKS, usage(1000), NOON)
    assert not ApiBudget(0).may_call(Lane.FILES, usage(1000), NOON)


def test_usage_that_is_not_known_or_too_old_stops_nobody():
    long_ago = NOON - timedelta(seconds=USAGE_IS_KNOWN_FOR_S + 1)

    assert BUDGET.may_call(Lane.WEBHOOKS, None, NOON)
    assert BUDGET.may_call(Lane.WEBHOOKS, usage(1000, read_at=long_ago), NOON)


def test_newest_usage_wins():
    old, new = usage(1), usage(2, read_at=NOON + timedelta(seconds=1))

    assert newest(old, new) == newest(new, old) == new
    assert newest(None, old) == newest(old, None) == old
    assert newest(None, None) is None


@pytest.mark.parametrize(
    ("shared", "seen", "is_worth"),
    [(None, 1, True), (100, 105, False), (100, 111, True), (100, 89, True), (799, 800, True), (600, 599, True)],
)
def test_usage_is_shared_where_others_would_do_otherwise_or_are_off_by_a_percent(shared, seen, is_worth):
    known = None if shared is None else usage(shared)

    assert is_worth_sharing(usage(seen, read_at=NOON + timedelta(seconds=1)), known, BUDGET, NOON) is is_worth


def test_usage_that_is_older_than_the_shared_one_is_kept_to_oneself():
    assert not is_worth_sharing(usage(900), usage(100, read_at=NOON + timedelta(seconds=1)), BUDGET, NOON)


def test_reason_names_the_numbers():
    why = BUDGET.why_not(Lane.WEBHOOKS, usage(850))

    for word in ("850", "1000", "webhooks", "200", "20 %", "24 hours"):
        assert word in why
