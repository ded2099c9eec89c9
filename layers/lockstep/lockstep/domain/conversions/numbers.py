"""Numbers, exactly: integers and Decimal in, integers and Decimal out, no float on the way."""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import partial
from typing import TypeAlias

from lockstep.domain.conversions.number_texts import ReadNumber, amount_reader, number_reader
from lockstep.domain.conversions.results import Convert, Converted, Noted, Problem, wrong_kind
from lockstep.domain.json_text import JsonValue
from lockstep.domain.rules import CurrencyRule, NumericRule, PercentRule

_Fit: TypeAlias = Callable[[Decimal], Converted]

# 18 digits before the point, 17 after it, and the one that rounding may add: quantize() never runs out of them.
_EXACT = Context(prec=40, rounding=ROUND_HALF_UP, traps=[])
# A plain number of the payload keeps all its digits when it becomes a percentage.
_MAX_DIGITS = 5000
_PERCENT_SIGNS = ("%", "\uff05", "\u066a")


def number_converter(rule: NumericRule) -> Convert:
    """Return the conversion that the rule describes; without decimals the number is an int."""
    integer_limit = 10 ** (rule.precision - rule.scale)
    too_large = _too_large(rule)
    is_integer = rule.scale == 0
    read, fit = number_reader(rule.style), _fitter(rule)

    def convert(value: JsonValue) -> Converted:
        if is_integer and type(value) is int:
            return value if -integer_limit < value < integer_limit else too_large
        number = _decimal(value, read)
        return number if isinstance(number, Problem) else fit(number)

    return convert


def currency_converter(rule: CurrencyRule) -> Convert:
    """Return the conversion that the rule describes."""
    return _converter(amount_reader(rule), _fitter(rule))


def percent_converter(rule: PercentRule) -> Convert:
    """Return the conversion that the rule describes: a fraction is multiplied by 100, unless it has a percent sign."""
    plain, fit = number_reader(rule.style), _fitter(rule)
    convert_plain = _converter(plain, partial(_fit_fraction, fit=fit) if rule.fraction else fit)
    convert_signed = _converter(lambda text: plain(text[:-1].rstrip()), fit)

    def convert(value: JsonValue) -> Converted:
        is_signed = isinstance(value, str) and value.endswith(_PERCENT_SIGNS)
        return convert_signed(value) if is_signed else convert_plain(value)

    return convert


def _converter(read: ReadNumber, fit: _Fit) -> Convert:
    def convert(value: JsonValue) -> Converted:
        number = read(value) if isinstance(value, str) else _decimal(value, read)
        return number if isinstance(number, Problem) else fit(number)

    return convert


def _fitter(rule: NumericRule) -> _Fit:
    limit = Decimal(10 ** (rule.precision - rule.scale))
    unit = Decimal(1).scaleb(-rule.scale)
    too_large = _too_large(rule)
    is_integer, precision, whole = rule.scale == 0, rule.precision, rule.precision - rule.scale

    def fit(number: Decimal) -> Converted:
        if number and number.same_quantum(unit) and number.adjusted() < whole:
            return int(number) if is_integer else number
        if number and number.adjusted() >= precision:
            return too_large
        scaled = number.quantize(unit, context=_EXACT)
        if not -limit < scaled < limit:
            return too_large
        result = int(scaled) if is_integer else (scaled or scaled.copy_abs())
        return result if scaled == number else _rounded(result, rule)

    return fit


def _fit_fraction(number: Decimal, fit: _Fit) -> Converted:
    return fit(number.scaleb(2, context=Context(prec=_MAX_DIGITS, traps=[])))


def _decimal(value: object, read: ReadNumber) -> Decimal | Problem:
    if isinstance(value, str):
        return read(value)
    if isinstance(value, Decimal) and value.is_finite():
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    return wrong_kind(value, "a number")


def _too_large(rule: NumericRule) -> Problem:
    return Problem(
        f"the number has more than {rule.precision - rule.scale} digits before the decimal point",
        "correct it in the source, or map it to text",
    )


def _rounded(result: int | Decimal, rule: NumericRule) -> Converted:
    if rule.round:
        return Noted(result, f"rounded to {rule.scale} decimals")
    return Problem(
        f"the number has more than {rule.scale} decimals",
        "correct it in the source, raise `scale`, or set `round: true`",
    )
