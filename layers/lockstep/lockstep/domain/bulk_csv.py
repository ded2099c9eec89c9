"""The text of a Bulk CSV: rows as lines that end with a line feed, quoted where they must be."""

import csv
from collections.abc import Iterable, Sequence

# Until Python 3.13 the writer quotes a line break only where it is the file's own line ending; a carriage return in a
# value would end the row. So it is told of both, and the carriage return is taken off again.
_BOTH = "\r\n"
_QUOTED = (",", '"', *_BOTH)
_NO_BLANK_LINE = '""'


class _Lines(list[str]):
    def write(self, line: str) -> None:
        self.append(line[: -len(_BOTH)] + "\n")


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Return the lines of the rows; the first of them should be the header."""
    lines = _Lines()
    csv.writer(lines, lineterminator=_BOTH).writerows(rows)
    return "".join(lines)


def csv_lines(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return each row as a line of its own, for rows that all have as many cells.

    It looks at whole columns, most of which hold nothing to quote: that takes a tenth of the writer's time.
    """
    columns = [_quoted(column) for column in zip(*rows, strict=True)]
    return [f"{line or _NO_BLANK_LINE}\n" for line in map(",".join, zip(*columns, strict=True))]


def _quoted(column: Sequence[str]) -> Sequence[str]:
    text = "".join(column)
    if not any(mark in text for mark in _QUOTED):
        return column
    return [_quoted_cell(cell) if any(mark in cell for mark in _QUOTED) else cell for cell in column]


def _quoted_cell(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'
