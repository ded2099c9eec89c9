"""Rules for dates, points in time, and times of day."""

from collections.abc import Sequence
from typing import Annotated, Literal, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field, StrictStr

from lockstep.domain.date_patterns import moment_pattern
from lockstep.domain.rules.base import Clearable, as_list

EPOCHS = ("epoch_s", "epoch_ms", "epoch_us")
_NAMED = ("iso", "rfc2822", *EPOCHS)
Ambiguous: TypeAlias = Literal["reject", "earlier", "later"]


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError) as exc:
        raise ValueError("not a zone of the IANA list, such as Europe/Berlin or UTC") from exc
    return name


def _date_format(text: str) -> str:
    if text not in _NAMED and not moment_pattern(text).has_date:
        raise ValueError("the format has no date: write YYYY, MM or M or MMM, DD or D, such as DD.MM.YYYY")
    return text


def _datetime_format(text: str) -> str:
    if text not in _NAMED:
        pattern = moment_pattern(text)
        if not (pattern.has_date and pattern.has_time):
            raise ValueError("the format needs a date and a time, such as DD.MM.YYYY HH:mm")
    return text


def _time_format(text: str) -> str:
    if text != "iso":
        pattern = moment_pattern(text)
        if pattern.has_date or not pattern.has_time or pattern.has_offset:
            raise ValueError("the format of a time has hours and minutes only, such as HH:mm or h:mm A")
    return text


_AS_LIST = BeforeValidator(as_list, json_schema_input_type=StrictStr | list[StrictStr])
Zone = Annotated[StrictStr, AfterValidator(_known_zone)]
DateFormats = Annotated[Sequence[Annotated[StrictStr, AfterValidator(_date_format)]], _AS_LIST, Field(min_length=1)]
DatetimeFormats = Annotated[
    Sequence[Annotated[StrictStr, AfterValidator(_datetime_format)]],
    _AS_LIST,
    Field(min_length=1, validation_alias=AliasChoices("formats", "format")),
]
TimeFormats = Annotated[Sequence[Annotated[StrictStr, AfterValidator(_time_format)]], _AS_LIST, Field(min_length=1)]


class DateRule(Clearable):
    """A date. `formats`: iso, rfc2822, epoch_s, epoch_ms, epoch_us, or a pattern such as DD.MM.YYYY.

    A date without a time never shifts. A point in time becomes a date in the declared `zone`.
    """

    type: Literal["date"]
    formats: DateFormats = ("iso",)
    zone: Zone | None = None


class DatetimeRule(Clearable):
    """A point in time. `formats`: iso, rfc2822, epoch_s, epoch_ms, epoch_us, or a pattern such as DD.MM.YYYY HH:mm.

    `zone` is that of times that come without an offset.
    """

    type: Literal["datetime"]
    formats: DatetimeFormats = ("iso",)
    zone: Zone | None = None
    ambiguous: Ambiguous = "reject"


class TimeRule(Clearable):
    """A time of day without a zone. `formats`: iso (14:30, 14:30:15.250), or a pattern such as h:mm A."""

    type: Literal["time"]
    formats: TimeFormats = ("iso",)
