"""One conversion for each type of field, chosen when a route is compiled."""

from typing import assert_never

from lockstep.domain.conversions.choices import boolean_value, picklist_converter
from lockstep.domain.conversions.dates import date_converter
from lockstep.domain.conversions.datetimes import datetime_converter
from lockstep.domain.conversions.numbers import number_converter
from lockstep.domain.conversions.references import reference_key
from lockstep.domain.conversions.results import Convert
from lockstep.domain.conversions.text import text_converter
from lockstep.domain.rules import (
    BooleanRule,
    DateRule,
    DatetimeRule,
    NumberRule,
    PicklistRule,
    ReferenceRule,
    SourcedRule,
    TextRule,
)


def converter(rule: SourcedRule) -> Convert:
    """Return the conversion of a rule; it answers for every value and never raises."""
    convert: Convert
    match rule:
        case TextRule():
            convert = text_converter(rule)
        case NumberRule():
            convert = number_converter(rule)
        case BooleanRule():
            convert = boolean_value
        case DateRule():
            convert = date_converter(rule)
        case DatetimeRule():
            convert = datetime_converter(rule)
        case PicklistRule():
            convert = picklist_converter(rule)
        case ReferenceRule():
            convert = reference_key
        case _:
            assert_never(rule)
    return convert
