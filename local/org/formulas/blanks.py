"""Functions that ask whether there is a value at all."""

from collections.abc import Sequence
from typing import Any

from local.org.formulas.errors import FormulaError
from local.org.formulas.kinds import Kind, Typed
from local.org.formulas.scene import Scene
from local.org.formulas.signatures import Build, check_count, common_kind

_NEVER_ASKED = (Kind.BOOLEAN, Kind.PICKLIST)


def _is_blank(function: str, arguments: Sequence[Typed]) -> Typed:
    check_count(function, arguments, 1, 1)
    kind, run = arguments[0].kind, arguments[0].run
    if kind in _NEVER_ASKED:
        raise FormulaError(f"{function} does not take a {kind}")
    if function == "ISNULL" and kind is Kind.TEXT:
        # A text is never null, only blank.
        return Typed(Kind.BOOLEAN, lambda _scene: False)
    return Typed(Kind.BOOLEAN, lambda scene: run(scene) is None)


def _or_else(function: str, arguments: Sequence[Typed]) -> Typed:
    check_count(function, arguments, 2, 2)
    kind = common_kind(function, arguments)
    if kind in _NEVER_ASKED:
        raise FormulaError(f"{function} does not take a {kind}")
    first, second = (each.run for each in arguments)
    if function == "NULLVALUE" and kind is Kind.TEXT:
        return Typed(kind, first)

    def run(scene: Scene) -> Any:
        value = first(scene)
        return second(scene) if value is None else value

    return Typed(kind, run)


BLANKS: dict[str, Build] = {
    "ISBLANK": _is_blank,
    "ISNULL": _is_blank,
    "BLANKVALUE": _or_else,
    "NULLVALUE": _or_else,
}
