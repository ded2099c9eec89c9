"""Powers, roots and logarithms."""

from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal

from local.org.formulas.arithmetic import CONTEXT
from local.org.formulas.kinds import Kind, Typed
from local.org.formulas.signatures import Build, check, strict

_ONE = (Kind.NUMBER,)
_TWO = (Kind.NUMBER, Kind.NUMBER)
_PI = Decimal("3.14159265358979323846264338327950288")


def _pi(function: str, arguments: Sequence[Typed]) -> Typed:
    check(function, arguments, ())
    return Typed(Kind.NUMBER, lambda _scene: _PI)


def _truncate(value: Decimal, digits: Decimal) -> Decimal:
    places = max(-38, min(38, int(digits)))
    if places >= 38 - value.adjusted():
        return value
    return value.quantize(Decimal(1).scaleb(-places), ROUND_DOWN, CONTEXT)


POWERS: dict[str, Build] = {
    "^": strict(Kind.NUMBER, _TWO, CONTEXT.power),
    "EXP": strict(Kind.NUMBER, _ONE, CONTEXT.exp),
    "LN": strict(Kind.NUMBER, _ONE, CONTEXT.ln),
    "LOG": strict(Kind.NUMBER, _ONE, CONTEXT.log10),
    "SQRT": strict(Kind.NUMBER, _ONE, CONTEXT.sqrt),
    "TRUNC": strict(Kind.NUMBER, _TWO, _truncate),
    "PI": _pi,
}
