"""Where the columns of a file stand in the payload that a row is: as an event of the source would have them."""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeAlias

from lockstep.domain.json_text import JsonValue

Path: TypeAlias = tuple[str, ...]
PayloadOf: TypeAlias = Callable[[Sequence[str]], dict[str, JsonValue]]

_DOTTED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)+", re.ASCII)


def column_paths(header: Sequence[str], under: str | None) -> list[Path]:
    """Return the place of each column: `address.city` is the city of an address, and all is below `under`.

    A name that is no path, such as `Customer No.`, is a name as it stands.
    """
    above = tuple(under.split(".")) if under else ()
    return [(*above, *(name.split(".") if _DOTTED.fullmatch(name) else (name,))) for name in header]


def clashes_of(paths: Sequence[Path]) -> list[tuple[Path, Path]]:
    """Return columns that cannot both be in a payload: the same twice, or one of which another is a part."""
    return [(first, second) for first, second in pairwise(sorted(paths)) if second[: len(first)] == first]


def row_payload(header: Sequence[str], under: str | None) -> PayloadOf:
    """Return a function from a row's cells to its payload; there are as many cells as columns, and no two clash."""
    above, names = (under.split(".") if under else []), column_paths(header, None)
    if all(len(path) == 1 for path in names):
        return _below(above, lambda cells: dict(zip(header, cells, strict=True)))

    def payload(cells: Sequence[str]) -> dict[str, JsonValue]:
        made: dict[str, JsonValue] = {}
        for path, cell in zip(names, cells, strict=True):
            _put(made, path, cell)
        return made

    return _below(above, payload)


def _below(above: Sequence[str], payload: PayloadOf) -> PayloadOf:
    for name in reversed(above):
        payload = _within(name, payload)
    return payload


def _within(name: str, payload: PayloadOf) -> PayloadOf:
    return lambda cells: {name: payload(cells)}


def object_payload(row: dict[str, JsonValue], under: str | None) -> dict[str, JsonValue]:
    """Return the payload that a row of JSON Lines is."""
    for name in reversed(under.split(".")) if under else ():
        row = {name: row}
    return row


def _put(made: dict[str, JsonValue], path: Path, cell: str) -> None:
    *above, name = path
    for part in above:
        inner = made.setdefault(part, {})
        if not isinstance(inner, dict):
            raise TypeError("two columns clash")
        made = inner
    made[name] = cell
