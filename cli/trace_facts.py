"""What change log, error log and version guard know of a change or a record, in the order of time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from cli.parts import StackParts
from cli.shown import fields_of
from lockstep.domain.change_history import ChangeHistory, GuardFacts
from lockstep.domain.error_list import DeskNotes
from lockstep.domain.error_log import ErrorEntry, RecordName
from lockstep.domain.routes import Route

MOST_CHANGES = 1_000
# Of a failure: not its payload, its record, or Salesforce's words.
_TOLD = ("correlation_id", "status", "failure_kind", "error_code", "detail", "object_name", "tries", "created_at",
         "updated_at", "next_try_at", "resolved_as")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a change, and who remembers it."""

    at: datetime
    where: str
    what: str
    failure_kind: str | None = None
    error_code: str | None = None
    detail: str | None = None
    record_id: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known; holds no payload and no record."""

    changes: tuple[ChangeHistory, ...] = ()
    failures: tuple[ErrorEntry, ...] = ()
    guard: tuple[GuardFacts, ...] = ()
    events: tuple[Event, ...] = ()
    is_complete: bool = True

    @property
    def is_empty(self) -> bool:
        """True where nobody has heard of it."""
        return not (self.changes or self.failures or self.guard)

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "changes": [fields_of(each) for each in self.changes],
            "events": [fields_of(each) for each in self.events],
            "failures": [_failure_json(each) for each in self.failures],
            "guard": [fields_of(each) for each in self.guard],
            "is_complete": self.is_complete,
        }


def known_of_change(parts: StackParts, routes: Sequence[Route], name: str) -> Known:
    """Return what is known of a change.

    Raises:
        SyncError: AWS refuses.
    """
    changes = tuple(parts.changes.histories([name]).values())
    failures = tuple(parts.error_log.get([name]))
    records = {record for each in changes if (record := _record_of(each, routes))}
    records |= {record for each in failures if (record := each.record_name)}
    guard = tuple(parts.guard.facts(records))
    notes = parts.desk.notes(name) if failures else DeskNotes()
    events = [*_steps(changes), *_tries(failures), *_done_by_people(notes), *_expected(failures)]
    return Known(changes, failures, guard, tuple(sorted(events, key=lambda event: event.at)))


def known_of_record(
    parts: StackParts, sources: Sequence[str], object_name: str, external_id: str, *, is_scanned: bool
) -> Known:
    """Return what is known of a record: who wrote it last, what failed, and with a scan every change.

    Raises:
        SyncError: AWS refuses.
    """
    records = [RecordName(source, object_name, external_id) for source in sources]
    guard = tuple(parts.guard.facts(records))
    failures = tuple(sorted(parts.error_log.open_of(records), key=lambda each: each.created_at))
    if is_scanned:
        found = list(islice(parts.changes.of_record(sources, external_id), MOST_CHANGES + 1))
        is_complete = len(found) <= MOST_CHANGES
        changes = found[:MOST_CHANGES]
    else:
        names = {each.correlation_id for each in guard if each.correlation_id}
        names |= {each.correlation_id for each in failures}
        changes, is_complete = list(parts.changes.histories(names).values()), True
    ordered = sorted(changes, key=lambda each: (each.version, each.received_at))
    return Known(tuple(ordered), failures, guard, is_complete=is_complete)


def _record_of(change: ChangeHistory, routes: Sequence[Route]) -> RecordName | None:
    objects = {(each.source, each.entity): each.object_name for each in routes}
    object_name = objects.get((change.source, change.entity))
    return RecordName(change.source, object_name, change.external_id) if object_name else None


def _steps(changes: Sequence[ChangeHistory]) -> Iterator[Event]:
    for change in changes:
        for step in change.steps:
            facts = (step.failure_kind, step.error_code, step.detail, step.record_id)
            yield Event(step.at, "change log", step.state, *facts)


def _tries(failures: Sequence[ErrorEntry]) -> Iterator[Event]:
    for entry in failures:
        for tried in entry.attempts:
            yield Event(tried.at, "error log", "failed try", tried.failure_kind, tried.error_code)
        if entry.resolved_as:
            yield Event(entry.updated_at, "error log", f"resolved as {entry.resolved_as.value}")


def _done_by_people(notes: DeskNotes) -> Iterator[Event]:
    for edit in notes.edits:
        yield Event(edit.at, "person", "payload edited", detail=f"by {edit.by}")
    if notes.abandonment:
        given_up = notes.abandonment
        yield Event(given_up.at, "person", "given up", detail=f"by {given_up.by}: {given_up.because}")


def _expected(failures: Sequence[ErrorEntry]) -> Iterator[Event]:
    for entry in failures:
        if entry.next_try_at:
            yield Event(entry.next_try_at, "error log", "next try")


def _failure_json(entry: ErrorEntry) -> dict[str, Any]:
    """Return a failure for programs, without what holds values."""
    return {name: getattr(entry, name) for name in _TOLD}
