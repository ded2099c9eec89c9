"""The result files of an ingest job, kept as the bytes they are downloaded as."""

from collections.abc import Mapping, Sequence
from typing import Any

from local.org.bulk.numerals import java_doubles
from local.org.bulk.spec import IngestSpec
from local.org.bulk.words import FIRST_VERSION_IN_UPLOAD_ORDER, ColumnDelimiter, LineEnding

Cells = Sequence[str]
ResultRow = tuple[tuple[str, str], Cells]
"""The id and the second column of a row, and the cells that were sent."""


class ResultFile:
    """One file: its header line as sent with two columns before it, then rows of quoted values.

    `append` takes a chunk's rows. Later chunks come first: the order of results is not that of the upload.
    """

    def __init__(self, layout: "Layout", second_column: str) -> None:
        self._layout = layout
        names = [f'"{name}"' for name in ("sf__Id", second_column)]
        self._head = (layout.delimiter.join([*names, *layout.raw_names]) + layout.line_ending).encode()
        self._chunks: list[bytes] = []

    def append(self, text: str) -> None:
        """Add the rows of a chunk."""
        if text:
            self._chunks.append(text.encode())

    def parts(self) -> list[bytes]:
        """Return the file in parts."""
        return [self._head, *reversed(self._chunks)]


class Layout:
    """How rows look in the files of one job."""

    def __init__(
        self, delimiter: ColumnDelimiter, line_ending: LineEnding, raw_header: str, double_places: Sequence[int]
    ) -> None:
        self.delimiter = delimiter.character
        self.line_ending = line_ending.characters
        self.raw_names = raw_header.split(self.delimiter) if raw_header else []
        self._between = f'"{self.delimiter}"'
        self._double_places = double_places
        self._order: list[int] | None = None

    def sort_columns(self, version: float, names: Sequence[str]) -> None:
        """Put the columns in the order that the API version answers them in."""
        if version < FIRST_VERSION_IN_UPLOAD_ORDER:
            self._order = sorted(range(len(names)), key=lambda place: names[place].lower())
            self.raw_names = [self.raw_names[place] for place in self._order]

    def successful(self, rows: Sequence[ResultRow]) -> str:
        """Return the rows of records that were written; doubles are written anew."""
        if not rows:
            return ""
        columns: list[Sequence[str]] = list(zip(*[cells for _, cells in rows], strict=True))
        for place in self._double_places:
            columns[place] = java_doubles(columns[place])
        ordered = columns if self._order is None else [columns[place] for place in self._order]
        return self._text(list(zip(*zip(*[facts for facts, _ in rows], strict=True), *ordered, strict=True)))

    def failed(self, rows: Sequence[ResultRow]) -> str:
        """Return the rows that were refused, as sent; one of too few or too many columns has those that it has."""
        return self._text([[*facts, *self._ordered(cells)] for facts, cells in rows]) if rows else ""

    def _ordered(self, cells: Cells) -> Cells:
        return cells if self._order is None else [cells[place] for place in self._order if place < len(cells)]

    def _text(self, rows: Sequence[Sequence[str]]) -> str:
        text = self._joined(rows)
        if text.count('"') > sum(2 * len(row) for row in rows):
            text = self._joined([[cell.replace('"', '""') for cell in row] for row in rows])
        return text

    def _joined(self, rows: Sequence[Sequence[str]]) -> str:
        lines = f'"{self.line_ending}"'.join(map(self._between.join, rows))
        return f'"{lines}"{self.line_ending}'


def error_text(reasons: Sequence[Mapping[str, Any]]) -> str:
    """Return `sf__Error`: code, message and fields of each reason that a row was refused for."""
    return "".join(f"{each['statusCode']}:{each['message']}:{_fields(each['fields'])}--" for each in reasons)


def _fields(names: Sequence[str]) -> str:
    return ",".join(names) + " " if names else ""


def header_line(spec: IngestSpec, second_column: str, content: Sequence[bytes]) -> bytes:
    """Return the only line of a result file of a job that never began; `content` is its upload."""
    first_line = b"".join(content).partition(b"\n")[0].decode("utf-8", "replace").rstrip("\r")
    return ResultFile(Layout(spec.column_delimiter, spec.line_ending, first_line, ()), second_column).parts()[0]
