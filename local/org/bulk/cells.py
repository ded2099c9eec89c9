"""Turns a row's cells into the values that the org's writes take: each cell is text, an empty one says nothing."""

from collections.abc import Sequence

from local.org.bulk.header import Header
from local.org.bulk.words import MOST_RECORD_CHARACTERS
from local.org.errors import DeserializeError, RowError
from local.org.rows import ParentKey, Row
from local.org.schema import FieldSchema

NULL = "#N/A"


def read_cells(header: Header, cells: Sequence[str]) -> Row:
    """Return the row; its first refused cell is kept as its error, so that its neighbours go on."""
    row = Row()
    if len(cells) != len(header.names):
        row.error = _wrong_width(len(header.names), len(cells))
        return row
    _read_plain(header, cells, row)
    if header.id_place is not None:
        row.record_id = cells[header.id_place] or None
    if header.parents:
        _read_parents(header, cells, row)
    return row


def _read_plain(header: Header, cells: Sequence[str], row: Row) -> None:
    values = row.values
    for place, column, accept in header.plain:
        if not (cell := cells[place]):
            continue
        if column.limited:
            row.limited.append(column.field)
        try:
            values.append((column, None if cell == NULL else accept(cell)))
        except RowError as error:
            row.error = row.error or error
        except DeserializeError:
            row.error = row.error or _not_of_type(column.field, cell)


def _read_parents(header: Header, cells: Sequence[str], row: Row) -> None:
    for place, column, field_name, object_name in header.parents:
        if cells[place] == NULL:
            row.values.append((column, None))
        elif cells[place]:
            row.parents.append(ParentKey(column, field_name, cells[place], object_name))


def check_length(text: str) -> RowError | None:
    """Return the refusal of a record that is too long, given its cells' text."""
    if len(text) <= MOST_RECORD_CHARACTERS:
        return None
    return RowError("LIMIT_EXCEEDED", f"A record cannot have more than {MOST_RECORD_CHARACTERS} characters")


def _wrong_width(wanted: int, found: int) -> RowError:
    return RowError("INVALID_FIELD", f"The row has {found} columns and the header {wanted}")


def _not_of_type(field: FieldSchema, cell: str) -> RowError:
    message = f"{field.label}: value not of required type: {cell}"
    return RowError("INVALID_TYPE_ON_FIELD_IN_RECORD", message, [field.name])
