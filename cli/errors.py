"""`lockstep errors`: what failed, and what a person does about it."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli import errors_edit, errors_list, errors_retry, errors_show
from cli.errors_filter import Filter
from cli.errors_retry import Chosen
from cli.failure import tells
from cli.options import AsJson, DryRun, ExternalId, Kind, Object, OlderThan, Source, Yes, YoungerThan
from cli.parts import StackParts
from cli.routes import OWN_CONFIG
from cli.stack import DEFAULT_STACK, StackName, StateFolder, chosen_stack
from lockstep.domain.error_log import EntryStatus

app = typer.Typer(no_args_is_help=True, help="List what failed; show, edit, retry or abandon it.")

Name = Annotated[str, typer.Argument(metavar="CORRELATION_ID", help="As `errors list` shows it.")]
Names = Annotated[list[str] | None, typer.Argument(metavar="[CORRELATION_ID]...", help="As `errors list` shows them.")]
Status = Annotated[
    list[EntryStatus] | None, typer.Option("--status", case_sensitive=False, help="May be given several times.")
]


@app.command("list")
@tells
def list_(  # noqa: PLR0913 - each is an option of the command
    *,
    status: Status = None,
    kind: Kind = None,
    source: Source = None,
    object_name: Object = None,
    external_id: ExternalId = None,
    older_than: OlderThan = None,
    younger_than: YoungerThan = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
    as_json: AsJson = False,
    stack: StackName = DEFAULT_STACK,
    state_folder: StateFolder = None,
) -> None:
    """List failures, those that changed last first: what is open, where no --status is given."""
    asked = Filter(status or (), kind, source, object_name, external_id, older_than, younger_than)
    errors_list.list_errors(StackParts(chosen_stack(stack, state_folder)), asked, limit, as_json=as_json)


@app.command()
@tells
def show(
    name: Name, *, as_json: AsJson = False, stack: StackName = DEFAULT_STACK, state_folder: StateFolder = None
) -> None:
    """Show one failure with all that is known of it: THE PAYLOAD AND THE RECORD HOLD CUSTOMERS' VALUES."""
    errors_show.show_error(StackParts(chosen_stack(stack, state_folder)), name, as_json=as_json)


@app.command()
@tells
def edit(
    name: Name,
    *,
    payload: Annotated[Path | None, typer.Option(help="A file with the new payload, instead of $EDITOR.")] = None,
    config: Annotated[Path, typer.Option(help="The folder that holds routes/*.yaml.")] = OWN_CONFIG,
    as_json: AsJson = False,
    stack: StackName = DEFAULT_STACK,
    state_folder: StateFolder = None,
) -> None:
    """Change the payload of a failure, in $EDITOR; it is checked by its route, and the original is kept beside it."""
    parts = StackParts(chosen_stack(stack, state_folder))
    errors_edit.edit_error(parts, name, config, payload_file=payload, as_json=as_json)


@app.command()
@tells
def retry(  # noqa: PLR0913 - each is an option of the command
    names: Names = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Whatever is Pending or Abandoned.")] = False,
    status: Status = None,
    kind: Kind = None,
    source: Source = None,
    object_name: Object = None,
    external_id: ExternalId = None,
    older_than: OlderThan = None,
    younger_than: YoungerThan = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
    stack: StackName = DEFAULT_STACK,
    state_folder: StateFolder = None,
) -> None:
    """Send failures again, within a minute and with all their tries: by name or by filter. Says how many, and asks."""
    asked = Filter(status or (), kind, source, object_name, external_id, older_than, younger_than)
    chosen = Chosen(tuple(names or ()), asked, everything=everything)
    parts = StackParts(chosen_stack(stack, state_folder))
    errors_retry.retry_errors(parts, chosen, Console(stderr=as_json), is_dry=dry_run, agrees=yes, as_json=as_json)


@app.command()
@tells
def abandon(
    names: Annotated[list[str], typer.Argument(metavar="CORRELATION_ID...", help="As `errors list` shows them.")],
    *,
    reason: Annotated[str, typer.Option(help="Why, for those who ask later; no customer's values.")],
    yes: Yes = False,
    as_json: AsJson = False,
    stack: StackName = DEFAULT_STACK,
    state_folder: StateFolder = None,
) -> None:
    """Give failures up: they are tried no more, and count as decided. `errors retry` takes it back."""
    parts = StackParts(chosen_stack(stack, state_folder))
    errors_retry.abandon_errors(parts, names, reason, agrees=yes, as_json=as_json)
