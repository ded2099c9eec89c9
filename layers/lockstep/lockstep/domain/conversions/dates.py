"""Dates: a date-only value never shifts; a point in time becomes a date only in a declared zone."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial
from typing import TypeAlias
from zoneinfo import ZoneInfo

from lockstep.domain.conversions.characters import plain_text
from lockstep.domain.conversions.instants import FIRST_YEAR, LAST_YEAR, OUT_OF_RANGE, Instant, in_zone
from lockstep.domain.conversions.moments import moment_reader
from lockstep.domain.conversions.results import Convert, Converted, Problem
from lockstep.domain.date_patterns import MomentPattern, moment_pattern
from lockstep.domain.rules import EPOCHS, DateRule

_Date: TypeAlias = date | Problem | None

_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_ANY_ISO_DATE = "2222-10-10"
_FIRST, _LAST = f"{FIRST_YEAR}-01-01", f"{LAST_YEAR}-12-31"
_NAMED = ("iso", "rfc2822", *EPOCHS)
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

    only_iso = reads_iso_alone(rule.formats)

    def convert(value: object) -> Converted:
        if only_iso and isinstance(value, str) and len(value) == len(_ANY_ISO_DATE) and _iso_date(value):
            return value if _FIRST <= value <= _LAST else OUT_OF_RANGE
        found = {day for read in readers if (day := read(value)) is not None}
        days = [day for day in found if isinstance(day, date)]
        if len(days) == 1:
            return days[0].isoformat() if FIRST_YEAR <= days[0].year <= LAST_YEAR else OUT_OF_RANGE
        if days:
            return _AMBIGUOUS
        return next((problem for problem in found if isinstance(problem, Problem)), unreadable)

    return convert


def reads_iso_alone(formats: Sequence[str]) -> bool:
    """True where no other declared format could read an ISO date as another one."""
    patterns = [moment_pattern(each) for each in formats if each not in _NAMED]
    return "iso" in formats and not any(pattern.regex.fullmatch(_ANY_ISO_DATE) for pattern in patterns)


def _reader(date_format: str, zone: ZoneInfo | None) -> Callable[[object], _Date]:
    read_moment = partial(_day_of_moment, read=moment_reader(date_format), zone=zone)
    if date_format == "iso":
        return lambda value: _iso_date(value) or read_moment(value)
    if date_format in _NAMED:
        return read_moment
    pattern = moment_pattern(date_format)
    return read_moment if pattern.has_time else partial(_pattern_date, pattern=pattern)


def _iso_date(value: object) -> date | None:
    if not isinstance(value, str) or not _ISO_DATE.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _pattern_date(value: object, *, pattern: MomentPattern) -> date | None:
    text = plain_text(value)
    at = None if isinstance(text, Problem) else pattern.read(text)
    return None if at is None else at.date()


def _day_of_moment(value: object, *, read: Callable[[object], Instant], zone: ZoneInfo | None) -> _Date:
    at = read(value)
    if at is None or isinstance(at, Problem):
        return at
    if zone is None:
        return _NO_ZONE
    if at.tzinfo is None:
        # A clock time of the declared zone: its date is the one that is written.
        return at.date()
    known = in_zone(at, zone, "reject")
    return known.astimezone(zone).date() if isinstance(known, datetime) else known
