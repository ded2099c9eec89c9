"""How the commands of `local/` end: failures told in words, interruptions with everything stopped."""

import signal
import sys

import typer
from rich.console import Console
from rich.markup import escape

from local.stack.failure import StackError

INTERRUPTED = 130  # 128 + SIGINT, as shells count; what typer makes of Ctrl-C
TERMINATED = 143


def run_command(app: typer.Typer) -> None:
    """Run a command to its end, and exit with its code; SIGTERM ends like Ctrl-C."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        code = app(standalone_mode=False) or 0
    except StackError as exc:
        console.print(f"[red]✗[/] {escape(exc.explain())}")
        code = 1
    except typer.Abort:
        code = INTERRUPTED
    if code == INTERRUPTED:
        console.print("Interrupted; everything that was started is stopped.")
    sys.exit(code)
