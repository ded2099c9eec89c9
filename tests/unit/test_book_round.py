"""One reading of the books in several runs."""

from datetime import timedelta

from lockstep.domain.accounts import Accounts, BookedChange, Column, Gap
from lockstep.domain.book_round import MOST_LATE, MOST_NAMED, BookRound, next_round
from lockstep.domain.changes import State
from tests.fakes.changes import NOON

LATE = NOON - timedelta(hours=1)


def _counted(*changes):
    accounts = Accounts(late_since=NOON - timedelta(minutes=15))
    for name, state, at in changes:
        accounts.add(BookedChange(name, "shop", state, at))
    return accounts


def _late(first, count):
    return [
        (f"{number:05}", State.QUEUED, LATE + timedelta(milliseconds=number)) for number in range(first, first + count)
    ]


def test_parts_add_up():
    found = BookRound(started_at=NOON)
    found = found.with_part(_counted(("a", State.APPLIED, LATE), ("b", State.QUEUED, LATE)), "b")
    found = found.with_part(_counted(("c", State.APPLIED, LATE), ("d", "Odd", LATE)), None)

    assert (found.totals[Column.APPLIED], found.totals[Column.WAITING]) == (2, 1)
    assert (found.late_count, [each.correlation_id for each in found.late]) == (1, ["b"])
    assert (found.gaps, found.named[Gap.STATE_UNKNOWN]) == ({Gap.STATE_UNKNOWN: 1}, ("d",))


def test_oldest_are_named_and_all_are_counted_and_it_fits_an_item():
    found = BookRound(started_at=NOON)
    for first in (2000, 1000, 0):
        found = found.with_part(_counted(*_late(first, 1000)), f"{first}")

    assert found.late_count == 3000
    assert [each.correlation_id for each in found.late] == [f"{number:05}" for number in range(MOST_LATE)]
    assert len(found.model_dump_json()) < 100_000
    assert BookRound.model_validate_json(found.model_dump_json()) == found


def test_those_named_stand_for_all_that_are_late():
    found = BookRound(started_at=NOON).with_part(_counted(*_late(0, 1000)), None)
    named = [each.correlation_id for each in found.late]

    assert found.with_queues(1000, named).gaps == {}
    assert found.with_queues(100, named[: MOST_LATE // 2]).gaps == {Gap.NOT_QUEUED: 400}
    assert found.with_queues(0, []).gaps == {}
    assert len(found.with_queues(0, named).named[Gap.NOT_QUEUED]) == MOST_NAMED


def test_next_round_begins_at_the_beginning_and_remembers_that_there_were_gaps():
    found = BookRound(started_at=LATE, after="x").with_part(_counted(("a", "Odd", LATE)), None)
    following = next_round(found, NOON)

    assert (following.after, following.late, following.gaps) == (None, (), {})
    assert following.gap_count == 1
    assert next_round(following, NOON).gap_count == 0
