"""Dates with a time: out in UTC, as 2025-05-06T14:30:00.000Z."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from lockstep.domain.conversions.instants import (
    FIRST_YEAR,
    LAST_YEAR,
    OUT_OF_RANGE,
    Instant,
    epoch_instant,
    in_zone,
    iso_instant,
)
from lockstep.domain.conversions.results import Convert, Converted, Problem
from lockstep.domain.rules import DatetimeRule


def datetime_converter(rule: DatetimeRule) -> Convert:
    """Return the conversion that the rule describes."""
    zone = None if rule.zone is None else ZoneInfo(rule.zone)
    unreadable = Problem(
        f"the value is not a date and time as declared ({rule.format})", "correct it in the source, or set `format`"
    )

    def read(value: object) -> Instant:
        if rule.format != "iso":
            return epoch_instant(value, rule.format)
        at = iso_instant(value)
        return None if at is None else in_zone(at, zone, rule.ambiguous)

    def convert(value: object) -> Converted:
        at = read(value)
        if at is None:
            return unreadable
        return at if isinstance(at, Problem) else _utc_text(at)

    return convert


def _utc_text(at: datetime) -> Converted:
    utc = at.astimezone(UTC)
    if not FIRST_YEAR <= utc.year <= LAST_YEAR:
        return OUT_OF_RANGE
    return utc.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
