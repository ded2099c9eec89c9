"""How a function is typed: what it takes, what it gives, and that null in means null out where nothing else is said."""

from collections.abc import Callable, Sequence
from typing import Any

from local.org.formulas.errors import FormulaError
from local.org.formulas.kinds import Kind, Run, Typed
from local.org.formulas.scene import Scene

Build = Callable[[str, Sequence[Typed]], Typed]


def check(function: str, arguments: Sequence[Typed], wanted: Sequence[Kind]) -> None:
    """Refuse a wrong number or type of arguments; NULL passes for every type.

    Raises:
        FormulaError: The reason.
    """
    check_count(function, arguments, len(wanted), len(wanted))
    for place, (argument, kind) in enumerate(zip(arguments, wanted, strict=True), 1):
        if argument.kind not in (kind, Kind.NULL):
            raise FormulaError(f"{function} takes a {kind}, not a {argument.kind}, in place {place}")


def check_count(function: str, arguments: Sequence[Typed], least: int, most: int) -> None:
    """Refuse too few or too many arguments.

    Raises:
        FormulaError: The reason.
    """
    if not least <= len(arguments) <= most:
        raise FormulaError(f"{function} does not take {len(arguments)} arguments")


def common_kind(function: str, choices: Sequence[Typed]) -> Kind:
    """Return the one type of all that are not NULL.

    Raises:
        FormulaError: They are of several types.
    """
    kinds = list(dict.fromkeys(each.kind for each in choices if each.kind is not Kind.NULL))
    if len(kinds) > 1:
        raise FormulaError(f"{function} mixes {' and '.join(kinds)}")
    return kinds[0] if kinds else Kind.NULL


def strict(result: Kind, wanted: Sequence[Kind], act: Callable[..., Any]) -> Build:
    """Return a function of those arguments that is null as soon as one of them is."""

    def build(function: str, arguments: Sequence[Typed]) -> Typed:
        check(function, arguments, wanted)
        return Typed(result, _null_in_null_out([each.run for each in arguments], act))

    return build


def _null_in_null_out(runs: Sequence[Run], act: Callable[..., Any]) -> Run:
    if len(runs) == 1:
        return _of_one(runs[0], act)

    def run(scene: Scene) -> Any:
        values = [each(scene) for each in runs]
        return None if any(value is None for value in values) else act(*values)

    return run


def _of_one(inner: Run, act: Callable[[Any], Any]) -> Run:
    def run(scene: Scene) -> Any:
        value = inner(scene)
        return None if value is None else act(value)

    return run
