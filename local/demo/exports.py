"""The ERP's nightly export: a file of accounts; webhooks have told of some of them, and some lines are wrong."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from local.demo.expectation import Fact
from local.demo.payloads import Payload

COLUMNS = (
    *("id", "revision", "name", "phone", "industry", "annual_revenue", "employees"),
    *("address.street", "address.city", "address.postal_code", "address.country"),
)
_LINE = "lockstep_line"
Row = dict[str, str]


class Fault(StrEnum):
    """What is wrong with a line, in the demo's words."""

    UNFIT = "an industry that the route does not know"
    NAMELESS = "no name"
    NO_NUMBER = "a revenue that is no number"
    TOO_WIDE = "a comma that nobody has quoted"
    UNPAIRED = "a quote that is never closed"


@dataclass(frozen=True, slots=True)
class ExportRow:
    """An account as the ERP means it, the fact that it tells, and what is wrong with the line that is written."""

    cells: Row
    fact: Fact
    fault: Fault | None = None

    @property
    def line(self) -> str:
        """The line of the file."""
        return _LINES[self.fault](self.cells) if self.fault else csv_line(self.cells.values())


Export = Sequence[ExportRow]


def export_row(body: Payload, fact: Fact, fault: Fault | None = None) -> ExportRow:
    """Write an account of the ERP flat; what it does not know is an empty cell."""
    account = body["data"]
    flat = account | {f"address.{name}": value for name, value in account["address"].items()}
    return ExportRow({name: "" if flat[name] is None else str(flat[name]) for name in COLUMNS}, fact, fault)


def export_text(export: Export) -> str:
    """Return the whole file: no cell of it has a line break, so that a row's line is its place."""
    return "".join([csv_line(COLUMNS), *(row.line for row in export)])


def csv_line(cells: Iterable[str]) -> str:
    """Write one row."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def correct(rejects: Path, export: Export) -> list[Fault]:
    """Put each row of a file of rejects right, as somebody does who looks up what the ERP means; say what was wrong.

    Raises:
        ValueError: A row is there that was right.
    """
    with rejects.open(encoding="utf-8", newline="") as opened:
        lines = [row[_LINE] for row in csv.DictReader(opened)]
    rows = [export[int(line) - 2] for line in lines]  # the header is line 1
    faults = [row.fault for row in rows if row.fault]
    if len(faults) != len(rows):
        raise ValueError(f"{len(rows) - len(faults)} rows were rejected with which nothing was wrong")
    text = (csv_line([*row.cells.values(), line]) for row, line in zip(rows, lines, strict=True))
    rejects.write_text(csv_line([*COLUMNS, _LINE]) + "".join(text), encoding="utf-8")
    return faults


def _with(column: str, text: str) -> Callable[[Row], str]:
    return lambda cells: csv_line((cells | {column: text}).values())


_LINES: Mapping[Fault, Callable[[Row], str]] = {
    Fault.UNFIT: _with("industry", "alchemy"),
    Fault.NAMELESS: _with("name", ""),
    Fault.NO_NUMBER: _with("annual_revenue", "n/a"),
    Fault.TOO_WIDE: lambda cells: f"{csv_line(cells.values()).rstrip()}, Attn. Purchasing\n",
    Fault.UNPAIRED: lambda cells: ",".join(cells.values()).replace('"', "").replace(",", ',"', 1) + "\n",
}
