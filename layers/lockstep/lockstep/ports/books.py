"""What is read to account for every change, and to explain one."""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple, Protocol

from lockstep.domain.accounts import BookedChange
from lockstep.domain.book_round import BookRound
from lockstep.domain.change_history import ChangeHistory
from lockstep.domain.error_list import EntrySummary
from lockstep.domain.error_log import EntryStatus


class BookPage(NamedTuple):
    """Some changes, and the correlation ID after which the next page begins; None where there is none."""

    changes: list[BookedChange]
    after: str | None


class ChangeBooks(Protocol):
    """The change log, read as a whole or one by one."""

    def booked(self) -> Iterator[BookedChange]:
        """Give every change, in no order; pages are read as they are asked for, so that memory stays flat.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def page(self, after: str | None) -> BookPage:
        """Give at most 1 MB of changes, in an order that stays; of changes that come meanwhile, some.

        Args:
            after: Where the page before ended; None for the first.

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


class RoundStore(Protocol):
    """How far the books were read; only who has the lease may save."""

    def load(self) -> BookRound | None:
        """Return it as it was saved last; None where there is none yet.

        Raises:
            SyncError: AWS_UNAVAILABLE; CONFIGURATION_INVALID where what is stored cannot be read.
        """

    def save(self, found: BookRound) -> None:
        """Store it in place of what was there.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
