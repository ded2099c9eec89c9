"""What a route's file may say of one field: a rule for each type, with its options."""

from typing import Annotated, TypeAlias

from pydantic import Field

from lockstep.domain.rules.base import ClearOrLeave, ConstantRule, ConstantValue, Sourced
from lockstep.domain.rules.choices import BooleanRule, MultiPicklistRule, PicklistRule, ReferenceRule
from lockstep.domain.rules.contacts import EmailRule, PhoneRule, UrlRule
from lockstep.domain.rules.numbers import CurrencyRule, IntegerRule, NumberRule, NumericRule, PercentRule
from lockstep.domain.rules.places import AddressRule, CompoundRule, GeolocationRule
from lockstep.domain.rules.texts import LongTextRule, RichTextRule, TextRule, TextualRule
from lockstep.domain.rules.times import EPOCHS, Ambiguous, DateRule, DatetimeRule, TimeRule

SourcedRule: TypeAlias = (
    TextRule
    | NumberRule
    | BooleanRule
    | DateRule
    | DatetimeRule
    | PicklistRule
    | ReferenceRule
    | LongTextRule
    | RichTextRule
    | EmailRule
    | UrlRule
    | PhoneRule
    | IntegerRule
    | PercentRule
    | CurrencyRule
    | TimeRule
    | MultiPicklistRule
)
Rule: TypeAlias = Annotated[SourcedRule | CompoundRule | ConstantRule, Field(discriminator="type")]

__all__ = [
    "EPOCHS",
    "AddressRule",
    "Ambiguous",
    "BooleanRule",
    "ClearOrLeave",
    "CompoundRule",
    "ConstantRule",
    "ConstantValue",
    "CurrencyRule",
    "DateRule",
    "DatetimeRule",
    "EmailRule",
    "GeolocationRule",
    "IntegerRule",
    "LongTextRule",
    "MultiPicklistRule",
    "NumberRule",
    "NumericRule",
    "PercentRule",
    "PhoneRule",
    "PicklistRule",
    "ReferenceRule",
    "RichTextRule",
    "Rule",
    "Sourced",
    "SourcedRule",
    "TextRule",
    "TextualRule",
    "TimeRule",
    "UrlRule",
]
