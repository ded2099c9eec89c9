"""What a route's file may say of one field: a rule for each type, with its options."""

from typing import Annotated, TypeAlias

from pydantic import Field

from lockstep.domain.rules.base import ClearOrLeave, Conditional, ConstantRule, ConstantValue, Sourced
from lockstep.domain.rules.choices import BooleanRule, MultiPicklistRule, PicklistRule, ReferenceRule
from lockstep.domain.rules.contacts import EmailRule, PhoneRule, UrlRule
from lockstep.domain.rules.lookups import LookupRule
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
Rule: TypeAlias = Annotated[SourcedRule | CompoundRule | ConstantRule | LookupRule, Field(discriminator="type")]

__all__ = [
    "EPOCHS",
    "AddressRule",
    "Ambiguous",
    "BooleanRule",
    "ClearOrLeave",
    "CompoundRule",
    "Conditional",
    "ConstantRule",
    "ConstantValue",
    "CurrencyRule",
    "DateRule",
    "DatetimeRule",
    "EmailRule",
    "GeolocationRule",
    "IntegerRule",
    "LongTextRule",
    "LookupRule",
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
