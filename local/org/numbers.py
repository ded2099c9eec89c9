"""What a numeric field accepts and keeps: whole numbers as int, all others as the double that REST shows."""

import math
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from local.org.errors import DeserializeError, RowError
from local.org.schema import FieldSchema

_NUMERAL = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_MOST_DIGITS = 64  # longer numerals are out of every field's range
_INT_LIMIT = 2**31
_SURELY_FINE, _NEAR_TIE = 1e9, 1e-3  # where binary and decimal rounding cannot differ, Python's own is the faster


def compile_integer(field: FieldSchema) -> Callable[[Any], int | None]:
    """Return what an `int` field keeps."""
    limit = min(10**field.digits, _INT_LIMIT) if field.digits else _INT_LIMIT

    def accept(value: Any) -> int | None:
        if value == "":
            return None
        number = _read(value, "int")
        if number != number // 1:
            raise DeserializeError("int", value)
        if not -limit < number < limit:
            raise _out_of_range(field, value)
        return int(number)

    return accept


def compile_number(field: FieldSchema) -> Callable[[Any], int | float | None]:
    """Return what a `double`, `currency` or `percent` field keeps.

    A whole number above 2^53 that no double holds exactly is kept as the int it is: no digit is lost here.
    """
    limit = 10 ** ((field.precision or 18) - field.scale)

    def accept(value: Any) -> int | float | None:
        if value == "":
            return None
        number = _read(value, field.type)
        if not -limit < number < limit:
            raise _out_of_range(field, value)
        if number.__class__ is int:
            as_double = float(number)
            return as_double if as_double == number else number
        rounded = round_half_up(float(number), field.scale)
        if not -limit < rounded < limit:
            raise _out_of_range(field, value)
        return rounded

    return accept


def _read(value: Any, wanted: str) -> int | float:
    """Return the number that a JSON number or a numeral in a string stands for."""
    if value.__class__ is int or value.__class__ is float:
        return value
    if value.__class__ is str and len(value) <= _MOST_DIGITS and value.isascii() and value.isdigit():
        return int(value)
    if value.__class__ is not str or len(value) > _MOST_DIGITS or not _NUMERAL.fullmatch(value):
        raise DeserializeError(wanted, value)
    return int(value) if value.lstrip("+-").isdigit() else float(value)


def round_half_up(number: float, scale: int) -> float:
    """Return the number with so many decimals, rounded as the digits that stand for it show it."""
    if math.isinf(number):
        return number
    if not scale and abs(number) < _SURELY_FINE:
        whole = math.floor(abs(number))
        return math.copysign(whole + (abs(number) - whole >= 0.5), number)
    nearest = round(number, scale)
    if nearest == number:
        return number
    if abs(number) < _SURELY_FINE and abs(abs(number - nearest) * 10**scale - 0.5) > _NEAR_TIE:
        return nearest
    return float(Decimal(repr(number)).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP))


def _out_of_range(field: FieldSchema, value: Any) -> RowError:
    message = f"{field.label}: value outside of valid range on numeric field: {value}"
    return RowError("NUMBER_OUTSIDE_VALID_RANGE", message, [field.name])
