"""Accounts for every change (P1): counts the change log, and compares it with the error log and the queues."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from lockstep.domain.accounts import Accounts
from lockstep.domain.error_list import EntrySummary
from lockstep.ports.books import ChangeBooks, EntryBooks, QueueDepth
from lockstep.ports.connection import CircuitStore
from lockstep.services.compare_books import CompareBooks


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


class AccountChanges:
    """Reads everything once, in pages.

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
        self._compare = CompareBooks(changes, entries, memory)
        self._queues = queues
        self._circuits = circuits
        self._clock = clock

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
        self._compare.count(self._changes.booked(), accounts)
        found = self._compare.compare_entries(accounts, now, most_overdue if is_closed else 0)
        if accounts.late_count:
            messages = max(messages, self._queues.messages())
            names = [late.correlation_id for late in accounts.late]
            accounts.compare_queues(messages, self._compare.still_waiting(names))
        return Account(now, accounts, messages, is_closed, found.unreadable, found.forgotten, tuple(found.overdue))
