"""Sends failures again, or gives them up, as a person decides."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import typer
from rich.console import Console

from cli.errors_filter import Filter, found
from cli.failure import EXIT_PROBLEMS, CannotError
from cli.org import utc_now
from cli.parts import StackParts
from cli.raw_bodies import change_in, is_raw, send_bodies
from cli.shown import confirmed, counted, print_json, say
from lockstep.domain.batches import slices
from lockstep.domain.changes import Change, Outcome, State
from lockstep.domain.error_list import Abandonment
from lockstep.domain.error_log import EntryStatus, ErrorEntry

AT_ONCE = 100
MOST_REASON_CHARS = 500
_NEEDS_PEOPLE = frozenset(status for status in EntryStatus if status.needs_people)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is to be sent again: names, or a filter, or everything that needs people."""

    names: tuple[str, ...]
    asked: Filter
    everything: bool

    def found(self, parts: StackParts) -> Counter[str]:
        """Return the names, each with nothing said twice.

        Raises:
            CannotError: Nobody said what, or said it in two ways.
            SyncError: AWS refuses.
        """
        ways = [bool(self.names), not self.asked.is_empty, self.everything]
        if sum(ways[:2]) > 1 or (self.names and self.everything):
            raise CannotError("name correlation IDs, or filter, or say --all: not two of them")
        if not any(ways):
            raise CannotError("which? Name correlation IDs, or filter (--kind, --source, …), or say --all")
        if self.names:
            return Counter(dict.fromkeys(self.names, 1))
        wanted = self.asked.wanted(utc_now(), _NEEDS_PEOPLE)
        # What a person has given up is sent by its name only.
        return Counter(entry.correlation_id for entry in found(parts, wanted) if not entry.abandoned_by)


def retry_errors(
    parts: StackParts, chosen: Chosen, console: Console, *, is_dry: bool, agrees: bool, as_json: bool
) -> None:
    """Make what is meant due, with all tries before it; the retry function sends it within a minute.

    Raises:
        CannotError: Nobody said what, or the person does not agree; nothing was changed.
        Exit: 1 where something that was named cannot be sent.
        SyncError: AWS refuses; what was made due stays so.
    """
    names = list(chosen.found(parts))
    if not is_dry and names and not agrees and not confirmed(f"Send {counted(len(names), 'change')} again?"):
        raise CannotError("nothing was changed")
    sent: list[str] = []
    reasons: dict[str, str] = {}
    for part in slices(names, AT_ONCE):
        part_sent, part_reasons = _send(parts, part, is_dry=is_dry)
        sent += part_sent
        reasons |= part_reasons
    refused = sorted(set(names) - set(sent))
    if as_json:
        print_json({"sent": len(sent), "refused": refused, "reasons": reasons, "is_dry_run": is_dry})
    else:
        verb = "would be sent" if is_dry else "to be sent within a minute"
        say(console, f"{counted(len(sent), 'change')} {verb}.")
        for name in refused[:AT_ONCE]:
            say(console, f"{name} cannot be sent: {reasons[name]}.")
    if refused and chosen.names:
        raise typer.Exit(EXIT_PROBLEMS)


def _send(parts: StackParts, names: Sequence[str], *, is_dry: bool) -> tuple[list[str], dict[str, str]]:
    """Send what can be; return its names, and for each other name why it cannot."""
    entries = parts.error_log.get(names)
    sendable = [entry for entry in entries if _is_sendable(entry)]
    bodies = [(entry, change_in(parts, entry)) for entry in entries if is_raw(entry)]
    readable = [(entry, change) for entry, change in bodies if isinstance(change, Change)]
    if is_dry:
        sent = [entry.correlation_id for entry in (*sendable, *(entry for entry, _ in readable))]
    else:
        sent = [*reopened(parts, sendable, utc_now()), *send_bodies(parts, readable, utc_now())]
    reasons = dict.fromkeys(names, "nobody knows it")
    reasons |= dict.fromkeys((entry.correlation_id for entry in entries), "it was resolved, now or before")
    reasons |= dict.fromkeys((entry.correlation_id for entry, _ in readable), "the queue refused it")
    reasons |= {entry.correlation_id: why for entry, why in bodies if isinstance(why, str)}
    return sent, {name: why for name, why in reasons.items() if name not in set(sent)}


def reopened(parts: StackParts, entries: Sequence[ErrorEntry], now: datetime) -> list[str]:
    """Let entries be tried again at once; return those that are.

    The change log is told first: once the error log knows, the next attempt may be under way.

    Raises:
        SyncError: AWS refuses.
    """
    detail = f"sent again by {parts.person()}"
    outcomes = [Outcome(each.change, State.RETRYING, detail=detail) for each in entries if each.change is not None]
    parts.change_log.record(outcomes, now)
    return list(parts.error_log.reopen([each.correlation_id for each in entries], now))


def abandon_errors(parts: StackParts, names: Collection[str], reason: str, *, agrees: bool, as_json: bool) -> None:
    """Give entries up.

    Raises:
        CannotError: The reason says nothing, or the person does not agree; nothing was changed.
        Exit: 1 where one of them is not open.
        SyncError: AWS refuses; what was given up stays so.
    """
    if not reason.strip() or len(reason) > MOST_REASON_CHARS:
        raise CannotError(f"--reason: a sentence belongs here, of at most {MOST_REASON_CHARS} characters")
    if not agrees and not confirmed(f"Give up {counted(len(set(names)), 'change')}? Salesforce stays as it is"):
        raise CannotError("nothing was changed")
    abandonment = Abandonment(utc_now(), parts.person(), reason.strip())
    done = [name for name in sorted(set(names)) if _abandon(parts, name, abandonment)]
    refused = sorted(set(names) - set(done))
    if as_json:
        print_json({"abandoned": done, "refused": refused})
    else:
        console = Console()
        say(console, f"{counted(len(done), 'change')} given up.")
        for name in refused:
            say(console, f"{name} is not open: it is resolved, or is not known.")
    if refused:
        raise typer.Exit(EXIT_PROBLEMS)


def _abandon(parts: StackParts, name: str, abandonment: Abandonment) -> bool:
    """Error log first: what a crash leaves behind is Pending in the change log, and is given up once more."""
    if not parts.desk.abandon(name, abandonment):
        return False
    for entry in parts.error_log.get([name]):
        if entry.change is not None:
            detail = f"given up by {abandonment.by}: {abandonment.because}"
            outcome = Outcome(entry.change, State.ABANDONED, failure_kind=entry.failure_kind, detail=detail)
            parts.change_log.record([outcome], abandonment.at)
    return True


def _is_sendable(entry: ErrorEntry) -> bool:
    return entry.change is not None and entry.status is not EntryStatus.RESOLVED
