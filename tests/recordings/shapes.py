"""The shape of a JSON answer: at each place of it, the types that stand there."""

from collections import defaultdict
from typing import Any

Shape = dict[str, set[str]]


def shape_of(value: Any) -> Shape:
    """Return the types by place; the members of a list share one place."""
    shape: Shape = defaultdict(set)
    _walk(value, "$", shape)
    return shape


def _walk(value: Any, place: str, shape: Shape) -> None:
    shape[place].add(_type_name(value))
    if isinstance(value, dict):
        for key, each in value.items():
            _walk(each, f"{place}.{key}", shape)
    elif isinstance(value, list):
        for each in value:
            _walk(each, f"{place}[]", shape)


def _type_name(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "boolean", False: "boolean"}[value]
    return {str: "text", int: "integer", float: "decimal", list: "list", dict: "object"}[type(value)]


def differences(recorded: Any, ours: Any) -> list[str]:
    """Return where two answers differ in keys or types, most telling places only."""
    before, after = shape_of(recorded), shape_of(ours)
    found = [f"{place}: only recorded" for place in before if place not in after]
    found += [f"{place}: only ours" for place in after if place not in before]
    shared = (place for place in before if place in after and before[place] != after[place])
    found += [f"{place}: {_listed(before[place])}, ours {_listed(after[place])}" for place in shared]
    # What hangs below a missing place is missing with it.
    return [each for each in sorted(found) if not any(_is_below(each, other) for other in found)]


def _listed(types: set[str]) -> str:
    return " or ".join(sorted(types))


def _is_below(one: str, other: str) -> bool:
    place, _, which = one.partition(": ")
    above, _, other_which = other.partition(": ")
    return which == other_which and place != above and place.startswith((f"{above}.", f"{above}["))
