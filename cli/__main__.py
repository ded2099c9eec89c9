"""`./lockstep`, or `python -m cli` with the layers' folders on PYTHONPATH."""

import typer

from cli.account import account
from cli.auth import app as auth
from cli.errors import app as errors
from cli.loads import app as load
from cli.loads import loads
from cli.mapping import app as mapping
from cli.redrive import redrive
from cli.status import status
from cli.trace import trace

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
app.add_typer(mapping, name="mapping")
app.add_typer(auth, name="auth")
app.add_typer(errors, name="errors")
app.add_typer(load, name="load")
for command in (status, trace, account, redrive, loads):
    app.command()(command)


@app.callback()
def lockstep() -> None:
    """Look after Lockstep: its changes and failures, its routes, and its connection with Salesforce."""


if __name__ == "__main__":
    app(prog_name="lockstep")
