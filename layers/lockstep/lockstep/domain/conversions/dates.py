"""Dates: a date-only value never shifts; a point in time becomes a date only in a declared zone."""

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import TypeAlias
from zoneinfo import ZoneInfo

from lockstep.domain.conversions.characters import plain_text
from lockstep.domain.conversions.instants import (
    FIRST_YEAR,
    LAST_YEAR,
    OUT_OF_RANGE,
    epoch_instant,
    in_zone,
    iso_instant,
)
from lockstep.domain.conversions.results import Convert, Converted, Problem
from lockstep.domain.date_patterns import date_pattern
from lockstep.domain.rules import EPOCHS, DateRule

_Date: TypeAlias = date | Problem | None

_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_NO_ZONE = Problem(
    "the value is a point in time: its date depends on the zone", "set `zone`, such as Europe/Berlin, or use datetime"
)
_AMBIGUOUS = Problem("the value is another date in each of several formats", "declare only the format that is meant")


def date_converter(rule: DateRule) -> Convert:
    """Return the conversion that the rule describes; the date comes out as 2025-05-06."""
    zone = None if rule.zone is None else ZoneInfo(rule.zone)
    readers = [_reader(date_format, zone) for date_format in rule.formats]
    unreadable = Problem(
        f"the value is not a date in the declared format ({', '.join(rule.formats)})",
        "correct it in the source, or add its format to `formats`",
    )

    def convert(value: object) -> Converted:
        found = {day for read in readers if (day := read(value)) is not None}
        days = [day for day in found if isinstance(day, date)]
        if len(days) == 1:
            return days[0].isoformat() if FIRST_YEAR <= days[0].year <= LAST_YEAR else OUT_OF_RANGE
        if days:
            return _AMBIGUOUS
        return next((problem for problem in found if isinstance(problem, Problem)), unreadable)

    return convert


def _reader(date_format: str, zone: ZoneInfo | None) -> Callable[[object], _Date]:
    if date_format == "iso":
        return partial(_iso_date, zone=zone)
    if date_format in EPOCHS:
        return partial(_epoch_date, unit=date_format, zone=zone)
    return partial(_pattern_date, pattern=date_pattern(date_format))


def _iso_date(value: object, *, zone: ZoneInfo | None) -> _Date:
    if isinstance(value, str) and _ISO_DATE.fullmatch(value):
        return _date(int(value[:4]), int(value[5:7]), int(value[8:]))
    at = iso_instant(value)
    if at is None:
        return None
    if at.tzinfo is None:
        # A clock time of the declared zone: its date is the one that is written.
        return at.date() if zone else _NO_ZONE
    return _day_of(in_zone(at, zone, "reject"), zone)


def _epoch_date(value: object, *, unit: str, zone: ZoneInfo | None) -> _Date:
    at = epoch_instant(value, unit)
    return None if at is None else _day_of(at, zone)


def _day_of(at: datetime | Problem, zone: ZoneInfo | None) -> _Date:
    if isinstance(at, Problem):
        return at
    return at.astimezone(zone).date() if zone else _NO_ZONE


def _pattern_date(value: object, *, pattern: re.Pattern[str]) -> _Date:
    text = plain_text(value)
    match = None if isinstance(text, Problem) else pattern.fullmatch(text)
    return match and _date(int(match["year"]), int(match["month"]), int(match["day"]))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
