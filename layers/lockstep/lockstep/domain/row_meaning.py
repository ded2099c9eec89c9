"""What a row of a route's file means: its key, its version, its record."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, TypeAlias

from lockstep.domain.also_records import Records, records_of
from lockstep.domain.bulk_csv import csv_text
from lockstep.domain.conversions.results import Problem
from lockstep.domain.file_columns import object_payload, row_payload
from lockstep.domain.file_keys import cells_key, object_key
from lockstep.domain.file_rows import BadRow, Readable, read_objects, read_rows
from lockstep.domain.file_rules import FILE_TIME, FileRules, FileVersion
from lockstep.domain.flat_rows import flat_mapper
from lockstep.domain.json_text import JsonValue, dump_json
from lockstep.domain.loads import Chunk, FileFormat, Load
from lockstep.domain.mapped import BulkRow
from lockstep.domain.mapping import CompiledRoute
from lockstep.domain.stamps import stamp_of

Cells: TypeAlias = Any
"""What a row holds: its cells in the order of the header, or of JSON Lines its object."""
_WITHOUT_VERSION = 0


@dataclass(frozen=True, slots=True)
class RowMeaning:
    """Functions of a row, for one route and one kind of file.

    `leaves_version`: the route overwrites without looking, so the record keeps the version that it has. `columns` are
    what a file of rejects has, beside what is said of each row.
    """

    columns: tuple[str, ...]
    rows: Callable[[Chunk, Readable], Iterator[tuple[int, Cells] | BadRow]]
    key_of: Callable[[Cells], str | Problem]
    version_of: Callable[[Cells], int | Problem]
    map_row: Callable[[Cells, str, int, str], BulkRow | Records]
    payload: Callable[[Cells], JsonValue]
    shown: Callable[[Cells], Sequence[str]]
    numbered: Callable[[int, Cells], bytes]
    leaves_version: bool


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
    return RowMeaning(
        columns=header,
        rows=lambda part, stream: read_rows(part.dialect, part, stream),
        key_of=cells_key(rules, lambda name: itemgetter(header.index(name))),
        version_of=_version_of(rules, load, lambda name: itemgetter(header.index(name))),
        map_row=flat_mapper(route, header, rules.under),
        payload=row_payload(header, rules.under),
        shown=lambda cells: cells,
        numbered=_numbered_cells,
        leaves_version=_leaves_version(rules),
    )


def _of_objects(rules: FileRules, route: CompiledRoute, load: Load) -> RowMeaning:
    def payload(row: Mapping[str, JsonValue]) -> JsonValue:
        return object_payload(dict(row), rules.under)

    return RowMeaning(
        columns=("row",),
        rows=lambda part, stream: read_objects(part.dialect, part, stream),
        key_of=object_key(rules, lambda name: lambda row: row.get(name, "")),
        version_of=_version_of(rules, load, lambda name: lambda row: row.get(name)),
        map_row=lambda row, key, version, change_id: records_of(route, payload(row), key, version, change_id),
        payload=payload,
        shown=lambda row: [dump_json(row)],
        numbered=lambda line, row: f"{dump_json([line, row])}\n".encode(),
        leaves_version=_leaves_version(rules),
    )


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
