"""`lockstep load --dry-run`: reads and maps every row as it would be loaded, on this machine, and writes nothing."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from cli.load_rejects import WantedFile
from cli.local_drops import LocalDropFiles
from cli.org import utc_now
from cli.routes import routes_folder
from cli.shown import cell, plain, say, table
from lockstep.domain.drops import Drop
from lockstep.domain.file_problems import FileProblemError
from lockstep.domain.load_parts import begun_load
from lockstep.domain.loads import Load
from lockstep.domain.mapping import compile_route
from lockstep.runtime.route_files import load_route_models
from lockstep.services.check_rows import Checked, check_rows
from lockstep.services.describe_file import DescribeFile
from lockstep.services.file_chunks import FileChunks

_CHUNK_ROWS = 25_000
_MOST_KINDS = 20


@dataclass(slots=True)
class DryRun:
    """What a file would come to."""

    route: str
    file: str
    chunks: int = 0
    columns: tuple[str, ...] = ()
    checked: Checked = field(default_factory=Checked)
    file_problems: tuple[str, ...] = ()

    @property
    def has_problems(self) -> bool:
        """True where not every row would go."""
        return bool(self.file_problems or self.checked.faulty)

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        checked = self.checked
        return {
            "route": self.route,
            "file": self.file,
            "chunks": self.chunks,
            "columns": list(self.columns),
            "file_problems": list(self.file_problems),
            "read": checked.read,
            "mapped": checked.mapped,
            "not_meant": checked.not_meant,
            "faulty": checked.faulty,
            "by_kind": dict(checked.by_kind),
            "faults": [each._asdict() for each in checked.faults],
            "notes": [{"field": name, "what": what, "count": count} for (name, what), count in checked.notes.items()],
        }


def dry_run(wanted: WantedFile, config: Path, console: Console) -> DryRun:
    """Read and map every row of a file; the org's limits are not looked at.

    Raises:
        SyncError: CONFIGURATION_INVALID.
    """
    found = DryRun(wanted.folder, str(wanted.file))
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn(),
        console=console, transient=True,
    )  # fmt: skip
    with bar:
        task = bar.add_task(f"checking {plain(wanted.file.name)}", total=None)
        try:
            with tempfile.TemporaryDirectory(prefix="lockstep-") as folder:
                for load, done in _checked(wanted, config, found, LocalDropFiles(wanted.file, Path(folder))):
                    bar.update(task, completed=done, total=max(load.size_bytes, done))
        except FileProblemError as exc:
            found.file_problems = (str(exc),)
    return found


def _checked(wanted: WantedFile, config: Path, found: DryRun, files: LocalDropFiles) -> Iterator[tuple[Load, int]]:
    """Check chunk after chunk; give the load, and how many bytes of its text are done."""
    routes = load_route_models(routes_folder(config))
    route = routes[wanted.folder]
    if route.file is None:
        raise TypeError("the route takes no files")
    compiled, describe = compile_route(route), DescribeFile(routes, files)
    drop = Drop("local", f"{wanted.folder}/{wanted.name}", "", wanted.file.stat().st_size, "", wanted.written_at)
    load = describe(begun_load(drop, utc_now())).changed(chunk_rows=_CHUNK_ROWS)
    found.columns = load.dialect.header if load.dialect else ()
    chunks = FileChunks(describe, files, load, utc_now)
    for chunk, end in chunks:
        check_rows(route.file, compiled, load, chunk, files.open(chunk), found.checked)
        found.chunks = chunk.number
        yield load, end.byte
    found.file_problems = tuple(chunks.problems)


def show_trial(trial: DryRun, console: Console) -> None:
    """Print counts, and the first problems of each kind."""
    checked = trial.checked
    for problem in trial.file_problems:
        say(console, f"the file    {problem}")
    say(console, f"read        {checked.read:>12,}  rows, in {trial.chunks:,} chunks")
    say(console, f"mapped      {checked.mapped:>12,}")
    if checked.not_meant:
        say(console, f"not meant   {checked.not_meant:>12,}  the route's condition does not hold")
    say(console, f"faulty      {checked.faulty:>12,}")
    for (name, what), count in checked.notes.most_common():
        say(console, f"changed     {count:>12,}  {name}: {what}")
    if not checked.faulty:
        return
    say(console)
    lines = table("rows", "lines", "what is wrong", whole=("rows",))
    for kind, count in checked.by_kind.most_common(_MOST_KINDS):
        first = [fault for fault in checked.faults if fault.said == kind]
        numbers = ", ".join(f"{fault.line:,}" for fault in first) + (", …" if count > len(first) else "")
        lines.add_row(cell(f"{count:,}"), cell(numbers), cell(plain(kind, 400)))
    console.print(lines)
    if len(checked.by_kind) > _MOST_KINDS:
        say(console, f"… and {len(checked.by_kind) - _MOST_KINDS:,} more kinds; --json has all")
