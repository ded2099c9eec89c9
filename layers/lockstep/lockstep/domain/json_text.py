"""JSON without loss: every digit survives, and what is not JSON is refused."""

from decimal import Decimal, InvalidOperation
from typing import Never, TypeAlias

import simplejson

JsonValue: TypeAlias = "bool | int | Decimal | str | list[JsonValue] | dict[str, JsonValue] | None"


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")


def parse_json(text: str) -> JsonValue:
    """Return the value; integers stay integers of any size up to 4,300 digits, other numbers are Decimal.

    Raises:
        ValueError: Not JSON, nested too deeply, or a number too long to hold.
    """
    try:
        parsed: JsonValue = simplejson.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
    except (RecursionError, InvalidOperation) as exc:
        raise ValueError("nested too deeply, or a number out of range") from exc
    return parsed


def dump_json(value: JsonValue) -> str:
    """Return compact ASCII JSON text with every digit of `value`."""
    return simplejson.dumps(value, use_decimal=True, separators=(",", ":"))
