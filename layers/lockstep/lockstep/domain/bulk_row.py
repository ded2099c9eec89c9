"""One record as one row of a Bulk API 2.0 CSV, with the meaning that its JSON has (P5)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lockstep.domain.conversions.results import Problem, Scalar
from lockstep.domain.null_mark import BULK_NULL

LEFT = ""  # an empty cell is ignored: the org keeps what it has
# Bulk API 2.0 Developer Guide, "Valid CSV Record Rows": characters of a record.
_MAX_ROW_LENGTH = 400_000
ROW_TOO_LONG = Problem(
    f"the record has more than {_MAX_ROW_LENGTH:,} characters", "shorten its texts in the source, or map fewer of them"
)


@dataclass(frozen=True, slots=True)
class BulkLayout:
    """The columns of a route's rows: fixed, sorted, whatever the payloads hold.

    A lookup has one column, named by the parent's External ID: Account.ERP_Account_ID__c.
    """

    header: tuple[str, ...]
    fields: tuple[str, ...]

    def cells(self, values: Mapping[str, Scalar | None]) -> list[str]:
        """Return the cells of a record's values, in the order of the header."""
        return [cell(values[name]) if name in values else LEFT for name in self.fields]


def bulk_layout(fields: Iterable[str], column_by_lookup: Mapping[str, str]) -> BulkLayout:
    """Return the layout of a route that writes the fields."""
    columns = sorted((column_by_lookup.get(name, name), name) for name in fields)
    return BulkLayout(tuple(column for column, _ in columns), tuple(name for _, name in columns))


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
    return len("".join(cells)) > _MAX_ROW_LENGTH
