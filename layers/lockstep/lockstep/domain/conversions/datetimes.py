"""Dates with a time: out in UTC, as 2025-05-06T14:30:00.000Z; and times of day, as 14:30:00.000Z."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from lockstep.domain.conversions.characters import plain_text
from lockstep.domain.conversions.instants import (
    FIRST_YEAR,
    LAST_YEAR,
    OUT_OF_RANGE,
    Instant,
    SteadyDays,
    in_zone,
    iso_time,
)
from lockstep.domain.conversions.moments import moment_reader
from lockstep.domain.conversions.results import Convert, Converted, Problem
from lockstep.domain.date_patterns import MomentPattern, moment_pattern
from lockstep.domain.rules import DatetimeRule, TimeRule

_AMBIGUOUS = Problem("the value is another time in each of several formats", "declare only the format that is meant")
_WITH_ZONE = Problem(
    "the time of day has an offset, and without its date no other zone's time follows from it", "use datetime"
)


def datetime_converter(rule: DatetimeRule) -> Convert:
    """Return the conversion that the rule describes."""
    zone = None if rule.zone is None else ZoneInfo(rule.zone)
    unreadable = Problem(
        f"the value is not a date and time as declared ({', '.join(rule.formats)})",
        "correct it in the source, or add its format to `formats`",
    )
    readers = [moment_reader(moment_format) for moment_format in rule.formats]
    read = readers[0] if len(readers) == 1 else _one_of(readers)
    ambiguous = rule.ambiguous
    offset_by_day = SteadyDays(zone) if zone else {}

    def convert(value: object) -> Converted:
        at = read(value)
        if at is None:
            return unreadable
        if zone and at.__class__ is datetime and at.tzinfo is None:
            offset = offset_by_day[at.date()]
            if offset is not None:
                return _written(at - offset)
        known = at if isinstance(at, Problem) else in_zone(at, zone, ambiguous)
        return known if isinstance(known, Problem) else _utc_text(known)

    return convert


def time_converter(rule: TimeRule) -> Convert:
    """Return the conversion that the rule describes."""
    patterns = [moment_pattern(each) for each in rule.formats if each != "iso"]
    takes_iso = "iso" in rule.formats
    unreadable = Problem(
        f"the value is not a time of day as declared ({', '.join(rule.formats)})",
        "correct it in the source, or add its format to `formats`",
    )

    def convert(value: object) -> Converted:
        text = plain_text(value)
        if isinstance(text, Problem):
            return text
        found = {at for pattern in patterns if (at := _time(text, pattern))}
        iso = iso_time(text) if takes_iso else None
        if iso and iso.tzinfo not in (None, UTC):
            return _WITH_ZONE
        found |= {iso.replace(tzinfo=None)} if iso else set()
        if len(found) > 1:
            return _AMBIGUOUS
        return found.pop().isoformat("milliseconds") + "Z" if found else unreadable

    return convert


def _time(text: str, pattern: MomentPattern) -> time | None:
    at = pattern.read(text)
    return None if at is None else at.time()


def _one_of(readers: Sequence[Callable[[object], Instant]]) -> Callable[[object], Instant]:
    def read(value: object) -> Instant:
        found = [at for each in readers if (at := each(value)) is not None]
        moments = [at for at in found if not isinstance(at, Problem)]
        if moments:
            return moments[0] if all(at == moments[0] for at in moments) else _AMBIGUOUS
        return found[0] if found else None

    return read


def _utc_text(at: datetime) -> Converted:
    utc = at.astimezone(UTC)
    if not FIRST_YEAR <= utc.year <= LAST_YEAR:
        return OUT_OF_RANGE
    return _written(utc.replace(tzinfo=None))


def _written(utc: datetime) -> str:
    return f"{utc.isoformat(timespec='milliseconds')}Z" if utc.microsecond else f"{utc.isoformat()}.000Z"
