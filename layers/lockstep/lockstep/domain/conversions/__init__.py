"""One conversion for each type of field, chosen when a route is compiled."""

from typing import assert_never

from lockstep.domain.conversions.choices import boolean_value, multi_picklist_converter, picklist_converter
from lockstep.domain.conversions.dates import date_converter
from lockstep.domain.conversions.datetimes import datetime_converter, time_converter
from lockstep.domain.conversions.emails import email_converter
from lockstep.domain.conversions.numbers import currency_converter, number_converter, percent_converter
from lockstep.domain.conversions.references import reference_key
from lockstep.domain.conversions.results import Convert
from lockstep.domain.conversions.text import rich_text_converter, text_converter
from lockstep.domain.conversions.urls import url_converter
from lockstep.domain.rules import (
    BooleanRule,
    CurrencyRule,
    DateRule,
    DatetimeRule,
    EmailRule,
    IntegerRule,
    LongTextRule,
    MultiPicklistRule,
    NumberRule,
    PercentRule,
    PhoneRule,
    PicklistRule,
    ReferenceRule,
    RichTextRule,
    SourcedRule,
    TextRule,
    TimeRule,
    UrlRule,
)


def converter(rule: SourcedRule) -> Convert:
    """Return the conversion of a rule; it answers for every value and never raises."""
    match rule:
        case TextRule() | LongTextRule() | RichTextRule() | EmailRule() | UrlRule() | PhoneRule():
            return _text_like(rule)
        case NumberRule() | IntegerRule() | PercentRule() | CurrencyRule():
            return _numeric(rule)
        case DateRule() | DatetimeRule() | TimeRule():
            return _timed(rule)
        case BooleanRule() | PicklistRule() | MultiPicklistRule() | ReferenceRule():
            return _chosen(rule)
        case _:
            assert_never(rule)


def _chosen(rule: BooleanRule | PicklistRule | MultiPicklistRule | ReferenceRule) -> Convert:
    match rule:
        case BooleanRule():
            return boolean_value
        case PicklistRule():
            return picklist_converter(rule)
        case MultiPicklistRule():
            return multi_picklist_converter(rule)
        case ReferenceRule():
            return reference_key
        case _:
            assert_never(rule)


def _text_like(rule: TextRule | LongTextRule | RichTextRule | EmailRule | UrlRule | PhoneRule) -> Convert:
    match rule:
        case TextRule() | LongTextRule():
            return text_converter(rule)
        case RichTextRule():
            return rich_text_converter(rule)
        case EmailRule():
            return email_converter(rule)
        case UrlRule():
            return url_converter(rule)
        case PhoneRule():
            # Imported here: only routes with phones pay for the library.
            from lockstep.domain.conversions.phones import phone_converter

            return phone_converter(rule)
        case _:
            assert_never(rule)


def _numeric(rule: NumberRule | IntegerRule | PercentRule | CurrencyRule) -> Convert:
    match rule:
        case NumberRule() | IntegerRule():
            return number_converter(rule)
        case PercentRule():
            return percent_converter(rule)
        case CurrencyRule():
            return currency_converter(rule)
        case _:
            assert_never(rule)


def _timed(rule: DateRule | DatetimeRule | TimeRule) -> Convert:
    match rule:
        case DateRule():
            return date_converter(rule)
        case DatetimeRule():
            return datetime_converter(rule)
        case TimeRule():
            return time_converter(rule)
        case _:
            assert_never(rule)
