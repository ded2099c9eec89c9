"""Where the records of a CSV file begin and end, and what is done where its quotes do not pair.

Whoever cuts a file and whoever reads a piece of it must agree on that to the byte, so both ask here. A quote means
something at the beginning of a cell only, as for Python's csv module; elsewhere it is a sign like any other.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

# Only the line feed ends a line; a carriage return before it belongs to the break.
_NEXT_BLANK_LINE = re.compile(rb"\n\r?\n")
_LONE_RETURN = re.compile(rb"\r(?!\n)")
_BREAKS = b"\r\n"
_BLANK_LINES = ("\n", "\r\n")
_LINES_FOR_A_MISFIT = 10
MAX_CELL_CHARS = 131_072  # of Python's csv module, and of a field in Bulk API 2.0
ESCAPED = "surrogateescape"  # how bytes are kept that are no text


class Record(NamedTuple):
    """The lines of a record, and its cells: none of a blank line, None where they cannot be told apart."""

    lines: Sequence[str]
    cells: Sequence[str] | None


def csv_reader(lines: Iterable[str], delimiter: str) -> Any:
    """Return a reader that raises csv.Error where quotes do not pair, or a cell has more than 131,072 characters."""
    csv.field_size_limit(MAX_CELL_CHARS)  # the whole process's; nobody may read on where another has given up
    return csv.reader(lines, delimiter=delimiter, strict=True)


def end_of_plain_lines(data: bytes, start: int, end: int, *, is_csv: bool) -> int:
    """Return up to where every line is a record of its own, because nothing there could make it anything else.

    Blank lines are no records; in CSV, quotes and lone carriage returns are looked at more closely.
    """
    if data[start] in _BREAKS:
        return start
    if is_csv and (quote := data.find(b'"', start, end)) >= 0:
        end = quote
    if is_csv and data.find(b"\r", start, end) >= 0 and (lone := _LONE_RETURN.search(data, start, end)):
        end = lone.start()
    if blank := _NEXT_BLANK_LINE.search(data, start, end):
        end = blank.start() + 1
    return max(start, data.rfind(b"\n", start, end) + 1)


@cache
def plain_run(delimiter: str) -> re.Pattern[bytes]:
    """Return a pattern of as many records as follow each other that end with their line."""
    mark, cell = re.escape(delimiter).encode(), _cell(delimiter, rb'[^"\n]')
    return re.compile(rb"(?:(?![\r\n])%b(?:%b%b)*+\r?\n)*+" % (cell, mark, cell))


@cache
def good_record(delimiter: str, width: int) -> re.Pattern[bytes]:
    """Return a pattern of one record of the width, with line breaks in its quotes or without."""
    mark, cell = re.escape(delimiter).encode(), _cell(delimiter, rb'[^"]')
    return re.compile(rb"(?![\r\n])%b(?:%b%b){%d}\r?\n" % (cell, mark, cell, max(width - 1, 0)))


def _cell(delimiter: str, within_quotes: bytes) -> bytes:
    mark = re.escape(delimiter).encode()
    quoted = rb'"%b*+(?:""%b*+)*+"' % (within_quotes, within_quotes)
    return rb'(?>%b|[^"%b\r\n][^%b\r\n]*+|)' % (quoted, mark, mark)


def next_record(lines: Iterator[str], delimiter: str, width: int) -> Record:
    """Read one record; of one whose quote is never closed only the first line.

    Args:
        lines: Each with its line feed. Lines after the record may be taken too.
        delimiter: The sign between two cells.
        width: How many cells a record should have.
    """
    taken: list[str] = []
    cells: list[str] | None
    try:
        cells = next(csv_reader(_kept(lines, taken), delimiter), [])
    except csv.Error:
        cells = None
    if is_doubtful(cells, len(taken), width) and has_open_quote(taken, delimiter, width):
        return Record(taken[:1], None)
    return Record(taken, cells)


def _kept(lines: Iterator[str], taken: list[str]) -> Iterator[str]:
    for line in lines:
        taken.append(line)
        yield line


def is_doubtful(cells: Sequence[str] | None, lines: int, width: int) -> bool:
    """True where a record of several lines may be several records."""
    return lines > 1 and (cells is None or len(cells) != width)


def has_open_quote(lines: Sequence[str], delimiter: str, width: int) -> bool:
    """Say of a record that cannot be right whether only its first line is wrong: a quote there is never closed.

    So it is where the lines after it are records of their own, well written and of the right width, or blank; the last
    may go on, and of ten lines one may be wrong in its own way. In a file of one column that can be any text, so there
    nothing is taken apart.
    """
    whole, begun = _line_patterns(delimiter, width)
    *inner, last = lines[1:]
    misfits = sum(not (whole.fullmatch(line) or line in _BLANK_LINES) for line in inner)
    misfits += not (whole.fullmatch(last) or begun.fullmatch(last))
    return width > 1 and misfits <= (len(lines) - 1) // _LINES_FOR_A_MISFIT


@cache
def _line_patterns(delimiter: str, width: int) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return patterns of a line that is a record, and of one that ends within a quoted cell."""
    mark = re.escape(delimiter)
    quoted = r'"[^"]*+(?:""[^"]*+)*+'
    cell = rf'(?>{quoted}"|[^"{mark}\r\n]*+)'
    more = rf"(?:{mark}{cell}){{{max(width - 1, 0)}}}"
    begun = rf"(?:{cell}{mark}){{0,{max(width - 1, 0)}}}{quoted}"
    return re.compile(rf"{cell}{more}\r?\n?"), re.compile(begun)


def quotes_said(lines: Sequence[str]) -> tuple[str, str]:
    """Return reason and remedy for a record whose cells cannot be told apart."""
    if len(lines) == 1 and '"' not in lines[0]:
        return "a carriage return stands outside quotes", "end lines with a line feed, and quote what holds a break"
    reason = "its quotes do not pair (one is never closed, or text follows the closing one), or a cell is too long"
    if len(lines) > 1:
        reason = f"{reason}, so that it is {len(lines):,} lines long"
    return reason, "quote a cell as a whole, write a quote within it twice, and keep to 131,072 characters"
