"""Turns a literal into a value of the field that it is compared with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from local.org import ids
from local.org.schema import FieldSchema
from local.org.soql.date_literals import days_of
from local.org.soql.errors import INVALID_FIELD, INVALID_QUERY_FILTER_OPERATOR, MALFORMED_QUERY, SoqlError
from local.org.soql.syntax import Literal, LiteralKind
from local.org.soql.text import unescape

_EXACT_DIGITS = 18
# How the messages of an org name a field's type.
_TYPE_WORDS = {"datetime": "dateTime", "int": "int", "date": "date", "boolean": "boolean", "time": "time"}
_FAMILY_BY_TYPE = {
    **dict.fromkeys(("id", "reference"), "id"),
    **dict.fromkeys(("int", "double", "currency", "percent"), "number"),
    **dict.fromkeys(("address", "location"), "compound"),
    **{name: name for name in ("boolean", "date", "datetime", "time", "multipicklist")},
}


@dataclass(frozen=True, slots=True)
class Span:
    """What a date literal stands for: from `start` on, before `end`, in the field's own writing."""

    start: str
    end: str

    def covers(self, value: str) -> bool:
        """Tell whether a stored date or datetime lies in the span."""
        return self.start <= value < self.end


def family_of(field: FieldSchema) -> str:
    """Return how the field's values compare: text, id, number, boolean, date, datetime, multipicklist, compound."""
    return _FAMILY_BY_TYPE.get(field.type, "text")


def value_for(field: FieldSchema, literal: Literal, now: datetime) -> Any:
    """Return the literal as the field would store it; texts in lower case unless the field minds case.

    Raises:
        SoqlError: The literal is of a kind that the field cannot hold; without the place, which the caller knows.
    """
    if literal.kind is LiteralKind.NULL:
        return None
    reader = _READERS.get((family_of(field), literal.kind))
    if reader is None:
        raise SoqlError(INVALID_FIELD, _type_message(field, literal))
    return reader(field, literal.text, now)


def _type_message(field: FieldSchema, literal: Literal) -> str:
    if literal.kind is LiteralKind.DATE_LITERAL and family_of(field) not in {"date", "datetime"}:
        return f"Bind variables only allowed in Apex code; '{literal.text}' is no value"
    wants_quotes = family_of(field) in {"text", "id", "multipicklist"}
    kind = "string" if wants_quotes else _TYPE_WORDS.get(field.type, "double")
    quotes = "should be enclosed in quotes" if wants_quotes else "should not be enclosed in quotes"
    return f"value of filter criterion for field '{field.name}' must be of type {kind} and {quotes}"


def _text(field: FieldSchema, literal: str, _now: datetime) -> str | None:
    """An empty text is null, as an org stores it."""
    value = unescape(literal)
    return (value if field.case_sensitive else value.lower()) or None


def _id(_field: FieldSchema, literal: str, _now: datetime) -> str:
    value = unescape(literal)
    short_id = ids.shorten(value)
    if short_id is None:
        raise SoqlError(INVALID_QUERY_FILTER_OPERATOR, f"invalid ID field: {value}")
    return ids.to_18(short_id)


def _number(_field: FieldSchema, literal: str, _now: datetime) -> int | float:
    digits = literal.lstrip("+-")
    is_exact = digits.isdecimal() and len(digits) <= _EXACT_DIGITS
    return int(literal) if is_exact else float(literal)


def _boolean(_field: FieldSchema, literal: str, _now: datetime) -> bool:
    return literal == "true"


def _date(_field: FieldSchema, literal: str, _now: datetime) -> str:
    try:
        return date.fromisoformat(literal).isoformat()
    except ValueError as exc:
        raise SoqlError(MALFORMED_QUERY, f"Invalid date: {literal}") from exc


def _datetime(_field: FieldSchema, literal: str, _now: datetime) -> str:
    try:
        return _as_stored(datetime.fromisoformat(literal.upper()).astimezone(UTC))
    except (ValueError, OverflowError) as exc:
        raise SoqlError(MALFORMED_QUERY, f"Invalid datetime: {literal}") from exc


def _as_stored(instant: datetime) -> str:
    return f"{instant.isoformat()[:19]}.000+0000"


def _days(_field: FieldSchema, literal: str, now: datetime) -> Span:
    first, last = days_of(literal, now.date())
    return Span(first.isoformat(), (last + timedelta(days=1)).isoformat())


def _instants(field: FieldSchema, literal: str, now: datetime) -> Span:
    span = _days(field, literal, now)
    return Span(f"{span.start}T00:00:00.000+0000", f"{span.end}T00:00:00.000+0000")


_Reader = Callable[[FieldSchema, str, datetime], Any]
_READERS: Mapping[tuple[str, LiteralKind], _Reader] = {
    ("text", LiteralKind.TEXT): _text,
    ("multipicklist", LiteralKind.TEXT): _text,
    ("id", LiteralKind.TEXT): _id,
    ("number", LiteralKind.NUMBER): _number,
    ("boolean", LiteralKind.BOOLEAN): _boolean,
    ("date", LiteralKind.DATE): _date,
    ("datetime", LiteralKind.DATETIME): _datetime,
    ("date", LiteralKind.DATE_LITERAL): _days,
    ("datetime", LiteralKind.DATE_LITERAL): _instants,
}
