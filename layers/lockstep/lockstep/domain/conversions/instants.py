"""Points in time: ISO 8601 and epochs, with a zone only where one is declared."""

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import TypeAlias
from zoneinfo import ZoneInfo

from lockstep.domain.conversions.results import Problem
from lockstep.domain.rules import Ambiguous

# SOAP API Developer Guide, "Primitive Data Types": what a date or a date and time may be.
FIRST_YEAR, LAST_YEAR = 1700, 4000
OUT_OF_RANGE = Problem(f"the year is not between {FIRST_YEAR} and {LAST_YEAR}", "correct it in the source")
_NO_ZONE = Problem("the time has no offset and no zone is declared", "set `zone`, such as Europe/Berlin")
_IMPOSSIBLE = Problem("the clocks of the zone skip this time", "correct it in the source, or send an offset")
_AMBIGUOUS = Problem(
    "the clocks of the zone show this time twice", "send an offset, or set `ambiguous` to earlier or later"
)

_ISO = re.compile(
    r"\d{4}-\d\d-\d\d[T ](?:[01]\d|2[0-3]):\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d(?::?\d\d)?)?", re.ASCII
)
_ISO_TIME = re.compile(r"(?:[01]\d|2[0-3]):\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d(?::?\d\d)?)?", re.ASCII)
_EPOCH_TEXT = re.compile(r"-?\d{1,18}", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_MS = (datetime(FIRST_YEAR, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)
_LAST_MS = (datetime(LAST_YEAR, 12, 31, 23, 59, 59, tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)
_MS_PER_UNIT = {"epoch_s": Decimal(1000), "epoch_ms": Decimal(1), "epoch_us": Decimal("0.001")}
_REMEMBERED_DAYS = 8192  # some 1 MB for each zone in use
_MAX_EPOCH_DIGITS, _MAX_EPOCH_BITS = 18, 60

Instant: TypeAlias = datetime | Problem | None


def iso_instant(value: object) -> datetime | None:
    """Return the date and time with or without its offset, or None where the value is not one."""
    if not isinstance(value, str) or not _ISO.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def iso_time(text: str) -> time | None:
    """Return the time of day with or without its offset, or None where the text is not one."""
    if not _ISO_TIME.fullmatch(text):
        return None
    try:
        return time.fromisoformat(text)
    except ValueError:
        return None


def epoch_instant(value: object, unit: str) -> Instant:
    """Return the instant that a count of units since 1970 names; finer parts than milliseconds are dropped."""
    if isinstance(value, str) and _EPOCH_TEXT.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not _is_countable(value):
        return None
    count = (Decimal(value) * _MS_PER_UNIT[unit]).to_integral_value(ROUND_FLOOR)
    if not _FIRST_MS <= count <= _LAST_MS:
        return OUT_OF_RANGE
    return _EPOCH + timedelta(milliseconds=int(count))


class SteadyDays(dict[date, "timedelta | None"]):
    """The offset of a zone on days when its clocks are not changed, remembered; None for other days."""

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__()
        self._zone = zone

    def __missing__(self, day: date) -> timedelta | None:
        if not FIRST_YEAR < day.year < LAST_YEAR:
            return None
        hours = [datetime(day.year, day.month, day.day, hour, tzinfo=self._zone) for hour in range(24)]
        last = datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=self._zone)
        offsets = {at.replace(fold=fold).utcoffset() for at in (*hours, last) for fold in (0, 1)}
        steady = offsets.pop() if len(offsets) == 1 else None
        if len(self) < _REMEMBERED_DAYS:
            self[day] = steady
        return steady


def in_zone(at: datetime, zone: ZoneInfo | None, ambiguous: Ambiguous) -> datetime | Problem:
    """Return the instant of a time that may lack its offset."""
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        return OUT_OF_RANGE
    if at.tzinfo is not None:
        return at
    return _NO_ZONE if zone is None else _local_instant(at, zone, ambiguous)


def _local_instant(at: datetime, zone: ZoneInfo, ambiguous: Ambiguous) -> datetime | Problem:
    earlier, later = at.replace(tzinfo=zone, fold=0), at.replace(tzinfo=zone, fold=1)
    if earlier.utcoffset() == later.utcoffset():
        return earlier
    if earlier.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != at:
        return _IMPOSSIBLE
    if ambiguous == "reject":
        return _AMBIGUOUS
    return earlier if ambiguous == "earlier" else later


def _is_countable(value: int | Decimal) -> bool:
    if isinstance(value, Decimal):
        return value.is_finite() and (value.is_zero() or value.adjusted() < _MAX_EPOCH_DIGITS)
    return value.bit_length() < _MAX_EPOCH_BITS
