"""Rules for numbers: plain, whole, percent and amounts of money."""

import re
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, model_validator

from lockstep.domain.rules.base import Clearable, SourceWord, quoted

# How the source writes one thousand two hundred thirty-four and a half: an example says which mark is which.
Styled: TypeAlias = Literal[
    "1234.50", "1234,50", "1,234.50", "1.234,50", "1 234,50", "1 234.50", "1'234.50", "1,23,456.50"
]
Style = Annotated[Styled, BeforeValidator(quoted)]


def _currency(text: str) -> str:
    if text != "any" and not re.fullmatch("[A-Z]{3}", text):
        raise ValueError("a currency is three capital letters of ISO 4217, such as EUR, or `any`")
    return text


Currency = Annotated[str, BeforeValidator(quoted), AfterValidator(_currency)]


class NumericRule(Clearable):
    """A number with at most `precision` digits, `scale` of them decimals, as a field Number(precision, scale) has."""

    precision: Annotated[int, Field(ge=1, le=18)] = 18
    scale: Annotated[int, Field(ge=0, le=17)] = 0
    round: StrictBool = False
    style: Style = "1234.50"

    @model_validator(mode="after")
    def _has_room_before_the_point(self) -> Self:
        if self.scale >= self.precision:
            raise ValueError("scale must be smaller than precision")
        return self


class NumberRule(NumericRule):
    """A number with at most `precision` digits, `scale` of them decimals, as a field Number(precision, scale) has.

    `style` shows how the source writes numbers as text.
    """

    type: Literal["number"]


class IntegerRule(NumericRule):
    """A whole number; decimals other than zeros are refused, unless `round` is set."""

    type: Literal["integer"]
    scale: Literal[0] = 0


class PercentRule(NumericRule):
    """A percentage: 25 and "25 %" are 25 percent. With `fraction` a number of the source such as 0.25 is 25 percent."""

    type: Literal["percent"]
    fraction: StrictBool = False


class CurrencyRule(NumericRule):
    """An amount, also as people write it: (1,234.50) and 1,234.50- are negative.

    A symbol or ISO code is only taken where `currency` names it, or is `any`; the record's own currency is a field
    (CurrencyIsoCode) of its own. `symbols` are further symbols of that currency.
    """

    type: Literal["currency"]
    scale: Annotated[int, Field(ge=0, le=17)] = 2
    currency: Currency | None = None
    symbols: tuple[SourceWord, ...] = ()

    @model_validator(mode="after")
    def _symbols_are_of_a_currency(self) -> Self:
        if self.symbols and self.currency is None:
            raise ValueError("symbols need `currency`")
        return self
