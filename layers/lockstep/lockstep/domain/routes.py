"""What a route's file says: how the changes of one entity become records of one object."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple, Self, TypeAlias

from pydantic import Discriminator, Field, Tag, model_validator

from lockstep.domain.model import MisplacedError, Shape
from lockstep.domain.names import ApiName
from lockstep.domain.record_shapes import AlsoRecord, RecordShape
from lockstep.domain.rules import ConstantValue


class Mark(Shape):
    """A delete in the source writes these values and keeps the record."""

    mark: Annotated[Mapping[ApiName, ConstantValue], Field(min_length=1)]


def _policy_kind(value: Any) -> str:
    return "mark" if isinstance(value, Mapping | Mark) else "word"


OnDelete = Annotated[
    Annotated[Literal["ignore", "delete"], Tag("word")] | Annotated[Mark, Tag("mark")], Discriminator(_policy_kind)
]


class Route(RecordShape):
    """One entity of a source and the record that it is written to; `also` are further records of the same payload.

    The main record is the one that the change is about: its version is guarded, and `on_delete` is its policy.
    """

    source: Annotated[str, Field(min_length=1)]
    entity: Annotated[str, Field(min_length=1)]
    on_delete: OnDelete
    also: Sequence[AlsoRecord] = ()

    @property
    def records(self) -> Mapping[str, RecordShape]:
        """Every record that the route writes, by its place in the file; that of the main record is empty."""
        return {"": self, **{f"also.{number}": record for number, record in enumerate(self.also)}}

    @model_validator(mode="after")
    def _marks_no_field_of_its_own(self) -> Self:
        self.refuse_own("on_delete.mark", list(self.on_delete.mark) if isinstance(self.on_delete, Mark) else [])
        return self

    @model_validator(mode="after")
    def _writes_each_record_once(self) -> Self:
        places: dict[tuple[str, str], str] = {}
        for place, record in self.records.items():
            named = place or "the main record"
            first = places.setdefault((record.object_name.casefold(), record.external_id.field.casefold()), named)
            if first != named:
                raise MisplacedError(
                    f"{record.object_name} by {record.external_id.field} is written by {first} already: "
                    f"map all its fields there, or find the records by another External ID field",
                    *place.split("."),
                )
        return self


class Clash(NamedTuple):
    """What is wrong with a route beside the others: the name of its file, the place there, reason and remedy."""

    name: str
    path: tuple[str, ...]
    said: str


def problems_between(routes: Mapping[str, Route]) -> list[Clash]:
    """Say what is wrong between routes, each by the name of its file."""
    return [*_same_entity(routes), *_cycles(routes)]


def _same_entity(routes: Mapping[str, Route]) -> list[Clash]:
    first: dict[tuple[str, str], str] = {}
    problems = []
    for name, route in routes.items():
        other = first.setdefault((route.source, route.entity), name)
        if other != name:
            said = f"{route.entity} of {route.source} has a route already, in {other}. Keep one of them"
            problems.append(Clash(name, ("entity",), said))
    return problems


_Records: TypeAlias = tuple[str, str]  # an object and the External ID field by which its records are found


def _cycles(routes: Mapping[str, Route]) -> list[Clash]:
    """Find records that would wait for each other; a reference to the own object (a parent account) is no cycle."""
    parents: dict[_Records, set[_Records]] = {}
    records = [(name, place, record) for name, route in routes.items() for place, record in route.records.items()]
    for _, _, record in records:
        named = {(rule.to, rule.by) for rule in record.references.values()}
        parents.setdefault(_key(record), set()).update(named)
    return [
        Clash(
            name,
            (*(place.split(".") if place else ()), "fields", field),
            f"{record.object_name} and {rule.to} would wait for each other. Take one reference away",
        )
        for name, place, record in records
        for field, rule in record.references.items()
        if _reaches((rule.to, rule.by), _key(record), parents)
    ]


def _key(record: RecordShape) -> _Records:
    return record.object_name, record.external_id.field


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
