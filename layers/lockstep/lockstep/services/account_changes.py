"""Accounts for every change (P1): counts the change log, and compares it with the error log and the queues."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from lockstep.domain.accounts import MOST_NAMED, Accounts
from lockstep.domain.error_list import EntrySummary
from lockstep.ports.books import ChangeBooks, EntryBooks, QueueDepth
from lockstep.ports.connection import CircuitStore
from lockstep.services.compare_books import CompareBooks
from lockstep.services.open_backlogs import OpenBacklogs


@dataclass(frozen=True, slots=True)
class Account:
    """The books at one moment.

    `unreadable` are open entries that are no change (a message that could not be read). `forgotten` are open entries
    older than the change log's memory. `overdue` are retries whose time came before `accounts.late_since`, unless the
    circuit is open: then everything waits. `handed_over` of the late changes that are named go by ingest jobs.
    """

    at: datetime
    accounts: Accounts
    messages: int
    is_circuit_closed: bool
    unreadable: int
    forgotten: int
    overdue: tuple[EntrySummary, ...]
    handed_over: int = 0


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
        backlogs: OpenBacklogs,
        circuits: CircuitStore,
        clock: Callable[[], datetime],
        memory: timedelta,
    ) -> None:
        self._changes = changes
        self._compare = CompareBooks(changes, entries, memory)
        self._queues = queues
        self._backlogs = backlogs
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
        accounts, handed_over = Accounts(late_since=now - older_than), 0
        self._compare.count(self._changes.booked(), accounts)
        found = self._compare.compare_entries(accounts, now, most_overdue if is_closed else 0)
        if accounts.late_count:
            messages = max(messages, self._queues.messages())
            handed_over = self._compare_queues(accounts, messages)
        overdue = tuple(found.overdue)
        return Account(now, accounts, messages, is_closed, found.unreadable, found.forgotten, overdue, handed_over)

    def _compare_queues(self, accounts: Accounts, messages: int) -> int:
        """Compare what is late with the queues; return how many of the late ones that are named the bulk lane has."""
        names = [late.correlation_id for late in accounts.late]
        handed_over = self._backlogs.among(names)
        still_waiting = self._compare.still_waiting([name for name in names if name not in handed_over])
        # Of more than are named nobody knows which of them the bulk lane has.
        more = self._backlogs.rows() if accounts.late_count > MOST_NAMED else 0
        accounts.compare_queues(messages + more, still_waiting)
        return len(handed_over)
