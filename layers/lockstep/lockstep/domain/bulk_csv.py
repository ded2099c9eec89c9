"""The text of a Bulk CSV: rows as lines that end with a line feed, quoted where they must be."""

import csv
from collections.abc import Iterable, Sequence

# Until Python 3.13 the writer quotes a line break only where it is the file's own line ending; a carriage return in a
# value would end the row. So it is told of both, and the carriage return is taken off again.
_BOTH = "\r\n"


class _Lines(list[str]):
    def write(self, line: str) -> None:
        self.append(line[: -len(_BOTH)] + "\n")


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Return the lines of the rows; the first of them should be the header."""
    return "".join(csv_lines(rows))


def csv_lines(rows: Iterable[Sequence[str]]) -> list[str]:
    """Return each row as a line of its own."""
    lines = _Lines()
    csv.writer(lines, lineterminator=_BOTH).writerows(rows)
    return lines
