"""Turns a chunk's cells into rows for the org's writes: each cell is text, an empty one says nothing.

It goes column by column: most columns of most chunks need no look at the single cell.
"""

from collections.abc import Sequence
from typing import Any

from local.org.bulk.header import Header, PlainColumn
from local.org.bulk.numerals import all_match
from local.org.bulk.words import MOST_RECORD_CHARACTERS, NULL
from local.org.errors import DeserializeError, RowError
from local.org.rows import ParentKey, Row
from local.org.schema import FieldSchema

_ABSENT = ""  # what an empty cell becomes; no value that is kept is an empty text


def read_chunk(header: Header, chunk: Sequence[Sequence[str]]) -> list[Row]:
    """Return the chunk's rows; the first refused cell of a row is its error, so that its neighbours go on."""
    width = len(header.names)
    rows = [Row() for _ in chunk]
    whole = [(row, cells) for row, cells in zip(rows, chunk, strict=True) if len(cells) == width]
    if len(whole) < len(chunk):
        _refuse_others(rows, chunk, width)
    if not whole:
        return rows
    columns = list(zip(*[cells for _, cells in whole], strict=True))
    read = [_read_column(plain, columns[plain.place], whole) for plain in header.plain]
    is_full = all(map(all, columns)) and not any(row.error for row, _ in whole)
    _put_values(header, [row for row, _ in whole], read, is_full=is_full)
    _read_rest(header, whole)
    if sum(max(map(len, cells)) for cells in columns) > MOST_RECORD_CHARACTERS:
        _refuse_long(whole)
    return rows


def _put_values(header: Header, rows: Sequence[Row], read: Sequence[Sequence[Any]], *, is_full: bool) -> None:
    columns = [plain.column for plain in header.plain]
    has_lookups = any(column.is_reference for column in columns)
    for row, values in zip(rows, zip(*read, strict=True), strict=bool(read)):
        pairs = zip(columns, values, strict=True)
        row.values = list(pairs) if is_full else [pair for pair in pairs if pair[1] != _ABSENT]
        row.has_lookups = has_lookups


def _read_column(plain: PlainColumn, cells: Sequence[str], whole: Sequence[tuple[Row, Any]]) -> Sequence[Any]:
    """Return the cells' values; refusals go to their rows."""
    if plain.column.limited:
        _note_limited(plain.column.field, cells, whole)
    if plain.most_characters and max(map(len, cells)) <= plain.most_characters and NULL not in cells:
        return cells
    if plain.numerals is not None and all_match(plain.numerals, cells):
        return plain.of_numerals(cells)
    accept = plain.accept
    try:
        return [accept(cell) if cell and cell != NULL else _said(cell) for cell in cells]
    except (RowError, DeserializeError):
        return [_read_cell(plain, cell, row) for cell, (row, _) in zip(cells, whole, strict=True)]


def _said(cell: str) -> str | None:
    """Return what a cell without a value says."""
    return None if cell else _ABSENT


def _read_cell(plain: PlainColumn, cell: str, row: Row) -> Any:
    if not cell or cell == NULL:
        return _said(cell)
    try:
        return plain.accept(cell)
    except RowError as error:
        row.error = row.error or error
    except DeserializeError:
        row.error = row.error or _not_of_type(plain.column.field, cell)
    return _ABSENT


def _note_limited(field: FieldSchema, cells: Sequence[str], whole: Sequence[tuple[Row, Any]]) -> None:
    for cell, (row, _) in zip(cells, whole, strict=True):
        if cell:
            row.limited.append(field)


def _read_rest(header: Header, whole: Sequence[tuple[Row, Sequence[str]]]) -> None:
    """Read ids and the columns that name parents."""
    if header.id_place is not None:
        for row, cells in whole:
            row.record_id = cells[header.id_place] or None
    for place, column, field_name, object_name in header.parents:
        for row, cells in whole:
            if cells[place] == NULL:
                row.values.append((column, None))
            elif cells[place]:
                row.parents.append(ParentKey(column, field_name, cells[place], object_name))


def _refuse_others(rows: Sequence[Row], chunk: Sequence[Sequence[str]], width: int) -> None:
    for row, cells in zip(rows, chunk, strict=True):
        if len(cells) != width:
            row.error = RowError("INVALID_FIELD", f"The row has {len(cells)} columns and the header {width}")


def _refuse_long(whole: Sequence[tuple[Row, Sequence[str]]]) -> None:
    message = f"A record cannot have more than {MOST_RECORD_CHARACTERS} characters"
    for row, cells in whole:
        if sum(map(len, cells)) > MOST_RECORD_CHARACTERS:
            row.error = row.error or RowError("LIMIT_EXCEEDED", message)


def _not_of_type(field: FieldSchema, cell: str) -> RowError:
    message = f"{field.label}: value not of required type: {cell}"
    return RowError("INVALID_TYPE_ON_FIELD_IN_RECORD", message, [field.name])
