"""Compares what two memories say of the same changes: the change log and the error log."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from lockstep.domain.accounts import LOGGED_STATES, Accounts, BookedChange, Gap, is_left_open, needs_entry
from lockstep.domain.changes import State
from lockstep.domain.error_list import OPEN_STATUSES, EntrySummary
from lockstep.domain.error_log import EntryStatus
from lockstep.ports.books import ChangeBooks, EntryBooks

AT_ONCE = 100  # changes compared by one read of each table

Each = TypeVar("Each")


@dataclass(slots=True)
class OpenEntries:
    """What the error log holds open; see `services.account_changes.Account`."""

    unreadable: int = 0
    forgotten: int = 0
    overdue: list[EntrySummary] = field(default_factory=list)


class CompareBooks:
    """Two memories are never written in the same moment, so a disagreement counts when the change has been quiet.

    Args:
        changes: The change log.
        entries: The error log.
        memory: How long the change log keeps a change after its last step.
    """

    def __init__(self, changes: ChangeBooks, entries: EntryBooks, memory: timedelta) -> None:
        self._changes = changes
        self._entries = entries
        self._memory = memory

    def count(self, changes: Iterable[BookedChange], accounts: Accounts) -> None:
        """Count changes, and look for the entries of those that must have one.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        for part in parts(changes):
            for change in part:
                accounts.add(change)
            self._compare_changes(part, accounts)

    def compare_entries(self, accounts: Accounts, now: datetime, most_overdue: int) -> OpenEntries:
        """Look for the changes of all open entries.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        found = OpenEntries()
        for entries in parts(self._entries.summaries(OPEN_STATUSES)):
            changes = [entry for entry in entries if entry.source]
            found.unreadable += len(entries) - len(changes)
            room = most_overdue - len(found.overdue)
            overdue = (entry for entry in changes if entry.next_try_at and entry.next_try_at < accounts.late_since)
            found.overdue += islice(overdue, max(room, 0))
            found.forgotten += self._compare_with_changes(changes, accounts, now)
        return found

    def still_waiting(self, names: Sequence[str]) -> list[str]:
        """Return those that wait in the queue by what both memories say now.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        if not names:
            return []
        known, statuses = self._changes.histories(names), self._entries.statuses(names)
        # A writer that died after it had logged the failure left the change Queued: it waits in the error log.
        return [
            name
            for name in names
            if name in known and known[name].state == State.QUEUED and statuses.get(name) not in OPEN_STATUSES
        ]

    def _compare_changes(self, changes: Sequence[BookedChange], accounts: Accounts) -> None:
        names = [change.correlation_id for change in changes if needs_entry(change.state)]
        if not names:
            return
        statuses = self._entries.statuses(names)
        missed = [name for name in names if statuses.get(name, EntryStatus.RESOLVED) is EntryStatus.RESOLVED]
        for name, state in self._quiet(missed, accounts.late_since).items():
            if state in LOGGED_STATES:
                accounts.miss(Gap.ENTRY_MISSING, name)

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

    def _quiet(self, names: Sequence[str], since: datetime) -> Mapping[str, str]:
        """Return the states of those that have not moved since then."""
        known = self._changes.histories(names) if names else {}
        return {name: change.state for name, change in known.items() if change.moved_at < since}


def parts(rest: Iterable[Each]) -> Iterator[list[Each]]:
    """Cut into runs that one read of each table can answer."""
    left = iter(rest)
    while part := list(islice(left, AT_ONCE)):
        yield part
