"""Tell a stranger what happened."""

import statistics
from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from local.demo.comparing import OBJECTS
from local.demo.judging import problems
from local.demo.lock_storm import CODE
from local.demo.run import Run
from local.demo.sends import REFUSAL, Kind
from local.demo.settling import Logged

MOST_PROBLEMS_SHOWN = 25
_MEANING = {
    "Applied": "written to Salesforce",
    "Superseded": "a newer version won",
    "Duplicate": "this version was written before",
    "Pending": "needs a person",
}
_ROWS = {
    "rows": "rows",
    "succeeded": "written to Salesforce",
    "superseded": "a webhook had told something newer",
    "collapsed": "a newer row of the same account",
    "rejected": "wrong, each with its line and reason",
}
_PLACES = {"superseded": "nothing newer is overwritten", "rejected": "all others went on"}


def print_report(run: Run, console: Console, wall_s: float) -> None:
    """Print what was sent, what became of it, what the org holds and what it cost."""
    for table in (_sent(run), _became(run), _held_up(run), _file(run), _holds(run), _cost(run, wall_s)):
        console.print()
        console.print(table)


def print_verdict(run: Run, console: Console) -> bool:
    """Print whether the org holds what it should, or the differences; return whether all is well."""
    wrong = problems(run)
    console.print()
    if not wrong:
        fields = sum(len(each.fields) + len(each.parents) for each in run.expected)
        console.print(
            f"[bold green]✓ The org holds exactly what it should:[/] "
            f"{len(run.expected)} records, {fields:,} field values compared, none differs."
        )
        return True
    console.print(f"[bold red]✗ {len(wrong)} things are not as they should be:[/]")
    for line in wrong[:MOST_PROBLEMS_SHOWN]:
        console.print(f"  {escape(line)}")
    if len(wrong) > MOST_PROBLEMS_SHOWN:
        console.print(f"  … and {len(wrong) - MOST_PROBLEMS_SHOWN} more")
    return False


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value that so many percent do not exceed; 0 for none."""
    if len(values) < 2:
        return sum(values)
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def _sent(run: Run) -> Table:
    table = _table("Sent", "Answered")
    for kind in Kind:
        of_kind = [each for each in run.answers if each.send.kind is kind]
        if of_kind:
            statuses = ", ".join(str(status) for status in sorted({each.status for each in of_kind}))
            reason = of_kind[0].body.get("title", "") if kind in REFUSAL else ""
            table.add_row(str(kind), str(len(of_kind)), escape(f"{statuses} {reason}".strip()))
    accepted = sum(1 for each in run.answers if each.correlation_id)
    table.add_row("all", str(len(run.answers)), f"{accepted} accepted, {len(run.answers) - accepted} refused")
    return table


def _became(run: Run) -> Table:
    table = _table("What became of the accepted")
    known = sum(each.body.get("known", 0) for each in run.answers)
    table.add_row("second delivery, ignored at the door", str(known), "")
    states = Counter(run.log[name].state for name in run.accepted if name in run.log)
    for state in sorted(states, key=lambda each: (each not in _MEANING, each)):
        table.add_row(f"{state}: {_MEANING.get(state, 'not at an end')}", str(states[state]), "")
    table.add_row("lost", str(len(run.accepted) - states.total()), "")
    for each in run.changed:
        table.add_row(each.field, str(each.count), f"{each.what}, as the route asks")
    return table


def _held_up(run: Run) -> Table:
    table = _table("What was in the way")
    table.add_row("orders before their customer", str(run.waited), "waited for it, then went on by themselves")
    table.add_row("rows refused, somebody holds a lock", str(run.refused_rows), f"{CODE}; tried again, all written")
    for logged in run.unfit:
        table.add_row(
            f"refused, {logged.source} {logged.entity}", "1", f"Pending, edited, retried, {_now(run, logged)}"
        )
    longest = max(run.waits_s(Kind.AWAY), default=0.0)
    table.add_row(
        "updates while Salesforce was away", str(len(run.names_of(Kind.AWAY))), f"waited up to {longest:.0f} s"
    )
    table.add_row("tries that the outage spent", str(run.outage.tries), "the circuit was open")
    return table


def _file(run: Run) -> Table:
    table = _table("The file")
    for count, meaning in _ROWS.items():
        table.add_row(meaning, f"{run.file.load.get(count, 0):,}", _PLACES.get(count, ""))
    for each in run.file.changed:
        table.add_row(each.field, f"{each.count:,}", f"{each.what}, as the route asks")
    table.add_row("corrected, loaded again", str(run.file.again.get("succeeded", 0)), "written to Salesforce")
    return table


def _now(run: Run, logged: Logged) -> str:
    return run.log[logged.correlation_id].state if logged.correlation_id in run.log else "lost"


def _holds(run: Run) -> Table:
    table = _table("The org holds", "Expected")
    for name in OBJECTS:
        expected = sum(1 for each in run.expected if each.key.object_name == name)
        table.add_row(f"{name} records", str(len(run.org[name])), str(expected))
    return table


def _cost(run: Run, wall_s: float) -> Table:
    table = _table("Cost and speed")
    file_calls, waits = run.file.api_calls, run.waits_s()
    for title, calls, changes in (
        ("Salesforce API calls of webhooks", run.api_calls - file_calls, len(run.accepted)),
        ("Salesforce API calls of the file", file_calls, len(run.file.export)),
    ):
        table.add_row(title, str(calls), f"{1000 * calls / max(changes, 1):.1f} per 1,000 changes")
    table.add_row("webhook to record, median", f"{percentile(waits, 50):.1f} s", "")
    table.add_row("webhook to record, 95th percentile", f"{percentile(waits, 95):.1f} s", "")
    table.add_row("the whole demo", f"{wall_s:.0f} s", "start included")
    return table


def _table(title: str, third: str = "") -> Table:
    table = Table(box=None, padding=(0, 1), header_style="bold", show_edge=True)
    table.add_column(title, width=37)
    table.add_column("", justify="right", width=6)
    table.add_column(third)
    return table
