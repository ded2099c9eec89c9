"""Functions on dates, in UTC: the local org has no other time zone."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from local.org.formulas.errors import EvaluationError, FormulaError
from local.org.formulas.kinds import Kind, Typed
from local.org.formulas.signatures import Build, check, check_count, strict

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _of_now(kind: Kind, act: Callable[[datetime], Any]) -> Build:
    def build(function: str, arguments: Sequence[Typed]) -> Typed:
        check(function, arguments, ())
        return Typed(kind, lambda scene: act(scene.now))

    return build


def _date(year: Decimal, month: Decimal, day: Decimal) -> date:
    try:
        return date(int(year), int(month), int(day))
    except (ValueError, OverflowError) as exc:
        raise EvaluationError("DATE was given a day that no calendar has") from exc


def _date_value(function: str, arguments: Sequence[Typed]) -> Typed:
    check_count(function, arguments, 1, 1)
    kind = arguments[0].kind
    if kind not in (Kind.TEXT, Kind.DATETIME):
        raise FormulaError(f"DATEVALUE does not take a {kind}")
    return strict(Kind.DATE, (kind,), datetime.date if kind is Kind.DATETIME else _read_date)(function, arguments)


def _read_date(text: str) -> date:
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError as exc:
        raise EvaluationError("DATEVALUE was given a day that no calendar has") from exc
    raise EvaluationError("DATEVALUE was given a text that is no date")


def _part(name: str) -> Build:
    return strict(Kind.NUMBER, (Kind.DATE,), lambda day: Decimal(getattr(day, name)))


DATES: dict[str, Build] = {
    "NOW": _of_now(Kind.DATETIME, lambda now: now),
    "TODAY": _of_now(Kind.DATE, datetime.date),
    "DATE": strict(Kind.DATE, (Kind.NUMBER, Kind.NUMBER, Kind.NUMBER), _date),
    "DATEVALUE": _date_value,
    "YEAR": _part("year"),
    "MONTH": _part("month"),
    "DAY": _part("day"),
}
