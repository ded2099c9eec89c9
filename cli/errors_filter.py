"""Which entries of the error log a command is about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from cli.parts import StackParts
from cli.shown import duration
from lockstep.domain.error_list import OPEN_STATUSES, EntrySummary, Wanted
from lockstep.domain.error_log import EntryStatus


@dataclass(frozen=True, slots=True)
class Filter:
    """The options of a command, as they were given."""

    statuses: Sequence[EntryStatus]
    kind: str | None
    source: str | None
    object_name: str | None
    external_id: str | None
    older_than: str | None
    younger_than: str | None

    @property
    def is_empty(self) -> bool:
        """True where it limits nothing."""
        return not any(getattr(self, name) for name in self.__slots__)

    def wanted(self, now: datetime, unless_given: frozenset[EntryStatus] = OPEN_STATUSES) -> Wanted:
        """Return what it means now."""
        return Wanted(
            statuses=frozenset(self.statuses) or unless_given,
            kind=self.kind.upper() if self.kind else None,
            source=self.source,
            object_name=self.object_name,
            external_id=self.external_id,
            failed_before=now - duration(self.older_than) if self.older_than else None,
            failed_after=now - duration(self.younger_than) if self.younger_than else None,
        )


def found(parts: StackParts, wanted: Wanted) -> Iterator[EntrySummary]:
    """Give what is meant, newest first; pages are read as they are asked for.

    Raises:
        SyncError: AWS refuses.
    """
    return (entry for entry in parts.desk.summaries(wanted.statuses) if wanted.matches(entry))
