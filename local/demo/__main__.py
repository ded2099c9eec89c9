"""`python -m local.demo`: start everything, post some hundred webhooks, compare the org with what it should hold."""

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from local.demo.report import print_report, print_verdict
from local.demo.scenario import make_scenario
from local.demo.story import Story
from local.stack import Stack
from local.stack.command_line import run_command
from local.stack.processes import ROOT
from local.stack.progress import Progress

FOLDER = ROOT / "build" / "demo"
INTRODUCTION = """[bold]Lockstep demo[/]
A shop (Shopify), a billing system (Stripe) and an ERP post signed webhooks to the deployed functions, which write them
to a Salesforce org; the ERP exports a file, too. AWS and the org run on this machine only; nothing leaves it, and it
all stops at the end.
"""


def demo(
    seed: Annotated[int, typer.Option(help="Another number makes up other companies.")] = 1,
    state_folder: Annotated[Path, typer.Option(help="Where state and logs go.")] = FOLDER,
) -> None:
    """Run the demo; exit code 1 where the org does not hold what it should."""
    begun = time.monotonic()
    console = Console(highlight=False, soft_wrap=True)
    console.print(INTRODUCTION)
    progress = Progress(console)
    with Stack(state_folder, progress=progress) as stack:
        run = Story(stack, make_scenario(seed), console).told()
        print_report(run, console, time.monotonic() - begun)
        is_well = print_verdict(run, console)
        with progress.step("Stopping everything"):
            stack.down()
    console.print(f"[dim]Logs: {stack.folders.logs}   Look around yourself: make up[/]")
    if not is_well:
        raise typer.Exit(1)


if __name__ == "__main__":
    app = typer.Typer(add_completion=False)
    app.command()(demo)
    run_command(app)
