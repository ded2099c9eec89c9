"""Tell a stranger what happened."""

from collections import Counter

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from local.demo.comparing import OBJECTS
from local.demo.run import Run, percentile
from local.demo.sends import REFUSAL, Kind

MOST_PROBLEMS_SHOWN = 25
_MEANING = {
    "Applied": "written to Salesforce",
    "Superseded": "not written: a newer version of the record won",
    "Duplicate": "not written: the record has this very version",
    "Pending": "need a person",
}


def print_report(run: Run, console: Console, wall_s: float) -> None:
    """Print what was sent, what became of it, what the org holds and what it cost."""
    console.print()
    console.print(_sent(run))
    console.print(_became(run))
    console.print(_holds(run))
    console.print(_cost(run, wall_s))
    print_verdict(run, console)


def print_verdict(run: Run, console: Console) -> None:
    """Print whether the org holds what it should, or the differences."""
    problems = run.problems
    if not problems:
        fields = sum(len(each.fields) + len(each.parents) for each in run.expected)
        console.print(
            f"[bold green]✓ The org holds exactly what it should:[/] "
            f"{len(run.expected)} records, {fields:,} field values compared, none differs."
        )
        return
    console.print(f"[bold red]✗ {len(problems)} things are not as they should be:[/]")
    for line in problems[:MOST_PROBLEMS_SHOWN]:
        console.print(f"  {escape(line)}")
    if len(problems) > MOST_PROBLEMS_SHOWN:
        console.print(f"  … and {len(problems) - MOST_PROBLEMS_SHOWN} more")


def _sent(run: Run) -> Table:
    table = _table("Sent", "", "answered")
    for kind in Kind:
        of_kind = [each for each in run.answers if each.send.kind is kind]
        if of_kind:
            statuses = ", ".join(str(status) for status in sorted({each.status for each in of_kind}))
            reason = of_kind[0].body.get("title", "") if kind in REFUSAL else ""
            table.add_row(str(kind), str(len(of_kind)), escape(f"{statuses} {reason}".strip()))
    accepted = sum(1 for each in run.answers if each.correlation_id)
    refused = sum(1 for each in run.answers if not each.correlation_id)
    table.add_section()
    table.add_row("all", str(len(run.answers)), f"{accepted} accepted, {refused} refused")
    return table


def _became(run: Run) -> Table:
    table = _table("What became of the accepted", "", "")
    known = sum(each.body.get("known", 0) for each in run.answers)
    table.add_row("Known", str(known), "a second delivery, ignored at the door")
    states = Counter(run.log[name].state for name in run.accepted if name in run.log)
    for state in sorted(states, key=lambda each: (each not in _MEANING, each)):
        table.add_row(state, str(states[state]), _MEANING.get(state, "[red]not at an end[/]"))
    if run.waited:
        table.add_section()
        table.add_row("Waited", str(run.waited), "came before their customer, and were written after it by themselves")
    return table


def _holds(run: Run) -> Table:
    table = _table("The org", "", "")
    for name in OBJECTS:
        expected = sum(1 for each in run.expected if each.key.object_name == name)
        table.add_row(f"{name} records", str(len(run.org[name])), f"expected {expected}")
    return table


def _cost(run: Run, wall_s: float) -> Table:
    table = _table("Cost and speed", "", "")
    changes = len(run.accepted)
    table.add_row(
        "Salesforce API calls", str(run.api_calls), f"{1000 * run.api_calls / max(changes, 1):.0f} per 1,000 changes"
    )
    waits = run.waits_s
    figures = f"95 % within {percentile(waits, 95):.1f} s, at most {max(waits, default=0):.1f} s"
    table.add_row("Webhook to record", f"{percentile(waits, 50):.1f} s", f"median; {figures}")
    table.add_row("The whole demo", f"{wall_s:.0f} s", "start and stop of everything included")
    return table


def _table(*titles: str) -> Table:
    table = Table(box=None, padding=(0, 2), title_justify="left", header_style="bold", expand=False)
    first, number, rest = titles
    table.add_column(first, min_width=36)
    table.add_column(number, justify="right", min_width=6)
    table.add_column(rest)
    return table
