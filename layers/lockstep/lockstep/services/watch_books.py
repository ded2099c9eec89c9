"""Keeps account of all changes, a bounded part of the change log in each run."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from lockstep.domain.accounts import Accounts
from lockstep.domain.book_round import MOST_LATE, BookRound, next_round
from lockstep.ports import Leases
from lockstep.ports.books import ChangeBooks, QueueDepth, RoundStore
from lockstep.ports.connection import CircuitStore
from lockstep.services.compare_books import CompareBooks
from lockstep.services.open_backlogs import OpenBacklogs

LEASE = "account"


@dataclass(frozen=True, slots=True)
class BooksReport:
    """What a run found.

    `round` is as it stands after the run, `is_whole` says that the change log's end was reached. `oldest_s` is how
    long the oldest late change has been waiting, 0 where none waits or the circuit is open.
    """

    round: BookRound
    read: int
    is_whole: bool
    oldest_s: float


@dataclass(frozen=True, slots=True)
class Reading:
    """How a run reads.

    Args:
        older_than: How long a change may wait, and two memories may disagree.
        pages: How many pages of 1 MB it reads at most: what it may cost.
        lease_s: Longer than it lasts.
    """

    older_than: timedelta
    pages: int
    lease_s: int


class WatchBooks:
    """The account function's use case. One run at a time; killed at any step, the next run reads the part again."""

    def __init__(  # noqa: PLR0913 - its collaborators
        self,
        *,
        changes: ChangeBooks,
        compare: CompareBooks,
        queues: QueueDepth,
        backlogs: OpenBacklogs,
        circuits: CircuitStore,
        rounds: RoundStore,
        leases: Leases,
        clock: Callable[[], datetime],
        reading: Reading,
    ) -> None:
        self._changes = changes
        self._compare = compare
        self._queues = queues
        self._backlogs = backlogs
        self._circuits = circuits
        self._rounds = rounds
        self._leases = leases
        self._clock = clock
        self._reading = reading

    def __call__(self, has_time: Callable[[], bool]) -> BooksReport | None:
        """Read on where the last run ended; None where another run is at it.

        Raises:
            SyncError: AWS_UNAVAILABLE; CONFIGURATION_INVALID where the round cannot be read.
        """
        if not self._leases.take(LEASE, self._reading.lease_s, self._clock()):
            return None
        try:
            return self._run(has_time)
        finally:
            self._leases.give_back(LEASE)

    def _run(self, has_time: Callable[[], bool]) -> BooksReport:
        now = self._clock()
        accounts = Accounts(late_since=now - self._reading.older_than)
        begun = self._rounds.load() or BookRound(started_at=now)
        # Before the changes are counted: what has waited long was in a queue then.
        messages = self._queues.messages()
        after, read = self._read(begun.after, accounts, has_time)
        found = begun.with_part(accounts, after)
        still_waiting = self._still_waiting(found)
        if after is None:
            entries = Accounts(late_since=accounts.late_since)
            self._compare.compare_entries(entries, now, 0)
            messages = max(messages, self._queues.messages())
            # Of more than are named nobody knows which of them the bulk lane has.
            handed_over = self._backlogs.rows() if found.late_count > MOST_LATE else 0
            found = found.with_gaps(entries).with_queues(messages + handed_over, still_waiting)
        self._rounds.save(found if after else next_round(found, now))
        return BooksReport(found, read, after is None, self._waited_s(found.oldest_of(still_waiting), now))

    def _still_waiting(self, found: BookRound) -> list[str]:
        """Return the late changes that should be in a queue; asked last, since what a job gives back is in one then."""
        names = [each.correlation_id for each in found.late]
        handed_over = self._backlogs.among(names)
        return self._compare.still_waiting([name for name in names if name not in handed_over])

    def _read(self, after: str | None, accounts: Accounts, has_time: Callable[[], bool]) -> tuple[str | None, int]:
        """Count page by page; return where the next run reads on, and how many changes there were."""
        read = 0
        for _ in range(self._reading.pages):
            page = self._changes.page(after)
            self._compare.count(page.changes, accounts)
            after, read = page.after, read + len(page.changes)
            if after is None or not has_time():
                break
        return after, read

    def _waited_s(self, oldest: datetime | None, now: datetime) -> float:
        """Count from the circuit's closing at the earliest: of an open one people were told."""
        circuit = self._circuits.load()
        if oldest is None or not circuit.is_closed:
            return 0
        since = oldest if circuit.since is None else max(oldest, circuit.since)
        return max(0, (now - since).total_seconds())
