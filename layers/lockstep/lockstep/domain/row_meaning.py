"""What a row of a route's file means: its key, its version, its record."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any, TypeAlias

from lockstep.domain.also_records import records_of
from lockstep.domain.bulk_csv import csv_text
from lockstep.domain.chunks import Chunk
from lockstep.domain.conversions.results import Problem
from lockstep.domain.dialects import FileFormat
from lockstep.domain.file_columns import object_payload, row_payload
from lockstep.domain.file_keys import cells_key, object_key
from lockstep.domain.file_rows import BadRow, Readable, read_objects, read_rows
from lockstep.domain.file_rules import FILE_TIME, FileRules, FileVersion
from lockstep.domain.flat_rows import RowMapper, flat_mapper
from lockstep.domain.json_text import JsonValue, dump_json
from lockstep.domain.loads import Load
from lockstep.domain.mapping import CompiledRoute
from lockstep.domain.rejects import LINE_COLUMN
from lockstep.domain.stamps import stamp_of

Cells: TypeAlias = Any
"""What a row holds: its cells in the order of the header, or of JSON Lines its object."""
_WITHOUT_VERSION = 0


@dataclass(frozen=True, slots=True)
class RowMeaning:
    """Functions of a row, for one route and one kind of file.

    `leaves_version`: the route overwrites without looking, so the record keeps the version that it has. `columns` are
    what a file of rejects has, beside what is said of each row. `corrects` is of corrected rejects: the line of the row
    that a row replaces, in the file of its load; None where nobody says.
    """

    columns: tuple[str, ...]
    rows: Callable[[Chunk, Readable], Iterator[tuple[int, Cells] | BadRow]]
    key_of: Callable[[Cells], str | Problem]
    version_of: Callable[[Cells], int | Problem]
    map_rows: RowMapper
    payload: Callable[[Cells], JsonValue]
    shown: Callable[[Cells], Sequence[str]]
    numbered: Callable[[int, Cells], bytes]
    leaves_version: bool
    corrects: Callable[[Cells], int | None] | None = None


def row_meaning(rules: FileRules, route: CompiledRoute, load: Load, chunk: Chunk) -> RowMeaning:
    """Put together what the rows of a chunk mean.

    Raises:
        ValueError: A column that the rules name is not in the header, or one stands there twice.
    """
    if chunk.dialect.format is FileFormat.JSON_LINES:
        return _of_objects(rules, route, load)
    return _of_cells(rules, route, load, chunk)


def _of_cells(rules: FileRules, route: CompiledRoute, load: Load, chunk: Chunk) -> RowMeaning:
    header = chunk.dialect.header
    if load.part_of and header[-1:] == (LINE_COLUMN,):
        return _of_corrected(rules, route, load, chunk)
    return _of_plain(rules, route, load, header)


def _of_corrected(rules: FileRules, route: CompiledRoute, load: Load, chunk: Chunk) -> RowMeaning:
    """Leave out the last cell where a row is shown, and where it is a payload."""
    plain = _of_plain(rules, route, load, chunk.dialect.header)
    columns = plain.columns[:-1]
    payload = row_payload(columns, rules.under)
    return replace(
        plain,
        columns=columns,
        shown=lambda cells: cells[:-1],
        payload=lambda cells: payload(cells[:-1]),
        corrects=lambda cells: _line(cells[-1]),
    )


def _of_plain(rules: FileRules, route: CompiledRoute, load: Load, header: tuple[str, ...]) -> RowMeaning:
    return RowMeaning(
        columns=header,
        rows=lambda part, stream: read_rows(part.dialect, part, stream),
        key_of=cells_key(rules, lambda name: itemgetter(header.index(name))),
        version_of=_version_of(rules, load, lambda name: itemgetter(header.index(name))),
        map_rows=flat_mapper(route, header, rules.under),
        payload=row_payload(header, rules.under),
        shown=lambda cells: cells,
        numbered=_numbered_cells,
        leaves_version=_leaves_version(rules),
    )


def _of_objects(rules: FileRules, route: CompiledRoute, load: Load) -> RowMeaning:
    def own(row: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        return {name: value for name, value in row.items() if name != LINE_COLUMN} if load.part_of else dict(row)

    def payload(row: Mapping[str, JsonValue]) -> JsonValue:
        return object_payload(own(row), rules.under)

    return RowMeaning(
        columns=("row",),
        rows=lambda part, stream: read_objects(part.dialect, part, stream),
        key_of=object_key(rules, lambda name: lambda row: row.get(name, "")),
        version_of=_version_of(rules, load, lambda name: lambda row: row.get(name)),
        map_rows=lambda rows, *told: (
            records_of(route, payload(row), *each) for row, *each in zip(rows, *told, strict=True)
        ),
        payload=payload,
        shown=lambda row: [dump_json(own(row))],
        numbered=lambda line, row: f"{dump_json([line, row])}\n".encode(),
        leaves_version=_leaves_version(rules),
        corrects=(lambda row: _line(row.get(LINE_COLUMN))) if load.part_of else None,
    )


def _line(told: object) -> int | None:
    text = str(told)
    return int(text) if text.isascii() and text.isdecimal() else None


def _numbered_cells(line: int, cells: Sequence[str]) -> bytes:
    return csv_text([[str(line), *cells]]).encode()


def _leaves_version(rules: FileRules) -> bool:
    return rules.version is None and rules.unversioned == "overwrite"


def _version_of(
    rules: FileRules, load: Load, getter: Callable[[str], Callable[[Cells], Any]]
) -> Callable[[Cells], int | Problem]:
    if isinstance(rules.version, FileVersion):
        return _column(rules.version, getter(rules.version.at))
    version = load.file_time_ms if rules.version == FILE_TIME else _WITHOUT_VERSION
    return lambda _: version


def _column(version: FileVersion, read: Callable[[Cells], Any]) -> Callable[[Cells], int | Problem]:
    notation = version.notation

    def version_of(cells: Cells) -> int | Problem:
        try:
            return stamp_of(read(cells), notation)
        except ValueError as exc:
            return Problem(f"the version in {version.at} is {exc}", "correct the file, or the route's `file`")

    return version_of
