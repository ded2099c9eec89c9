"""Which records a save locks: its own, and parents by the kind of their lookup."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from local.org.deletion import DeletionPlan
from local.org.record import ID, Record
from local.org.schema import FieldSchema, Summary
from local.org.table import Column, Table

# Who owns or changed a record is not locked by that.
_NEVER_LOCKED = frozenset({"User", "Group", "RecordType", "Profile", "Organization"})


class LockTargets:
    """Knows which masters sum up which children."""

    def __init__(self, summaries: Iterable[Summary]) -> None:
        self._summed = {(each.child, each.master) for each in summaries}

    def of_create(self, values: Sequence[tuple[Column, Any]]) -> list[str]:
        """Return the ids that a new record locks: those of the parents that it names."""
        return list(_named(values))

    def of_update(self, table: Table, record: Record, values: Sequence[tuple[Column, Any]]) -> list[str]:
        """Return the ids that a change locks: the record's, its new parents', and those that sum it up."""
        masters = self._masters(table, record, is_summed=True)
        return [record[ID], *_named(values), *masters]

    def of_delete(self, plan: DeletionPlan) -> list[str]:
        """Return the ids that a delete locks: what goes, its masters, and what loses its lookup."""
        masters = [each for table, doomed in plan.doomed for each in self._masters(table, doomed, is_summed=False)]
        return [*(doomed[ID] for _, doomed in plan.doomed), *(each.record[ID] for each in plan.detached), *masters]

    def _masters(self, table: Table, record: Record, *, is_summed: bool) -> Iterator[str]:
        """Yield masters; where `is_summed`, those only that have a roll-up summary of the record."""
        for field in table.whole.fields.values():
            sums = (table.schema.name, field.name) in self._summed
            if (sums or (field.relationship_order is not None and not is_summed)) and (found := record.get(field.name)):
                yield found


def _named(values: Sequence[tuple[Column, Any]]) -> Iterator[str]:
    return (value for column, value in values if value and column.is_reference and locks_parent(column.field))


def locks_parent(field: FieldSchema) -> bool:
    """Tell whether a save that names a parent in this lookup locks it.

    A custom lookup that a delete of the parent would empty does not; a master, a restricting or cascading lookup, and
    the lookups of standard objects do (Salesforce's "Record Locking Cheatsheet" and its post on lookup skew).
    """
    if not set(field.reference_to) - _NEVER_LOCKED:
        return False
    is_strict = field.cascade_delete or field.restricted_delete or field.relationship_order is not None
    return is_strict or not field.custom
