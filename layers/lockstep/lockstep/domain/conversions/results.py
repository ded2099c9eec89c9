"""What a conversion is given and what it may answer: a value, a value with a note, or a problem. It never raises."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import TypeAlias

from lockstep.domain.json_text import JsonValue


class Presence(Enum):
    """Stands where no value is."""

    ABSENT = "absent"  # the payload does not speak of it
    LEAVE = "leave"  # the field is not sent: the org keeps what it has


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a value cannot be used, and what to do about it; never holds the value (P8)."""

    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Noted:
    """A value that is not quite what the source sent, because the route asked for it (P6). None clears the field."""

    value: "Scalar | None"
    what: str


Scalar: TypeAlias = bool | int | Decimal | str
Converted: TypeAlias = Scalar | Noted | Problem
Convert: TypeAlias = Callable[[JsonValue], Converted]

_JSON_KINDS: dict[type, str] = {
    bool: "true or false",
    int: "a number",
    Decimal: "a number",
    str: "text",
    list: "a list",
    dict: "an object",
    # Payloads hold no floats; JMESPath literals and functions such as to_number() make them.
    float: "an inexact number made by JMESPath",
}


def wrong_kind(value: object, wanted: str) -> Problem:
    """Say that a value is of another JSON kind than the type of the field takes."""
    kind = _JSON_KINDS.get(type(value), "of an unknown kind")
    return Problem(f"the value is {kind}, not {wanted}", "correct `from`, or choose another type")
