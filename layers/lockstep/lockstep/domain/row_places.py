"""Where rows are that were booked as the changes that they are."""

from collections import Counter
from collections.abc import Iterable

from lockstep.domain.changes import Outcome, State
from lockstep.domain.row_counts import RowCounts

_PLACES = {
    State.APPLIED: "succeeded",
    State.SUPERSEDED: "superseded",
    State.DUPLICATE: "superseded",
    State.QUEUED: "by_rest",
}


def counts_of(outcomes: Iterable[Outcome], place: str) -> RowCounts:
    """Count what became of rows.

    Args:
        outcomes: One for each row.
        place: `rejected` or `logged`: where those count that the error log keeps.
    """
    places: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for outcome in outcomes:
        where = _PLACES.get(outcome.state, place)
        places[where] += 1
        if where == place and outcome.failure_kind:
            kinds[outcome.failure_kind] += 1
    return RowCounts(**places, failures=kinds)
