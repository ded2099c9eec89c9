"""The error log, in memory."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from lockstep.domain.changes import Change, PayloadReference, State
from lockstep.domain.error_log import DueRetry, EntryStatus, ErrorEntry, RecordName, Resolution

OPEN = frozenset(EntryStatus) - {EntryStatus.RESOLVED}


@dataclass
class FakeErrorLog:
    """Implements `ports.error_log.ErrorLog`; cannot store the entries whose name is in `refused`."""

    entry_by_name: dict[str, ErrorEntry] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    is_down: bool = False
    news_names: set[str] = field(default_factory=set)
    _told: set[str] = field(default_factory=set)

    def log(self, entries: Sequence[ErrorEntry]) -> Sequence[State | None]:
        return [self._log(entry) for entry in entries]

    def _log(self, entry: ErrorEntry) -> State | None:
        name = entry.correlation_id
        if self.is_down or name in self.refused:
            return None
        known = self.entry_by_name.get(name)
        if known is None:
            self.entry_by_name[name] = self._fresh(entry)
        elif known.status in (EntryStatus.PENDING, EntryStatus.RETRYING) and known.tries <= entry.tries:
            self.entry_by_name[name] = replace(
                self._fresh(entry),
                change=_of(known, entry),
                raw_body=known.raw_body,
                raw_reference=known.raw_reference,
                created_at=known.created_at,
                attempts=known.attempts + entry.attempts,
            )
        else:
            return known.resolved_as or State(known.status.value)
        self._mark(name, is_news=entry.status.needs_people)
        return State(entry.status.value)

    def _fresh(self, entry: ErrorEntry) -> ErrorEntry:
        if entry.change is None:
            return entry
        return replace(
            entry,
            change=entry.change.model_copy(update={"tries": entry.tries, "deferrals": 0, "is_logged": True}),
        )

    def _mark(self, name: str, *, is_news: bool) -> None:
        if is_news:
            self.news_names.add(name)
            self._told.add(name)

    def resolve(self, resolutions: Sequence[Resolution], now: datetime) -> Sequence[PayloadReference]:
        for name, state in resolutions:
            known = self.entry_by_name.get(name)
            if known is not None and known.status in OPEN:
                self.entry_by_name[name] = replace(
                    known, status=EntryStatus.RESOLVED, resolved_as=state, next_try_at=None, updated_at=now
                )
                self._mark(name, is_news=name in self._told)
        closed = [self.entry_by_name[name] for name, _ in resolutions if name in self.entry_by_name]
        return [found for each in closed if each.status not in OPEN for found in _references(each)]

    def due(self, now: datetime) -> Iterator[DueRetry]:
        due = [
            DueRetry(each.correlation_id, each.next_try_at)
            for each in self.entry_by_name.values()
            if each.status is EntryStatus.RETRYING and each.next_try_at and each.next_try_at <= now
        ]
        return iter(sorted(due, key=lambda each: each.next_try_at))

    def claim(self, due: Sequence[DueRetry], again_at: datetime) -> Sequence[ErrorEntry]:
        claimed = []
        for name, seen in due:
            known = self.entry_by_name[name]
            if known.status is EntryStatus.RETRYING and known.next_try_at == seen:
                self.entry_by_name[name] = replace(known, next_try_at=again_at)
                claimed.append(self.entry_by_name[name])
        return claimed

    def get(self, correlation_ids: Collection[str]) -> Sequence[ErrorEntry]:
        return [self.entry_by_name[name] for name in set(correlation_ids) if name in self.entry_by_name]

    def open_of(self, records: Collection[RecordName]) -> Sequence[ErrorEntry]:
        return [each for each in self.entry_by_name.values() if each.status in OPEN and each.record_name in records]

    def reopen(self, correlation_ids: Collection[str], now: datetime) -> Sequence[str]:
        names = [
            each.correlation_id for each in self.get(correlation_ids) if each.status in OPEN and each.change is not None
        ]
        for name in names:
            known = self.entry_by_name[name]
            assert known.change is not None
            self.entry_by_name[name] = replace(
                known,
                status=EntryStatus.RETRYING,
                tries=0,
                next_try_at=now,
                updated_at=now,
                change=known.change.model_copy(update={"tries": 0}),
            )
            self._mark(name, is_news=name in self._told)
        return sorted(names)

    def news(self, most: int) -> Sequence[ErrorEntry]:
        found = sorted((self.entry_by_name[name] for name in self.news_names), key=lambda each: each.updated_at)
        return found[:most]

    def mark_told(self, entries: Sequence[ErrorEntry]) -> None:
        for entry in entries:
            if self.entry_by_name[entry.correlation_id].updated_at == entry.updated_at:
                self.news_names.discard(entry.correlation_id)


def _references(entry: ErrorEntry) -> list[PayloadReference]:
    found = (entry.change.payload_reference if entry.change else None, entry.raw_reference)
    return [each for each in found if each is not None]


def _of(known: ErrorEntry, entry: ErrorEntry) -> Change | None:
    """Keep the first payload, and what the new try knows."""
    if known.change is None or entry.change is None:
        return known.change
    return known.change.model_copy(update={"tries": entry.tries, "is_unsure": entry.change.is_unsure})
