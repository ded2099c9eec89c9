"""Reads a piece of a file row by row; what is no row is told with its line, and the rows after it are read on."""

import csv
import re
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple, Protocol, TypeAlias

from lockstep.domain.chunks import Chunk
from lockstep.domain.csv_records import ESCAPED, MAX_CELL_CHARS, csv_reader, has_open_quote, is_doubtful, quotes_said
from lockstep.domain.dialects import Dialect
from lockstep.domain.json_text import JsonValue, parse_json

_BLOCK_BYTES = 1024 * 1024
# Of lines that were read, so many characters are kept at least, to read them again where a quote was never closed.
_KEPT_CHARS = 1_000_000
_NO_TEXT = re.compile("[\x00\udc80-\udcff]")


class Readable(Protocol):
    """Bytes that are read once, from their beginning."""

    def read(self, amount: int, /) -> bytes:
        """Return the next bytes, at most so many; none at the end."""


class BadRow(NamedTuple):
    """What is no row: its first line, why, and what is to be done; `cells` are what can be shown of it.

    Where its cells could not be told apart, they are one: its text.
    """

    line: int
    reason: str
    remedy: str
    cells: Sequence[str] = ()


CellsRow: TypeAlias = tuple[int, Sequence[str]]
"""The file's line number of the row's first line, from 1, and its cells: as many as the header has."""
ObjectRow: TypeAlias = tuple[int, dict[str, JsonValue]]
"""The same of JSON Lines."""


def read_rows(dialect: Dialect, chunk: Chunk, stream: Readable) -> Iterator[CellsRow | BadRow]:
    """Read the rows of a chunk of a CSV file.

    Args:
        dialect: How the chunk's text is written, its header included.
        chunk: Says where the stream's first line stands in the file.
        stream: The chunk's bytes, and no others.
    """
    rows = _CsvRows(dialect, chunk.first_line, stream, own_numbers=not chunk.line_numbers)
    return rows.numbered() if rows.own_numbers else iter(rows)


def read_objects(dialect: Dialect, chunk: Chunk, stream: Readable) -> Iterator[ObjectRow | BadRow]:
    """Read the rows of a chunk of JSON Lines; where rows have a line number of their own, each is `[number, object]`.

    The arguments are those of `read_rows`.
    """
    lines = _Lines(stream, dialect.encoding)
    for number, line in enumerate(chain.from_iterable(lines.lists()), chunk.first_line):
        text = line.rstrip("\r\n")
        if text:
            yield _object(number, text) if chunk.line_numbers else _numbered_object(text)


def _object(number: int, text: str) -> ObjectRow | BadRow:
    if _NO_TEXT.search(text):
        return _no_text(number, [text])
    try:
        row = parse_json(text)
    except ValueError:
        return BadRow(number, "the line is not JSON", "write one JSON object on each line", [text])
    if not isinstance(row, dict):
        return BadRow(number, "the line is JSON, but no object", "write one JSON object on each line", [text])
    return number, row


def _numbered_object(text: str) -> ObjectRow | BadRow:
    numbered: Any = parse_json(text)  # we have written it ourselves
    number, row = numbered
    return number, row


def _no_text(line: int, cells: Sequence[str]) -> BadRow:
    has_nul = any("\x00" in cell for cell in cells)
    shown = [_NO_TEXT.sub("\ufffd", cell) for cell in cells]
    if has_nul:
        return BadRow(line, "the row holds a NUL character", "take it out of the source's export", shown)
    reason = "the row holds bytes that are no text in the file's encoding"
    return BadRow(
        line, reason, "write the whole file in one encoding, and say in the route's file.encoding which", shown
    )


class _Lines:
    """The lines of a stream, a list at a time, each with its line feed; those just read can be had again.

    Up to line `doubtful_to` (from 1) there may be bytes that are no text.
    """

    def __init__(self, stream: Readable, encoding: str) -> None:
        self._stream, self._encoding = stream, encoding
        self._kept: deque[tuple[int, list[str], int]] = deque()
        self._taken = 0
        self.doubtful_to = 0

    def lists(self) -> Iterator[list[str]]:
        """Give all lines."""
        rest = b""
        while block := self._stream.read(_BLOCK_BYTES):
            data = rest + block
            end = data.rfind(b"\n") + 1
            rest = data[end:]
            if end:
                yield self._lines(data[:end])
        if rest:
            yield self._lines(rest)

    def again(self, first: int, last: int) -> list[str]:
        """Return lines by their numbers from 1; only the later ones where that is too long ago."""
        kept = ((start, lines) for start, lines, _ in self._kept)
        return [line for start, lines in kept for line in lines[max(first - 1 - start, 0) : max(last - start, 0)]]

    def _lines(self, data: bytes) -> list[str]:
        try:
            text, is_text = data.decode(self._encoding), b"\0" not in data
        except UnicodeDecodeError:
            text, is_text = data.decode(self._encoding, ESCAPED), False
        *whole, rest = text.split("\n")
        lines = [line + "\n" for line in whole] + ([rest] if rest else [])
        self._keep(lines, len(text))
        if not is_text:
            self.doubtful_to = self._taken
        return lines

    def _keep(self, lines: list[str], chars: int) -> None:
        self._kept.append((self._taken, lines, chars))
        self._taken += len(lines)
        while sum(each[2] for each in self._kept) - self._kept[0][2] > 2 * _KEPT_CHARS:
            self._kept.popleft()


class _CsvRows:
    """The rows of a CSV stream."""

    def __init__(self, dialect: Dialect, first_line: int, stream: Readable, *, own_numbers: bool) -> None:
        self.own_numbers = own_numbers
        self._delimiter = dialect.delimiter
        self._width = len(dialect.header) + own_numbers
        self._before = first_line - 1
        self._lines = _Lines(stream, dialect.encoding)
        self._feed = chain.from_iterable(self._lines.lists())
        self._done = 0  # lines that are read for good

    def numbered(self) -> Iterator[CellsRow | BadRow]:
        """Give the rows by the numbers in their first column."""
        for row in self:
            yield row if isinstance(row, BadRow) else (int(row[1][0]), row[1][1:])

    def __iter__(self) -> Iterator[CellsRow | BadRow]:
        again: list[str] | None = []
        while again is not None:
            again = yield from self._rows(again)

    def _rows(self, again: list[str]) -> Generator[CellsRow | BadRow, None, list[str] | None]:
        """Give rows up to a record that is none; return the lines to go on with, None at the end."""
        reader = csv_reader(chain(again, self._feed), self._delimiter)
        start = done = self._done
        before, width, lines = self._before + 1, self._width, self._lines
        try:
            for cells in reader:
                first, done = done, start + reader.line_num
                if len(cells) == width and first >= lines.doubtful_to:
                    yield before + first, cells
                elif is_doubtful(cells, done - first, width):
                    bad, rest = self._broken(first, done, cells)
                    yield bad
                    return rest + again[reader.line_num :]
                elif cells:
                    yield self._looked_at(before + first, cells)
        except csv.Error:
            bad, rest = self._broken(done, start + reader.line_num, None)
            yield bad
            return rest + again[reader.line_num :]
        return None

    def _broken(self, first: int, end: int, cells: list[str] | None) -> tuple[BadRow, list[str]]:
        """Tell of a record that is none; where only its first line is wrong, the others are to be read again."""
        lines = self._lines.again(first + 1, end)
        number, again = self._before + first + 1, list[str]()
        if 1 < end - first == len(lines) and has_open_quote(lines, self._delimiter, self._width):
            lines, again, cells = lines[:1], lines[1:], None
        self._done = end - len(again)
        if cells is not None:
            return self._wrong_width(number, cells), again
        return BadRow(number, *quotes_said(lines), ["".join(lines).rstrip("\r\n")[:MAX_CELL_CHARS]]), again

    def _looked_at(self, number: int, cells: list[str]) -> CellsRow | BadRow:
        if len(cells) != self._width:
            return self._wrong_width(number, cells)
        return _no_text(number, cells) if any(map(_NO_TEXT.search, cells)) else (number, cells)

    def _wrong_width(self, number: int, cells: list[str]) -> BadRow:
        reason = f"the row has {len(cells):,} cells, and the header {self._width - self.own_numbers:,}"
        remedy = "quote what holds the delimiter or a break, and end each row with its last cell"
        return BadRow(number, reason, remedy, [_NO_TEXT.sub("\ufffd", cell) for cell in cells])
