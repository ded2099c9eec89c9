"""The books of all changes: P1 by counting, and what two memories say of the same change (P7)."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from heapq import heappush, heapreplace
from typing import NamedTuple

from lockstep.domain.changes import State
from lockstep.domain.error_log import EntryStatus

MOST_NAMED = 1_000  # changes named in a report; all are counted


class Column(StrEnum):
    """What becomes of a change that was accepted."""

    APPLIED = "applied"
    SUPERSEDED = "superseded"
    DUPLICATE = "duplicate"
    WAITING = "waiting"  # queued, in flight, or until its next try
    PENDING = "pending"
    ABANDONED = "abandoned"


class Gap(StrEnum):
    """Where the books do not balance."""

    STATE_UNKNOWN = "STATE_UNKNOWN"  # the change is in no state that is known
    ENTRY_MISSING = "ENTRY_MISSING"  # the change log sends people to the error log, which has no open entry of it
    ENTRY_LEFT_OPEN = "ENTRY_LEFT_OPEN"  # the error log waits for a change that is settled
    NOT_BOOKED = "NOT_BOOKED"  # the error log has a change that the change log does not know
    NOT_QUEUED = "NOT_QUEUED"  # more changes wait than the queues have messages


_COLUMN_BY_STATE = {
    State.APPLIED: Column.APPLIED,
    State.SUPERSEDED: Column.SUPERSEDED,
    State.DUPLICATE: Column.DUPLICATE,
    State.QUEUED: Column.WAITING,
    State.RETRYING: Column.WAITING,
    State.PENDING: Column.PENDING,
    State.ABANDONED: Column.ABANDONED,
}
# Only the error log holds what such a change is made of.
LOGGED_STATES = frozenset({State.RETRYING, State.PENDING, State.ABANDONED})


class BookedChange(NamedTuple):
    """A change as the change log has it."""

    correlation_id: str
    source: str
    state: str
    received_at: datetime


class Hour(NamedTuple):
    """A source, and the hour in which changes of it were received."""

    source: str
    begins_at: datetime


class Late(NamedTuple):
    """A change that waits for longer than it should."""

    received_at: datetime
    correlation_id: str


@dataclass(slots=True)
class Accounts:
    """The sums; as large as there are hours and sources, however many changes there are.

    `arriving` were claimed and not yet answered with 2xx: their sender comes again. `late` are the oldest that wait in
    the queue since before `late_since`.
    """

    late_since: datetime
    hours: dict[Hour, Counter[Column]] = field(default_factory=lambda: defaultdict(Counter))
    arriving: int = 0
    late_count: int = 0
    gaps: Counter[Gap] = field(default_factory=Counter)
    named: dict[Gap, list[str]] = field(default_factory=lambda: defaultdict(list))
    _oldest: list[tuple[float, str, Late]] = field(default_factory=list)

    def add(self, change: BookedChange) -> None:
        """Count a change."""
        if change.state == State.CLAIMED:
            self.arriving += 1
            return
        column = _COLUMN_BY_STATE.get(State(change.state)) if change.state in _STATES else None
        if column is None:
            self.miss(Gap.STATE_UNKNOWN, change.correlation_id)
            return
        begins_at = change.received_at.replace(minute=0, second=0, microsecond=0)
        self.hours[Hour(change.source, begins_at)][column] += 1
        if change.state == State.QUEUED and change.received_at < self.late_since:
            self._note_late(Late(change.received_at, change.correlation_id))

    def miss(self, gap: Gap, correlation_id: str) -> None:
        """Note a change for which the books do not balance."""
        self.gaps[gap] += 1
        if len(self.named[gap]) < MOST_NAMED:
            self.named[gap].append(correlation_id)

    def compare_queues(self, messages: int, still_waiting: Sequence[str]) -> None:
        """Note what waits and is in no queue.

        Args:
            messages: In all queues, visible or not.
            still_waiting: Of those in `late`, the ones that have not moved since they were counted.
        """
        late = len(still_waiting) if self.late_count <= MOST_NAMED else self.late_count
        if late > messages:
            self.gaps[Gap.NOT_QUEUED] = late - messages
            self.named[Gap.NOT_QUEUED] = list(still_waiting)

    @property
    def late(self) -> list[Late]:
        """The oldest of those that wait too long, oldest first."""
        return sorted(each for _, _, each in self._oldest)

    @property
    def totals(self) -> Counter[Column]:
        """All hours and sources together."""
        return sum(self.hours.values(), Counter())

    @property
    def is_balanced(self) -> bool:
        """True where every change is somewhere."""
        return not self.gaps

    def rows(self) -> Iterator[tuple[Hour, Counter[Column]]]:
        """Give the sums, by source and hour."""
        yield from sorted(self.hours.items(), key=lambda row: row[0])

    def _note_late(self, late: Late) -> None:
        self.late_count += 1
        # A heap whose first is the youngest: it is what goes where there is no room.
        ranked = (-late.received_at.timestamp(), late.correlation_id, late)
        if len(self._oldest) < MOST_NAMED:
            heappush(self._oldest, ranked)
        elif ranked > self._oldest[0]:
            heapreplace(self._oldest, ranked)


_STATES = frozenset(State)


def needs_entry(state: str) -> bool:
    """Return whether a change in that state must have an open entry in the error log."""
    return state in LOGGED_STATES


def is_left_open(state: str, status: EntryStatus) -> bool:
    """Return whether an entry is open though its change is settled."""
    return status is not EntryStatus.RESOLVED and state in _STATES and State(state).is_settled
