"""Compiles a route once into plain functions, and renders what they find as records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lockstep.domain.bulk_row import ROW_TOO_LONG, BulkLayout, bulk_cells, bulk_layout, is_too_long
from lockstep.domain.conditions import Holds, condition, only_when
from lockstep.domain.conversions.results import Noted, Presence, Problem, Scalar
from lockstep.domain.external_ids import KeyKind
from lockstep.domain.json_text import JsonValue
from lockstep.domain.lookups import LookupStep, Wish, lookup_step
from lockstep.domain.mapped import (
    BulkRow,
    FieldProblem,
    FieldValues,
    Mapped,
    Note,
    Parent,
    ParentKey,
    Unmappable,
)
from lockstep.domain.names import relationship_of
from lockstep.domain.own_fields import own_problems, own_values
from lockstep.domain.payload_paths import Read, reader
from lockstep.domain.place_steps import compound_steps
from lockstep.domain.presence import Defaults, FieldStep, field_step, first_of
from lockstep.domain.record_shapes import AlsoRecord, RecordShape
from lockstep.domain.routes import Mark, OnDelete, Route
from lockstep.domain.rules import AddressRule, ConstantRule, GeolocationRule, LookupRule, ReferenceRule, Rule
from lockstep.domain.stub_parents import with_stubs
from lockstep.domain.template_texts import template_reader

__all__ = [
    "BulkRow",
    "CompiledAlso",
    "CompiledRoute",
    "FieldProblem",
    "FieldValues",
    "Mapped",
    "Note",
    "Parent",
    "ParentKey",
    "Unmappable",
    "compile_route",
]


@dataclass(frozen=True, slots=True)
class CompiledRoute:
    """A route, or one of its further records, as functions; safe to share, holds no state.

    `change_field` is where a record says which change wrote it last.
    `create_only` are the fields, as they stand in records, that are sent only for records that the org does not have.
    `condition` limits the route, and says nothing about deletes. What `also` is for, `also_records` knows. `as_written`
    is the route without the limits of the org's fields, where it has some. `key_kind` says when the org takes two
    External IDs for one. `has_unguarded_rows`: the org is the only one who knows the versions that files have written.
    """

    source: str
    entity: str
    object_name: str
    external_id_field: str
    version_field: str | None
    change_field: str | None
    on_delete: OnDelete
    parents: tuple[Parent, ...]
    steps: tuple[FieldStep, ...]
    layout: BulkLayout
    lookups: tuple[LookupStep, ...] = ()
    create_only: frozenset[str] = frozenset()
    condition: Holds | None = None
    makes_parents: bool = False
    also: "tuple[CompiledAlso, ...]" = ()
    as_written: "CompiledRoute | None" = None
    key_kind: KeyKind = KeyKind.EXACT
    has_unguarded_rows: bool = False

    @property
    def bulk_header(self) -> tuple[str, ...]:
        """The columns of this route's Bulk rows, those of marked deletes too: always the same, sorted."""
        return self.layout.header

    def to_record(
        self, payload: JsonValue, external_id: str, version: int, change_id: str | None = None
    ) -> Mapped | Unmappable:
        """Map one payload; answers for every payload, and with all problems at once.

        Args:
            payload: What the source sent.
            external_id: Of the record.
            version: The source's stamp.
            change_id: The correlation ID of the change; without it, as in trials, the record does not say who wrote it.
        """
        found = self.field_values(payload, external_id, version, change_id)
        if isinstance(found, Unmappable):
            return found
        record = _collections_record(found, self.parents)
        return with_stubs(record, self.parents, payload) if self.makes_parents else record

    def to_bulk_row(self, record: Mapped, *, is_known: bool = False) -> BulkRow | Unmappable:
        """Write a record of this route as a row: what REST would send, in cells.

        Args:
            record: What `to_record` has made of a payload, with its wishes fulfilled where it has some, or a mark.
            is_known: The org has the record: its fields that can be set once are left.
        """
        cells = bulk_cells(self.of_known(record.fields) if is_known else record.fields, self.layout)
        if is_too_long(cells):
            return Unmappable((FieldProblem(self.external_id_field, ROW_TOO_LONG.reason, ROW_TOO_LONG.remedy),))
        return BulkRow(cells, record.notes, record.wishes)

    def of_known(self, fields: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """Return what is sent of a record that the org has: all but what can be set once."""
        return {name: value for name, value in fields.items() if name not in self.create_only}

    def to_mark(self, external_id: str, version: int, change_id: str | None = None) -> dict[str, JsonValue]:
        """Return the record that marks a deleted one; only for routes whose `on_delete` marks."""
        if not isinstance(self.on_delete, Mark):
            raise TypeError(f"the route of {self.source} {self.entity} does not mark deleted records")
        return {**own_values(self, external_id, version, change_id), **self.on_delete.mark}

    def field_values(
        self, payload: JsonValue, external_id: str, version: int, change_id: str | None = None
    ) -> FieldValues | Unmappable:
        """Convert every field of one payload, before it is a record."""
        values = own_values(self, external_id, version, change_id)
        notes: list[Note] = []
        problems = own_problems(self, external_id, version)
        for step in self.steps:
            name, settled = step.name, step.run(payload)
            if isinstance(settled, Problem):
                problems.append(FieldProblem(name, settled.reason, settled.remedy))
            elif isinstance(settled, Noted):
                notes.append(Note(name, settled.what))
                values[name] = settled.value
            elif not isinstance(settled, Presence):
                values[name] = settled
        wishes = self._wishes(payload, values, problems) if self.lookups else ()
        return Unmappable(tuple(problems)) if problems else FieldValues(values, tuple(notes), wishes)

    def _wishes(
        self, payload: JsonValue, values: dict[str, Scalar | None], problems: list[FieldProblem]
    ) -> tuple[Wish, ...]:
        wishes = []
        for lookup in self.lookups:
            asked = lookup.run(payload)
            if isinstance(asked, Wish):
                wishes.append(asked)
            elif isinstance(asked, Problem):
                problems.append(FieldProblem(lookup.name, asked.reason, asked.remedy))
            elif asked is None:
                values[lookup.name] = None
        return tuple(wishes)


@dataclass(frozen=True, slots=True)
class CompiledAlso:
    """A further record of a route's payloads: `each` finds the list that has one record in each element."""

    record: CompiledRoute
    key: Read
    trims_key: bool
    each: Read | None


def compile_route(route: Route) -> CompiledRoute:
    """Return the route as plain functions."""
    also = tuple(_also(route, further) for further in route.also)
    return _record(route, route, route.on_delete, also)


def _also(route: Route, further: AlsoRecord) -> CompiledAlso:
    key = further.external_id
    read = template_reader(key.template, "reject") if key.template else first_of([reader(path) for path in key.sources])
    # Deletes are the main record's: a delete does not say which further records there were.
    record = _record(route, further, "ignore", ())
    return CompiledAlso(record, read, key.trim, reader(further.each) if further.each else None)


def _record(route: Route, shape: RecordShape, on_delete: OnDelete, also: tuple[CompiledAlso, ...]) -> CompiledRoute:
    defaults = Defaults(shape.when_null, shape.when_blank)
    parents = tuple(_parent(name, rule, defaults) for name, rule in shape.references.items())
    steps = tuple(step for name, rule in shape.fields.items() for step in _conditional_steps(name, rule, defaults))
    lookups = {name: rule for name, rule in shape.fields.items() if isinstance(rule, LookupRule)}
    return CompiledRoute(
        source=route.source,
        entity=route.entity,
        object_name=shape.object_name,
        external_id_field=shape.external_id.field,
        version_field=shape.version_field,
        change_field=shape.change_field,
        on_delete=on_delete,
        parents=parents,
        steps=steps,
        layout=_layout(shape, on_delete, [*(step.name for step in steps), *lookups], parents),
        lookups=tuple(lookup_step(name, rule, defaults) for name, rule in lookups.items()),
        create_only=_create_only(shape, parents),
        condition=condition(shape.when),
        makes_parents=any(parent.stub is not None for parent in parents),
        also=also,
        has_unguarded_rows=route.version_fence and route.file is not None,
    )


def _create_only(shape: RecordShape, parents: Sequence[Parent]) -> frozenset[str]:
    rules = {name for name, rule in shape.fields.items() if rule.create_only}
    written = {each for name in rules for each in shape.written_by(name)}
    return frozenset(written | {parent.relationship for parent in parents if parent.lookup in rules})


def _conditional_steps(name: str, rule: Rule, defaults: Defaults) -> Sequence[FieldStep]:
    holds = condition(rule.when)
    return [only_when(holds, step) for step in _steps(name, rule, defaults)]


def _steps(name: str, rule: Rule, defaults: Defaults) -> Sequence[FieldStep]:
    if isinstance(rule, ConstantRule):
        value = rule.value
        return [FieldStep(name, lambda _: value, is_constant=True)]
    if isinstance(rule, GeolocationRule | AddressRule):
        return compound_steps(name, rule, defaults)
    if isinstance(rule, LookupRule):
        return []  # it is a wish, not a value
    return [field_step(name, rule, defaults)]


def _layout(shape: RecordShape, on_delete: OnDelete, names: Sequence[str], parents: Sequence[Parent]) -> BulkLayout:
    marked = on_delete.mark if isinstance(on_delete, Mark) else {}
    return bulk_layout({*shape.own_fields, *names, *marked}, parents)


def _parent(lookup: str, rule: ReferenceRule, defaults: Defaults) -> Parent:
    stub = None
    if rule.create_missing is not None:
        stub = tuple(
            step for name, each in rule.create_missing.items() for step in _conditional_steps(name, each, defaults)
        )
    return Parent(lookup, rule.relationship or relationship_of(lookup) or lookup, rule.to, rule.by, stub)


def _collections_record(found: FieldValues, parents: tuple[Parent, ...]) -> Mapped:
    fields: dict[str, JsonValue] = {**found.values}
    keys: list[ParentKey] = []
    for parent in parents:
        key = fields.get(parent.lookup)
        if isinstance(key, str):
            del fields[parent.lookup]
            fields[parent.relationship] = {parent.field_name: key}
            keys.append(ParentKey(parent.object_name, parent.field_name, key))
    return Mapped(fields, found.notes, tuple(keys), found.wishes)
