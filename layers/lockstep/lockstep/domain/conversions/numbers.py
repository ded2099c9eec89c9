"""Numbers, exactly: integers and Decimal in, integers and Decimal out, no float on the way."""

import re
from decimal import ROUND_HALF_UP, Context, Decimal

from lockstep.domain.conversions.results import Convert, Converted, Noted, Problem, wrong_kind
from lockstep.domain.rules import NumberRule

_NUMBER = re.compile(r"[+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,4})?", re.ASCII)
# 18 digits before the point, 17 after it, and the one that rounding may add: quantize() never runs out of them.
_EXACT = Context(prec=40, rounding=ROUND_HALF_UP, traps=[])
_NOT_A_NUMBER = Problem(
    "the text is not a plain number such as 1234.50", "correct it in the source; thousands marks are not understood"
)


def number_converter(rule: NumberRule) -> Convert:
    """Return the conversion that the rule describes; without decimals the number is an int."""
    integer_limit = 10 ** (rule.precision - rule.scale)
    unit = Decimal(1).scaleb(-rule.scale)
    too_large = Problem(
        f"the number has more than {rule.precision - rule.scale} digits before the decimal point",
        "correct it in the source, or map it to text",
    )
    is_integer = rule.scale == 0

    def convert(value: object) -> Converted:
        if is_integer and type(value) is int:
            return value if -integer_limit < value < integer_limit else too_large
        number = _decimal(value)
        if isinstance(number, Problem):
            return number
        if number and number.adjusted() >= rule.precision:
            return too_large
        scaled = number.quantize(unit, context=_EXACT)
        if not -integer_limit < scaled < integer_limit:
            return too_large
        result = int(scaled) if is_integer else (scaled or scaled.copy_abs())
        return result if scaled == number else _rounded(result, rule)

    return convert


def _decimal(value: object) -> Decimal | Problem:
    if isinstance(value, str):
        return Decimal(value) if _NUMBER.fullmatch(value) else _NOT_A_NUMBER
    if isinstance(value, Decimal) and value.is_finite():
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    return wrong_kind(value, "a number")


def _rounded(result: int | Decimal, rule: NumberRule) -> Converted:
    if rule.round:
        return Noted(result, f"rounded to {rule.scale} decimals")
    return Problem(
        f"the number has more than {rule.scale} decimals",
        "correct it in the source, raise `scale`, or set `round: true`",
    )
