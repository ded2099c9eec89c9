"""What the use cases need from the world; `adapters` makes it real, `tests/fakes.py` makes it small."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from lockstep.domain.changes import Change, Outcome, PayloadReference, State
from lockstep.domain.error_log import RecordName
from lockstep.domain.guard import GuardAnswer, GuardClaim


class ClaimAnswer(StrEnum):
    """What the change log says to somebody who wants to take a change in."""

    GRANTED = "granted"  # yours until the lease ends: queue it
    KNOWN = "known"  # on its way or settled: no work
    HELD = "held"  # another delivery of it is being taken in right now


class ChangeLog(Protocol):
    """One item per change: what it is, where it is, every step (P1, P7)."""

    def claim(self, changes: Sequence[Change], now: datetime) -> Sequence[ClaimAnswer]:
        """Claim each change by (source, event ID), in order.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def mark_queued(self, changes: Sequence[Change], now: datetime) -> None:
        """Say that the changes are on the queue; one that is settled meanwhile stays settled.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def states(self, correlation_ids: Collection[str]) -> Mapping[str, State]:
        """Return the state of each change that is known.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def record(self, outcomes: Sequence[Outcome], now: datetime, *, written: Collection[str] = ()) -> None:
        """Store what became of each change. Safe to repeat; a settled change is never unsettled.

        Args:
            outcomes: What became of them.
            now: When.
            written: Correlation IDs of changes whose states were read, and whose records were then claimed and
                written by the caller: nobody else can have settled those meanwhile.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """


class PayloadStore(Protocol):
    """Payloads too large for the queue."""

    def put(self, correlation_id: str, payload: str) -> PayloadReference:
        """Store JSON text and say where. Safe to repeat: the key is made of the name and the content.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def keep(self, correlation_id: str, payload: str) -> PayloadReference:
        """Store a text until it is let go, however long that takes; otherwise like `put`."""

    def keep_stored(self, reference: PayloadReference) -> PayloadReference:
        """Keep what was `put` until it is let go; say where. Safe to repeat; what is gone stays so.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def let_go(self, references: Iterable[PayloadReference]) -> None:
        """Say that nobody needs what was kept; it is there for some time yet. Safe to repeat.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def get(self, reference: PayloadReference) -> str:
        """Return the JSON text.

        Raises:
            SyncError: AWS_UNAVAILABLE; MESSAGE_INVALID where there is none.
        """


class InboundQueue(Protocol):
    """The queue from the sources to Salesforce."""

    def send(self, changes: Sequence[Change], *, delay_s: int = 0) -> Sequence[bool]:
        """Put the changes on the queue in batches; say for each, in order, whether the queue has it.

        Args:
            changes: Each small enough for one message.
            delay_s: 0 to 900.

        Raises:
            SyncError: AWS_UNAVAILABLE, where nothing is known to be sent.
        """


class DeadLetters(Protocol):
    """Where messages go that no try can read."""

    def send_bodies(self, bodies: Sequence[str]) -> Sequence[bool]:
        """Put texts on the queue as they are; otherwise like `InboundQueue.send`."""


class Secrets(Protocol):
    """Secrets by name, cached for a limited time."""

    def get(self, name: str) -> Mapping[str, str]:
        """Return the keys and values of a JSON secret; the name is relative to the stack's prefix.

        Raises:
            SyncError: CONFIGURATION_INVALID where it is missing or not a flat JSON object; AWS_UNAVAILABLE.
        """


class VersionGuard(Protocol):
    """One item per record and source: P3, never older over newer."""

    def claim(self, claims: Sequence[GuardClaim], owner: str, now: datetime) -> Sequence[GuardAnswer]:
        """Claim each record, in order; a granted one is held for the lease.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def failed_before(self, claims: Sequence[GuardClaim], owner: str) -> Sequence[GuardClaim]:
        """Return those of the granted claims of whose records a failure was logged; costs no request."""

    def arrivals_until(self, claims: Sequence[GuardClaim], owner: str) -> Sequence[datetime | None]:
        """Say for each of the granted claims until when an earlier write of its record may still reach the org.

        None where nothing is on its way; costs no request.
        """

    def commit(self, claims: Sequence[GuardClaim], owner: str) -> None:
        """Say that the granted claims were written, and let go. Safe to repeat.

        What was known of failures is forgotten, unless it is so young that the error log may not show it yet.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def release(self, claims: Sequence[GuardClaim], owner: str, *, failed_at: datetime) -> None:
        """Say that the granted claims were certainly not written, and let go. Safe to repeat.

        Args:
            claims: The claims.
            owner: Who has them.
            failed_at: The failure is about to be logged, and the record remembers that.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def suspend(
        self,
        claims: Sequence[GuardClaim],
        owner: str,
        *,
        failed_at: datetime | None = None,
        given_up_at: datetime | None = None,
    ) -> None:
        """Say that nobody knows whether the claims were written: let go, but let nothing older pass.

        Args:
            claims: The claims.
            owner: Who has them.
            failed_at: As in `release`; None where the change waits in the queue.
            given_up_at: When the answer to their write was given up; None where no write is on its way.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def note_failures(self, records: Sequence[RecordName], failed_at: datetime) -> None:
        """Let records remember that a failure of theirs is about to be logged, which claimed nothing. Safe to repeat.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """


class Leases(Protocol):
    """Who may do a thing now, among all containers."""

    def take(self, name: str, lease_s: int, now: datetime) -> bool:
        """Take the name for a time; False where somebody has it.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def give_back(self, name: str) -> None:
        """Let anybody take the name. Safe to repeat.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def take_each(self, names: Sequence[str], lease_s: int, now: datetime) -> Sequence[bool]:
        """Take several names, several at once; say for each, in order, whether it is taken.

        Raises:
            SyncError: AWS_UNAVAILABLE; some may be taken until they end.
        """

    def give_back_each(self, names: Sequence[str]) -> None:
        """Let anybody take the names. Safe to repeat.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """


class Alerts(Protocol):
    """Tells people."""

    def tell(self, subject: str, text: str) -> None:
        """Send a message to everybody who wants alerts.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """


class Chat(Protocol):
    """Where people of a team talk."""

    def post(self, text: str) -> None:
        """Post a message.

        Raises:
            SyncError: CONFIGURATION_INVALID, CHAT_UNAVAILABLE, AWS_UNAVAILABLE.
        """
