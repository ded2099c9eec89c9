"""What is read to account for every change, and to explain one."""

from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

from lockstep.domain.accounts import BookedChange
from lockstep.domain.change_history import ChangeHistory
from lockstep.domain.error_list import EntrySummary
from lockstep.domain.error_log import EntryStatus


class ChangeBooks(Protocol):
    """The change log, read as a whole or one by one."""

    def booked(self) -> Iterator[BookedChange]:
        """Give every change, in no order; pages are read as they are asked for, so that memory stays flat.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def histories(self, correlation_ids: Collection[str]) -> Mapping[str, ChangeHistory]:
        """Return the changes that are known, with their steps.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """


class EntryBooks(Protocol):
    """The error log, as a list."""

    def summaries(self, statuses: Collection[EntryStatus]) -> Iterator[EntrySummary]:
        """Give the entries in these statuses, those that changed last first; read as they are asked for.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def statuses(self, correlation_ids: Collection[str]) -> Mapping[str, EntryStatus]:
        """Return where the entries are that are known.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """


class QueueDepth(Protocol):
    """How much the queues hold."""

    def messages(self) -> int:
        """Return about how many messages there are, visible or not, in all queues of changes.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
