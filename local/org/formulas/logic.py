"""Logic and comparison: three values, of which null counts as false where a choice must be made."""

import operator
from collections.abc import Callable, Sequence
from typing import Any

from local.org.formulas.errors import FormulaError
from local.org.formulas.kinds import Kind, Run, Typed
from local.org.formulas.scene import Scene
from local.org.formulas.signatures import Build, check, check_count, common_kind, strict

_MOST_ARGUMENTS = 255
_ORDERED = (Kind.NUMBER, Kind.DATE, Kind.DATETIME, Kind.TIME, Kind.NULL)
_ONLY_IN_FUNCTIONS = (Kind.PICKLIST, Kind.MULTIPICKLIST)


def _all_of(function: str, arguments: Sequence[Typed]) -> Typed:
    runs = _conditions(function, arguments)

    def run(scene: Scene) -> bool:
        for each in runs:  # noqa: SIM110 - a plain loop is the fastest form, and every save of every record runs it
            if not each(scene):
                return False
        return True

    return Typed(Kind.BOOLEAN, run)


def _any_of(function: str, arguments: Sequence[Typed]) -> Typed:
    runs = _conditions(function, arguments)

    def run(scene: Scene) -> bool:
        for each in runs:  # noqa: SIM110 - as above
            if each(scene):
                return True
        return False

    return Typed(Kind.BOOLEAN, run)


def _conditions(function: str, arguments: Sequence[Typed]) -> tuple[Run, ...]:
    check_count(function, arguments, 1, _MOST_ARGUMENTS)
    check(function, arguments, [Kind.BOOLEAN] * len(arguments))
    return tuple(each.run for each in arguments)


def _if(function: str, arguments: Sequence[Typed]) -> Typed:
    check_count(function, arguments, 3, 3)
    check(function, arguments[:1], [Kind.BOOLEAN])
    condition, then, otherwise = (each.run for each in arguments)
    kind = common_kind(function, arguments[1:])
    return Typed(kind, lambda scene: then(scene) if condition(scene) else otherwise(scene))


def _case(function: str, arguments: Sequence[Typed]) -> Typed:
    """CASE(expression, value, result, ..., otherwise): the first equal value's result."""
    check_count(function, arguments, 4, _MOST_ARGUMENTS)
    if len(arguments) % 2:
        raise FormulaError("CASE needs a result for each value, and one for all others")
    expression, *pairs, otherwise = arguments
    values, results = pairs[::2], pairs[1::2]
    kind = common_kind(function, [*results, otherwise])
    _check_case_values(expression, values)
    is_blank_equal = expression.kind in (Kind.TEXT, Kind.PICKLIST)
    branches = [(value.run, result.run) for value, result in zip(values, results, strict=True)]

    def run(scene: Scene) -> Any:
        wanted = expression.run(scene)
        for value_run, result_run in branches:
            value = value_run(scene)
            if value == wanted and (wanted is not None or is_blank_equal):
                return result_run(scene)
        return otherwise.run(scene)

    return Typed(kind, run)


def _check_case_values(expression: Typed, values: Sequence[Typed]) -> None:
    if expression.kind is Kind.PICKLIST:
        if any(each.kind is not Kind.TEXT or each.constant is None for each in values):
            raise FormulaError("CASE compares a picklist with literal texts only")
        return
    common_kind("CASE", [expression, *values])


def _equality(*, is_equal: bool) -> Build:
    def build(function: str, arguments: Sequence[Typed]) -> Typed:
        check_count(function, arguments, 2, 2)
        for each in arguments:
            if each.kind in _ONLY_IN_FUNCTIONS:
                raise FormulaError(f"a {each.kind} field is compared through ISPICKVAL, INCLUDES, CASE or TEXT only")
        kind = common_kind(function, arguments)
        left, right = (each.run for each in arguments)

        def run(scene: Scene) -> bool | None:
            one, other = left(scene), right(scene)
            # A blank text is a text like any other; any other null makes the answer unknown.
            if kind is not Kind.TEXT and (one is None or other is None):
                return None
            return (one == other) is is_equal

        return Typed(Kind.BOOLEAN, run)

    return build


def _order(compare: Callable[[Any, Any], bool]) -> Build:
    def build(function: str, arguments: Sequence[Typed]) -> Typed:
        check_count(function, arguments, 2, 2)
        kind = common_kind(function, arguments)
        if kind not in _ORDERED:
            raise FormulaError(f"{function} does not compare a {kind}")
        return strict(Kind.BOOLEAN, (kind, kind), compare)(function, arguments)

    return build


LOGIC: dict[str, Build] = {
    "AND": _all_of,
    "OR": _any_of,
    "NOT": strict(Kind.BOOLEAN, (Kind.BOOLEAN,), operator.not_),
    "IF": _if,
    "CASE": _case,
    "=": _equality(is_equal=True),
    "<>": _equality(is_equal=False),
    "<": _order(operator.lt),
    "<=": _order(operator.le),
    ">": _order(operator.gt),
    ">=": _order(operator.ge),
}
