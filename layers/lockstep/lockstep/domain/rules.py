"""What a route's file may say of one field: a rule for each type, with its options."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictStr,
    model_validator,
)

from lockstep.domain.date_patterns import date_pattern
from lockstep.domain.expressions import CompiledExpression
from lockstep.domain.model import Shape
from lockstep.domain.names import ApiName

EPOCHS = ("epoch_s", "epoch_ms", "epoch_us")
Ambiguous: TypeAlias = Literal["reject", "earlier", "later"]
ClearOrLeave: TypeAlias = Literal["clear", "leave"]


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError) as exc:
        raise ValueError("not a zone of the IANA list, such as Europe/Berlin or UTC") from exc
    return name


def _known_date_format(text: str) -> str:
    if text != "iso" and text not in EPOCHS:
        date_pattern(text)
    return text


def _plain_value(value: Any) -> Any:
    if type(value) not in {bool, int, str}:
        raise ValueError("true, false, a whole number or text belongs here; write 1.5 in quotes")
    return value


def _text(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("write it in quotes: YAML reads words such as no, on and 1 as true, false or a number")  # noqa: TRY004
    return value


ConstantValue = Annotated[bool | int | str, BeforeValidator(_plain_value)]
Zone = Annotated[StrictStr, AfterValidator(_known_zone)]
DateFormat = Annotated[StrictStr, AfterValidator(_known_date_format)]
SourceWord = Annotated[str, BeforeValidator(_text)]
NonBlankText = Annotated[str, BeforeValidator(_text), Field(pattern=r"\S")]


class _Sourced(Shape):
    """What every rule that reads the payload can say.

    `from` may be a list: the first value that is neither null nor blank wins. Where the payload does not speak of the
    field at all it is not sent.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    sources: Annotated[Sequence[CompiledExpression], BeforeValidator(_as_list), Field(alias="from", min_length=1)]
    required: StrictBool = False
    trim: StrictBool = False


class _Clearable(_Sourced):
    """Null and blank clear the field, unless the rule says otherwise."""

    when_null: ClearOrLeave = "clear"
    when_blank: ClearOrLeave = "clear"


class TextRule(_Sourced):
    """Text; numbers are written digit for digit. `max_length` counts as Salesforce does."""

    type: Literal["text"]
    when_null: ClearOrLeave = "clear"
    when_blank: Literal["clear", "leave", "keep"] = "clear"
    max_length: Annotated[int, Field(ge=1, le=131_072)] | None = None
    on_too_long: Literal["reject", "truncate"] = "reject"
    control_characters: Literal["reject", "remove", "space"] = "reject"

    @model_validator(mode="after")
    def _truncates_to_a_length(self) -> Self:
        if self.on_too_long == "truncate" and self.max_length is None:
            raise ValueError("on_too_long: truncate needs max_length")
        return self


class NumberRule(_Clearable):
    """A number with at most `precision` digits, `scale` of them decimals, as a field Number(precision, scale) has."""

    type: Literal["number"]
    precision: Annotated[int, Field(ge=1, le=18)] = 18
    scale: Annotated[int, Field(ge=0, le=17)] = 0
    round: StrictBool = False

    @model_validator(mode="after")
    def _has_room_before_the_point(self) -> Self:
        if self.scale >= self.precision:
            raise ValueError("scale must be smaller than precision")
        return self


class BooleanRule(_Sourced):
    """True or false. A checkbox cannot be empty: null and blank leave it, unless `required` refuses them."""

    type: Literal["boolean"]
    when_null: Literal["leave"] = "leave"
    when_blank: Literal["leave"] = "leave"


class DateRule(_Clearable):
    """A date. `formats`: iso, epoch_s, epoch_ms, epoch_us, or a pattern such as DD.MM.YYYY."""

    type: Literal["date"]
    formats: Annotated[Sequence[DateFormat], BeforeValidator(_as_list), Field(min_length=1)] = ("iso",)
    zone: Zone | None = None


class DatetimeRule(_Clearable):
    """A point in time. `zone` is that of times that come without an offset."""

    type: Literal["datetime"]
    format: Literal["iso", "epoch_s", "epoch_ms", "epoch_us"] = "iso"
    zone: Zone | None = None
    ambiguous: Ambiguous = "reject"


class PicklistRule(_Clearable):
    """A value table from the source's words to the org's; `default` serves words that are not in it."""

    type: Literal["picklist"]
    values: Annotated[Mapping[SourceWord, NonBlankText], Field(min_length=1)]
    default: NonBlankText | None = None


class ReferenceRule(_Clearable):
    """A lookup, by an External ID field of the parent. `relationship` is derived where its name follows the rule."""

    type: Literal["reference"]
    to: ApiName
    by: ApiName
    relationship: ApiName | None = None


class ConstantRule(Shape):
    """The same value in every record."""

    type: Literal["constant"]
    value: ConstantValue


SourcedRule: TypeAlias = TextRule | NumberRule | BooleanRule | DateRule | DatetimeRule | PicklistRule | ReferenceRule
Rule: TypeAlias = Annotated[SourcedRule | ConstantRule, Field(discriminator="type")]
