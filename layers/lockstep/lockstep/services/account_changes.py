"""Accounts for every change (P1): counts the change log, and compares it with the error log and the queues."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from lockstep.domain.accounts import (
    LOGGED_STATES,
    Accounts,
    BookedChange,
    Gap,
    is_left_open,
    needs_entry,
)
from lockstep.domain.changes import State
from lockstep.domain.error_list import OPEN_STATUSES, EntrySummary
from lockstep.domain.error_log import EntryStatus
from lockstep.ports.books import ChangeBooks, EntryBooks, QueueDepth
from lockstep.ports.connection import CircuitStore

AT_ONCE = 100  # changes compared by one read of each table

Each = TypeVar("Each")


@dataclass(frozen=True, slots=True)
class Account:
    """The books at one moment.

    `unreadable` are open entries that are no change (a message that could not be read). `forgotten` are open entries
    older than the change log's memory. `overdue` are retries whose time came before `accounts.late_since`, unless the
    circuit is open: then everything waits.
    """

    at: datetime
    accounts: Accounts
    messages: int
    is_circuit_closed: bool
    unreadable: int
    forgotten: int
    overdue: tuple[EntrySummary, ...]


@dataclass(slots=True)
class _Entries:
    unreadable: int = 0
    forgotten: int = 0
    overdue: list[EntrySummary] | None = None


class AccountChanges:
    """Reads everything once, in pages.

    Two memories are never written in the same moment, so a disagreement counts when the change has not moved for a
    while.

    Args:
        memory: How long the change log keeps a change after its last step.
    """

    def __init__(
        self,
        *,
        changes: ChangeBooks,
        entries: EntryBooks,
        queues: QueueDepth,
        circuits: CircuitStore,
        clock: Callable[[], datetime],
        memory: timedelta,
    ) -> None:
        self._changes = changes
        self._entries = entries
        self._queues = queues
        self._circuits = circuits
        self._clock = clock
        self._memory = memory

    def __call__(self, older_than: timedelta, most_overdue: int = 1_000) -> Account:
        """Count and compare.

        Args:
            older_than: How long a change may wait, and two memories may disagree.
            most_overdue: How many overdue retries are named.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        now = self._clock()
        is_closed = self._circuits.load().is_closed
        # Before the changes are counted: what has waited long was in a queue then.
        messages = self._queues.messages()
        accounts = Accounts(late_since=now - older_than)
        for changes in _parts(self._changes.booked()):
            for change in changes:
                accounts.add(change)
            self._compare_changes(changes, accounts)
        found = self._compare_entries(accounts, now, most_overdue if is_closed else 0)
        if accounts.late_count:
            messages = max(messages, self._queues.messages())
            accounts.compare_queues(messages, self._still_waiting(accounts))
        return Account(
            now, accounts, messages, is_closed, found.unreadable, found.forgotten, tuple(found.overdue or ())
        )

    def _compare_changes(self, changes: Sequence[BookedChange], accounts: Accounts) -> None:
        names = [change.correlation_id for change in changes if needs_entry(change.state)]
        if not names:
            return
        statuses = self._entries.statuses(names)
        missed = [name for name in names if statuses.get(name, EntryStatus.RESOLVED) is EntryStatus.RESOLVED]
        for name, state in self._quiet(missed, accounts.late_since).items():
            if state in LOGGED_STATES:
                accounts.miss(Gap.ENTRY_MISSING, name)

    def _compare_entries(self, accounts: Accounts, now: datetime, most_overdue: int) -> _Entries:
        found = _Entries(overdue=[])
        for entries in _parts(self._entries.summaries(OPEN_STATUSES)):
            changes = [entry for entry in entries if entry.source]
            found.unreadable += len(entries) - len(changes)
            room = most_overdue - len(found.overdue or ())
            overdue = (entry for entry in changes if entry.next_try_at and entry.next_try_at < accounts.late_since)
            found.overdue = [*(found.overdue or ()), *islice(overdue, max(room, 0))]
            found.forgotten += self._compare_with_changes(changes, accounts, now)
        return found

    def _compare_with_changes(self, entries: Sequence[EntrySummary], accounts: Accounts, now: datetime) -> int:
        """Return how many entries are older than the change log's memory."""
        known = self._changes.histories([entry.correlation_id for entry in entries])
        open_ones: list[str] = []
        forgotten = 0
        for entry in entries:
            change = known.get(entry.correlation_id)
            if change is None and entry.created_at < now - self._memory:
                forgotten += 1
            elif change is None and entry.created_at < accounts.late_since:
                accounts.miss(Gap.NOT_BOOKED, entry.correlation_id)
            elif change and change.moved_at < accounts.late_since and is_left_open(change.state, entry.status):
                open_ones.append(entry.correlation_id)
        for name, status in (self._entries.statuses(open_ones) if open_ones else {}).items():
            if status is not EntryStatus.RESOLVED:
                accounts.miss(Gap.ENTRY_LEFT_OPEN, name)
        return forgotten

    def _still_waiting(self, accounts: Accounts) -> list[str]:
        names = [late.correlation_id for late in accounts.late]
        known, statuses = self._changes.histories(names), self._entries.statuses(names)
        # A writer that died after it had logged the failure left the change Queued: it waits in the error log.
        return [
            name
            for name in names
            if name in known and known[name].state == State.QUEUED and statuses.get(name) not in OPEN_STATUSES
        ]

    def _quiet(self, names: Sequence[str], since: datetime) -> Mapping[str, str]:
        """Return the states of those that have not moved since then."""
        known = self._changes.histories(names) if names else {}
        return {name: change.state for name, change in known.items() if change.moved_at < since}


def _parts(rest: Iterable[Each]) -> Iterator[list[Each]]:
    left = iter(rest)
    while part := list(islice(left, AT_ONCE)):
        yield part
