"""The list of failures."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from rich.console import Console

from cli.errors_filter import Filter, found
from cli.org import utc_now
from cli.parts import StackParts
from cli.shown import age, cell, counted, fields_of, print_json, say, table
from lockstep.domain.error_list import EntrySummary
from lockstep.domain.error_log import EntryStatus

_STYLES = {EntryStatus.PENDING: "yellow", EntryStatus.ABANDONED: "red", EntryStatus.RESOLVED: "green"}


def list_errors(parts: StackParts, asked: Filter, limit: int, *, as_json: bool) -> None:
    """Print the newest of what is meant.

    Raises:
        SyncError: AWS refuses.
    """
    now = utc_now()
    entries = list(islice(found(parts, asked.wanted(now)), limit + 1))
    shown, is_complete = entries[:limit], len(entries) <= limit
    if as_json:
        print_json({"errors": [summary_json(entry) for entry in shown], "is_complete": is_complete})
        return
    console = Console()
    if shown:
        show_summaries(shown, console, now)
    more = "" if is_complete else f"; there are more, --limit {limit * 10} shows them"
    say(console, f"{counted(len(shown), 'failure')}{more}." if shown else "There is no such failure.")


def summary_json(entry: EntrySummary) -> dict[str, Any]:
    """Return a line for programs."""
    return fields_of(entry)


def show_summaries(entries: Sequence[EntrySummary], console: Console, now: datetime) -> None:
    """Print lines for people."""
    lines = table("correlation ID", "age", "status", "why", "record", whole=("correlation ID", "age", "status", "why"))
    for entry in entries:
        why = " ".join((entry.failure_kind, entry.error_code or "")).strip()
        record = " ".join(each for each in (entry.source, entry.object_name or entry.entity, entry.external_id) if each)
        status = cell(entry.status.value, _STYLES.get(entry.status, ""))
        lines.add_row(
            cell(entry.correlation_id), cell(age(entry.created_at, now)), status, cell(why), cell(record or "-")
        )
    console.print(lines)
