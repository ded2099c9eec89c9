"""Patterns of dates and times in words of the field: YYYY, MM, DD, HH, mm, and the marks between them."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

_MONTHS = {
    name: number + 1
    for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split())  # noqa: SIM905
}
_PARTS = {
    "YYYY": r"(?P<year>\d{4})",
    "MMM": f"(?P<month_name>{'|'.join(_MONTHS)})",
    "MM": r"(?P<month>\d{2})",
    "M": r"(?P<month>\d{1,2})",
    "DD": r"(?P<day>\d{2})",
    "D": r"(?P<day>\d{1,2})",
    "HH": r"(?P<hour>\d{2})",
    "H": r"(?P<hour>\d{1,2})",
    "hh": r"(?P<hour12>\d{2})",
    "h": r"(?P<hour12>\d{1,2})",
    "mm": r"(?P<minute>\d{2})",
    "ss": r"(?P<second>\d{2})",
    "SSS": r"(?P<millisecond>\d{3})",
    "A": "(?P<half>AM|PM)",
    "Z": r"(?P<offset>Z|[+-]\d\d:?\d\d)",
}
_SPLIT = re.compile("(YYYY|MMM|MM|M|DD|D|HH|H|hh|h|mm|ss|SSS|A|Z)")
_DATE = frozenset({"year", "month", "day"})
_TIMES = tuple(
    frozenset(parts.split()) for parts in ("", "hour minute", "hour minute second", "hour minute second millisecond")
)
_NEEDED = (
    "a date format is made of YYYY, MM or M or MMM, DD or D, once each, such as DD.MM.YYYY; a time of HH or H, or hh "
    "or h with A, then mm, and at will ss, SSS and Z"
)


@dataclass(frozen=True, slots=True)
class MomentPattern:
    """A compiled pattern, and what it tells of a moment."""

    regex: re.Pattern[str]
    has_date: bool
    has_time: bool
    has_offset: bool

    def read(self, text: str) -> datetime | None:
        """Return the moment, naive where the pattern has no offset; without a date it is a day of 1970."""
        match = self.regex.fullmatch(text)
        if match is None:
            return None
        try:
            return _moment(match.groupdict())
        except (ValueError, OverflowError):
            return None


def moment_pattern(text: str) -> MomentPattern:
    """Compile a pattern such as DD.MM.YYYY or M/D/YYYY h:mm A.

    Raises:
        ValueError: The text is not one.
    """
    pieces = _SPLIT.split(text)
    regex_text = "".join(_PARTS.get(piece) or re.escape(piece) for piece in pieces)
    if any(character.isalnum() for mark in pieces[0::2] for character in mark):
        raise ValueError(_NEEDED)
    try:
        regex = re.compile(regex_text, re.ASCII | re.IGNORECASE)
    except re.error as exc:  # a part that stands there twice
        raise ValueError(_NEEDED) from exc
    return _pattern(regex, set(regex.groupindex))


def _pattern(regex: re.Pattern[str], groups: set[str]) -> MomentPattern:
    has_offset = "offset" in groups
    parts = {_FULL_NAME.get(group, group) for group in groups} - {"half", "offset"}
    date, time = parts & _DATE, parts - _DATE
    is_doubled = {"month", "month_name"} <= groups or {"hour", "hour12"} <= groups
    has_stray_half = ("half" in groups) != ("hour12" in groups)
    is_whole = date in (set(), _DATE) and time in _TIMES and bool(parts) and not (has_offset and not time)
    if is_doubled or has_stray_half or not is_whole:
        raise ValueError(_NEEDED)
    return MomentPattern(regex, bool(date), bool(time), has_offset)


_FULL_NAME = {"month_name": "month", "hour12": "hour"}


def _moment(parts: dict[str, str]) -> datetime:
    month = _MONTHS[parts["month_name"].lower()] if "month_name" in parts else int(parts.get("month", 1))
    return datetime(  # the caller settles the zone of what comes without one
        int(parts.get("year", 1970)),
        month,
        int(parts.get("day", 1)),
        _hour(parts),
        int(parts.get("minute", 0)),
        int(parts.get("second", 0)),
        int(parts.get("millisecond", 0)) * 1000,
        _offset(parts.get("offset")),
    )


def _hour(parts: dict[str, str]) -> int:
    if "hour12" not in parts:
        return int(parts.get("hour", 0))
    hour = int(parts["hour12"])
    if not 1 <= hour <= 12:
        raise ValueError("no such hour")
    return hour % 12 + (12 if parts["half"].upper() == "PM" else 0)


def _offset(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text in "Zz":
        return UTC
    digits = text[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))
