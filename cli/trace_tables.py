"""Shows people what is known of a change or a record."""

from collections.abc import Sequence

from rich.console import Console

from cli.shown import cell, local_time, say, table
from cli.trace_facts import Event, Known
from lockstep.domain.change_history import ChangeHistory, GuardFacts
from lockstep.domain.error_log import ErrorEntry


def show_known(known: Known, console: Console) -> None:
    """Print it: one change with its events, or a table of changes."""
    if known.events:
        for change in known.changes:
            _show_change(change, console)
        _show_events(known.events, console)
    elif known.changes:
        _show_changes(known.changes, console)
    for entry in known.failures:
        _show_failure(entry, console)
    for facts in known.guard:
        _show_guard(facts, known, console)
    if not known.is_complete:
        say(console, f"There are more changes than these {len(known.changes)}.")


def _show_change(change: ChangeHistory, console: Console) -> None:
    say(console, f"{change.correlation_id} is {change.state}")
    say(console, f"  {change.operation} of {change.entity} {change.external_id} from {change.source}")
    say(console, f"  version {change.version}, received {local_time(change.received_at)}")
    say(console, f"  event {change.event_id}, topic {change.topic}")
    if change.record_id:
        say(console, f"  Salesforce record {change.record_id}")
    say(console)


def _show_events(events: Sequence[Event], console: Console) -> None:
    lines = table("time", "where", "what", "why", whole=("time", "where"))
    for event in events:
        why = " ".join(each for each in (event.failure_kind, event.error_code) if each)
        told = ": ".join(each for each in (why, event.detail, event.record_id) if each)
        lines.add_row(cell(local_time(event.at)), cell(event.where), cell(event.what), cell(told))
    console.print(lines)


def _show_changes(changes: Sequence[ChangeHistory], console: Console) -> None:
    lines = table("correlation ID", "version", "received", "source", "state", whole=("correlation ID",))
    for change in changes:
        facts = (change.correlation_id, str(change.version), local_time(change.received_at), change.source)
        lines.add_row(*(cell(each) for each in facts), cell(change.state))
    console.print(lines)


def _show_failure(entry: ErrorEntry, console: Console) -> None:
    resolved = f" as {entry.resolved_as.value}" if entry.resolved_as else ""
    say(console, f"\nfailure {entry.correlation_id}: {entry.status.value}{resolved}, {entry.failure_kind}")
    say(console, f"  {entry.detail}")
    say(console, f"  `lockstep errors show {entry.correlation_id}` shows its payload")


def _show_guard(facts: GuardFacts, known: Known, console: Console) -> None:
    say(console, f"\nversion guard: {facts.object_name} {facts.external_id} of {facts.source}")
    if facts.version is None:
        say(console, "  no version is known to stand in the org")
    else:
        names = {change.correlation_id for change in known.changes}
        is_own = bool(known.events) and facts.correlation_id in names
        say(
            console, f"  version {facts.version} stands, written by {'this change' if is_own else facts.correlation_id}"
        )
    if facts.claimed is not None:
        say(console, f"  version {facts.claimed} is being written, or may stand too")
    if facts.held_until:
        say(console, f"  held by a batch until {local_time(facts.held_until)}")
    if facts.failed_at:
        say(console, f"  a failure was logged {local_time(facts.failed_at)}")
