"""The books: every state has its column, what is late is named, memory stays flat."""

import tracemalloc
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from lockstep.domain.accounts import MOST_NAMED, Accounts, BookedChange, Column, Gap
from lockstep.domain.changes import State

NOON = datetime(2026, 5, 6, 12, tzinfo=UTC)


def booked(number=0, state=State.APPLIED, at=NOON, source="shop"):
    return BookedChange(f"c{number}", source, str(state), at)


@pytest.mark.parametrize("state", State)
def test_every_state_has_one_place(state):
    accounts = Accounts(late_since=NOON)

    accounts.add(booked(state=state))

    assert accounts.totals.total() + accounts.arriving == 1
    assert accounts.is_balanced


def test_sums_add_up_whatever_comes():
    random, accounts = Random(1), Accounts(late_since=NOON)
    states = [state for state in State if state is not State.CLAIMED]
    for number in range(5_000):
        at = NOON + timedelta(minutes=random.randrange(600))
        accounts.add(booked(number, random.choice(states), at, random.choice("ab")))

    rows = list(accounts.rows())
    assert sum(sums.total() for _, sums in rows) == accounts.totals.total() == 5_000
    assert [hour for hour, _ in rows] == sorted({hour for hour, _ in rows})
    assert all(hour.begins_at.minute == 0 for hour, _ in rows)


def test_unknown_state_is_a_gap_and_not_counted_as_anything():
    accounts = Accounts(late_since=NOON)

    accounts.add(booked(state="FromTheFuture"))

    assert (accounts.totals.total(), accounts.gaps[Gap.STATE_UNKNOWN], accounts.is_balanced) == (0, 1, False)


def test_oldest_are_named_and_all_are_counted():
    accounts = Accounts(late_since=NOON)
    order = list(range(MOST_NAMED + 500))
    Random(2).shuffle(order)
    for number in order:
        accounts.add(booked(number, State.QUEUED, NOON - timedelta(days=1) + timedelta(seconds=number)))

    assert accounts.late_count == MOST_NAMED + 500
    assert [late.correlation_id for late in accounts.late] == [f"c{number}" for number in range(MOST_NAMED)]


@pytest.mark.parametrize(("waiting", "messages", "missing"), [(3, 3, 0), (3, 5, 0), (3, 1, 2), (0, 0, 0)])
def test_gap_is_what_the_queues_lack(waiting, messages, missing):
    accounts = Accounts(late_since=NOON)
    names = [f"c{number}" for number in range(waiting)]
    for number in range(waiting):
        accounts.add(booked(number, State.QUEUED, NOON - timedelta(hours=1)))

    accounts.compare_queues(messages, names)

    assert accounts.gaps[Gap.NOT_QUEUED] == missing
    assert accounts.is_balanced is (missing == 0)


def test_what_has_moved_meanwhile_is_not_missed():
    accounts = Accounts(late_since=NOON)
    accounts.add(booked(1, State.QUEUED, NOON - timedelta(hours=1)))

    accounts.compare_queues(0, [])

    assert accounts.is_balanced


def test_hundred_thousand_changes_leave_no_trace_in_memory():
    accounts = Accounts(late_since=NOON)

    def changes(count):
        states = list(State)
        return (
            booked(number, states[number % len(states)], NOON - timedelta(minutes=number % 6_000))
            for number in range(count)
        )

    for change in changes(20_000):
        accounts.add(change)
    tracemalloc.start()
    for change in changes(100_000):
        accounts.add(change)
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert grown < 1_000_000
    assert accounts.totals[Column.APPLIED] == 15_000
