"""`@{name.field}`: values that one part of a composite request takes from the answer of another."""

import re
from collections.abc import Mapping
from typing import Any

from local.org.errors import OrgError, malformed

_REFERENCE = re.compile(r"@\{([^{}]*)\}")
_STEP = re.compile(r"\.?([A-Za-z_][A-Za-z0-9_]*)|\[(\d{1,9})\]", re.ASCII)
_MISSING = object()
_MOST_DEPTH = 100


def resolve(value: Any, answers: Mapping[str, Any], *, depth: int = 0) -> Any:
    """Return a JSON value with every reference in its texts replaced; a text that is only a reference keeps its kind.

    Raises:
        OrgError: A reference leads to nothing, or the value is nested too deep.
    """
    _check_depth(depth)
    if isinstance(value, str):
        return _resolve_text(value, answers)
    if isinstance(value, dict):
        return {key: resolve(each, answers, depth=depth + 1) for key, each in value.items()}
    if isinstance(value, list):
        return [resolve(each, answers, depth=depth + 1) for each in value]
    return value


def _check_depth(depth: int) -> None:
    if depth > _MOST_DEPTH:
        raise malformed("JSON_PARSER_ERROR", f"The body is nested more than {_MOST_DEPTH} deep")


def resolve_path(path: str, answers: Mapping[str, Any]) -> str:
    """Return a path with every reference in it replaced.

    Raises:
        OrgError: See `resolve`.
    """
    return _REFERENCE.sub(lambda match: _written(_look_up(match[1], answers)), path)


def names_in(value: Any, *, depth: int = 0) -> set[str]:
    """Return the names of the parts that a JSON value refers to.

    Raises:
        OrgError: The value is nested too deep.
    """
    _check_depth(depth)
    if isinstance(value, str):
        return {re.split(r"[.\[]", match[1], maxsplit=1)[0] for match in _REFERENCE.finditer(value)}
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return set[str]().union(*(names_in(each, depth=depth + 1) for each in members))


def _resolve_text(text: str, answers: Mapping[str, Any]) -> Any:
    if (whole := _REFERENCE.fullmatch(text)) is not None:
        return _look_up(whole[1], answers)
    return resolve_path(text, answers)


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _look_up(reference: str, answers: Mapping[str, Any]) -> Any:
    """Return what a reference such as `ref.records[0].Id` leads to; only texts, numbers and booleans can be taken."""
    name = re.split(r"[.\[]", reference, maxsplit=1)[0]
    rest = reference[len(name) :]
    value = answers.get(name, _MISSING)
    position = 0
    while value is not _MISSING and position < len(rest):
        step = _STEP.match(rest, position)
        value = _MISSING if step is None else _take(value, step)
        position = len(rest) if step is None else step.end()
    if not rest or not isinstance(value, str | int | float):
        raise _no_value(reference, name)
    return value


def _take(value: Any, step: re.Match[str]) -> Any:
    if step[1] is not None:
        return value.get(step[1], _MISSING) if isinstance(value, dict) else _MISSING
    place = int(step[2])
    return value[place] if isinstance(value, list) and place < len(value) else _MISSING


def _no_value(reference: str, name: str) -> OrgError:
    message = f"Invalid reference specified. No value for {reference} found in {name}"
    return malformed("PROCESSING_HALTED", message)
