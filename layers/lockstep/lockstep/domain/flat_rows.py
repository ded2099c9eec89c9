"""Maps the rows of a flat file to Bulk rows without a payload in between, for the sake of speed.

Only rows of one record go this way, of which nothing needs to be said, asked or left out; all others are mapped as
payloads are, to the records that `CompiledRoute.to_bulk_row` renders.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, Protocol, TypeAlias

from lockstep.domain.also_records import Records, records_of
from lockstep.domain.bulk_row import LEFT, MAX_ROW_LENGTH, cell, is_too_long
from lockstep.domain.conversions.references import reference_key
from lockstep.domain.conversions.results import Noted, Presence, Problem
from lockstep.domain.file_columns import Path, PayloadOf, clashes_of, column_paths, row_payload
from lockstep.domain.json_text import JsonValue
from lockstep.domain.mapping import BulkRow, CompiledRoute, FieldProblem, Unmappable
from lockstep.domain.presence import FieldStep, Settled
from lockstep.domain.stamps import MAX_STAMP


class RowMapper(Protocol):
    """Maps some rows of a file."""

    def __call__(
        self, rows: Sequence[Sequence[str]], keys: Sequence[str], versions: Sequence[int], change_ids: Sequence[str], /
    ) -> Iterable[BulkRow | Records]:
        """Return of each row its Bulk row, or its records; a row's many records are made when they are asked for.

        Args:
            rows: Their cells.
            keys: The External ID of each.
            versions: The version of each.
            change_ids: The name of each row's change; empty where the record does not say who wrote it.
        """


# Cells remembered for each column whose values repeat, and characters of each: a megabyte for each column at most.
# A column with more different values is not worth it: from then on each is settled anew.
_REMEMBERED, _LONGEST = 4096, 64
_new = tuple.__new__  # a NamedTuple's own constructor costs three times as much


def flat_mapper(route: CompiledRoute, header: Sequence[str], under: str | None = None) -> RowMapper:
    """Return a function from rows, with their External IDs, versions and changes, to Bulk rows or the rows' records.

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


class _Rows:
    """Some rows of the file, by column."""

    def __init__(
        self,
        rows: Sequence[Sequence[str]],
        keys: Sequence[str],
        versions: Sequence[int],
        change_ids: Sequence[str],
        payload_of: PayloadOf,
    ) -> None:
        self._rows, self._payload_of = rows, payload_of
        self.columns: list[tuple[str, ...]] = list(zip(*rows, strict=True))
        self.keys, self.versions, self.change_ids = keys, versions, change_ids

    def __len__(self) -> int:
        return len(self._rows)

    @cached_property
    def payloads(self) -> list[JsonValue]:
        """What expressions see of each row."""
        return [self._payload_of(row) for row in self._rows]


_Settle: TypeAlias = Callable[[_Rows], list[Any]]
"""Settles one field of some rows."""


def _quickly(route: CompiledRoute, paths: list[Path], payload_of: PayloadOf, otherwise: RowMapper) -> RowMapper:
    settle_fields = [_settle(route, name, paths) for name in route.layout.fields]
    width = len(paths)

    def map_rows(
        rows: Sequence[Sequence[str]], keys: Sequence[str], versions: Sequence[int], change_ids: Sequence[str]
    ) -> Iterable[BulkRow | Records]:
        if {width} != set(map(len, rows)) or max(map(abs, versions)) > MAX_STAMP:
            return otherwise(rows, keys, versions, change_ids)
        some = _Rows(rows, keys, versions, change_ids, payload_of)
        columns = [_cells(settle(some)) for settle in settle_fields]
        found: list[BulkRow | Records] = [_new(BulkRow, (list(cells), (), ())) for cells in zip(*columns, strict=True)]
        for at in _doubtful(columns, found):
            found[at : at + 1] = otherwise([rows[at]], [keys[at]], [versions[at]], [change_ids[at]])
        return found

    return map_rows


def _settle(route: CompiledRoute, field: str, paths: list[Path]) -> _Settle:
    own: dict[str | None, _Settle] = {
        route.change_field: lambda some: list(some.change_ids),
        route.version_field: lambda some: list(map(str, some.versions)),
        route.external_id_field: lambda some: list(map(reference_key, some.keys)),
    }
    if field in own:
        return own[field]
    step = next((step for step in route.steps if step.name == field), None)
    if step is None:
        return lambda some: [LEFT] * len(some)
    path = _path(step)
    if path in paths and step.settle is not None:
        at, settle_all = paths.index(path), _reader(step.settle, repeats=step.repeats)
        return lambda some: settle_all(some.columns[at])
    if not step.is_constant and _is_computed(path, paths):
        return lambda some: [step.run(payload) for payload in some.payloads]
    constant = step.run({})
    return lambda some: [constant] * len(some)


def _path(step: FieldStep) -> Path | None:
    return tuple(step.column.split(".")) if step.column else None


def _is_computed(path: Path | None, paths: list[Path]) -> bool:
    """True of an expression, and of a place where several columns are: they need the payload."""
    return path is None or any(path == each[: len(path)] for each in paths)


def _reader(settle: Callable[[str], Settled], *, repeats: bool) -> Callable[[Sequence[str]], list[Settled]]:
    return _Remembered(settle).all_of if repeats else lambda texts: list(map(settle, texts))


class _Remembered(dict[str, Settled]):
    """What became of a text, looked up without a call of Python code."""

    __slots__ = ("_settle",)

    def __init__(self, settle: Callable[[str], Settled]) -> None:
        super().__init__()
        self._settle = settle

    def all_of(self, texts: Sequence[str]) -> list[Settled]:
        """Settle the texts of a column; those before are remembered as long as there is room for more."""
        return list(map(self._settle if len(self) >= _REMEMBERED else self.__getitem__, texts))

    def __missing__(self, text: str) -> Settled:
        settled = self._settle(text)
        written = _written(settled)
        known = settled if written is None else written
        if len(text) <= _LONGEST and len(self) < _REMEMBERED:
            self[text] = known
        return known


def _cells(settled: list[Any]) -> list[Any]:
    """Return the cells of a column; None where there is something to say of one."""
    try:
        "".join(settled)  # the cheapest way to learn that all of them are texts
    except TypeError:
        return [each if each.__class__ is str else _written(each) for each in settled]
    return settled


def _doubtful(columns: Sequence[Sequence[Any]], rows: Sequence[Any]) -> list[int]:
    """Return where the rows are of which there is something to say."""
    if _are_surely_plain(columns):
        return []
    return [at for at, row in enumerate(rows) if None in row.cells or is_too_long(row.cells)]


def _are_surely_plain(columns: Sequence[Sequence[Any]]) -> bool:
    """True where all cells are texts, and all of them together are no longer than a row may be."""
    try:
        return sum(len("".join(column)) for column in columns) <= MAX_ROW_LENGTH
    except TypeError:
        return False


def _written(settled: Settled) -> str | None:
    """Return the cell, or None where there is something to say of it."""
    if isinstance(settled, Presence):
        return LEFT
    return None if isinstance(settled, Problem | Noted) else cell(settled)


def _generally(route: CompiledRoute, width: int, payload_of: PayloadOf) -> RowMapper:
    """Return the way that every route can go."""

    def map_rows(
        rows: Sequence[Sequence[str]], keys: Sequence[str], versions: Sequence[int], change_ids: Sequence[str]
    ) -> Iterator[Records]:
        for row, key, version, change_id in zip(rows, keys, versions, change_ids, strict=True):
            is_whole = len(row) == width
            yield records_of(route, payload_of(row), key, version, change_id) if is_whole else _other_width(route)

    return map_rows


def _other_width(route: CompiledRoute) -> Unmappable:
    reason, remedy = "the row has another number of cells than the header", "correct the file: quote what holds a comma"
    return Unmappable((FieldProblem(route.external_id_field, reason, remedy),))
