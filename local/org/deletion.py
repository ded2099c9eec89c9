"""What a delete does to the records that refer to the deleted one: refuse, delete them too, or empty their lookup."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from local.org.errors import RowError
from local.org.record import ID, IS_DELETED, Record
from local.org.store import Store
from local.org.table import Column, Table


class Referrer(NamedTuple):
    """A record that refers to another by one of its lookups."""

    table: Table
    column: Column
    record: Record


class DeletionPlan(NamedTuple):
    """What one delete comes to: the records to delete, parents first, and the lookups to empty."""

    doomed: list[tuple[Table, Record]]
    detached: list[Referrer]


class Referrers:
    """Who refers to whom, read once per call: lookups have no index, and a call may delete 200 records."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._by_object: dict[str, dict[str, list[Referrer]]] = {}

    def plan(self, table: Table, record: Record) -> DeletionPlan:
        """Return what the delete of a record comes to.

        Raises:
            RowError: DELETE_FAILED where a referring record keeps this one, or one deleted with it, in place.
        """
        plan = DeletionPlan([(table, record)], [])
        planned = {record[ID]}
        for parent_table, parent in plan.doomed:  # grows while it is read: children of children
            for referrer in self._of(parent_table, parent):
                if referrer.record[ID] in planned:
                    continue
                _check_restriction(parent_table, referrer)
                if referrer.column.field.cascade_delete:
                    planned.add(referrer.record[ID])
                    plan.doomed.append((referrer.table, referrer.record))
                elif referrer.column.field.nillable:
                    plan.detached.append(referrer)
        return plan

    def _of(self, table: Table, record: Record) -> Iterator[Referrer]:
        by_id = self._by_object.get(table.schema.name)
        if by_id is None:
            by_id = self._by_object[table.schema.name] = self._read(table.schema.name)
        for referrer in by_id.get(record[ID], ()):
            still_refers = referrer.record[referrer.column.slot] == record[ID]
            if still_refers and not referrer.record[IS_DELETED]:
                yield referrer

    def _read(self, object_name: str) -> dict[str, list[Referrer]]:
        by_id: dict[str, list[Referrer]] = defaultdict(list)
        for table in self._store.tables():
            for column in tuple(table.columns.values()) if table.live else ():
                if column.is_reference and object_name in column.field.reference_to:
                    for record in table.records():
                        if target := record.get(column.field.name):
                            by_id[target].append(Referrer(table, column, record))
        return dict(by_id)


def _check_restriction(parent_table: Table, referrer: Referrer) -> None:
    if referrer.column.field.restricted_delete:
        children = referrer.table.schema.label_plural.lower()
        message = (
            f"Your attempt to delete {parent_table.schema.label} could not be completed because it is associated "
            f"with the following {children}.: {referrer.record[ID]}"
        )
        raise RowError("DELETE_FAILED", message)
