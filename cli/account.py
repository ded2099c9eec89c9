"""`lockstep account`: P1, proved by counting."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from cli.failure import EXIT_PROBLEMS, tells
from cli.options import AsJson, checked_age
from cli.org import utc_now
from cli.parts import StackParts
from cli.shown import age, cell, counted, duration, fields_of, print_json, say, table
from cli.stack import DEFAULT_STACK, StackName, StateFolder, chosen_stack
from lockstep.domain.accounts import Column, Gap
from lockstep.services.account_changes import Account, AccountChanges

_SHOWN = 20
_SHOWN_HOURS = timedelta(hours=24)
# Short, so that a row fits a terminal.
_HEADINGS = {
    **{column: column.value for column in Column},
    Column.SUPERSEDED: "supers.",
    Column.DUPLICATE: "duplic.",
    Column.ABANDONED: "aband.",
}
_MEANING = {
    Gap.STATE_UNKNOWN: "are in a state that this version does not know",
    Gap.ENTRY_MISSING: "are in the hands of the error log, which has no open entry of them",
    Gap.ENTRY_LEFT_OPEN: "are settled, and the error log still waits for them",
    Gap.NOT_BOOKED: "are in the error log, and the change log does not know them",
    Gap.NOT_QUEUED: "should be in a queue, and the queues have fewer messages",
}


@tells
def account(
    *,
    older_than: Annotated[
        str, typer.Option(metavar="AGE", help="What waits for longer is late.", callback=checked_age)
    ] = "15m",
    all_hours: Annotated[bool, typer.Option("--all-hours", help="Not only the last day by the hour.")] = False,
    as_json: AsJson = False,
    stack: StackName = DEFAULT_STACK,
    state_folder: StateFolder = None,
) -> None:
    """Account for every accepted change: exit code 0 balanced, 1 a gap, 2 cannot tell. Reads the whole change log."""
    parts = StackParts(chosen_stack(stack, state_folder))
    found = AccountChanges(
        changes=parts.changes,
        entries=parts.desk,
        queues=parts.depths,
        backlogs=parts.backlogs,
        circuits=parts.circuits,
        clock=utc_now,
        memory=parts.memory,
    )(duration(older_than))
    if as_json:
        print_json(_as_json(str(parts.stack), found, duration(older_than)))
    else:
        _show(found, Console(), None if all_hours else found.at - _SHOWN_HOURS)
    if not found.accounts.is_balanced:
        raise typer.Exit(EXIT_PROBLEMS)


def _as_json(stack: str, found: Account, older_than: timedelta) -> dict[str, Any]:
    books = found.accounts
    return {
        "stack": stack,
        "at": found.at,
        "older_than_s": int(older_than.total_seconds()),
        "verdict": "balanced" if books.is_balanced else "gap",
        "circuit_is_closed": found.is_circuit_closed,
        "messages": found.messages,
        "arriving": books.arriving,
        "totals": _sums(books.totals),
        "hours": [{"source": hour.source, "hour": hour.begins_at, **_sums(sums)} for hour, sums in books.rows()],
        "gaps": [
            {"gap": gap, "count": count, "correlation_ids": books.named[gap]} for gap, count in books.gaps.items()
        ],
        "late": {
            "count": books.late_count,
            "by_jobs": found.handed_over,
            "oldest": [each._asdict() for each in books.late],
        },
        "overdue": [fields_of(each) for each in found.overdue],
        "unreadable_messages": found.unreadable,
        "older_than_the_change_log": found.forgotten,
    }


def _sums(sums: Counter[Column]) -> dict[str, int]:
    return {"accepted": sums.total(), **{column.value: sums[column] for column in Column}}


def _show(found: Account, console: Console, hours_since: datetime | None) -> None:
    books = found.accounts
    lines = table("source", "hour (UTC)", "accepted", *(_HEADINGS[column] for column in Column))
    earlier: dict[str, Counter[Column]] = defaultdict(Counter)
    for hour, sums in books.rows():
        if hours_since is not None and hour.begins_at < hours_since:
            earlier[hour.source].update(sums)
        else:
            _add_row(lines, hour.source, f"{hour.begins_at:%m-%d %H:00}", sums)
    for source, sums in earlier.items():
        _add_row(lines, source, "earlier", sums)
    console.print(lines)
    totals = books.totals
    said = " + ".join(f"{totals[column]} {column.value}" for column in Column)
    say(console, f"\n{totals.total()} accepted = {said}")
    _show_late(found, console)
    for gap, count in books.gaps.items():
        say(console, f"GAP: {count} changes {_MEANING[gap]}: {_named(books.named[gap])}")
    say(console, "The books are balanced." if books.is_balanced else "The books are NOT balanced.")


def _add_row(lines: Table, source: str, hour: str, sums: Counter[Column]) -> None:
    lines.add_row(cell(source), hour, str(sums.total()), *(str(sums[column]) for column in Column))


def _show_late(found: Account, console: Console) -> None:
    books = found.accounts
    if books.late_count:
        why = f", {found.handed_over} of them for an ingest job" if found.handed_over else ""
        why += "" if found.is_circuit_closed else "; the circuit is open, so they wait for Salesforce"
        say(console, f"{books.late_count} changes wait for longer than they should{why}; the oldest:")
        for late in books.late[:_SHOWN]:
            say(console, f"  {late.correlation_id}  {age(late.received_at, found.at)}")
    if found.overdue:
        named = _named([entry.correlation_id for entry in found.overdue])
        say(console, f"{len(found.overdue)} retries are overdue (does the retry function run?): {named}")
    if found.unreadable:
        kept = counted(found.unreadable, "message")
        say(console, f"no change, and kept: {kept}; `lockstep errors list --kind MESSAGE_INVALID`")
    if found.forgotten:
        say(console, f"{found.forgotten} failures are older than what the change log remembers.")


def _named(names: list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
