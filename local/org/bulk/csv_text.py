"""Reads an upload's CSV in batches of 10,000 rows and chunks of 200, as the job's delimiter and line ending say."""

import csv
import re
from collections.abc import Iterator, Sequence
from io import BytesIO, TextIOWrapper
from itertools import islice
from typing import NamedTuple

from local.org.bulk.words import (
    MOST_FIELDS,
    MOST_HEADER_CHARACTERS,
    ROWS_PER_BATCH,
    ROWS_PER_CHUNK,
    ColumnDelimiter,
    JobFaultError,
    LineEnding,
)

_BOM = "\ufeff"
UNESCAPED_QUOTE = (
    "InvalidBatch : Failed to parse CSV. Found unescaped quote. A value with quote should be within a quote"
)

Cells = list[str]


class Chunk(NamedTuple):
    """Rows of one transaction; `first_line` counts the physical lines before them, the header's included."""

    rows: Sequence[Cells]
    first_line: int


class CsvText:
    """An upload being read. Bytes that are no UTF-8 become U+FFFD, as Java's reader makes them.

    Without quotes and carriage returns csv alone does right. It takes both line endings for one, and lets pass a quote
    in a cell that has none around it: where these can be, each record is looked at as it was sent.
    """

    def __init__(self, content: bytes, delimiter: ColumnDelimiter, line_ending: LineEnding) -> None:
        """Read the header.

        Raises:
            JobFaultError: The header cannot be read.
        """
        self._line_ending = line_ending
        self._checks_endings = line_ending is LineEnding.CRLF or b"\r" in content
        self._quoting = _valid_record(delimiter.character)
        self._raw: list[str] = []
        lines = TextIOWrapper(BytesIO(content), "utf-8", "replace", newline="\n")
        is_plain = not self._checks_endings and b'"' not in content and not content.startswith(b"\n")
        self._rows = csv.reader(lines if is_plain else self._noted(lines), delimiter=delimiter.character, strict=True)
        self._records = filter(None, self._rows) if is_plain else self._checked()
        self.batch_line = 0
        """The physical lines before the batch that is read last."""
        self.columns: Cells = self._header()
        first_line = content.partition(b"\n")[0].decode("utf-8", "replace")
        self.header = first_line if is_plain else "".join(self._raw).rstrip("\r\n")
        self.header_line = (self.header + line_ending.characters).encode()
        _check_header(self.columns, self.header)

    def _header(self) -> Cells:
        try:
            return next(self._records, [])
        except csv.Error as error:
            raise self._fault(error) from error

    def batches(self) -> Iterator[list[Chunk]]:
        """Yield the chunks of each batch.

        Raises:
            JobFaultError: The rest of the upload, from this batch on, cannot be read.
        """
        try:
            while batch := self._batch():
                yield batch
        except csv.Error as error:
            raise self._fault(error) from error

    def _batch(self) -> list[Chunk]:
        chunks: list[Chunk] = []
        self.batch_line = self._rows.line_num
        while len(chunks) * ROWS_PER_CHUNK < ROWS_PER_BATCH:
            first_line = self._rows.line_num
            if not (cells := list(islice(self._records, ROWS_PER_CHUNK))):
                break
            chunks.append(Chunk(cells, first_line))
        return chunks

    def _noted(self, lines: Iterator[str]) -> Iterator[str]:
        """Keep the lines of the record that is read."""
        for line in lines:
            self._raw.append(line)
            yield line

    def _checked(self) -> Iterator[Cells]:
        """Yield the records; a blank line is none."""
        raw = self._raw
        for cells in self._rows:
            if self._checks_endings:
                self._check_ending(raw[-1])
            if '"' in raw[-1] or len(raw) > 1:
                self._check_quotes(cells)
            if cells:
                yield cells
            raw.clear()

    def _fault(self, error: csv.Error) -> JobFaultError:
        """Return why csv cannot go on."""
        if "new-line" in str(error):
            return self._wrong_ending()
        if "field larger" in str(error):
            return JobFaultError("InvalidBatch : Failed to parse CSV. A field exceeds 131072 characters")
        return JobFaultError(UNESCAPED_QUOTE)

    def _wrong_ending(self) -> JobFaultError:
        message = f"LineEnding is invalid on user data. Current LineEnding setting is {self._line_ending}"
        return JobFaultError(f"ClientInputError : {message}")

    def _check_ending(self, last_line: str) -> None:
        """The last row may do without an ending."""
        if last_line.endswith("\n") and last_line.endswith("\r\n") != (self._line_ending is LineEnding.CRLF):
            raise self._wrong_ending()

    def _check_quotes(self, cells: Cells) -> None:
        """Refuse a quote in a cell that has none around it: csv lets it pass."""
        if '"' in "".join(cells) and not self._quoting.fullmatch("".join(self._raw)):
            raise JobFaultError(UNESCAPED_QUOTE)


def _valid_record(delimiter: str) -> re.Pattern[str]:
    cell = rf'(?:"(?:[^"]|"")*+"|[^"{re.escape(delimiter)}\r\n]*+)'
    return re.compile(rf"{cell}(?:{re.escape(delimiter)}{cell})*+(?:\r?\n)?")


def _check_header(columns: Cells, header: str) -> None:
    if header.startswith(_BOM):
        raise JobFaultError(UNESCAPED_QUOTE)
    if len(header) > MOST_HEADER_CHARACTERS:
        raise JobFaultError(f"InvalidBatch : The header row exceeds {MOST_HEADER_CHARACTERS} characters")
    if len(columns) > MOST_FIELDS:
        raise JobFaultError(f"InvalidBatch : A record cannot have more than {MOST_FIELDS} fields")


def rest_of(content: bytes, lines: int) -> bytes:
    """Return what follows the first physical lines."""
    position = 0
    for _ in range(lines):
        position = content.find(b"\n", position) + 1
        if not position:
            return b""
    return content[position:]
