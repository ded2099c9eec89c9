"""`lockstep load` and `lockstep loads`: files, from the disk to the last row."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from cli import load_rejects
from cli.failure import EXIT_PROBLEMS, CannotError, tells
from cli.load_dry import dry_run as run_dry
from cli.load_dry import show_trial
from cli.load_facts import LoadFacts
from cli.load_follow import follow, put_file, say_known
from cli.load_parts import LoadParts
from cli.load_show import show_facts, show_loads
from cli.load_state import agrees_to_missing, resume_load, stop_load
from cli.options import AsJson, Yes
from cli.org import utc_now
from cli.routes import OWN_CONFIG, route_named
from cli.shown import print_json, say
from cli.stack import DEFAULT_STACK, StackName, StateFolder, chosen_stack
from lockstep.domain.loads import LoadState

_FILE = "file"


class _FileOrWord(TyperGroup):
    """What is no command's name is a file: `lockstep load nightly.csv`; a file called show is ./show."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        is_word = bool(args) and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if is_word or not args else [_FILE, *args])


app = typer.Typer(
    cls=_FileOrWord,
    no_args_is_help=True,
    help="Load a file (`lockstep load FILE --route R`), and show, resume, stop or correct a load.",
)
Name = Annotated[str, typer.Argument(metavar="LOAD_ID", help="As `lockstep loads` shows it.")]


@tells
def loads(
    *,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 20,
    as_json: AsJson = False,
    stack: StackName = DEFAULT_STACK,
    state_folder: StateFolder = None,
) -> None:
    """List the loads that began last, the youngest first."""
    found = LoadParts(chosen_stack(stack, state_folder)).book.recent(limit)
    if as_json:
        print_json({"loads": [load.model_dump(exclude={"dialect"}) for load in found]})
    else:
        show_loads(found, Console(), utc_now())


@app.command(_FILE)
@tells
def load_file(  # noqa: PLR0913 - each is an option of the command
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="CSV or JSON Lines, or either with gzip.")] = None,
    *,
    route: Annotated[str | None, typer.Option(help="A file's name in routes/, or source/entity.")] = None,
    rejects: Annotated[
        str | None, typer.Option(metavar="LOAD_ID", help="FILE are rejects of this load; without FILE all of them.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="What the load is called, instead of the file's name.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Map and check every row here; write nothing.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Although this very file was loaded before.")] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Follow the load to its end.")] = True,
    config: Annotated[Path, typer.Option(help="The folder that holds routes/*.yaml.")] = OWN_CONFIG,
    as_json: AsJson = False,
    stack: StackName = DEFAULT_STACK,
    state_folder: StateFolder = None,
) -> None:
    """Load a file; the word may be left out. Exit code 0: all rows arrived; 1: some failed, or it waits; 2: cannot."""
    parts = LoadParts(chosen_stack(stack, state_folder))
    if rejects is not None:
        with load_rejects.corrected(parts, rejects, file) as again_file:
            _load(parts, again_file, name=name, as_json=as_json, wait=wait, again=True)
        return
    wanted = _wanted(file, route, config)
    if dry_run:
        _dry(wanted, config, as_json=as_json)
    else:
        _load(parts, wanted, name=name, as_json=as_json, wait=wait, again=again)


@app.command()
@tells
def show(
    name: Name, *, as_json: AsJson = False, stack: StackName = DEFAULT_STACK, state_folder: StateFolder = None
) -> None:
    """Show where a load's rows are, its jobs and its rejects: exit code 1 where the rows do not add up."""
    parts = LoadParts(chosen_stack(stack, state_folder))
    facts = parts.facts(parts.load_named(name))
    _print(facts, as_json=as_json)
    if not facts.is_balanced:
        raise typer.Exit(EXIT_PROBLEMS)


@app.command()
@tells
def resume(
    name: Name,
    *,
    accept_missing: Annotated[
        bool, typer.Option("--accept-missing", help="Take away what the file does not name, however much it is.")
    ] = False,
    yes: Yes = False,
    as_json: AsJson = False,
    stack: StackName = DEFAULT_STACK,
    state_folder: StateFolder = None,
) -> None:
    """Let a load go on that waits for a person."""
    parts = LoadParts(chosen_stack(stack, state_folder))
    load = parts.load_named(name)
    said = resume_load(parts, load, accepts_missing=accept_missing and agrees_to_missing(load, agrees=yes))
    _said(said, name, as_json=as_json)


@app.command()
@tells
def stop(
    name: Name,
    *,
    yes: Yes = False,
    as_json: AsJson = False,
    stack: StackName = DEFAULT_STACK,
    state_folder: StateFolder = None,
) -> None:
    """Give a load up: what is not in a job by then is not loaded."""
    parts = LoadParts(chosen_stack(stack, state_folder))
    said = stop_load(parts, parts.load_named(name), agrees=yes)
    _said(said, name, as_json=as_json)


@app.command("rejects")
@tells
def rejects_(
    name: Name,
    *,
    to: Annotated[Path | None, typer.Option(help="The file to write; it must not be there yet.")] = None,
    as_json: AsJson = False,
    stack: StackName = DEFAULT_STACK,
    state_folder: StateFolder = None,
) -> None:
    """Fetch the rows of a load that people must correct: THEY HOLD CUSTOMERS' VALUES."""
    parts = LoadParts(chosen_stack(stack, state_folder))
    written, count = load_rejects.fetch(parts, parts.load_named(name), to)
    if as_json:
        print_json({"load_id": name, "file": str(written), "rows": count})
    else:
        say(Console(), f"{written}: {count:,} rows. Correct them, then: lockstep load {written} --rejects {name}")


def _wanted(file: Path | None, route: str | None, config: Path) -> load_rejects.WantedFile:
    if file is None or route is None:
        raise CannotError("name the file and its --route, or the load whose --rejects are loaded again")
    if not file.is_file():
        raise CannotError(f"{file}: there is no such file")
    found = route_named(route, config)
    if found.file is None:
        raise CannotError(f"the route {route} has no section `file`, so it takes no files; docs/files.md says how")
    written_at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    return load_rejects.WantedFile(file, load_rejects.folder_of(found, config), file.name, written_at)


def _load(
    parts: LoadParts, wanted: load_rejects.WantedFile, *, name: str | None, as_json: bool, wait: bool, again: bool
) -> None:
    console = Console(stderr=True)
    key = f"{wanted.folder}/{f'{utc_now():%Y%m%dT%H%M%SZ}/' if again else ''}{name or wanted.name}"
    put = put_file(parts, wanted, key, console)
    say_known(put, console)
    say(console, f"load {put.load_id}: s3://{parts.drops_bucket}/{key}")
    if not wait:
        _said("put", put.load_id, as_json=as_json)
        return
    try:
        facts = follow(parts, put.load_id, console, utc_now, time.sleep)
    except KeyboardInterrupt:
        say(console, f"The load goes on by itself; `lockstep load show {put.load_id}` shows it.")
        raise typer.Exit(EXIT_PROBLEMS) from None
    _print(facts, as_json=as_json)
    if facts.has_failures or facts.load.state is not LoadState.DONE or not facts.is_balanced:
        raise typer.Exit(EXIT_PROBLEMS)


def _dry(wanted: load_rejects.WantedFile, config: Path, *, as_json: bool) -> None:
    trial = run_dry(wanted, config, Console(stderr=True))
    if as_json:
        print_json(trial.as_json())
    else:
        show_trial(trial, Console())
    if trial.has_problems:
        raise typer.Exit(EXIT_PROBLEMS)


def _print(facts: LoadFacts, *, as_json: bool) -> None:
    if as_json:
        print_json(facts.as_json())
    else:
        show_facts(facts, Console())


def _said(said: str, name: str, *, as_json: bool) -> None:
    if as_json:
        answer: dict[str, Any] = {"load_id": name, "done": said}
        print_json(answer)
    else:
        say(Console(), f"load {name}: {said}")
