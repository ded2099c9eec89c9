"""A change: the envelope in which one event of a source travels, and what becomes of it."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, NamedTuple, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from lockstep.domain.model import Shape

CORRELATION_ID_CHARS = 32
NonBlank = Annotated[str, StringConstraints(min_length=1, max_length=512)]


class Operation(StrEnum):
    """What a change asks for."""

    UPSERT = "upsert"
    DELETE = "delete"


class State(StrEnum):
    """Where a change is; `settled` states are final."""

    CLAIMED = "Claimed"  # taken in, not yet on the queue
    QUEUED = "Queued"
    APPLIED = "Applied"
    SUPERSEDED = "Superseded"
    DUPLICATE = "Duplicate"
    RETRYING = "Retrying"  # in the error log, until its next try is due
    PENDING = "Pending"  # in the error log; needs a person
    ABANDONED = "Abandoned"  # in the error log; its tries are used up

    @property
    def is_settled(self) -> bool:
        """True where nothing more will be done for the change, whatever comes."""
        return self in (State.APPLIED, State.SUPERSEDED, State.DUPLICATE)


class Version(NamedTuple):
    """Orders the changes of one record from one source; compares element by element.

    The source's stamp alone is too coarse (two updates in one second): the event's time, then its arrival
    break ties.
    """

    stamp: int
    event_at_ms: int
    received_at_ms: int


class PayloadReference(Shape):
    """Where a payload lies that is too large for the queue (claim check)."""

    bucket: NonBlank
    key: Annotated[str, StringConstraints(min_length=1, max_length=1024)]  # S3's own limit


class Change(Shape):
    """One event of a source.

    `external_id` is text from the first byte to the last. `version` is the source's own stamp; where the source has
    none it is the time of arrival in ms. `payload` is JSON text, or null where `payload_reference` says where it lies.

    The last fields are its way through the lane: `deferrals` are short waits in the queue, `tries` are failed tries
    that count, `is_logged` says that the error log has an entry of it, and `is_unsure` that nobody knows whether its
    last write took effect.
    """

    correlation_id: NonBlank
    source: NonBlank
    entity: NonBlank
    operation: Operation
    external_id: NonBlank
    version: Annotated[int, Field(ge=0, lt=10**30)]
    event_id: NonBlank
    topic: NonBlank
    event_at_ms: Annotated[int, Field(ge=0, lt=10**15)]
    received_at: AwareDatetime
    content_hash: NonBlank
    payload: str | None = None
    payload_reference: PayloadReference | None = None
    deferrals: Annotated[int, Field(ge=0)] = 0
    tries: Annotated[int, Field(ge=0)] = 0
    is_logged: bool = False
    is_unsure: bool = False

    @model_validator(mode="after")
    def _has_one_payload(self) -> Self:
        if (self.payload is None) == (self.payload_reference is None):
            raise ValueError("a change holds either its payload or a reference to it")
        return self

    @property
    def order(self) -> Version:
        """Where the change stands among those of its record."""
        return Version(self.version, self.event_at_ms, int(self.received_at.timestamp() * 1000))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one change in one attempt.

    `failure_kind` and `error_code` say why, `detail` says it to people; none of them holds a field's value.
    """

    change: Change
    state: State
    record_id: str | None = None
    created: bool = False
    failure_kind: str | None = None
    error_code: str | None = None
    detail: str | None = None


def correlation_id(source: str, event_id: str) -> str:
    """Name a change by its source and event: the same event has the same name in every delivery."""
    digest = hashlib.sha256(f"{len(source)}:{source}{event_id}".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:CORRELATION_ID_CHARS]


def content_hash(payload: bytes) -> str:
    """Tell two payloads apart."""
    return hashlib.sha256(payload).hexdigest()[:32]
