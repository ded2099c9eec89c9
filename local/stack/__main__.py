"""The stack's commands: `python -m local.stack up|down|status|logs`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from local.stack.command_line import run_command
from local.stack.failure import last_lines
from local.stack.folders import DEFAULT_FOLDER
from local.stack.stack import Stack

LINES_SHOWN = 40

app = typer.Typer(add_completion=False, no_args_is_help=True, help="The local AWS and the local org.")
console = Console(highlight=False, soft_wrap=True)
Folder = Annotated[Path, typer.Option("--state-folder", help="Another folder is another stack.")]


@app.command()
def up(state_folder: Folder = DEFAULT_FOLDER) -> None:
    """Start the local AWS and the local org, deploy the template, print the addresses."""
    stack = Stack(state_folder)
    if stack.runs:
        console.print("It runs already; `make down` and `make up` deploy what has changed since.\n")
    else:
        console.print("Starting the local stack")
        stack.up()
        stack.let_go()
    _print_addresses(stack)


@app.command()
def down(state_folder: Folder = DEFAULT_FOLDER) -> None:
    """End everything that `up` started."""
    console.print("The local stack is stopped." if Stack(state_folder).down() else "Nothing was running.")


@app.command()
def status(state_folder: Folder = DEFAULT_FOLDER) -> None:
    """Print the addresses; exit code 1 where it does not run."""
    stack = Stack(state_folder)
    if not stack.runs:
        console.print("It does not run; start it with `make up`.")
        raise typer.Exit(1)
    _print_addresses(stack)


@app.command()
def logs(
    part: Annotated[str, typer.Argument(help="One of those that are listed without it.")] = "",
    state_folder: Folder = DEFAULT_FOLDER,
) -> None:
    """List the logs, or print the end of one."""
    found = Stack(state_folder).logs()
    if part not in found:
        for name, log in found.items():
            console.print(f"{name:8} {log}")
        raise typer.Exit(0 if found and not part else 1)
    for line in last_lines(found[part], LINES_SHOWN):
        console.print(line, markup=False)


def _print_addresses(stack: Stack) -> None:
    # The parts are called what they are in `logs`.
    rows = {
        "Webhooks": f"{stack.webhook_url('')}SOURCE   ({', '.join(sorted(stack.secrets))})",
        "Secrets": f"{stack.folders.state_file}   (a new one for each source, every start)",
        "AWS": f"{stack.aws_url}   (any client: AWS_ENDPOINT_URL, AWS_CA_BUNDLE, keys test/test, us-east-1)",
        "Org": f"{stack.org.url}   (HTTPS: {stack.org.login_url})",
        "Trust": f"{stack.org.ca_file}   (for HTTPS: curl --cacert)",
        "Records": f"{stack.org_url}/_org/records/Contact",
        "Logs": f"{stack.folders.logs}   (aws.log holds the functions' output)",
    }
    console.print()
    for name, value in rows.items():
        console.print(f"  [bold]{name:9}[/] {escape(value)}")
    console.print(
        "\nNext: post a signed webhook, or `make demo` for some hundred of them; `make down` stops everything."
    )


if __name__ == "__main__":
    run_command(app)
