"""One record as one row of a Bulk API 2.0 CSV, with the meaning that its JSON has (P5)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lockstep.domain.conversions.results import Problem, Scalar
from lockstep.domain.json_text import JsonValue
from lockstep.domain.mapped import Parent
from lockstep.domain.null_mark import BULK_NULL

LEFT = ""  # an empty cell is ignored: the org keeps what it has
# Bulk API 2.0 Developer Guide, "Valid CSV Record Rows": characters of a record.
MAX_ROW_LENGTH = 400_000
ROW_TOO_LONG = Problem(
    f"the record has more than {MAX_ROW_LENGTH:,} characters", "shorten its texts in the source, or map fewer of them"
)


class BulkColumn(NamedTuple):
    """One column: its name in the header, the record's field, and of a reference its relationship and parent's key."""

    name: str
    field: str
    relationship: str | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class BulkLayout:
    """The columns of a route's rows: fixed, sorted, whatever the payloads hold.

    A lookup has one column, named by the parent's External ID: Account.ERP_Account_ID__c.
    """

    columns: tuple[BulkColumn, ...]

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)

    @property
    def fields(self) -> tuple[str, ...]:
        """The field of each column."""
        return tuple(column.field for column in self.columns)


def bulk_layout(fields: Iterable[str], parents: Iterable[Parent]) -> BulkLayout:
    """Return the layout of a route that writes the fields."""
    references = {
        parent.lookup: BulkColumn(
            f"{parent.relationship}.{parent.field_name}", parent.lookup, parent.relationship, parent.field_name
        )
        for parent in parents
    }
    return BulkLayout(tuple(sorted(references.get(name) or BulkColumn(name, name) for name in fields)))


def bulk_cells(fields: Mapping[str, JsonValue], layout: BulkLayout) -> list[str]:
    """Return the cells of a record as REST would send it, so that both say the same."""
    return [_cell_of(fields, column) for column in layout.columns]


def _cell_of(fields: Mapping[str, JsonValue], column: BulkColumn) -> str:
    nested = fields.get(column.relationship) if column.relationship else None
    if isinstance(nested, dict):
        return _said(nested[column.key])
    return _said(fields[column.field]) if column.field in fields else LEFT


def _said(value: JsonValue) -> str:
    if isinstance(value, list | dict):
        raise TypeError("a field of a record holds one value")
    return cell(value)


def cell(value: Scalar | None) -> str:
    """Write one value as Salesforce reads it: true and false, numbers without exponent, null as #N/A."""
    if isinstance(value, str):
        return value
    if value is None:
        return BULK_NULL
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return text if "E" not in text else format(value, "f")


def is_too_long(cells: Sequence[str]) -> bool:
    """True where Bulk would refuse the row for its length."""
    return len("".join(cells)) > MAX_ROW_LENGTH
