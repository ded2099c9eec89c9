"""One failure, with its payload."""

from collections.abc import Iterator
from typing import Any

import typer
from rich.console import Console

from cli.failure import EXIT_PROBLEMS, console_for_errors
from cli.parts import StackParts
from cli.shown import fields_of, jsonable, local_time, pretty_json, print_json, say
from lockstep.domain.changes import Change
from lockstep.domain.error_list import DeskNotes
from lockstep.domain.error_log import ErrorEntry
from lockstep.domain.failures import FailureKind, SyncError


def show_error(parts: StackParts, name: str, *, as_json: bool) -> None:
    """Print an entry, the payload as it will be sent, and as it came where it was edited.

    Raises:
        Exit: 1 where there is none.
        SyncError: AWS refuses.
    """
    entry = entry_named(parts, name)
    notes = parts.desk.notes(name)
    payload = payload_of(parts, entry)
    original = text_of(parts, notes.original) if notes.original else None
    if as_json:
        print_json(_as_json(entry, notes, payload, original))
        return
    console = Console()
    for title, value in _lines(entry, notes):
        say(console, f"{title:<16} {value}")
    for title, text in (("record as mapped", entry.record), ("payload", payload), ("original payload", original)):
        if text is not None:
            say(console, f"\n{title}:")
            typer.echo(pretty_json(text))


def entry_named(parts: StackParts, name: str) -> ErrorEntry:
    """Return an entry.

    Raises:
        Exit: 1 where there is none; that is said.
        SyncError: AWS refuses.
    """
    found = parts.error_log.get([name])
    if not found:
        text = (
            f"the error log of {parts.stack} has no {name}: nothing failed under this name, or it was resolved long ago"
        )
        say(console_for_errors(), f"lockstep: {text}")
        raise typer.Exit(EXIT_PROBLEMS)
    return found[0]


def payload_of(parts: StackParts, entry: ErrorEntry) -> str | None:
    """Return what is sent with the next try, or the message that is no change; None where it is gone.

    Raises:
        SyncError: AWS refuses.
    """
    if entry.change is not None:
        return text_of(parts, entry.change)
    if entry.raw_reference is not None:
        return parts.payloads.get(entry.raw_reference)
    return entry.raw_body


def text_of(parts: StackParts, change: Change) -> str | None:
    """Return a change's payload, wherever it lies; None where it was deleted.

    Raises:
        SyncError: AWS refuses.
    """
    if change.payload_reference is None:
        return change.payload
    try:
        return parts.payloads.get(change.payload_reference)
    except SyncError as exc:
        if exc.kind is not FailureKind.MESSAGE_INVALID:
            raise
        return None


def _as_json(entry: ErrorEntry, notes: DeskNotes, payload: str | None, original: str | None) -> dict[str, Any]:
    change = entry.change
    facts = {
        name: jsonable(getattr(entry, name))
        for name in ("correlation_id", "status", "failure_kind", "error_code", "detail", "vendor_message", "tries",
                     "created_at", "updated_at", "next_try_at", "resolved_as", "record")
    }  # fmt: skip
    return {
        **facts,
        "object_name": entry.object_name,
        "change": jsonable(change.model_dump(exclude={"payload"})) if change else None,
        "attempts": [each._asdict() for each in entry.attempts],
        "payload": payload,
        "original_payload": original,
        "edits": [fields_of(each) for each in notes.edits],
        "abandonment": fields_of(notes.abandonment) if notes.abandonment else None,
    }


def _lines(entry: ErrorEntry, notes: DeskNotes) -> Iterator[tuple[str, str]]:
    yield "correlation ID", entry.correlation_id
    yield "status", entry.status.value + (f" as {entry.resolved_as.value}" if entry.resolved_as else "")
    yield "kind", entry.failure_kind + (f" ({entry.error_code})" if entry.error_code else "")
    yield "what to do", entry.detail
    if entry.vendor_message:
        yield "Salesforce says", entry.vendor_message
    if entry.change is None:
        yield "change", "none: the message could not be read as one"
    else:
        change = entry.change
        yield "change", f"{change.operation.value} of {change.entity} {change.external_id} from {change.source}"
        yield "version", str(change.version)
        yield "event", f"{change.topic} {change.event_id}"
        yield "received", local_time(change.received_at)
    yield "object", entry.object_name or "unknown"
    yield "tries", str(entry.tries)
    yield "next try", local_time(entry.next_try_at)
    for number, tried in enumerate(entry.attempts, 1):
        yield f"attempt {number}", f"{local_time(tried.at)}  {tried.failure_kind} {tried.error_code or ''}".rstrip()
    for edit in notes.edits:
        yield "edited", f"{local_time(edit.at)} by {edit.by}"
    if notes.abandonment:
        yield "abandoned", f"{local_time(notes.abandonment.at)} by {notes.abandonment.by}: {notes.abandonment.because}"
