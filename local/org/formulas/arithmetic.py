"""Numbers as decimals, and what may be added to dates and texts."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    InvalidOperation,
    Overflow,
)
from decimal import DivisionByZero as DecimalDivisionByZero
from typing import Any

from local.org.formulas.errors import FormulaError
from local.org.formulas.kinds import Kind, Typed
from local.org.formulas.scene import Scene
from local.org.formulas.signatures import Build, check, check_count, strict

_DIGITS = 39
_GREATEST_EXPONENT = 500
_MOST_ARGUMENTS = 255
_SECONDS_PER_DAY = 86_400
CONTEXT = Context(
    prec=_DIGITS,
    rounding=ROUND_HALF_UP,
    Emax=_GREATEST_EXPONENT,
    Emin=-_GREATEST_EXPONENT,
    traps=[DecimalDivisionByZero, InvalidOperation, Overflow],
)

Signature = tuple[str, Kind, Kind]


def _days(count: Decimal) -> timedelta:
    """A date moves by whole days only."""
    return timedelta(days=int(count))


def _span(count: Decimal) -> timedelta:
    return timedelta(seconds=int(CONTEXT.multiply(count, Decimal(_SECONDS_PER_DAY))))


def _days_between(later: Any, earlier: Any) -> Decimal:
    between: timedelta = later - earlier
    seconds = between.days * _SECONDS_PER_DAY + between.seconds
    return CONTEXT.divide(Decimal(seconds), Decimal(_SECONDS_PER_DAY))


_MEANINGS: dict[Signature, tuple[Kind, Callable[[Any, Any], Any]]] = {
    ("+", Kind.NUMBER, Kind.NUMBER): (Kind.NUMBER, CONTEXT.add),
    ("-", Kind.NUMBER, Kind.NUMBER): (Kind.NUMBER, CONTEXT.subtract),
    ("*", Kind.NUMBER, Kind.NUMBER): (Kind.NUMBER, CONTEXT.multiply),
    ("/", Kind.NUMBER, Kind.NUMBER): (Kind.NUMBER, CONTEXT.divide),
    ("+", Kind.DATE, Kind.NUMBER): (Kind.DATE, lambda day, count: day + _days(count)),
    ("+", Kind.NUMBER, Kind.DATE): (Kind.DATE, lambda count, day: day + _days(count)),
    ("-", Kind.DATE, Kind.NUMBER): (Kind.DATE, lambda day, count: day - _days(count)),
    ("-", Kind.DATE, Kind.DATE): (Kind.NUMBER, _days_between),
    ("+", Kind.DATETIME, Kind.NUMBER): (Kind.DATETIME, lambda moment, count: moment + _span(count)),
    ("+", Kind.NUMBER, Kind.DATETIME): (Kind.DATETIME, lambda count, moment: moment + _span(count)),
    ("-", Kind.DATETIME, Kind.NUMBER): (Kind.DATETIME, lambda moment, count: moment - _span(count)),
    ("-", Kind.DATETIME, Kind.DATETIME): (Kind.NUMBER, _days_between),
}


def _operator(function: str, arguments: Sequence[Typed]) -> Typed:
    check_count(function, arguments, 2, 2)
    left, right = arguments
    kinds = (left.kind, right.kind)
    if function in ("+", "&") and set(kinds) <= {Kind.TEXT, Kind.NULL} and kinds != (Kind.NULL, Kind.NULL):
        return _concatenation(left, right)
    meaning = _MEANINGS.get((function, left.kind, right.kind))
    if meaning is None:
        raise FormulaError(f"{function} does not join a {left.kind} and a {right.kind}")
    result, act = meaning
    return strict(result, kinds, act)(function, arguments)


def _concatenation(left: Typed, right: Typed) -> Typed:
    """A blank text adds nothing to its neighbour."""

    def run(scene: Scene) -> str | None:
        return ((left.run(scene) or "") + (right.run(scene) or "")) or None

    return Typed(Kind.TEXT, run)


def _extreme(choose: Callable[[list[Decimal]], Decimal]) -> Build:
    def build(function: str, arguments: Sequence[Typed]) -> Typed:
        check_count(function, arguments, 1, _MOST_ARGUMENTS)
        check(function, arguments, [Kind.NUMBER] * len(arguments))
        wanted = [Kind.NUMBER] * len(arguments)
        return strict(Kind.NUMBER, wanted, lambda *values: choose(list(values)))(function, arguments)

    return build


def _whole(rounding: str) -> Build:
    return strict(Kind.NUMBER, (Kind.NUMBER,), lambda value: value.to_integral_value(rounding))


def _round(value: Decimal, digits: Decimal) -> Decimal:
    """Half goes away from zero; more digits than a number keeps change nothing."""
    if digits >= _DIGITS - value.adjusted():
        return value
    if digits < -_DIGITS:
        return Decimal(0)
    return value.quantize(Decimal(1).scaleb(-int(digits)), ROUND_HALF_UP, CONTEXT)


_ONE_NUMBER = (Kind.NUMBER,)
ARITHMETIC: dict[str, Build] = {
    **dict.fromkeys(("+", "-", "*", "/", "&"), _operator),
    "-x": strict(Kind.NUMBER, _ONE_NUMBER, CONTEXT.minus),
    "+x": strict(Kind.NUMBER, _ONE_NUMBER, CONTEXT.plus),
    "MAX": _extreme(max),
    "MIN": _extreme(min),
    "ABS": strict(Kind.NUMBER, _ONE_NUMBER, CONTEXT.abs),
    "ROUND": strict(Kind.NUMBER, (Kind.NUMBER, Kind.NUMBER), _round),
    "MOD": strict(Kind.NUMBER, (Kind.NUMBER, Kind.NUMBER), CONTEXT.remainder),
    # FLOOR goes towards zero and CEILING away from it; the two that begin with M know no zero.
    "FLOOR": _whole(ROUND_DOWN),
    "CEILING": _whole(ROUND_UP),
    "MFLOOR": _whole(ROUND_FLOOR),
    "MCEILING": _whole(ROUND_CEILING),
}
