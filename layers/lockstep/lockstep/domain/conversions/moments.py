"""Points in time in the formats that a rule declares; naive where the value has no offset."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from functools import partial

from lockstep.domain.conversions.characters import plain_text
from lockstep.domain.conversions.instants import Instant, epoch_instant, iso_instant
from lockstep.domain.conversions.results import Problem
from lockstep.domain.date_patterns import MomentPattern, moment_pattern
from lockstep.domain.rules import EPOCHS

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# RFC 2822, 3.3 and 4.3: the day of the week is optional, and zones may have a name.
_RFC2822 = re.compile(
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun),\s{1,3})?(?P<day>\d{1,2})\s(?P<month>[a-z]{3})\s(?P<year>\d{4})\s"
    r"(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d))?\s(?P<zone>[+-]\d{4}|[a-z]{2,3})(?:\s\([a-z]{1,10}\))?",
    re.ASCII | re.IGNORECASE,
)
_HOURS_BY_ZONE = {"ut": 0, "gmt": 0, "utc": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6,
                  "pst": -8, "pdt": -7}  # fmt: skip


def moment_reader(moment_format: str) -> Callable[[object], Instant]:
    """Return a function to the moment that a value names in the format: None where it names none."""
    if moment_format == "iso":
        return iso_instant
    if moment_format == "rfc2822":
        return _rfc2822_instant
    if moment_format in EPOCHS:
        return partial(epoch_instant, unit=moment_format)
    return partial(_pattern_instant, pattern=moment_pattern(moment_format))


def _pattern_instant(value: object, *, pattern: MomentPattern) -> datetime | None:
    text = plain_text(value)
    return None if isinstance(text, Problem) else pattern.read(text)


def _rfc2822_instant(value: object) -> datetime | None:
    match = _RFC2822.fullmatch(value) if isinstance(value, str) else None
    zone = _zone(match["zone"].lower()) if match else None
    if match is None or zone is None or match["month"].lower() not in _MONTHS:
        return None
    month = _MONTHS.index(match["month"].lower()) + 1
    day, hour, minute, second = (int(match[part] or 0) for part in ("day", "hour", "minute", "second"))
    try:
        return datetime(int(match["year"]), month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None


def _zone(text: str) -> timezone | None:
    if text in _HOURS_BY_ZONE:
        return timezone(timedelta(hours=_HOURS_BY_ZONE[text]))
    if text[0] not in "+-" or int(text[1:3]) > 23 or int(text[3:]) > 59:
        return None
    minutes = int(text[1:3]) * 60 + int(text[3:])
    # -0000 says that the zone is not known, but that the time is UTC.
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes)) if minutes else UTC
