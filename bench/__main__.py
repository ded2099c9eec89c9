"""`make bench`: every figure in one table, and as JSON."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench import api_calls, backlogs, imports, mapping, org_ingest
from bench.figures import Figure, show, write


def main(
    *,
    to: Annotated[Path, typer.Option(help="Where the JSON goes.")] = Path("build/bench.json"),
    rows: Annotated[int, typer.Option(help="Rows for the local org's own ingest.")] = 200_000,
    backlog: Annotated[list[int] | None, typer.Option(help="How many changes wait; 10,000 and 50,000.")] = None,
) -> None:
    """Measure, print the table, write the JSON; exit 1 where an aim is missed."""
    sizes = backlog or [10_000, 50_000]
    console = Console(stderr=True)
    figures: list[Figure] = []
    for title, measure in (
        ("imports", imports.measure),
        (f"the mapping of a file of {mapping.ROWS:,} rows", mapping.measure),
        ("API calls of a backlog of 1,000 changes", api_calls.measure),
        (f"API calls of larger backlogs, by REST and by Bulk: {sizes}", lambda: backlogs.measure(sizes)),
        (f"the local org's ingest, {rows:,} rows", lambda: _ingest(rows)),
    ):
        console.print(f"==> {title}")
        figures += measure()
    show(figures)
    write(figures, to)
    console.print(f"Written to {to}")
    raise typer.Exit(not all(figure.is_met for figure in figures))


def _ingest(rows: int) -> list[Figure]:
    measured = org_ingest.measure(rows, rows)
    return [
        Figure("local org, Collections upsert in process", measured.rows_per_s, "rows/s", ">=", 20_000),
        Figure(f"local org, memory with {rows:,} Accounts", measured.rss_mib, "MiB"),
    ]


if __name__ == "__main__":
    typer.run(main)
