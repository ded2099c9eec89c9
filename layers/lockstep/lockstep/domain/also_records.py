"""Every record that one payload makes: the main one and the route's further ones, or everything that is wrong."""

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from lockstep.domain.conversions.references import reference_key
from lockstep.domain.conversions.results import Presence, Problem
from lockstep.domain.json_text import JsonValue
from lockstep.domain.mapped import FieldProblem, Mapped, Unmappable
from lockstep.domain.mapping import CompiledAlso, CompiledRoute
from lockstep.domain.payload_paths import Found

MAX_RECORDS = 2_000  # ten calls: what a function surely finishes

_NO_KEY = Problem("the payload has no value for the External ID", "send it, or limit the record by `when`")
_NO_LIST = Problem("`each` finds something that is no list", "correct `each`")
_TOO_MANY = Problem(
    f"the payload makes more than {MAX_RECORDS:,} records",
    "split it in the source, or give the list a route of its own",
)


class Made(NamedTuple):
    """One record of a payload; `place` says which in the route's file, and is empty for the main one."""

    place: str
    target: CompiledRoute
    external_id: str
    record: Mapped


class NotMeant:
    """The route's condition does not hold for the payload."""


Records: TypeAlias = list[Made] | Unmappable | NotMeant


def records_of(
    route: CompiledRoute, payload: JsonValue, external_id: str, version: int, change_id: str | None = None
) -> Records:
    """Map one payload; answers for every payload, and with all problems of all records at once.

    The arguments are those of `CompiledRoute.to_record`; they go for the further records too.
    """
    if route.condition is not None:
        holds = route.condition(payload)
        if isinstance(holds, Problem):
            return Unmappable((FieldProblem("when", holds.reason, holds.remedy),))
        if not holds:
            return NotMeant()
    main = route.to_record(payload, external_id, version, change_id)
    if not route.also:
        return main if isinstance(main, Unmappable) else [Made("", route, external_id, main)]
    return _together(route, main, external_id, [*_further(route, payload, version, change_id)])


def _together(
    route: CompiledRoute, main: Mapped | Unmappable, external_id: str, further: list[Made | Unmappable]
) -> Records:
    problems = list(main.problems) if isinstance(main, Unmappable) else []
    made = [Made("", route, external_id, main)] if isinstance(main, Mapped) else []
    for each in further:
        if isinstance(each, Unmappable):
            problems += each.problems
        else:
            made.append(each)
    problems += _twice(made)
    return Unmappable(tuple(problems)) if problems else made


def _further(
    route: CompiledRoute, payload: JsonValue, version: int, change_id: str | None
) -> Iterator[Made | Unmappable]:
    room = MAX_RECORDS - 1
    for number, also in enumerate(route.also):
        place = f"also[{number}]"
        scopes = _scopes(also, payload, place)
        if isinstance(scopes, Problem):
            yield _unmappable(place, "each", scopes)
        elif len(scopes) > room:
            yield _unmappable(place, "each", _TOO_MANY)
        else:
            room -= len(scopes)
            made = (_made(also, scope, where, version, change_id) for where, scope in scopes)
            yield from (each for each in made if each is not None)


def _scopes(also: CompiledAlso, payload: JsonValue, place: str) -> list[tuple[str, JsonValue]] | Problem:
    """Return what the expressions of each record see, and the record's place; items count from 0 as in JMESPath."""
    if also.each is None:
        return [(place, payload)]
    found: Found = also.each(payload)
    if found is None or isinstance(found, Presence):
        return []
    if isinstance(found, Problem) or not isinstance(found, list):
        return found if isinstance(found, Problem) else _NO_LIST
    return [(f"{place}.item {number}", {"item": item, "body": payload}) for number, item in enumerate(found)]


def _made(
    also: CompiledAlso, scope: JsonValue, place: str, version: int, change_id: str | None
) -> Made | Unmappable | None:
    """Map one record; None where its condition does not hold."""
    holds = also.record.condition is None or also.record.condition(scope)
    if isinstance(holds, Problem):
        return _unmappable(place, "when", holds)
    if not holds:
        return None
    key = _key(also, scope)
    if isinstance(key, Problem):
        return _unmappable(place, "external_id", key)
    record = also.record.to_record(scope, key, version, change_id)
    if isinstance(record, Unmappable):
        placed = (FieldProblem(f"{place} {each.field}", each.reason, each.remedy) for each in record.problems)
        return Unmappable(tuple(placed))
    return Made(place, also.record, key, record)


def _key(also: CompiledAlso, scope: JsonValue) -> str | Problem:
    found = also.key(scope)
    if isinstance(found, Problem):
        return found
    if found is None or isinstance(found, Presence):
        return _NO_KEY
    text = found.strip() if also.trims_key and isinstance(found, str) else found
    key = _NO_KEY if text == "" else reference_key(text)
    return key if isinstance(key, str | Problem) else _NO_KEY


def _twice(made: list[Made]) -> Iterator[FieldProblem]:
    """Find records of one payload that would be one record of the org."""
    first: dict[tuple[str, str, str], str] = {}
    for each in made:
        record = (each.target.object_name, each.target.external_id_field, each.external_id)
        place = first.setdefault(record, each.place)
        if place != each.place:
            reason = f"{place} has the same External ID, so that both would be one {each.target.object_name}"
            yield FieldProblem(f"{each.place} external_id", reason, "take a key that differs in each record")


def _unmappable(place: str, field: str, problem: Problem) -> Unmappable:
    return Unmappable((FieldProblem(f"{place} {field}", problem.reason, problem.remedy),))
