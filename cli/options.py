"""Options that several commands have."""

from typing import Annotated

import typer

from cli.shown import duration


def checked_age(text: str | None) -> str | None:
    """Refuse what is no age while the command line is read."""
    if text is not None:
        duration(text)
    return text


AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Yes = Annotated[bool, typer.Option("--yes", help="Ask nothing.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]
Kind = Annotated[str | None, typer.Option(help="The failure's kind, such as ROW_LOCKED; docs/errors.md lists them.")]
Source = Annotated[str | None, typer.Option(help="The source's name.")]
Object = Annotated[str | None, typer.Option("--object", help="The Salesforce object of the record.")]
ExternalId = Annotated[str | None, typer.Option(help="The record's External ID.")]
_AGE = "of the first failure, such as 15m, 2h or 3d."
OlderThan = Annotated[str | None, typer.Option(metavar="AGE", help=f"Least age {_AGE}", callback=checked_age)]
YoungerThan = Annotated[str | None, typer.Option(metavar="AGE", help=f"Greatest age {_AGE}", callback=checked_age)]
