"""What a route's file says: how the changes of one entity become records of one object."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple, Self, TypeAlias

from pydantic import Discriminator, Field, StrictBool, Tag, model_validator

from lockstep.domain.file_rules import FileRules
from lockstep.domain.model import MisplacedError, Shape
from lockstep.domain.names import ApiName
from lockstep.domain.record_shapes import AlsoRecord, RecordShape
from lockstep.domain.rules import ConstantValue
from lockstep.domain.sources import Notation, Source


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
    `version_fence` says that the org itself refuses an older `version_field`, by the validation rule of `salesforce/`.
    """

    source: Annotated[str, Field(min_length=1)]
    entity: Annotated[str, Field(min_length=1)]
    on_delete: OnDelete
    also: Sequence[AlsoRecord] = ()
    version_fence: StrictBool = False
    file: FileRules | None = None

    @property
    def records(self) -> Mapping[str, RecordShape]:
        """Every record that the route writes, by its place in the file; that of the main record is empty."""
        return {"": self, **{f"also.{number}": record for number, record in enumerate(self.also)}}

    @model_validator(mode="after")
    def _marks_no_field_of_its_own(self) -> Self:
        self.refuse_own("on_delete.mark", list(self.on_delete.mark) if isinstance(self.on_delete, Mark) else [])
        return self

    @model_validator(mode="after")
    def _fences_a_version(self) -> Self:
        if self.version_fence and self.version_field is None:
            raise MisplacedError(
                "the org cannot compare versions that it does not get: name the field as version_field", "version_fence"
            )
        return self

    @model_validator(mode="after")
    def _marks_what_a_file_misses(self) -> Self:
        if self.file and self.file.whole and self.file.whole.missing == "mark" and not isinstance(self.on_delete, Mark):
            raise MisplacedError(
                "what is missing would be marked as on_delete says, which marks nothing: "
                "let on_delete mark, or report or delete what is missing",
                *("file", "whole", "missing"),
            )
        return self

    @model_validator(mode="after")
    def _deletes_what_a_file_misses(self) -> Self:
        if self.file and self.file.whole and self.file.whole.missing == "delete" and self.on_delete != "delete":
            raise MisplacedError(
                "what is missing would be deleted as on_delete says, which deletes nothing: "
                "let on_delete be delete, or report or mark what is missing",
                *("file", "whole", "missing"),
            )
        return self

    @model_validator(mode="after")
    def _writes_each_record_once(self) -> Self:
        places: dict[tuple[str, str], str] = {}
        for place, record in self.records.items():
            named = place or "the main record"
            first = places.setdefault(_folded(record), named)
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
    return [*_same_entity(routes), *_cycles(routes), *_shared_records(routes)]


def _same_entity(routes: Mapping[str, Route]) -> list[Clash]:
    first: dict[tuple[str, str], str] = {}
    problems = []
    for name, route in routes.items():
        other = first.setdefault((route.source, route.entity), name)
        if other != name:
            said = f"{route.entity} of {route.source} has a route already, in {other}. Keep one of them"
            problems.append(Clash(name, ("entity",), said))
    return problems


def _shared_records(routes: Mapping[str, Route]) -> list[Clash]:
    """Find files that would be the whole truth of records that other routes write, too."""
    writers: dict[tuple[str, str], list[str]] = {}
    for name, route in routes.items():
        for record in route.records.values():
            writers.setdefault(_folded(record), []).append(name)
    return [
        Clash(name, ("file", "whole"), _shared(route, other))
        for name, route in routes.items()
        if route.file and route.file.whole
        for other in writers[_folded(route)]
        if other != name
    ]


def _folded(record: RecordShape) -> tuple[str, str]:
    return record.object_name.casefold(), record.external_id.field.casefold()


def _shared(route: Route, other: str) -> str:
    return (
        f"{other} writes records of {route.object_name} by {route.external_id.field}, too, which the file would miss: "
        f"let it find them by another External ID field, or take whole away"
    )


def problems_with_sources(routes: Mapping[str, Route], sources: Mapping[str, Source]) -> list[Clash]:
    """Say where a file's versions could not be compared with those of the source's events: times with revisions."""
    problems = []
    for name, route in routes.items():
        of_file = _counts_revisions(route.file.version) if route.file and route.file.version is not None else None
        source = sources.get(route.source)
        told = (
            {_counts_revisions(rule.version) for rule in source.events if rule.entity == route.entity}
            if source
            else set()
        )
        if of_file is not None and told - {of_file}:
            problems.append(Clash(name, ("file", "version"), _incomparable(route, counts_revisions=of_file)))
    return problems


def _counts_revisions(version: Any) -> bool:
    """Tell revisions from points in time: the time of arrival and the file's time are such points."""
    return getattr(version, "notation", None) is Notation.INTEGER


def _incomparable(route: Route, *, counts_revisions: bool) -> str:
    ours, theirs = ("revisions", "points in time") if counts_revisions else ("points in time", "revisions")
    return (
        f"the file's versions are {ours}, and those that {route.source} sends of {route.entity} are {theirs}: they "
        f"cannot be compared. Name the column that holds what the events have as version, or take file.version away"
    )


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
