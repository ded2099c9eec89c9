"""What the change log and the version guard remember, for people to read."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ChangeStep:
    """One step of a change; states and kinds as they are stored, whichever version stored them."""

    at: datetime
    state: str
    record_id: str | None = None
    failure_kind: str | None = None
    error_code: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeHistory:
    """A change and every step of it, oldest first."""

    correlation_id: str
    source: str
    entity: str
    operation: str
    external_id: str
    version: int
    event_id: str
    topic: str
    received_at: datetime
    state: str
    attempts: int
    record_id: str | None
    steps: tuple[ChangeStep, ...]

    @property
    def moved_at(self) -> datetime:
        """When it made its last step."""
        return self.steps[-1].at


@dataclass(frozen=True, slots=True)
class GuardFacts:
    """What the version guard knows of a record.

    `version` is the newest that surely stands in the org, and `correlation_id` the change that wrote it; None where
    none was written. `claimed` is a version that is being written, or that may stand there. `held_until` and
    `failed_at` are None where nobody holds the record, and where no failure of it is remembered.
    """

    source: str
    object_name: str
    external_id: str
    version: int | None = None
    correlation_id: str | None = None
    claimed: int | None = None
    held_until: datetime | None = None
    failed_at: datetime | None = None
