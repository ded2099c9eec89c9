"""`make bench-bulk`: a file through Lockstep beside plain clients, on one local org, in one run."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bench.bulk.rows import write_files
from bench.bulk.site import ROOT, Site, Way
from bench.figures import Figure, show, write
from local.stack import Stack
from local.stack.progress import Progress
from tests.conformance.npm_clients import SetupError

_MOST_FUNCTION_MIB = 256
_MOST_TIMES = 1.5
_FUNCTION_PREFIX = "lockstep-"  # how the local stack names its functions


def main(
    *,
    rows: Annotated[int, typer.Option(min=1, help="Rows of the file, 12 columns each.")] = 1_000_000,
    node: Annotated[bool, typer.Option(help="jsforce as well; it is installed from npm.")] = True,
    to: Annotated[Path, typer.Option(help="Where the JSON goes.")] = Path("build/bench-bulk.json"),
) -> None:
    """Load the same rows in each way, print what each took; exit 1 where an aim is missed."""
    console = Console(stderr=True)
    with tempfile.TemporaryDirectory(prefix="lockstep-bench-") as folder:
        source, mapped = Path(folder, "accounts.csv"), Path(folder, "mapped.csv")
        console.print(f"==> writing {rows:,} rows")
        write_files(rows, source, mapped, revision=7)
        with Stack(ROOT / "build" / "bench-stack", progress=Progress(console)) as stack:
            ways = _measured(Site(stack, source, mapped, rows), console, node=node)
    for way in ways:
        Console().print(_table(way, rows))
    figures = _figures(ways, rows)
    show(figures)
    write(figures, to)
    raise typer.Exit(not all(figure.is_met for figure in figures))


def _measured(site: Site, console: Console, *, node: bool) -> list[Way]:
    ways = []
    for title, load in (("simple-salesforce", site.simple_salesforce), ("Lockstep", site.lockstep)):
        console.print(f"==> {title}")
        ways.append(load())
    if node:
        console.print("==> jsforce")
        try:
            ways.append(site.jsforce())
        except SetupError as error:
            console.print(f"    left out: {error}")
    return ways


def _figures(ways: list[Way], rows: int) -> list[Figure]:
    plain, ours = ways[:2]
    functions = [use for use in ours.uses.values() if use.name.startswith(_FUNCTION_PREFIX)]
    largest = max(functions, key=lambda use: use.peak_mib)
    each = [
        figure
        for way in ways
        for figure in (
            Figure(f"{way.name}: wall clock", way.seconds, "s"),
            Figure(f"{way.name}: rows", rows / way.seconds, "rows/s"),
            Figure(f"{way.name}: CPU beside the org's", way.cpu_s, "s"),
            Figure(f"{way.name}: API calls", way.api_calls, "calls"),
        )
    ]
    return [
        *each,
        Figure("wall clock, Lockstep : simple-salesforce", ours.seconds / plain.seconds, "times", "<=", _MOST_TIMES),
        Figure(f"largest function, {largest.name}", largest.peak_mib, "MiB", "<=", _MOST_FUNCTION_MIB),
    ]


def _table(way: Way, rows: int) -> Table:
    table = Table("process", "CPU s", "us per row", "peak MiB", title=f"{way.name}: where the time goes")
    for use in sorted(way.uses.values(), key=lambda each: -each.cpu_s):
        table.add_row(use.name, f"{use.cpu_s:.1f}", f"{use.cpu_s / rows * 1e6:.1f}", f"{use.peak_mib:.0f}")
    return table


if __name__ == "__main__":
    typer.run(main)
