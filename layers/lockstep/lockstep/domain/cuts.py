"""Cuts a file into pieces of whole records, block by block as it is read: nothing but the last few lines is kept."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from lockstep.domain.csv_records import ESCAPED, MAX_CELL_CHARS, end_of_plain_lines, good_record, next_record, plain_run
from lockstep.domain.dialects import Dialect, FileFormat

MAX_LINE_BYTES = 4 * 1024 * 1024  # Salesforce takes 400,000 characters of a record
_WINDOW_BYTES = 256 * 1024  # what is looked at in one go: more would be looked at again after each cut
_FEED = b"\n"


class Place(NamedTuple):
    """A place between two records: how many bytes and lines stand before it."""

    byte: int
    lines: int


class Cut(NamedTuple):
    """A piece of the file, from one place to another, and how many records it holds."""

    start: Place
    end: Place
    rows: int


class LineTooLongError(Exception):
    """Raised where a line does not end, as in a file that is no text; `line` is its number from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line} does not end")
        self.line = line


class _Run(NamedTuple):
    """Records that follow each other: how many, on how many lines, and where they end in what is at hand."""

    end: int
    lines: int
    rows: int


class Cutter:
    """Takes a file's bytes from a place on, and gives pieces of at most `rows` records and `max_bytes` bytes.

    A single record that is longer is a piece of its own. Blank lines are no records. From the end of a piece on, the
    pieces are the same wherever one begins to read and in whatever blocks.
    """

    def __init__(self, dialect: Dialect, start: Place, rows: int, max_bytes: int) -> None:
        self._dialect, self._most_rows, self._most_bytes = dialect, rows, max_bytes
        self._is_csv = dialect.format is FileFormat.CSV
        self._start = self.place = start
        self._rows = 0
        self._rest = b""

    def take(self, block: bytes) -> Iterator[Cut]:
        """Take the next bytes in.

        Raises:
            LineTooLongError: A line has more than 4 MiB.
        """
        data = self._rest + block
        at, end = 0, data.rfind(_FEED) + 1
        while at < end and (run := self._plain(data, at, end) or self._one(data, at, end, is_last=False)):
            yield from self._add(run, at)
            at = run.end
        self._rest = data[at:]
        if len(data) - end > MAX_LINE_BYTES:
            raise LineTooLongError(self.place.lines + data.count(_FEED, at) + 1)

    def finish(self) -> Iterator[Cut]:
        """Take the end of the file in: whatever is left is the last piece."""
        data, at = self._rest, 0
        while at < len(data) and (run := self._one(data, at, len(data), is_last=True)):
            yield from self._add(run, at)
            at = run.end
        self._rest = b""
        if self._rows:
            yield self._cut()

    def stop(self) -> Iterator[Cut]:
        """Give the whole records that are at hand, where what comes after them cannot be read."""
        if self._rows:
            yield self._cut()

    def _plain(self, data: bytes, at: int, end: int) -> _Run | None:
        """Return records of one line each, as many as the present piece has room for; None where there are none."""
        end = data.rfind(_FEED, at, min(end, at + min(self._room_bytes, _WINDOW_BYTES))) + 1
        if end <= at:
            return None
        stop = end_of_plain_lines(data, at, end, is_csv=self._is_csv)
        if stop == at and self._is_csv and (match := plain_run(self._dialect.delimiter).match(data, at, end)):
            stop = match.end()
        if stop == at:
            return None
        lines, room = data.count(_FEED, at, stop), self._most_rows - self._rows
        if lines > room and (match := _many_lines(room).match(data, at)):
            return _Run(match.end(), room, room)
        return _Run(stop, lines, lines)

    def _one(self, data: bytes, at: int, end: int, *, is_last: bool) -> _Run | None:
        """Return one record, or None where it does not end there yet."""
        if not self._is_csv:
            stop = data.find(_FEED, at, end) + 1 or end
            return _Run(stop, 1, int(data[at:stop].strip(b"\r\n") != b""))
        delimiter, width = self._dialect.delimiter, len(self._dialect.header)
        match = good_record(delimiter, width).match(data, at, end)
        if match and match.end() - at <= MAX_CELL_CHARS:
            return _Run(match.end(), data.count(_FEED, at, match.end()), 1)
        lines = _Lines(data, at, end, self._dialect.encoding)
        record = next_record(iter(lines), delimiter, width)
        if lines.is_out and not is_last and end - at <= MAX_LINE_BYTES:
            return None
        taken = len(record.lines)
        return _Run(lines.ends[taken - 1], taken, int(record.cells is None or bool(record.cells)))

    def _add(self, run: _Run, at: int) -> Iterator[Cut]:
        if self._rows and run.end - at > self._room_bytes:
            yield self._cut()
        self.place = Place(self.place.byte + run.end - at, self.place.lines + run.lines)
        self._rows += run.rows
        if self._rows >= self._most_rows:
            yield self._cut()

    @property
    def _room_bytes(self) -> int:
        return max(self._most_bytes - (self.place.byte - self._start.byte), 0)

    def _cut(self) -> Cut:
        cut = Cut(self._start, self.place, self._rows)
        self._start, self._rows = self.place, 0
        return cut


class _Lines:
    """The lines from a byte on, decoded, and where each ends; `is_out` once more was wanted than there is."""

    def __init__(self, data: bytes, at: int, end: int, encoding: str) -> None:
        self._data, self._at, self._end, self._encoding = data, at, end, encoding
        self.ends: list[int] = []
        self.is_out = False

    def __iter__(self) -> Iterator[str]:
        at = self._at
        while at < self._end:
            stop = self._data.find(_FEED, at, self._end) + 1 or self._end
            self.ends.append(stop)
            yield self._data[at:stop].decode(self._encoding, ESCAPED)
            at = stop
        self.is_out = True


@lru_cache(maxsize=16)
def _many_lines(number: int) -> re.Pattern[bytes]:
    return re.compile(rb"(?:[^\n]*+\n){%d}+" % number)
