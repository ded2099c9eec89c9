"""Writes doubles as Java does: results come back re-rendered, `912260031` as `9.12260031E8`."""

import re
from collections.abc import Sequence

from local.org.bulk.words import NULL

_LEAST_PLAIN, _MOST_PLAIN = 1e-3, 1e7
_PLAIN_DIGITS, _SURE_DIGITS = 7, 15  # a double holds every whole number of 15 digits

_AS_JAVA_WRITES = re.compile(r"(?:[1-9][0-9]{0,6}\.(?:0|[0-9]{0,7}[1-9]),)*+")


def all_match(pattern: re.Pattern[str], cells: Sequence[str]) -> bool:
    """Tell whether all cells, with a comma after each, match; no cell that has a comma does."""
    text = ",".join([*cells, ""])
    return text.count(",") == len(cells) and pattern.fullmatch(text) is not None


def java_doubles(cells: Sequence[str]) -> Sequence[str]:
    """Return a column's cells with every numeral as Java writes it."""
    if all_match(_AS_JAVA_WRITES, cells):
        return cells
    return [java_double(cell) if cell and cell != NULL else cell for cell in cells]


def java_double(cell: str) -> str:
    """Return a numeral as Java's `Double.toString` writes its value."""
    if _PLAIN_DIGITS < len(cell) <= _SURE_DIGITS and cell.isdigit() and cell.isascii() and cell[0] != "0":
        return f"{cell[0]}.{cell.rstrip('0')[1:] or '0'}E{len(cell) - 1}"  # what follows says the same, slower
    number = float(cell)
    size = abs(number)
    if _LEAST_PLAIN <= size < _MOST_PLAIN or not size:
        return repr(number)
    digits, _, exponent = repr(size).partition("e")
    sign = "-" if number < 0 else ""
    return sign + _scientific(digits, int(exponent or 0))


def _scientific(digits: str, exponent: int) -> str:
    """Return the shortest digits that stand for a double, with one digit before the point."""
    whole, _, fraction = digits.partition(".")
    if whole != "0":
        rest = (whole[1:] + fraction).rstrip("0") or "0"
        return f"{whole[0]}.{rest}E{exponent + len(whole) - 1}"
    figures = fraction.lstrip("0")
    return f"{figures[0]}.{figures[1:] or '0'}E{exponent - (len(fraction) - len(figures)) - 1}"
