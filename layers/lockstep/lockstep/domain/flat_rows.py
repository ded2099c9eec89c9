"""Maps the rows of a flat file to Bulk rows without a payload in between, for the sake of speed.

Only rows of one record go this way, of which nothing needs to be said, asked or left out; all others are mapped as
payloads are, to the records that `CompiledRoute.to_bulk_row` renders.
"""

from collections.abc import Callable, Sequence
from operator import call, itemgetter
from typing import Any, Protocol, TypeAlias

from lockstep.domain.also_records import Records, records_of
from lockstep.domain.bulk_row import LEFT, cell, is_too_long
from lockstep.domain.conversions.references import reference_key
from lockstep.domain.conversions.results import Noted, Presence, Problem
from lockstep.domain.file_columns import Path, PayloadOf, clashes_of, column_paths, row_payload
from lockstep.domain.json_text import JsonValue
from lockstep.domain.mapping import BulkRow, CompiledRoute, FieldProblem, Unmappable
from lockstep.domain.presence import FieldStep, Settled
from lockstep.domain.stamps import MAX_STAMP


class MapRow(Protocol):
    """Maps a row of a file."""

    def __call__(
        self, row: Sequence[str], external_id: str, version: int, change_id: str | None = None, /
    ) -> BulkRow | Records:
        """Return the Bulk row, or the row's records; the arguments are those of `CompiledRoute.to_record`."""


_Read: TypeAlias = Callable[[str], Settled]

# Cells remembered for each column whose values repeat, and characters of each: a megabyte for each column at most.
# A column with more different values is not worth it: from then on each is settled anew.
_REMEMBERED, _LONGEST = 4096, 64


def flat_mapper(route: CompiledRoute, header: Sequence[str], under: str | None = None) -> MapRow:
    """Return a function from a row's cells, External ID, version and change to the Bulk row, or to the row's records.

    Cells that are empty are blank; what the header does not name is absent. Where columns stand in the payload that the
    route's expressions see, `file_columns` says.

    Raises:
        ValueError: A column stands there twice, or one is a part of another.
    """
    paths = column_paths(header, under)
    if clashes_of(paths):
        raise ValueError("a column stands twice in the header, or is a part of another")
    payload_of = row_payload(header, under)
    generally = _generally(route, len(header), payload_of)
    return _quickly(route, paths, payload_of, generally) if _is_plain(route) else generally


def _is_plain(route: CompiledRoute) -> bool:
    """True where a row is one record, and neither the row nor the org is asked what becomes of it."""
    return not (route.lookups or route.also or route.condition or route.create_only or route.makes_parents)


def _quickly(route: CompiledRoute, paths: list[Path], payload_of: PayloadOf, otherwise: MapRow) -> MapRow:
    fixed: list[str] = [LEFT]
    sources = [_source(route, name, paths, fixed) for name in route.layout.fields]
    reads, pick = _reads([read for read, _ in sources]), itemgetter(*(at for _, at in sources))
    computed, width = _computed(route, paths), len(paths)

    def map_row(row: Sequence[str], external_id: str, version: int, change_id: str | None = None) -> BulkRow | Records:
        if len(row) != width:
            return _other_width(route)
        settled = list(map(call, reads, pick([*row, external_id, str(version), change_id or LEFT, *fixed])))
        if computed:
            payload: JsonValue = payload_of(row)
            for at, step in computed:
                settled[at] = step.run(payload)
        cells = _cells(settled)
        if cells is None or abs(version) > MAX_STAMP:
            return otherwise(row, external_id, version, change_id)
        return BulkRow(cells)

    return map_row


def _reads(reads: list[_Read]) -> list[_Read]:
    for at, read in enumerate(reads):
        if isinstance(read, _Remembered):
            read.replaces_itself_in(reads, at)
    return reads


def _source(route: CompiledRoute, field: str, paths: list[Path], fixed: list[str]) -> tuple[_Read, int]:
    """Return what settles the field, and where its text is found: in the row, or among what stands after it.

    After the row stand the External ID, the version, the change's name, and the `fixed` texts, to which more are added.
    """
    external_id_at, version_at, change_id_at, fixed_at = range(len(paths), len(paths) + 4)
    own: dict[str | None, tuple[_Read, int]] = {
        route.change_field: (str, change_id_at),
        route.version_field: (str, version_at),
        route.external_id_field: (reference_key, external_id_at),
    }
    if field in own:
        return own[field]
    step = next((step for step in route.steps if step.name == field), None)
    if step is None:
        return str, fixed_at
    path = _path(step)
    if path in paths and step.settle is not None:
        return _reader(step.settle, repeats=step.repeats), paths.index(path)
    settled = step.run({})
    written = _written(settled)
    if written is None:
        return lambda _: settled, fixed_at
    fixed.append(written)
    return str, fixed_at + len(fixed) - 1


def _path(step: FieldStep) -> Path | None:
    return tuple(step.column.split(".")) if step.column else None


def _computed(route: CompiledRoute, paths: list[Path]) -> list[tuple[int, FieldStep]]:
    """Return the fields that need the payload: of an expression, or of a place where several columns are."""
    fields = route.layout.fields
    parts = {None, *(path[:length] for path in paths for length in range(1, len(path)))}
    return [(fields.index(step.name), step) for step in route.steps if not step.is_constant and _path(step) in parts]


def _reader(settle: _Read, *, repeats: bool) -> _Read:
    return _Remembered(settle) if repeats else settle


class _Remembered(dict[str, Settled]):
    """What became of a text, looked up without a call of Python code."""

    __slots__ = ("_at", "_reads", "_settle")

    def __init__(self, settle: _Read) -> None:
        super().__init__()
        self._settle = settle

    def replaces_itself_in(self, reads: list[_Read], at: int) -> None:
        """Stand at a place of the list as long as there is room to remember."""
        self._reads, self._at = reads, at
        reads[at] = self.__getitem__

    def __call__(self, text: str) -> Settled:
        settled = self._settle(text)
        if settled.__class__ is str:
            return settled
        written = _written(settled)
        return settled if written is None else written

    def __missing__(self, text: str) -> Settled:
        settled = self(text)
        if len(text) <= _LONGEST:
            self[text] = settled
            if len(self) == _REMEMBERED:
                self._reads[self._at] = self
        return settled


def _cells(settled: list[Any]) -> list[str] | None:
    """Return the cells of a row, or None where there is something to say of it."""
    try:
        return None if is_too_long(settled) else settled
    except TypeError:  # the cheapest way to learn that they are not all written
        cells: list[Any] = [each if isinstance(each, str) else _written(each) for each in settled]
    return None if None in cells or is_too_long(cells) else cells


def _written(settled: Settled) -> str | None:
    """Return the cell, or None where there is something to say of it."""
    if isinstance(settled, Presence):
        return LEFT
    return None if isinstance(settled, Problem | Noted) else cell(settled)


def _generally(route: CompiledRoute, width: int, payload_of: PayloadOf) -> MapRow:
    """Return the way that every route can go."""

    def map_row(row: Sequence[str], external_id: str, version: int, change_id: str | None = None) -> Records:
        if len(row) != width:
            return _other_width(route)
        return records_of(route, payload_of(row), external_id, version, change_id)

    return map_row


def _other_width(route: CompiledRoute) -> Unmappable:
    reason, remedy = "the row has another number of cells than the header", "correct the file: quote what holds a comma"
    return Unmappable((FieldProblem(route.external_id_field, reason, remedy),))
