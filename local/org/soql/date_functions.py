"""CALENDAR_YEAR and its kin: what a date says of itself. Days are those of UTC; the fiscal year is the calendar's."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from local.org.schema import FieldSchema
from local.org.soql.errors import MALFORMED_QUERY
from local.org.soql.literals import family_of
from local.org.soql.scope import Resolved, Scope
from local.org.soql.syntax import Call, Path, written
from local.org.soql.tables import Record

_DAYS_OF_WEEK, _MONTHS_OF_QUARTER = 7, 3
_HOUR = slice(11, 13)


def _quarter(day: date) -> int:
    return (day.month - 1) // _MONTHS_OF_QUARTER + 1


def _day_of_year(day: date) -> int:
    return day.timetuple().tm_yday


def _of_day(function: Callable[[date], int]) -> Callable[[str], int]:
    return lambda text: function(date.fromisoformat(text[:10]))


_OF_DAYS: Mapping[str, Callable[[str], int]] = {
    "CALENDAR_YEAR": _of_day(lambda day: day.year),
    "CALENDAR_QUARTER": _of_day(_quarter),
    "CALENDAR_MONTH": _of_day(lambda day: day.month),
    "FISCAL_YEAR": _of_day(lambda day: day.year),
    "FISCAL_QUARTER": _of_day(_quarter),
    "FISCAL_MONTH": _of_day(lambda day: day.month),
    "DAY_IN_MONTH": _of_day(lambda day: day.day),
    # 1 is Sunday, and day 0 of the ordinals is one.
    "DAY_IN_WEEK": _of_day(lambda day: day.toordinal() % _DAYS_OF_WEEK + 1),
    "DAY_IN_YEAR": _of_day(_day_of_year),
    "WEEK_IN_MONTH": _of_day(lambda day: (day.day - 1) // _DAYS_OF_WEEK + 1),
    "WEEK_IN_YEAR": _of_day(lambda day: (_day_of_year(day) - 1) // _DAYS_OF_WEEK + 1),
}
_OF_INSTANTS: Mapping[str, Callable[[str], Any]] = {
    "HOUR_IN_DAY": lambda text: int(text[_HOUR]),
    "DAY_ONLY": lambda text: text[:10],
}
DATE_FUNCTIONS = frozenset({*_OF_DAYS, *_OF_INSTANTS})


def resolve_date_function(scope: Scope, call: Call) -> Resolved:
    """Return what a date function makes of its field.

    Raises:
        SoqlError: The argument is no field that holds a date.
    """
    argument = call.arguments[0] if len(call.arguments) == 1 else None
    if not isinstance(argument, Path):
        raise scope.refuse(call.function, f"{call.function.text}() takes one field here", MALFORMED_QUERY)
    resolved = scope.resolve(argument)
    wanted = {"date", "datetime"} if call.name in _OF_DAYS else {"datetime"}
    if family_of(resolved.field) not in wanted:
        message = f"field {resolved.name} does not support the date function {call.name}"
        raise scope.refuse(call.function, message, MALFORMED_QUERY)
    function = _OF_DAYS.get(call.name) or _OF_INSTANTS[call.name]
    kind = "date" if call.name == "DAY_ONLY" else "int"
    field = FieldSchema(name=written(call), label=call.function.text, type=kind)
    get = _applied(function, resolved.get)
    return Resolved(field, field.name, (), get, get)


def _applied(function: Callable[[str], Any], get: Callable[[Record], Any]) -> Callable[[Record], Any]:
    def apply(record: Record) -> Any:
        value = get(record)
        return None if value is None else function(value)

    return apply
