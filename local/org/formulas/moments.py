"""Functions on times and date/times, and dates by months and weeks; in UTC, as everything here."""

import re
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from local.org.formulas.errors import EvaluationError, FormulaError
from local.org.formulas.kinds import Kind, Typed
from local.org.formulas.signatures import Build, check, check_count, strict

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,3})?Z?", re.ASCII)
_TIME = re.compile(r"\d\d:\d\d:\d\d(?:\.\d{1,3})?", re.ASCII)
_MONTHS = 12
_GREATEST_UNIX_S = 253_402_300_799  # the last second of the year 9999


def _of_kinds(result: Kind | None, act_by_kind: Mapping[Kind, Callable[..., Any]], *more: Kind) -> Build:
    """Return a function whose meaning hangs on the type of its first argument; `result` None gives that type back."""

    def build(function: str, arguments: Sequence[Typed]) -> Typed:
        check_count(function, arguments, 1 + len(more), 1 + len(more))
        kind = arguments[0].kind
        if kind not in act_by_kind:
            raise FormulaError(f"{function} does not take a {kind}")
        return strict(result or kind, (kind, *more), act_by_kind[kind])(function, arguments)

    return build


def _read_moment(text: str) -> datetime:
    try:
        if _MOMENT.fullmatch(text):
            return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)
    except ValueError as exc:
        raise EvaluationError("DATETIMEVALUE was given an instant that no calendar has") from exc
    raise EvaluationError("DATETIMEVALUE was given a text that is no date and time")


def _read_time(text: str) -> time:
    try:
        if _TIME.fullmatch(text):
            return time.fromisoformat(text)
    except ValueError as exc:
        raise EvaluationError("TIMEVALUE was given a time that no clock shows") from exc
    raise EvaluationError("TIMEVALUE was given a text that is no time")


def _add_months(day: Any, count: Decimal) -> Any:
    """The last day of a month goes to the last day of the other."""
    months = day.year * _MONTHS + day.month - 1 + int(count)
    year, month = divmod(months, _MONTHS)
    if not date.min.year <= year <= date.max.year:
        raise EvaluationError("ADDMONTHS leaves the calendar")
    last = monthrange(year, month + 1)[1]
    was_last = day.day == monthrange(day.year, day.month)[1]
    return day.replace(year=year, month=month + 1, day=last if was_last else min(day.day, last))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _unix_s(moment: datetime) -> Decimal:
    return Decimal(int(moment.timestamp()))


def _time_s(moment: time) -> Decimal:
    return Decimal((moment.hour * 60 + moment.minute) * 60 + moment.second)


def _from_unix(seconds: Decimal) -> datetime:
    if not 0 <= seconds <= _GREATEST_UNIX_S:
        raise EvaluationError("FROMUNIXTIME leaves the calendar")
    return datetime.fromtimestamp(int(seconds), UTC)


def _time_now(function: str, arguments: Sequence[Typed]) -> Typed:
    check(function, arguments, ())
    return Typed(Kind.TIME, lambda scene: scene.now.timetz().replace(tzinfo=None))


def _part_of_time(read: Callable[[time], int]) -> Build:
    return strict(Kind.NUMBER, (Kind.TIME,), lambda moment: Decimal(read(moment)))


def _part_of_day(read: Callable[[date], int]) -> Build:
    return strict(Kind.NUMBER, (Kind.DATE,), lambda day: Decimal(read(day)))


MOMENTS: dict[str, Build] = {
    "DATETIMEVALUE": _of_kinds(
        Kind.DATETIME, {Kind.TEXT: _read_moment, Kind.DATE: _midnight, Kind.DATETIME: lambda moment: moment}
    ),
    "TIMEVALUE": _of_kinds(Kind.TIME, {Kind.TEXT: _read_time, Kind.DATETIME: lambda moment: moment.time()}),
    "TIMENOW": _time_now,
    "ADDMONTHS": _of_kinds(None, {Kind.DATE: _add_months, Kind.DATETIME: _add_months}, Kind.NUMBER),
    "HOUR": _part_of_time(lambda moment: moment.hour),
    "MINUTE": _part_of_time(lambda moment: moment.minute),
    "SECOND": _part_of_time(lambda moment: moment.second),
    "MILLISECOND": _part_of_time(lambda moment: moment.microsecond // 1000),
    "WEEKDAY": _part_of_day(lambda day: day.isoweekday() % 7 + 1),  # Sunday is 1
    "DAYOFYEAR": _part_of_day(lambda day: day.timetuple().tm_yday),
    "ISOWEEK": _part_of_day(lambda day: day.isocalendar().week),
    "ISOYEAR": _part_of_day(lambda day: day.isocalendar().year),
    "UNIXTIMESTAMP": _of_kinds(
        Kind.NUMBER,
        {Kind.DATETIME: _unix_s, Kind.DATE: lambda day: _unix_s(_midnight(day)), Kind.TIME: _time_s},
    ),
    "FROMUNIXTIME": strict(Kind.DATETIME, (Kind.NUMBER,), _from_unix),
}
