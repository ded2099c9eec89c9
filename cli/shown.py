"""How values that came from outside are shown: a terminal obeys control characters, and rich its own marks."""

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lockstep.domain.json_text import dump_json, parse_json

_SHOWN_CHARS = 200
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def plain(text: str, chars: int = _SHOWN_CHARS) -> str:
    """Return a text on one line without what a terminal obeys, cut where it is too long."""
    cut = text if len(text) <= chars else f"{text[: chars - 1]}…"
    # Escapes as in JSON: one sees that there is something, and what.
    return "".join(each if each.isprintable() else json.dumps(each)[1:-1] for each in cut)


def cell(text: str, style: str = "") -> Text:
    """Return a table's cell; brackets in it are no marks."""
    return Text(plain(text), style=style)


def say(console: Console, text: str = "") -> None:
    """Print lines; each is harmless."""
    for line in text.split("\n"):
        console.print(plain(line, 10_000), markup=False, highlight=False, soft_wrap=True)


def table(*titles: str, whole: tuple[str, ...] = ()) -> Table:
    """Return an empty table; the columns in `whole` are never broken."""
    made = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for title in titles:
        made.add_column(title, overflow="fold", no_wrap=title in whole)
    return made


def pretty_json(text: str) -> str:
    """Return JSON text with indents and every digit, in ASCII; what is no JSON comes back as a JSON text."""
    import simplejson

    try:
        value = parse_json(text)
    except ValueError:
        return json.dumps(text)
    return str(simplejson.dumps(value, use_decimal=True, indent=2))


def age(at: datetime, now: datetime) -> str:
    """Return how long ago a moment was, in the largest unit that is not 0."""
    seconds = int((now - at).total_seconds())
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if abs(seconds) >= size:
            return f"{seconds // size}{unit}" if seconds > 0 else f"-{-seconds // size}{unit}"
    return f"{seconds}s"


def local_time(at: datetime | None) -> str:
    """Return a moment in the time zone of this machine."""
    return at.astimezone().isoformat(sep=" ", timespec="seconds") if at else "-"


def duration(text: str) -> timedelta:
    """Read 90s, 15m, 2h, 3d or 1w.

    Raises:
        BadParameter: It is none of these.
    """
    number, unit = text[:-1], text[-1:]
    if unit not in _UNITS or not (number.isascii() and number.isdigit()) or len(number) > 6:
        raise typer.BadParameter("a number and a unit belong here, such as 90s, 15m, 2h, 3d or 1w")
    return timedelta(**{_UNITS[unit]: int(number)})


def jsonable(value: Any) -> Any:
    """Return a value of our shapes for JSON: instants in ISO 8601, enums by value."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {str(jsonable(key)): jsonable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(each) for each in value]
    return value


def fields_of(shape: Any) -> dict[str, Any]:
    """Return the fields of a dataclass for JSON."""
    return {name: jsonable(value) for name, value in asdict(shape).items()}


def print_json(value: Any) -> None:
    """Print for programs."""
    typer.echo(dump_json(jsonable(value)))


def counted(count: int, noun: str) -> str:
    """Say how many there are of something."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def confirmed(question: str) -> bool:
    """Ask; nobody there is a no."""
    try:
        return typer.confirm(question, err=True)
    except typer.Abort:
        return False
