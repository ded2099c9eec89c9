"""A point on earth: two numbers in degrees, of which none stands alone."""

from decimal import Decimal

from lockstep.domain.conversions.numbers import number_converter
from lockstep.domain.conversions.results import Convert, Converted, Noted, Problem
from lockstep.domain.json_text import JsonValue
from lockstep.domain.rules import GeolocationRule, NumberRule

_LIMITS: dict[str, int] = {"latitude": 90, "longitude": 180}
_MAX_DIGITS = 18


def coordinate_converter(rule: GeolocationRule, part: str) -> Convert:
    """Return the conversion of one of the two numbers."""
    limit = _LIMITS[part]
    number = NumberRule.model_validate(
        {
            "type": "number",
            "from": "unused",
            "precision": _MAX_DIGITS,
            "scale": rule.scale,
            "round": rule.round,
        }
    )
    convert_number = number_converter(number)
    too_far = Problem(f"the {part} is not between -{limit} and {limit} degrees", "correct it in the source")

    def convert(value: JsonValue) -> Converted:
        converted = convert_number(value)
        plain = converted.value if isinstance(converted, Noted) else converted
        return too_far if isinstance(plain, int | Decimal) and not -limit <= plain <= limit else converted

    return convert
