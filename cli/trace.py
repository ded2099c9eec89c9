"""`lockstep trace`: everything that is known of one change, or of one record."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli.failure import EXIT_PROBLEMS, CannotError, console_for_errors, tells
from cli.options import AsJson, Source
from cli.parts import StackParts
from cli.routes import OWN_CONFIG, routes_folder
from cli.shown import print_json, say
from cli.stack import DEFAULT_STACK, StackName, StateFolder, chosen_stack
from cli.trace_facts import Known, known_of_change, known_of_record
from cli.trace_tables import show_known
from lockstep.domain.routes import Route
from lockstep.runtime.route_files import load_route_models


@tells
def trace(
    names: Annotated[
        list[str], typer.Argument(metavar="CORRELATION_ID | OBJECT EXTERNAL_ID", help="A change, or a record.")
    ],
    *,
    scan: Annotated[bool, typer.Option("--scan", help="All changes of a record: reads the whole change log.")] = False,
    source: Source = None,
    config: Annotated[Path, typer.Option(help="The folder that holds routes/*.yaml.")] = OWN_CONFIG,
    as_json: AsJson = False,
    stack: StackName = DEFAULT_STACK,
    state_folder: StateFolder = None,
) -> None:
    """Show every step, attempt and answer of a change, or what is known of a record. Exit code 1 where nothing is."""
    parts = StackParts(chosen_stack(stack, state_folder))
    routes = list(load_route_models(routes_folder(config)).values())
    known = _known(parts, routes, names, source, scan=scan)
    if as_json:
        print_json(known.as_json())
    else:
        show_known(known, Console())
    if known.is_empty:
        say(console_for_errors(), f"lockstep: {_nothing(parts, routes, names, is_scanned=scan)}")
        raise typer.Exit(EXIT_PROBLEMS)


def _known(
    parts: StackParts, routes: Sequence[Route], names: Sequence[str], source: str | None, *, scan: bool
) -> Known:
    if len(names) == 1:
        return known_of_change(parts, routes, names[0])
    if len(names) != 2:
        raise CannotError("name one correlation ID, or an object and an External ID")
    object_name, external_id = names
    sources = [source] if source else sorted({each.source for each in routes if each.object_name == object_name})
    if not sources:
        raise CannotError(_no_route(routes, object_name))
    if scan:
        say(console_for_errors(), "Reading the whole change log; with millions of changes that takes minutes …")
    return known_of_record(parts, sources, object_name, external_id, is_scanned=scan)


def _no_route(routes: Sequence[Route], object_name: str) -> str:
    makers = sorted({each.object_name for each in routes for also in each.also if also.object_name == object_name})
    if makers:
        return f"{object_name} records are written together with {', '.join(makers)}: trace the record of that"
    return f"no route writes {object_name}; --source names the source, --config the folder of the routes"


def _nothing(parts: StackParts, routes: Sequence[Route], names: Sequence[str], *, is_scanned: bool) -> str:
    if len(names) == 1:
        return (
            f"{parts.stack} knows no change {names[0]}: it never came, or its last step is older than "
            f"{parts.memory.days} days. Is it the right stack, and the whole ID?"
        )
    more = "" if is_scanned else "; --scan looks for changes that have not come so far"
    return f"{parts.stack} has never written {names[0]} {names[1]}, and no failure of it is open{more}"
