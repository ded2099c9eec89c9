"""The rows of a load that people must correct: fetched as one file, and loaded again."""

import csv
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import IO, Any

from cli.failure import CannotError
from cli.load_parts import LoadParts
from cli.routes import routes_folder
from lockstep.adapters.aws import aws_errors
from lockstep.domain.csv_records import MAX_CELL_CHARS
from lockstep.domain.dialects import FileFormat
from lockstep.domain.failures import FailureKind
from lockstep.domain.loads import Load
from lockstep.domain.rejects import CODE_COLUMN, LINE_COLUMN, OWN_PREFIX
from lockstep.domain.routes import Route
from lockstep.runtime.route_files import load_route_models

_OBJECT = "row"  # of JSON Lines: the line itself


@dataclass(frozen=True, slots=True)
class WantedFile:
    """A file on this machine, and how it is to be loaded: `folder` is its route's name, `written_at` its file time.

    `part_of` is the load of which it holds only some rows.
    """

    file: Path
    folder: str
    name: str
    written_at: datetime
    part_of: str = ""


def folder_of(route: Route, config: Path) -> str:
    """Return the name of a route's file: its folder in the drops bucket.

    Raises:
        SyncError: CONFIGURATION_INVALID.
    """
    routes = load_route_models(routes_folder(config))
    return next(name for name, each in routes.items() if (each.source, each.entity) == (route.source, route.entity))


def fetch(parts: LoadParts, load: Load, to: Path | None) -> tuple[Path, int]:
    """Write the rejects of a load as one CSV file; return where, and how many rows.

    Raises:
        CannotError: There are none, or the file cannot be written.
        SyncError: AWS refuses.
    """
    file, rows = to or Path(f"rejects-{load.load_id}.csv"), _rows(parts, load)
    header = next(rows)  # or there are none, before a file is made
    try:
        with file.open("x", encoding="utf-8", newline="") as opened:
            return file, _write(chain([header], rows), opened)
    except FileExistsError:
        raise CannotError(f"{file}: is there already; name another file with --to, or take it away") from None


def _write(rows: Iterator[Sequence[str]], opened: IO[str]) -> int:
    writer = csv.writer(opened, lineterminator="\n")
    count = -1
    for row in rows:
        writer.writerow(row)
        count += 1
    return count


def _rows(parts: LoadParts, load: Load) -> Iterator[Sequence[str]]:
    """Give the header, then the rows of all parts."""
    places = parts.rejects(load.load_id)
    if not places:
        raise CannotError(f"load {load.load_id} has no rejects")
    csv.field_size_limit(4 * MAX_CELL_CHARS)  # escapes of what was no text
    for number, place in enumerate(places):
        rows = csv.reader(_lines(parts, place.removeprefix(f"s3://{parts.payload_bucket}/")), strict=True)
        header = next(rows, None)
        if number == 0 and header is not None:
            yield header
        yield from rows


def _lines(parts: LoadParts, key: str) -> Iterator[str]:
    with aws_errors("reading the rejects of a load"):
        body: Any = parts.s3.get_object(Bucket=parts.payload_bucket, Key=key)["Body"]
        for line in body.iter_lines(keepends=True):
            yield line.decode("utf-8")


@contextmanager
def corrected(parts: LoadParts, load_id: str, file: Path | None) -> Iterator[WantedFile]:
    """Give a file of rejects as its load's own file was, and as old; of our columns only the line stays.

    Args:
        parts: The stack.
        load_id: The load that has rejected the rows.
        file: The corrected rows; without it, the rejects as they are: the route may have been corrected.

    Raises:
        CannotError: There are no such rows.
        SyncError: AWS refuses.
    """
    load = parts.load_named(load_id)
    with tempfile.TemporaryDirectory(prefix="lockstep-") as folder:
        rows = _read_as_rows(_rows(parts, load)) if file is None else _read(file)
        is_lines = load.dialect is not None and load.dialect.format is FileFormat.JSON_LINES
        made = Path(folder) / f"rejects-{load_id}.{'jsonl' if is_lines else 'csv'}"
        with made.open("w", encoding="utf-8", newline="") as opened:
            count = _write_lines(rows, opened) if is_lines else _write_cells(rows, opened)
        if not count:
            raise CannotError(f"load {load_id} has no rejects that could be loaded as they are: correct them in a file")
        yield WantedFile(made, load.route, made.name, datetime.fromtimestamp(load.file_time_ms / 1000, UTC), load_id)


def _read(file: Path) -> Iterator[Sequence[str]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            yield from csv.reader(opened)
    except FileNotFoundError:
        raise CannotError(f"{file}: there is no such file") from None
    except (OSError, UnicodeDecodeError, csv.Error):
        raise CannotError(f"{file}: cannot be read as CSV in UTF-8, as `lockstep load rejects` writes it") from None


def _read_as_rows(rows: Iterator[Sequence[str]]) -> Iterator[Sequence[str]]:
    """Leave out what could not be read as a row: nobody has corrected it, and its text would be taken for cells."""
    header = next(rows, [])
    yield header
    code = header.index(CODE_COLUMN) if CODE_COLUMN in header else len(header)
    yield from (row for row in rows if list(row[code : code + 1]) != [FailureKind.MESSAGE_INVALID.value])


def _write_cells(rows: Iterator[Sequence[str]], opened: IO[str]) -> int:
    """Write rows without our columns but the line, last; return how many.

    One with too many cells stays so, and is refused again.
    """
    header = next(rows, [])
    kept = [at for at, name in enumerate(header) if not name.startswith(OWN_PREFIX)]
    kept += [header.index(LINE_COLUMN)] if LINE_COLUMN in header else []
    cells = (
        row if len(row) > len(header) else [row[at] if at < len(row) else "" for at in kept] for row in rows if row
    )
    return _write(chain([[header[at] for at in kept]], cells), opened)


def _write_lines(rows: Iterator[Sequence[str]], opened: IO[str]) -> int:
    header = next(rows, [])
    if _OBJECT not in header:
        raise CannotError(f"the file has no column {_OBJECT}, in which the rejects of JSON Lines have each line")
    at, count = header.index(_OBJECT), 0
    line_at = header.index(LINE_COLUMN) if LINE_COLUMN in header else len(header)
    for row in rows:
        if row:
            opened.write(_with_line(row[at].replace("\n", " "), "".join(row[line_at : line_at + 1])) + "\n")
            count += 1
    return count


def _with_line(text: str, line: str) -> str:
    """Say in an object which line it corrects; what is none stays as it is, and is refused again."""
    inner = text.lstrip().removeprefix("{")
    if not line.isdecimal() or inner == text.lstrip():
        return text
    return f'{{"{LINE_COLUMN}": {line}{"" if inner.lstrip().startswith("}") else ","}{inner}'
