"""Runs the simulated triggers of an org's objects as steps of their saves."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from local.org.automation.meter import CODE, ApexLimits, ChunkError, Meter
from local.org.automation.plans import Costs, Event, FieldChange, Timing, TriggerPlan, same, stage
from local.org.errors import DeserializeError, RowError
from local.org.record import ID, IS_DELETED, Record
from local.org.rows import Row
from local.org.store import Store
from local.org.table import Column, Table
from local.org.writes import Writer

_MOST_LEVELS = 16  # a trigger's change may run another: "Maximum trigger depth exceeded" after so many


class Automation:
    """The simulated triggers of one org; without any, saves pay nothing."""

    def __init__(self, store: Store, writer: Writer) -> None:
        self._store = store
        self._writer = writer
        self._plans: dict[str, list[TriggerPlan]] = {}
        self._meter: Meter | None = None
        self._installed: set[str] = set()
        self._level = 0
        self.limits = ApexLimits()
        self.runs: dict[str, int] = {}
        """For how many records each trigger ran, by its name."""

    @property
    def is_active(self) -> bool:
        """Whether any trigger is planned."""
        return bool(self._plans)

    def plan(self, plans: Sequence[TriggerPlan]) -> None:
        """Add triggers.

        Raises:
            ValueError: One names an object, field or lookup that is not there; none is added.
        """
        tables = [self._checked(plan) for plan in plans]
        for table, plan in zip(tables, plans, strict=True):
            self._install(table)
            self._plans.setdefault(table.schema.name, []).append(plan)

    def clear(self) -> None:
        """Forget every trigger and what they ran for; limits stay."""
        self._plans.clear()
        self.runs.clear()

    def all(self) -> list[TriggerPlan]:
        """Return the triggers, object by object."""
        return [plan for plans in self._plans.values() for plan in plans]

    @contextmanager
    def chunk(self) -> Iterator[None]:
        """Let the saves of the block share one transaction's limits."""
        outer, self._meter = self._meter, self._meter or Meter(self.limits)
        try:
            yield
        finally:
            self._meter = outer

    def _checked(self, plan: TriggerPlan) -> Table:
        table = self._store.whole_table(plan.object)
        if table is None:
            raise ValueError(f"there is no object {plan.object}")
        if plan.fails is not None:
            _named(table, plan.fails.field)
        for change in plan.sets:
            home = table if change.through is None else self._parent_table(table, change.through)
            _check_settable(home, change)
            if change.copy_of is not None:
                _named(table, change.copy_of)
        return table

    def _parent_table(self, table: Table, lookup: str) -> Table:
        targets = table.whole.fields[_named(table, lookup)].reference_to
        parent = self._store.whole_table(targets[0]) if targets else None
        if parent is None:
            raise ValueError(f"{table.schema.name}.{lookup} leads to no object of the local org")
        return parent

    def _install(self, table: Table) -> None:
        if table.schema.name in self._installed:
            return
        self._installed.add(table.schema.name)
        steps = table.own_steps()
        steps.before.append(lambda record, before: self._before(table, record, before))
        # Roll-ups come after triggers ("Triggers and Order of Execution").
        steps.after.insert(0, lambda record, before: self._after(table, record, before))

    def _before(self, table: Table, record: Record, before: Record | None) -> dict[str, Any]:
        changes: dict[str, Any] = {}
        for plan in self._due(table, Timing.BEFORE, _event(record, before)):
            self._run(plan, _event(record, before), record)
            own = [each for each in plan.sets if each.through is None]
            try:
                changes |= {_named(table, each.field): _kept(table, record, each) for each in own}
            except (RowError, DeserializeError) as exc:
                told = _exception(plan, stage(Timing.BEFORE, _event(record, before)), _dml_exception(exc, None))
                raise ChunkError(CODE, told) from exc
        return changes

    def _after(self, table: Table, record: Record, before: Record | None) -> None:
        event = _event(record, before)
        if event is Event.DELETE:
            for plan in self._due(table, Timing.BEFORE, event):
                self._run(plan, event, record)
        for plan in self._due(table, Timing.AFTER, event):
            self._run(plan, event, record)

    def _due(self, table: Table, timing: Timing, event: Event) -> list[TriggerPlan]:
        return [each for each in self._plans.get(table.schema.name, ()) if each.timing is timing and event in each.on]

    def _run(self, plan: TriggerPlan, event: Event, record: Record) -> None:
        self.runs[plan.title] = self.runs.get(plan.title, 0) + 1
        meter, moment = self._meter or Meter(self.limits), stage(plan.timing, event)
        if meter.begins(plan.title, moment):
            meter.use(plan.title, plan.costs)
        meter.use(plan.title, plan.costs_per_row)
        _fail_if_planned(plan, moment, record)
        for change in plan.sets:
            if change.through is not None:
                self._change_parent(plan, moment, record, change, meter)

    def _change_parent(self, plan: TriggerPlan, moment: str, record: Record, change: FieldChange, meter: Meter) -> None:
        parent_id = record.get(change.through or "")
        located = self._store.locate(parent_id) if parent_id else None
        if located is None or located[1][IS_DELETED]:
            return
        is_first = meter.begins(plan.title, f"{moment} {change.through} {change.field}")
        meter.use(plan.title, Costs(dml_statements=int(is_first), dml_rows=1))
        try:
            self._save(*located, change, record)
        except (RowError, DeserializeError) as exc:
            if isinstance(exc, ChunkError):
                raise
            raise ChunkError(CODE, _exception(plan, moment, _dml_exception(exc, located[1][ID]))) from exc

    def _save(self, table: Table, parent: Record, change: FieldChange, record: Record) -> None:
        column = _column(table, change.field)
        row = Row()
        row.values.append((column, _kept(table, record, change)))
        row.has_lookups = column.is_reference
        with self._deeper(), self._writer.as_system():
            self._writer.update(table, parent, row)

    @contextmanager
    def _deeper(self) -> Iterator[None]:
        if self._level >= _MOST_LEVELS:
            raise RowError(CODE, "Maximum trigger depth exceeded")
        self._level += 1
        try:
            yield
        finally:
            self._level -= 1


def _named(table: Table, name: str) -> str:
    field = table.whole.find(name)
    if field is None:
        raise ValueError(f"{table.schema.name} has no field {name}")
    return field.name


def _column(table: Table, name: str) -> Column:
    return table.use(table.whole.fields[_named(table, name)])


def _check_settable(table: Table, change: FieldChange) -> None:
    column = _column(table, change.field)
    if not (column.field.createable or column.field.updateable):
        raise ValueError(f"{table.schema.name}.{change.field} is computed by the platform")
    if column.is_reference and change.through is None:
        raise ValueError(f"{table.schema.name}.{change.field} is a lookup, which a simulated trigger does not set")
    try:
        if change.value is not None:
            column.accept(change.value)
    except (RowError, DeserializeError) as exc:
        raise ValueError(f"{table.schema.name}.{change.field} does not take {change.value!r}") from exc


def _kept(table: Table, record: Record, change: FieldChange) -> Any:
    """Return what the field of the table keeps of the value that a trigger sets for a record."""
    value = change.value if change.copy_of is None else record.get(change.copy_of)
    return None if value is None else _column(table, change.field).accept(value)


def _event(record: Record, before: Record | None) -> Event:
    if record[IS_DELETED]:
        return Event.DELETE
    return Event.INSERT if before is None else Event.UPDATE


def _fail_if_planned(plan: TriggerPlan, moment: str, record: Record) -> None:
    fails = plan.fails
    if fails is None or not same(record.get(fails.field), fails.value):
        return
    if fails.add_error is not None:
        raise RowError("FIELD_CUSTOM_VALIDATION_EXCEPTION", fails.add_error)
    raise ChunkError(CODE, _exception(plan, moment, fails.exception))


def _exception(plan: TriggerPlan, moment: str, cause: str) -> str:
    return f"{plan.title}: execution of {moment}\n\ncaused by: {cause}\n\nTrigger.{plan.title}: line 1, column 1"


def _dml_exception(refusal: RowError | DeserializeError, record_id: str | None) -> str:
    if isinstance(refusal, DeserializeError):
        return f"System.TypeException: {refusal.value!r} is no {refusal.wanted}"
    first = f"{refusal.status_code}, {refusal.message}: [{', '.join(refusal.fields)}]"
    named = "" if record_id is None else f" with id {record_id}"
    return f"System.DmlException: Update failed. First exception on row 0{named}; first error: {first}"
