"""Reads a payload by JMESPath, and tells what is null from what is not there."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias, cast

from jmespath.parser import Parser

from lockstep.domain.conversions.results import Presence, Problem
from lockstep.domain.expressions import Expression
from lockstep.domain.json_text import JsonValue

Found: TypeAlias = "JsonValue | Presence | Problem"
Read: TypeAlias = Callable[[JsonValue], Found]
Step: TypeAlias = str | int

_DOTTED = re.compile(
    r"[A-Za-z_][A-Za-z0-9_]*(?:\[-?\d{1,9}\])*(?:\.[A-Za-z_][A-Za-z0-9_]*(?:\[-?\d{1,9}\])*)*", re.ASCII
)
_NAMES = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*", re.ASCII)
_STEP = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)|\[(-?\d+)\]", re.ASCII)
_MISFIT = Problem("a function in `from` does not fit the payload", "correct `from`, or the payload in the source")


def reader(expression: Expression) -> Read:
    """Return a function that answers as the expression does, but ABSENT where the payload does not speak of it.

    A null on the way counts as null, and so does an element that a list does not have.
    """
    text = expression.text.strip()
    if _DOTTED.fullmatch(text):
        return _path_reader(_steps(text))
    return _expression_reader(expression)


def plain_path(expression: Expression) -> str | None:
    """Return the path where the expression is nothing but names joined by dots."""
    text = expression.text.strip()
    return text if _NAMES.fullmatch(text) else None


def _steps(path: str) -> tuple[Step, ...]:
    return tuple(name or int(index) for name, index in _STEP.findall(path))


def _path_reader(steps: tuple[Step, ...]) -> Read:
    if len(steps) == 1:
        key = cast("str", steps[0])
        return lambda payload: payload.get(key, Presence.ABSENT) if isinstance(payload, dict) else Presence.ABSENT
    return lambda payload: _walk(payload, steps)


def _walk(payload: JsonValue, steps: tuple[Step, ...]) -> "JsonValue | Presence":
    value: JsonValue | Presence = payload
    for step in steps:
        if value is None:
            return None
        if isinstance(step, str):
            value = value.get(step, Presence.ABSENT) if isinstance(value, dict) else Presence.ABSENT
        elif isinstance(value, list):
            value = value[step] if -len(value) <= step < len(value) else None
        else:
            return Presence.ABSENT
    return value


def _expression_reader(expression: Expression) -> Read:
    mentioned = tuple(set(_mentioned(Parser().parse(expression.text).parsed)))

    def read(payload: JsonValue) -> Found:
        if mentioned and all(_walk(payload, steps) is Presence.ABSENT for steps in mentioned):
            return Presence.ABSENT
        try:
            return expression.find(cast("Mapping[str, JsonValue]", payload))
        except ValueError:
            return _MISFIT

    return read


def _mentioned(node: Any) -> Iterator[tuple[Step, ...]]:
    """Yield the paths from the root that an expression looks at, as far as they are plain."""
    prefix = _prefix(node)
    if prefix:
        yield prefix
    elif node["type"] in _LOOKS_ONLY_AT_FIRST:
        yield from _mentioned(node["children"][0])
    else:
        for child in node["children"]:
            if isinstance(child, dict):
                yield from _mentioned(child)


# The other children look at what the first one found, not at the root.
_LOOKS_ONLY_AT_FIRST = frozenset(
    {"subexpression", "index_expression", "pipe", "projection", "value_projection", "filter_projection", "flatten"}
)


def _prefix(node: Any) -> tuple[Step, ...]:
    """Return the path where the node of the parsed expression is nothing but names joined by dots."""
    if node["type"] == "field":
        return (node["value"],)
    if node["type"] != "subexpression":
        return ()
    parts = [_prefix(child) for child in node["children"]]
    return tuple(step for part in parts for step in part) if all(parts) else ()
