"""The words that stand for days: TODAY, LAST_N_DAYS:7, THIS_MONTH. Days are those of UTC, weeks begin on Sunday."""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from local.org.soql.errors import MALFORMED_QUERY, SoqlError

_MAX_COUNT = 9_999
_MONTHS_OF_YEAR, _DAYS_OF_WEEK = 12, 7
_MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}
_DAYS: Mapping[str, tuple[int, int]] = {
    "TODAY": (0, 0),
    "YESTERDAY": (-1, -1),
    "TOMORROW": (1, 1),
    "LAST_90_DAYS": (-90, 0),
    "NEXT_90_DAYS": (1, 90),
}
# The fiscal year of the local org begins in January, so that its periods are those of the calendar.
_PERIOD = re.compile(r"(LAST|THIS|NEXT)_(?:FISCAL_)?(WEEK|MONTH|QUARTER|YEAR)(?<!FISCAL_WEEK)(?<!FISCAL_MONTH)")
_PERIODS = re.compile(r"(LAST|NEXT)_N_(?:FISCAL_)?(DAY|WEEK|MONTH|QUARTER|YEAR)S")
_AGO = re.compile(r"N_(?:FISCAL_)?(DAY|WEEK|MONTH|QUARTER|YEAR)S_AGO")
_OFFSETS = {"LAST": -1, "THIS": 0, "NEXT": 1}

_Days = tuple[date, date]


def days_of(literal: str, today: date) -> _Days:
    """Return the first and the last day that the word stands for.

    Raises:
        SoqlError: The local org does not know the word, or its number is no usable count.
    """
    name, colon, count = literal.upper().partition(":")
    try:
        found = _counted(name, _count(count), today) if colon else _fixed(name, today)
    except (OverflowError, ValueError):
        found = None
    if found is None:
        raise SoqlError(MALFORMED_QUERY, f"'{literal}' is not a date literal that the local org knows")
    return found


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(_MAX_COUNT))):
        raise ValueError(text)
    return int(text)


def _fixed(name: str, today: date) -> _Days | None:
    if name in _DAYS:
        first, last = _DAYS[name]
        return today + timedelta(days=first), today + timedelta(days=last)
    match = _PERIOD.fullmatch(name)
    return None if match is None else _periods(match[2], today, _OFFSETS[match[1]], _OFFSETS[match[1]])


def _counted(name: str, count: int, today: date) -> _Days | None:
    """The last n days begin n days ago and include today; the last n weeks end with the week before this one."""
    if (match := _AGO.fullmatch(name)) is not None:
        return _periods(match[1], today, -count, -count)
    if (match := _PERIODS.fullmatch(name)) is None:
        return None
    if match[1] == "NEXT":
        return _periods(match[2], today, 1, count)
    return _periods(match[2], today, -count, 0 if match[2] == "DAY" else -1)


def _periods(kind: str, today: date, first: int, last: int) -> _Days:
    """Return the days from the period `first` periods from now to the end of the one `last` periods from now."""
    start, starts = _starts(kind, today)
    return starts(start + first), starts(start + last + 1) - timedelta(days=1)


def _starts(kind: str, today: date) -> tuple[int, Callable[[int], date]]:
    """Return the number of today's period, and what tells the first day of the period with a number."""
    if kind == "DAY":
        return today.toordinal(), date.fromordinal
    if kind == "WEEK":
        return today.toordinal() // _DAYS_OF_WEEK, lambda number: date.fromordinal(number * _DAYS_OF_WEEK)
    months = _MONTHS[kind]
    number = (today.year * _MONTHS_OF_YEAR + today.month - 1) // months
    return number, lambda number: _month_start(number * months)


def _month_start(month: int) -> date:
    return date(month // _MONTHS_OF_YEAR, month % _MONTHS_OF_YEAR + 1, 1)
