"""Which of many changes are written, and in which order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockstep.domain.batches import halves, keep_newest, parents_first, slices
from tests.fakes.changes import change


def _record_of(one):
    return one.external_id


def test_newest_version_wins_whatever_the_order_of_arrival():
    newest = keep_newest([change(version=2), change(version=3), change(version=1)], _record_of)

    assert [one.version for one in newest.winners] == [3]
    assert sorted(one.version for one in newest.superseded) == [1, 2]


def test_equal_stamp_and_content_is_a_duplicate_of_the_winner():
    first, again = change(version=5, event_id="a"), change(version=5, event_id="b")

    newest = keep_newest([first, again], _record_of)

    assert len(newest.winners) == len(newest.duplicates) == 1
    assert not newest.superseded


def test_equal_stamp_with_other_content_goes_by_the_later_event():
    early = change(version=5, event_at_ms=10, payload='{"name": "early"}')
    late = change(version=5, event_at_ms=11, payload='{"name": "late"}')

    newest = keep_newest([late, early], _record_of)

    assert newest.winners == (late,)
    assert newest.superseded == (early,)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5), st.integers(0, 3)), max_size=20))
def test_every_change_is_in_one_pile_and_no_loser_is_newer_than_its_winner(stamps):
    changes = [change(key, version, event_id=f"{n}", event_at_ms=at) for n, (key, version, at) in enumerate(stamps)]

    newest = keep_newest(changes, _record_of)

    piles = [*newest.winners, *newest.superseded, *newest.duplicates]
    assert sorted(one.event_id for one in piles) == sorted(one.event_id for one in changes)
    winner = {one.external_id: one for one in newest.winners}
    assert all(loser.order <= winner[loser.external_id].order for loser in piles)


@pytest.mark.parametrize(
    ("parents", "before", "after"),
    [
        ({"Order": {"Account"}, "Account": set()}, "Account", "Order"),
        ({"Account": {"Account"}, "Contact": {"Account"}}, "Account", "Contact"),
        ({"Line": {"Order"}, "Order": {"Account"}, "Account": set()}, "Account", "Line"),
    ],
    ids=["child-listed-first", "own-parent", "grandparent"],
)
def test_parents_come_before_their_children(parents, before, after):
    order = parents_first({name: frozenset(names) for name, names in parents.items()})

    assert order.index(before) < order.index(after)


@given(st.lists(st.integers(), min_size=2))
def test_halves_are_smaller_and_lose_nothing(items):
    first, second = halves(items)

    assert [*first, *second] == items
    assert first
    assert second


def test_slices_end_with_the_rest():
    assert [list(part) for part in slices([1, 2, 3, 4, 5], 2)] == [[1, 2], [3, 4], [5]]
