"""The words that stand for days: TODAY, LAST_N_DAYS:7, THIS_MONTH. Days are those of UTC."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from local.org.soql.errors import MALFORMED_QUERY, SoqlError

_MAX_DAYS = 9_999
_Days = tuple[date, date]


def days_of(literal: str, today: date) -> _Days:
    """Return the first and the last day that the word stands for.

    Raises:
        SoqlError: The local org does not know the word, or its number is no usable count.
    """
    name, colon, count = literal.upper().partition(":")
    if not colon and name in _FIXED:
        return _FIXED[name](today)
    if colon and name in _COUNTED and count.isascii() and count.isdecimal() and len(count) <= len(str(_MAX_DAYS)):
        return _COUNTED[name](today, timedelta(days=int(count)))
    raise SoqlError(MALFORMED_QUERY, f"'{literal}' is not a date literal that the local org knows")


def _day(offset: int) -> Callable[[date], _Days]:
    def days(today: date) -> _Days:
        day = today + timedelta(days=offset)
        return day, day

    return days


def _this_month(today: date) -> _Days:
    first = today.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _last_month(today: date) -> _Days:
    return _this_month(today.replace(day=1) - timedelta(days=1))


def _year(offset: int) -> Callable[[date], _Days]:
    return lambda today: (date(today.year + offset, 1, 1), date(today.year + offset, 12, 31))


def _last_days(today: date, count: timedelta) -> _Days:
    """The last n days begin n days ago and include today."""
    return today - count, today


def _next_days(today: date, count: timedelta) -> _Days:
    """The next n days begin tomorrow."""
    return today + timedelta(days=1), today + count


_FIXED: Mapping[str, Callable[[date], _Days]] = {
    "TODAY": _day(0),
    "YESTERDAY": _day(-1),
    "TOMORROW": _day(1),
    "THIS_MONTH": _this_month,
    "LAST_MONTH": _last_month,
    "THIS_YEAR": _year(0),
    "LAST_YEAR": _year(-1),
    "NEXT_YEAR": _year(1),
}
_COUNTED: Mapping[str, Callable[[date, timedelta], _Days]] = {"LAST_N_DAYS": _last_days, "NEXT_N_DAYS": _next_days}
