"""Picks the records that a query must look at: by an index where a necessary comparison has one."""

from collections.abc import Iterable, Sequence

from local.org.schema import FieldSchema
from local.org.soql.conditions import Filter
from local.org.soql.literals import family_of
from local.org.soql.tables import Record, Table


def candidates(table: Table, necessary: Sequence[Filter]) -> Iterable[Record]:
    """Return a superset of the records that pass all the comparisons."""
    for comparison in necessary:
        found = _find(table, comparison)
        if found is not None:
            return found
    return table.records()


def _find(table: Table, comparison: Filter) -> list[Record] | None:
    """Return the records that pass a comparison, or None where no index answers it."""
    is_own = not comparison.resolved.parents and comparison.operator in {"=", "IN"}
    if not is_own or None in comparison.values or not _finds_all(comparison.resolved.field):
        return None
    found: list[Record] = []
    for value in dict.fromkeys(comparison.values):
        records = table.find(comparison.resolved.name, value)
        if records is None:
            return None
        found.extend(records)
    return found


def _finds_all(field: FieldSchema) -> bool:
    """Tell whether an index finds all that the query's equality means.

    An index on a text that is not unique tells upper from lower case, the query does not.
    """
    is_text = family_of(field) in {"text", "multipicklist"}
    return not is_text or field.unique or field.case_sensitive
