"""What the use cases need of the error log."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from lockstep.domain.changes import PayloadReference, State
from lockstep.domain.error_log import DueRetry, ErrorEntry, RecordName, Resolution
from lockstep.domain.failure_digest import FailureDigest


class ErrorLog(Protocol):
    """One entry for each change that failed and is not settled, until it is (P1, P7)."""

    def log(self, entries: Sequence[ErrorEntry]) -> Sequence[State | None]:
        """Store failures; say for each, in order, what its change is now: None where it could not be stored.

        Safe to repeat. What the log knows of more tries than the new entry stays, and so does what is Resolved or
        Abandoned: only a person's retry opens that again. The first payload stays, whatever comes later.
        """

    def resolve(self, resolutions: Sequence[Resolution], now: datetime) -> Sequence[PayloadReference]:
        """Say that failures are over; what has no open entry is left alone. Safe to repeat.

        Returns:
            Where payloads of Resolved entries lie, of those named.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def due(self, now: datetime) -> Iterator[DueRetry]:
        """Give what is to be tried again, oldest first; read as it is asked for.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def claim(self, due: Sequence[DueRetry], again_at: datetime) -> Sequence[ErrorEntry]:
        """Put off each retry to `again_at` and return those that nobody else has put off meanwhile.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def get(self, correlation_ids: Collection[str]) -> Sequence[ErrorEntry]:
        """Return the entries that are known, in no order.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def open_of(self, records: Collection[RecordName]) -> Sequence[ErrorEntry]:
        """Return the open failures of records; what was logged in the last moments may be missing.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def reopen(self, correlation_ids: Collection[str], now: datetime) -> Sequence[str]:
        """Let open failures be tried again at once, with all their tries; return those that are (a person's retry).

        One that needed people is news again: they see that it is tried.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def news(self, most: int) -> Sequence[ErrorEntry]:
        """Return entries that people have not been told about, oldest first; there may be more where some are returned.

        Pending and Abandoned ones, and what became of those: Retrying or Resolved.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def mark_told(self, entries: Sequence[ErrorEntry]) -> None:
        """Say that people know; an entry that has changed since it was read stays news.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """


class DigestStore(Protocol):
    """The one digest of failures of the stack; only who has the lease may save."""

    def load(self) -> FailureDigest:
        """Return it as it was saved last; an empty one where there is none yet.

        Raises:
            SyncError: AWS_UNAVAILABLE; CONFIGURATION_INVALID where what is stored cannot be read.
        """

    def save(self, digest: FailureDigest) -> None:
        """Store it in place of what was there.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
