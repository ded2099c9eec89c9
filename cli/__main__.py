"""`./lockstep`, or `python -m cli` with the layers' folders on PYTHONPATH."""

import typer

from cli.auth import app as auth
from cli.mapping import app as mapping

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
app.add_typer(mapping, name="mapping")
app.add_typer(auth, name="auth")


@app.callback()
def lockstep() -> None:
    """Look after the routes of Lockstep, and its connection with Salesforce."""


if __name__ == "__main__":
    app(prog_name="lockstep")
