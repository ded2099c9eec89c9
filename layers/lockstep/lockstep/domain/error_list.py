"""The error log as people list it: what a line says, and which lines somebody wants."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from lockstep.domain.changes import Change
from lockstep.domain.error_log import EntryStatus

OPEN_STATUSES = frozenset(EntryStatus) - {EntryStatus.RESOLVED}
# Upper ends of the classes of age in which failures are counted, by name.
_AGES = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}
_OLDER = "older"
AGE_CLASSES = (*_AGES, _OLDER)


@dataclass(frozen=True, slots=True)
class EntrySummary:
    """One line of the list; holds no payload, no record and no message.

    `abandoned_by` names the person who has given it up; empty where its tries were used up.
    """

    correlation_id: str
    status: EntryStatus
    failure_kind: str
    created_at: datetime
    updated_at: datetime
    error_code: str | None = None
    source: str = ""
    entity: str = ""
    object_name: str = ""
    external_id: str = ""
    tries: int = 0
    next_try_at: datetime | None = None
    abandoned_by: str = ""

    @property
    def needs_people(self) -> bool:
        """True where nobody has decided yet."""
        return self.status.needs_people and not self.abandoned_by


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which failures are meant; what is None limits nothing. Age counts from the first failure."""

    statuses: frozenset[EntryStatus] = OPEN_STATUSES
    kind: str | None = None
    source: str | None = None
    object_name: str | None = None
    external_id: str | None = None
    failed_before: datetime | None = None
    failed_after: datetime | None = None

    def matches(self, entry: EntrySummary) -> bool:
        """Return whether the entry is meant."""
        asked = (
            (self.kind, entry.failure_kind),
            (self.source, entry.source),
            (self.object_name, entry.object_name),
            (self.external_id, entry.external_id),
        )
        return (
            entry.status in self.statuses
            and all(wanted is None or wanted == found for wanted, found in asked)
            and (self.failed_before is None or entry.created_at <= self.failed_before)
            and (self.failed_after is None or entry.created_at >= self.failed_after)
        )


@dataclass(frozen=True, slots=True)
class Edit:
    """Somebody has changed the payload."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Abandonment:
    """Somebody has given the change up."""

    at: datetime
    by: str
    because: str


@dataclass(frozen=True, slots=True)
class DeskNotes:
    """What people did to an entry; `original` is the change as it came, where its payload was edited since."""

    original: Change | None = None
    edits: tuple[Edit, ...] = ()
    abandonment: Abandonment | None = None


def age_class(created_at: datetime, now: datetime) -> str:
    """Return which of `AGE_CLASSES` a failure is in."""
    age = now - created_at
    return next((name for name, end in _AGES.items() if age < end), _OLDER)


def counted(kinds: Mapping[str, Mapping[str, int]]) -> int:
    """Return how many failures are in counts by kind and class of age."""
    return sum(sum(ages.values()) for ages in kinds.values())
