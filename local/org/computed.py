"""Lets the records of an org show what is computed: formula fields, roll-up summaries, defaults."""

from collections.abc import Callable
from typing import Any

from local.org.clock import OrgClock
from local.org.formulas import EvaluationError, Scene
from local.org.record import Record
from local.org.schema import Schema
from local.org.store import Store
from local.org.summaries import install_summaries

_Compute = Callable[[Record], Any]


def install_computed(store: Store, schema: Schema, clock: OrgClock, user_id: str, permissions: frozenset[str]) -> None:
    """Give each table what its records compute, as this user sees it."""

    def bind(compute: Callable[[Any], Any]) -> _Compute:
        def of_record(record: Record) -> Any:
            try:
                return compute(Scene(record, None, store, clock, user_id, permissions))
            except EvaluationError:  # people see #Error! there; the API answers null
                return None

        return of_record

    for name, formulas in schema.formulas.items():
        if (table := store.table(name)) is not None:
            table.record_type.computed.update({field: bind(each) for field, each in formulas.items()})
    for name, formulas in schema.default_formulas.items():
        if (table := store.table(name)) is not None:
            table.default_formulas = {field: bind(each) for field, each in formulas.items()}
    install_summaries(store, schema.summaries)
