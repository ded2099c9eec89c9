"""Compares every route with the org, and shows what does not fit."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lockstep.domain.contract import ContractProblem, check_route, objects_of
from lockstep.domain.describes import Describes, read_describe, read_picklists
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.record_types import picklists_needed, with_picklists
from lockstep.domain.routes import Route
from lockstep.ports.org import DescribeSource
from lockstep.runtime.route_files import load_route_models
from lockstep.runtime.yaml_places import line_of


@dataclass(frozen=True, slots=True)
class Shown:
    """A problem as people and programs get it; `line` is 1-based."""

    severity: str
    route: str
    file: str
    line: int | None
    place: str
    reason: str
    remedy: str

    @property
    def where(self) -> str:
        """File and line, as editors take it."""
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Report:
    """What was compared, and everything that does not fit."""

    routes: int
    problems: tuple[Shown, ...]

    @property
    def errors(self) -> int:
        """How many keep a route from working."""
        return sum(each.severity == "error" for each in self.problems)

    def as_json(self) -> dict[str, object]:
        """Return it for programs."""
        warnings = len(self.problems) - self.errors
        listed = [asdict(each) for each in self.problems]
        return {"routes": self.routes, "errors": self.errors, "warnings": warnings, "problems": listed}


def load(folder: Path) -> Mapping[str, Route] | Report:
    """Load the routes; files that are wrong in themselves are a report."""
    try:
        return load_route_models(folder)
    except SyncError as exc:
        if exc.kind is not FailureKind.CONFIGURATION_INVALID:
            raise
        return Report(0, tuple(_of_file(folder, line) for line in exc.detail.splitlines()))


def compare(folder: Path, routes: Mapping[str, Route], source: DescribeSource) -> Report:
    """Compare every route; one API call for each object, and for each record type whose values matter.

    Raises:
        SyncError: The org cannot be asked.
    """
    describes = described(routes.values(), source)
    found = [_shown(folder, each) for name, route in routes.items() for each in check_route(name, route, describes)]
    return Report(len(routes), tuple(found))


def described(routes: Iterable[Route], source: DescribeSource) -> Describes:
    """Ask the org for everything that the routes need.

    Raises:
        SyncError: The org cannot be asked.
    """
    routes = list(routes)
    names = sorted({name for route in routes for name in objects_of(route)})
    describes = {name: read_describe(source.describe(name)) for name in names}
    needed = sorted({key for route in routes for key in picklists_needed(route, describes)})
    return with_picklists(describes, {key: read_picklists(source.picklist_values(*key)) for key in needed})


def _shown(folder: Path, problem: ContractProblem) -> Shown:
    file = folder / f"{problem.route}.yaml"
    line = line_of(file.read_text(encoding="utf-8"), problem.path)
    severity = "warning" if problem.is_warning else "error"
    return Shown(severity, problem.route, str(file), line, problem.place, problem.reason, problem.remedy)


def _of_file(folder: Path, told: str) -> Shown:
    """Take a problem of the loader apart: `routes/file.yaml:line: place: reason. remedy`."""
    where, _, rest = told.partition(": ")
    named, _, line = where.partition(":")
    place, _, said = rest.partition(": ")
    reason, _, remedy = said.rpartition(". ")
    file = folder / Path(named).name
    return Shown("error", file.stem, str(file), int(line) if line else None, place, reason or said, remedy)


def show(report: Report, console: Console) -> None:
    """Print a table, and what it comes to."""
    if report.problems:
        console.print(_table(report.problems))
    console.print("\n".join(_summary(report)), markup=False, highlight=False)


def _table(problems: Sequence[Shown]) -> Table:
    table = Table(show_lines=True, expand=False)
    for title in ("where", "place", "problem", "what to do"):
        table.add_column(title, overflow="fold")
    for each in problems:
        style = "yellow" if each.severity == "warning" else "red"
        reason = f"warning: {each.reason}" if each.severity == "warning" else each.reason
        where = Path(each.file).name + (f":{each.line}" if each.line else "")
        table.add_row(Text(where), Text(each.place, style=style), Text(reason), Text(each.remedy))
    return table


def _summary(report: Report) -> Iterator[str]:
    warnings = len(report.problems) - report.errors
    if not report.problems:
        yield f"{report.routes} routes fit the org."
        return
    yield f"{report.errors} problems, {warnings} warnings."
    if report.errors:
        yield "A route with a problem is held: its changes wait until it fits the org."
