"""An entry of the error log: a change that failed, kept with all that a person or the next try needs."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from lockstep.domain.changes import Change, PayloadReference, State, content_hash
from lockstep.domain.failures import FailureKind

MAX_BODY_BYTES = 100_000  # what is larger lies in the payload store: an item of the error log ends at 400 KB
MAX_RECORD_CHARS = 50_000
MAX_MESSAGE_CHARS = 4_000
CUT_MARK = " … cut by Lockstep"


class EntryStatus(StrEnum):
    """Where an entry is; all but Resolved are open."""

    PENDING = "Pending"  # needs a person
    RETRYING = "Retrying"  # is tried again when its time has come
    RESOLVED = "Resolved"
    ABANDONED = "Abandoned"  # its tries are used up

    @property
    def needs_people(self) -> bool:
        """True where somebody is told."""
        return self in (EntryStatus.PENDING, EntryStatus.ABANDONED)


class RecordName(NamedTuple):
    """A record of one source, as the version guard knows it."""

    source: str
    object_name: str
    external_id: str

    def __str__(self) -> str:
        return "#".join(self)


class FailedTry(NamedTuple):
    """One attempt that failed."""

    at: datetime
    failure_kind: str
    error_code: str | None


@dataclass(frozen=True, slots=True)
class ErrorEntry:
    """A failure, as it is logged and as it is read.

    Of a message that is no change `change` is None, and `raw_body` or `raw_reference` holds it. `record` is what was
    mapped, as JSON text. `resolved_as` is what became of the change, where the entry is Resolved. `attempts` are
    oldest first; the log adds those of a new entry to those that it has. `abandoned_by` names the person who has
    given it up.
    """

    correlation_id: str
    status: EntryStatus
    failure_kind: str
    detail: str
    updated_at: datetime
    created_at: datetime
    change: Change | None = None
    object_name: str = ""
    error_code: str | None = None
    vendor_message: str | None = None
    record: str | None = None
    tries: int = 0
    next_try_at: datetime | None = None
    attempts: tuple[FailedTry, ...] = field(default=())
    raw_body: str | None = None
    raw_reference: PayloadReference | None = None
    resolved_as: State | None = None
    abandoned_by: str = ""

    @property
    def needs_people(self) -> bool:
        """True where somebody has to act, and nobody has given it up."""
        return self.status.needs_people and not self.abandoned_by

    @property
    def record_name(self) -> RecordName | None:
        """The record that the change is about, where the change came so far that it is known."""
        if self.change is None or not self.object_name:
            return None
        return RecordName(self.change.source, self.object_name, self.change.external_id)


class Resolution(NamedTuple):
    """How a failure ended: what became of its change."""

    correlation_id: str
    resolved_as: State


class DueRetry(NamedTuple):
    """An entry whose next try is due."""

    correlation_id: str
    next_try_at: datetime


def name_of_body(body: str) -> str:
    """Name what is no change by what it says: a second copy is the same entry."""
    return f"body-{content_hash(body.encode('utf-8', 'surrogatepass'))}"


def cut(text: str, chars: int) -> str:
    """Cut a text, and say so at its end."""
    return text if len(text) <= chars else text[: chars - len(CUT_MARK)] + CUT_MARK


def unreadable_entry(body: str, detail: str, at: datetime) -> ErrorEntry:
    """Return the entry of a message that is no change."""
    kind = FailureKind.MESSAGE_INVALID.value
    return ErrorEntry(
        correlation_id=name_of_body(body),
        status=EntryStatus.PENDING,
        failure_kind=kind,
        detail=detail,
        updated_at=at,
        created_at=at,
        raw_body=body,
        attempts=(FailedTry(at, kind, None),),
    )
