"""What the use cases need from the world; `adapters` makes it real, `tests/fakes.py` makes it small."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from lockstep.domain.changes import Change, Outcome, PayloadReference, State
from lockstep.domain.connection import AccessToken
from lockstep.domain.failures import SyncError
from lockstep.domain.guard import GuardAnswer, GuardClaim
from lockstep.domain.json_text import JsonValue
from lockstep.domain.lookups import Found, MatchValues


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

    def record(self, outcomes: Sequence[Outcome], now: datetime) -> None:
        """Store what became of each change. Safe to repeat; a settled change is never unsettled.

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

    def suspend(self, claims: Sequence[GuardClaim], owner: str, *, failed_at: datetime | None = None) -> None:
        """Say that nobody knows whether the claims were written: let go, but let nothing older pass.

        Args:
            claims: The claims.
            owner: Who has them.
            failed_at: As in `release`; None where the change waits in the queue.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What the org says of one record; `failure` is None where it was written."""

    record_id: str | None = None
    created: bool = False
    failure: SyncError | None = None


class SalesforceGateway(Protocol):
    """The org, as seen by the REST lane. Every method is one API call unless it says otherwise."""

    def upsert(
        self, object_name: str, external_id_field: str, records: Sequence[Mapping[str, JsonValue]]
    ) -> Sequence[WriteResult]:
        """Create or update up to 200 records, each on its own; results are in the order of the records.

        Safe to repeat: records are found by External ID.

        Raises:
            SyncError: The call as a whole failed; OUTCOME_UNKNOWN where the org may have written.
        """

    def create(self, object_name: str, records: Sequence[Mapping[str, JsonValue]]) -> Sequence[WriteResult]:
        """Create up to 200 records, each on its own; a record whose External ID is taken is UNIQUE_VALUE_RACE.

        Safe to repeat only for records with a unique External ID.

        Raises:
            SyncError: As `upsert`.
        """

    def delete(self, object_name: str, external_id_field: str, external_ids: Sequence[str]) -> Sequence[WriteResult]:
        """Delete up to 200 records (two calls: find the ids, delete); one that is not there counts as done.

        Raises:
            SyncError: As `upsert`.
        """

    def existing(self, object_name: str, field_name: str, values: Collection[str]) -> frozenset[str]:
        """Return those of the values that a record has in that field.

        Raises:
            SyncError: As `upsert`.
        """

    def find(
        self, object_name: str, match_fields: Sequence[str], wanted: Sequence[MatchValues]
    ) -> Mapping[MatchValues, Found]:
        """Find the one record for each of the wanted values; what is not there is not in the answer.

        Several queries where they are many. Texts are compared as Salesforce does, without case; of several records
        the one in the very case is meant, where there is one.

        Args:
            object_name: The object.
            match_fields: Its fields, or fields of its parents such as Product2.ProductCode.
            wanted: Values of those fields, in their order; each combination once.

        Raises:
            SyncError: As `upsert`.
        """


class DescribeSource(Protocol):
    """What the org says of its objects, to the integration user."""

    def picklist_values(self, object_name: str, record_type_id: str) -> JsonValue:
        """Return the picklist values of a record type, or None where the org does not tell them. One API call.

        Raises:
            SyncError: As `SalesforceGateway.upsert`.
        """

    def describe(self, object_name: str) -> JsonValue:
        """Return the describe of an object, or None where the user sees no such object. One API call.

        Raises:
            SyncError: As `SalesforceGateway.upsert`.
        """


@dataclass(frozen=True, slots=True)
class KeptDescribe:
    """A describe, or a record type's picklist values, that somebody asked for; None where the org has no such thing."""

    describe: JsonValue
    asked_at: datetime


class DescribeStore(Protocol):
    """Describes that all containers share, by a name that is fit for a key: `Account`, `Account.012000000000001AAA`."""

    def get(self, name: str) -> KeptDescribe | None:
        """Return what was kept last.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def put(self, name: str, kept: KeptDescribe) -> None:
        """Keep it in place of what was there.

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


class Alerts(Protocol):
    """Tells people."""

    def tell(self, subject: str, text: str) -> None:
        """Send a message to everybody who wants alerts.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """


class SignIn(Protocol):
    """Gives access tokens."""

    def token(self) -> AccessToken:
        """Return the current token, signing in where there is none.

        Raises:
            SyncError: CREDENTIALS_REJECTED, CONFIGURATION_INVALID, SIGN_IN_BUSY, ORG_UNAVAILABLE, AWS_UNAVAILABLE.
        """

    def discard(self, token: AccessToken) -> None:
        """Say that the org refused the token; the next one is new."""


class ConnectionWatch(Protocol):
    """Whether the org may be called at all, and what is learned from calling it (the circuit and the API budget)."""

    def refusal(self) -> SyncError | None:
        """Return why no call may be made now (CIRCUIT_OPEN), or None. What waits for it spends no try."""

    def learn(self, failures: Sequence[SyncError], *, has_answered: bool) -> None:
        """Take in how a batch went: opens the circuit where the org refuses everybody.

        Raises nothing: what cannot be stored now is learned again from the next batch.

        Args:
            failures: Of the batch's changes.
            has_answered: True where the org did at least one thing that it was asked to do.
        """


class Chat(Protocol):
    """Where people of a team talk."""

    def post(self, text: str) -> None:
        """Post a message.

        Raises:
            SyncError: CONFIGURATION_INVALID, CHAT_UNAVAILABLE, AWS_UNAVAILABLE.
        """
