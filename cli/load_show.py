"""One load, and the list of them, as people read them."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from rich.console import Console

from cli.load_facts import LoadFacts
from cli.load_missing import show_comparison
from cli.shown import age, cell, local_time, say, table
from lockstep.domain.loads import Load, LoadState

_MOST_JOBS = 30
_MOST_REJECTS = 5
_STYLES = {LoadState.WAITING: "yellow", LoadState.DONE: "green", LoadState.STOPPED: "dim"}


def show_loads(loads: Sequence[Load], console: Console, now: datetime) -> None:
    """Print one line for each load."""
    lines = table("load", "started", "state", "route", "file", "rows", "failed", whole=("load", "started"))
    for load in loads:
        totals = load.totals
        lines.add_row(
            cell(load.load_id),
            cell(age(load.started_at, now)),
            cell(load.state.value, _STYLES.get(load.state, "")),
            cell(load.route),
            cell(load.name),
            cell(f"{totals.read:,}" if totals else "-"),
            cell(f"{totals.rejected + totals.logged:,}" if totals else "-"),
        )
    console.print(lines)


def show_facts(facts: LoadFacts, console: Console) -> None:
    """Print a load with its rows, its jobs and its rejects."""
    for title, said in _heading(facts):
        say(console, f"{title:<12} {said}")
    say(console)
    for title, count, meaning in _rows(facts):
        say(console, f"{title:<36}{count:>12,}  {meaning}".rstrip())
    for chunk in facts.misread[:_MOST_JOBS]:
        say(console, f"CHUNK {chunk.number} WAS CUT AS {chunk.rows_at.rows:,} ROWS, AND {chunk.read:,} WERE READ.")
    if not facts.is_balanced:
        say(console, "THE ROWS DO NOT ADD UP: look again in a minute, then report it with the load's Id.")
    _show_jobs(facts, console)
    _show_rejects(facts, console)
    show_comparison(facts, console)


def _heading(facts: LoadFacts) -> Iterator[tuple[str, str]]:
    load = facts.load
    yield "load", f"{load.load_id}  {load.name}"
    yield "route", f"{load.route}: {load.source} {load.entity} to {load.object_name}"
    yield "state", load.state.value + (f": {load.waits_for}" if load.waits_for else "")
    for problem in load.file_problems:
        yield "the file", problem
    yield "started", f"{local_time(load.started_at)}; it has taken {_span(facts.elapsed)}"
    if facts.rows_per_s:
        left = "unknown" if facts.left is None else _span(facts.left)
        yield "rate", f"{facts.rows_per_s:,.0f} rows a second; left: {left}"


def _rows(facts: LoadFacts) -> Iterator[tuple[str, int, str]]:
    counts, jobs = facts.counts, facts.submitted
    cut = "" if facts.load.is_split else "so far: the file is still being cut"
    yield "rows", facts.rows, cut
    yield "  not read yet", facts.unread, ""
    yield "read", counts.read, ""
    yield "  rejected", counts.rejected, "could not be mapped: in the error log and the rejects file"
    yield "  not meant", counts.not_meant, "the route's condition does not hold"
    yield "  collapsed", counts.collapsed, "another row of the file with the same key is newer"
    yield "  superseded", counts.superseded, "something newer was there"
    yield "  by REST", counts.by_rest, "went to the inbound queue: `lockstep account` counts them"
    yield "  succeeded", counts.succeeded, ""
    yield "  failed", counts.logged, "refused by the org: in the error log"
    for kind, count in counts.failures.items():
        yield f"    of these, {kind}", count, ""
    yield "  in flight", facts.in_flight, ""
    yield "mapped", facts.mapped, ""
    yield "submitted", jobs.submitted, "to the jobs below"
    yield "unprocessed", jobs.unprocessed, "given back by Salesforce: they go again"


def _show_jobs(facts: LoadFacts, console: Console) -> None:
    if not facts.jobs:
        return
    say(console)
    lines = table("chunk", "attempt", "job", "state", "submitted", "succeeded", "failed", "unprocessed", whole=("job",))
    for job in facts.jobs[-_MOST_JOBS:]:
        rows = (job.rows.submitted, job.rows.successful, job.rows.failed, job.rows.unprocessed)
        named = (str(job.chunk), str(job.attempt), job.job_id, job.state.value)
        lines.add_row(*map(cell, named), *(cell(f"{count:,}") for count in rows))
    console.print(lines)
    if len(facts.jobs) > _MOST_JOBS:
        say(console, f"… the last {_MOST_JOBS} of {len(facts.jobs):,} jobs; --json has all")
    if facts.jobs[-1].url:
        say(console, f"a job's page: {facts.jobs[-1].url}")


def _show_rejects(facts: LoadFacts, console: Console) -> None:
    if not facts.rejects:
        return
    say(console)
    for place in facts.rejects[:_MOST_REJECTS]:
        say(console, f"rejects      {place}")
    if len(facts.rejects) > _MOST_REJECTS:
        say(console, f"             … and {len(facts.rejects) - _MOST_REJECTS:,} more")
    name = facts.load.load_id
    say(
        console, f"`lockstep load rejects {name}` fetches them, `lockstep load FILE --rejects {name}` loads them again."
    )


def _span(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    hours, minutes = seconds // 3600, seconds // 60 % 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds % 60} s" if minutes else f"{seconds} s"
