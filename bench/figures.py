"""A measured figure, what it may be at most or must be at least, and the table of all."""

import json
import operator
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table. `limit` is compared with `value` by `must`; no limit means that it is only shown."""

    what: str
    value: float
    unit: str
    must: str = ""
    limit: float | None = None

    @property
    def is_met(self) -> bool:
        """True where the figure is within its limit, or has none."""
        compare = {"<=": operator.le, ">=": operator.ge}.get(self.must)
        return compare is None or self.limit is None or bool(compare(self.value, self.limit))


def show(figures: list[Figure]) -> None:
    """Print the table."""
    table = Table("what", "measured", "unit", "aim", "", title="Lockstep, measured on this machine in one run")
    for figure in figures:
        aim = f"{figure.must} {figure.limit:,.10g}" if figure.limit is not None else ""
        table.add_row(figure.what, f"{figure.value:,.4g}", figure.unit, aim, _verdict(figure))
    Console().print(table)


def write(figures: list[Figure], path: Path) -> None:
    """Write the figures as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(figure) | {"is_met": figure.is_met} for figure in figures], indent=1) + "\n")


def _verdict(figure: Figure) -> str:
    if figure.limit is None:
        return ""
    return "[green]met[/]" if figure.is_met else "[red]missed[/]"
