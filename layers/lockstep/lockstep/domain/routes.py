"""What a route's file says: how the changes of one entity become records of one object."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import Discriminator, Field, Tag, model_validator

from lockstep.domain.model import Shape
from lockstep.domain.names import ApiName, relationship_of
from lockstep.domain.rules import AddressRule, ClearOrLeave, ConstantValue, GeolocationRule, ReferenceRule, Rule
from lockstep.domain.rules.places import filled_fields


class ExternalIdTarget(Shape):
    """Where the change's External ID goes; records are found by it."""

    field: ApiName


class Mark(Shape):
    """A delete in the source writes these values and keeps the record."""

    mark: Annotated[Mapping[ApiName, ConstantValue], Field(min_length=1)]


def _policy_kind(value: Any) -> str:
    return "mark" if isinstance(value, Mapping | Mark) else "word"


OnDelete = Annotated[
    Annotated[Literal["ignore", "delete"], Tag("word")] | Annotated[Mark, Tag("mark")], Discriminator(_policy_kind)
]


class Route(Shape):
    """One entity of a source and the object it is written to."""

    source: Annotated[str, Field(min_length=1)]
    entity: Annotated[str, Field(min_length=1)]
    object_name: Annotated[ApiName, Field(alias="object")]
    external_id: ExternalIdTarget
    version_field: ApiName | None = None
    on_delete: OnDelete
    when_null: ClearOrLeave = "clear"
    when_blank: ClearOrLeave = "clear"
    fields: Annotated[Mapping[ApiName, Rule], Field(min_length=1)]

    @property
    def references(self) -> Mapping[str, ReferenceRule]:
        """The lookup fields and their rules."""
        return {name: rule for name, rule in self.fields.items() if isinstance(rule, ReferenceRule)}

    @property
    def written_fields(self) -> Sequence[str]:
        """Every field that the rules write: of a compound its parts."""
        compound = (GeolocationRule, AddressRule)
        return [
            written
            for name, rule in self.fields.items()
            for written in (filled_fields(name, rule) if isinstance(rule, compound) else [name])
        ]

    @model_validator(mode="after")
    def _writes_each_field_once(self) -> Self:
        _refuse_twice(list(self.written_fields), "fields")
        owned = [self.external_id.field, *([self.version_field] if self.version_field else [])]
        _refuse_twice(owned, "external_id and version_field")
        marked = self.on_delete.mark if isinstance(self.on_delete, Mark) else {}
        for place, names in (("fields", self.written_fields), ("on_delete.mark", marked)):
            taken = {name.casefold() for name in owned} & {name.casefold() for name in names}
            if taken:
                raise ValueError(
                    f"{place} names {', '.join(sorted(name for name in names if name.casefold() in taken))}, "
                    f"which Lockstep fills by itself (external_id, version_field): take it out of {place}"
                )
        return self

    @model_validator(mode="after")
    def _names_each_relationship(self) -> Self:
        relationships = {name: rule.relationship or relationship_of(name) for name, rule in self.references.items()}
        for name, relationship in relationships.items():
            if relationship is None:
                raise ValueError(f"fields.{name}: not a lookup by its name (...Id or ...__c): set relationship")
        written = [*self.written_fields, *(relationship for relationship in relationships.values() if relationship)]
        _refuse_twice(written, "fields and the relationships of its references")
        return self


def _refuse_twice(names: list[str], place: str) -> None:
    folded = [name.casefold() for name in names]
    twice = sorted({name for name in names if folded.count(name.casefold()) > 1})
    if twice:
        raise ValueError(f"{place}: {', '.join(twice)} would be written twice (case does not count): keep one")


def problems_between(routes: Mapping[str, Route]) -> list[str]:
    """Say what is wrong between routes, by the name of each one's file: `file: place: reason. remedy`."""
    return [*_same_entity(routes), *_cycles(routes)]


def _same_entity(routes: Mapping[str, Route]) -> list[str]:
    first: dict[tuple[str, str], str] = {}
    problems = []
    for name, route in routes.items():
        other = first.setdefault((route.source, route.entity), name)
        if other != name:
            problems.append(
                f"{name}: entity: {route.entity} of {route.source} has a route already, in {other}. Keep one of them"
            )
    return problems


_Records: TypeAlias = tuple[str, str]  # an object and the External ID field by which its records are found


def _cycles(routes: Mapping[str, Route]) -> list[str]:
    """Find records that would wait for each other; a reference to the own object (a parent account) is no cycle."""
    parents: dict[_Records, set[_Records]] = {}
    for route in routes.values():
        child = (route.object_name, route.external_id.field)
        named = {(rule.to, rule.by) for rule in route.references.values()}
        parents.setdefault(child, set()).update(named)
    return [
        f"{name}: fields.{field}: {route.object_name} and {rule.to} would wait for each other. Take one reference away"
        for name, route in routes.items()
        for field, rule in route.references.items()
        if _reaches((rule.to, rule.by), (route.object_name, route.external_id.field), parents)
    ]


def _reaches(start: _Records, goal: _Records, parents: Mapping[_Records, set[_Records]]) -> bool:
    """True where following references from `start`, which is not `goal` itself, leads to `goal`."""
    seen: set[_Records] = set()
    open_ends = [start] if start != goal else []
    while open_ends:
        records = open_ends.pop()
        if records == goal:
            return True
        if records not in seen:
            seen.add(records)
            open_ends.extend(parents.get(records, ()))
    return False
