"""Compiles a route once into plain functions, and renders what they find as records."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lockstep.domain.bulk_row import ROW_TOO_LONG, BulkLayout, bulk_layout, is_too_long
from lockstep.domain.conversions.characters import key_problem
from lockstep.domain.conversions.results import Noted, Presence, Problem, Scalar
from lockstep.domain.json_text import JsonValue
from lockstep.domain.names import relationship_of
from lockstep.domain.place_steps import compound_steps
from lockstep.domain.presence import Defaults, FieldStep, field_step
from lockstep.domain.routes import Mark, OnDelete, Route
from lockstep.domain.rules import AddressRule, ConstantRule, GeolocationRule, ReferenceRule, Rule
from lockstep.domain.stamps import MAX_STAMP

_VERSION_TOO_LARGE = Problem("the version has more than 18 digits", "name another stamp of the source as version")


@dataclass(frozen=True, slots=True)
class Parent:
    """A lookup of the route: which field, through which relationship, to what, found by which External ID field."""

    lookup: str
    relationship: str
    object_name: str
    field_name: str


@dataclass(frozen=True, slots=True)
class ParentKey:
    """A parent that a record refers to, by its External ID."""

    object_name: str
    field_name: str
    value: str


@dataclass(frozen=True, slots=True)
class Note:
    """What was done to a field because the route asked for it; never holds the value."""

    field: str
    what: str


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """Why one field cannot be written, and what to do; never holds the value."""

    field: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Mapped:
    """A record ready for sObject Collections: null clears, what is not there stays, references are nested."""

    fields: dict[str, JsonValue]
    notes: tuple[Note, ...] = ()
    parents: tuple[ParentKey, ...] = ()


class BulkRow(NamedTuple):
    """A record as a row for Bulk: `cells` stand in the order of the route's `bulk_header`."""

    cells: list[str]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Unmappable:
    """Everything that is wrong with a record, at once."""

    problems: tuple[FieldProblem, ...]


@dataclass(frozen=True, slots=True)
class FieldValues:
    """What a payload says, by field, before it is rendered for REST or Bulk: None clears, a lookup holds its key."""

    values: dict[str, Scalar | None]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class CompiledRoute:
    """A route as functions; safe to share, holds no state."""

    source: str
    entity: str
    object_name: str
    external_id_field: str
    version_field: str | None
    on_delete: OnDelete
    parents: tuple[Parent, ...]
    steps: tuple[FieldStep, ...]
    layout: BulkLayout

    @property
    def bulk_header(self) -> tuple[str, ...]:
        """The columns of this route's Bulk rows, those of marked deletes too: always the same, sorted."""
        return self.layout.header

    def to_record(self, payload: JsonValue, external_id: str, version: int) -> Mapped | Unmappable:
        """Map one payload; answers for every payload, and with all problems at once."""
        found = self.field_values(payload, external_id, version)
        return found if isinstance(found, Unmappable) else _collections_record(found, self.parents)

    def to_bulk_row(self, payload: JsonValue, external_id: str, version: int) -> BulkRow | Unmappable:
        """Map one payload for Bulk: what `to_record` says, and refuses, in a row's cells."""
        found = self.field_values(payload, external_id, version)
        if isinstance(found, Unmappable):
            return found
        cells = self.layout.cells(found.values)
        if is_too_long(cells):
            return Unmappable((FieldProblem(self.external_id_field, ROW_TOO_LONG.reason, ROW_TOO_LONG.remedy),))
        return BulkRow(cells, found.notes)

    def to_bulk_mark(self, external_id: str, version: int) -> BulkRow:
        """Return the row that marks a deleted record; only for routes whose `on_delete` marks."""
        return BulkRow(self.layout.cells(self._mark(external_id, version)))

    def to_mark(self, external_id: str, version: int) -> dict[str, JsonValue]:
        """Return the record that marks a deleted one; only for routes whose `on_delete` marks."""
        return {**self._mark(external_id, version)}

    def _mark(self, external_id: str, version: int) -> dict[str, Scalar | None]:
        if not isinstance(self.on_delete, Mark):
            raise TypeError(f"the route of {self.source} {self.entity} does not mark deleted records")
        return {**self._own_fields(external_id, version), **self.on_delete.mark}

    def field_values(self, payload: JsonValue, external_id: str, version: int) -> FieldValues | Unmappable:
        """Convert every field of one payload; REST and Bulk are both rendered from this (P5)."""
        values = self._own_fields(external_id, version)
        notes: list[Note] = []
        problems = self._own_problems(external_id, version)
        for step in self.steps:
            name, settled = step.name, step.run(payload)
            if isinstance(settled, Problem):
                problems.append(FieldProblem(name, settled.reason, settled.remedy))
            elif isinstance(settled, Noted):
                notes.append(Note(name, settled.what))
                values[name] = settled.value
            elif not isinstance(settled, Presence):
                values[name] = settled
        return Unmappable(tuple(problems)) if problems else FieldValues(values, tuple(notes))

    def _own_fields(self, external_id: str, version: int) -> dict[str, Scalar | None]:
        own: dict[str, Scalar | None] = {self.external_id_field: external_id}
        if self.version_field is not None:
            own[self.version_field] = version
        return own

    def _own_problems(self, external_id: str, version: int) -> list[FieldProblem]:
        problems = []
        if problem := key_problem(external_id):
            problems.append(FieldProblem(self.external_id_field, problem.reason, problem.remedy))
        if self.version_field is not None and abs(version) > MAX_STAMP:
            problem = _VERSION_TOO_LARGE
            problems.append(FieldProblem(self.version_field, problem.reason, problem.remedy))
        return problems


def compile_route(route: Route) -> CompiledRoute:
    """Return the route as plain functions."""
    defaults = Defaults(route.when_null, route.when_blank)
    parents = tuple(_parent(name, rule) for name, rule in route.references.items())
    steps = tuple(step for name, rule in route.fields.items() for step in _steps(name, rule, defaults))
    return CompiledRoute(
        source=route.source,
        entity=route.entity,
        object_name=route.object_name,
        external_id_field=route.external_id.field,
        version_field=route.version_field,
        on_delete=route.on_delete,
        parents=parents,
        steps=steps,
        layout=_layout(route, steps, parents),
    )


def _steps(name: str, rule: Rule, defaults: Defaults) -> Sequence[FieldStep]:
    if isinstance(rule, ConstantRule):
        value = rule.value
        return [FieldStep(name, lambda _: value)]
    if isinstance(rule, GeolocationRule | AddressRule):
        return compound_steps(name, rule, defaults)
    return [field_step(name, rule, defaults)]


def _layout(route: Route, steps: Sequence[FieldStep], parents: Sequence[Parent]) -> BulkLayout:
    marked = route.on_delete.mark if isinstance(route.on_delete, Mark) else {}
    fields = {route.external_id.field, *(step.name for step in steps), *marked}
    columns = {parent.lookup: f"{parent.relationship}.{parent.field_name}" for parent in parents}
    return bulk_layout(fields | ({route.version_field} if route.version_field else set()), columns)


def _parent(lookup: str, rule: ReferenceRule) -> Parent:
    return Parent(lookup, rule.relationship or relationship_of(lookup) or lookup, rule.to, rule.by)


def _collections_record(found: FieldValues, parents: tuple[Parent, ...]) -> Mapped:
    fields: dict[str, JsonValue] = {**found.values}
    keys: list[ParentKey] = []
    for parent in parents:
        key = fields.get(parent.lookup)
        if isinstance(key, str):
            del fields[parent.lookup]
            fields[parent.relationship] = {parent.field_name: key}
            keys.append(ParentKey(parent.object_name, parent.field_name, key))
    return Mapped(fields, found.notes, tuple(keys))
