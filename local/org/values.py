"""What a field accepts: one compiled function per field, from a JSON value to the value that is kept."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

from local.org import ids
from local.org.errors import DeserializeError, RowError
from local.org.numbers import compile_integer, compile_number
from local.org.schema import FieldSchema

Accept = Callable[[Any], Any]

_DATETIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d\d:\d\d:\d\d(?:\.\d{1,3})?Z?", re.ASCII)
_EMAIL = re.compile(r"[^@\s,;<>()\"]+@[^@\s,;<>()\".]+(?:\.[^@\s,;<>()\".]+)+")
EXTERNAL_LOOKUP = "externallookup"
"""The extra word of a lookup to data outside of the org: its value is no id."""
_UNBOUNDED = 131_072  # a long text area's greatest length


def compile_accept(field: FieldSchema) -> Accept:
    """Return what turns a JSON value (never null) into the value kept; a kept None means null.

    The function raises `RowError` where the row is refused and `DeserializeError` where the whole request is.
    """
    if field.extra_type_info == EXTERNAL_LOOKUP:
        return _compile_text(field)
    return _COMPILERS.get(field.type, _compile_text)(field)


def _compile_text(field: FieldSchema) -> Accept:
    limit = field.length or _UNBOUNDED

    def accept(value: Any) -> str | None:
        if value.__class__ is not str:
            raise DeserializeError("string", value)
        if len(value) > limit:
            raise _too_long(field, value, limit)
        return value or None

    return accept


def _too_long(field: FieldSchema, value: str, limit: int) -> RowError:
    message = f"{field.label}: data value too large: {value} (max length={limit})"
    return RowError("STRING_TOO_LONG", message, [field.name])


def _compile_email(field: FieldSchema) -> Accept:
    text = _compile_text(field)

    def accept(value: Any) -> str | None:
        kept: str | None = text(value)
        if kept is not None and not _EMAIL.fullmatch(kept):
            raise RowError("INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {kept}", [field.name])
        return kept

    return accept


def _compile_picklist(field: FieldSchema) -> Accept:
    text = _compile_text(field)
    kept_by_value = {entry.value: entry.value for entry in field.picklist_values if entry.active}

    def accept(value: Any) -> str | None:
        kept = kept_by_value.get(value) if value.__class__ is str else None
        if kept is not None:
            return kept
        unlisted: str | None = text(value)
        if unlisted is not None and field.restricted_picklist:
            raise restricted(field, unlisted)
        return unlisted

    return accept


def _compile_multipicklist(field: FieldSchema) -> Accept:
    text = _compile_text(field)
    allowed = {entry.value for entry in field.picklist_values if entry.active}

    def accept(value: Any) -> str | None:
        kept: str | None = text(value)
        if kept is not None and field.restricted_picklist:
            for chosen in kept.split(";"):
                if chosen not in allowed:
                    raise restricted(field, chosen)
        return kept

    return accept


def restricted(field: FieldSchema, value: str) -> RowError:
    """Return the refusal of a value that a restricted picklist does not have."""
    message = f"{field.label}: bad value for restricted picklist field: {value}"
    return RowError("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, [field.name])


def _compile_boolean(_field: FieldSchema) -> Accept:
    by_text = {"true": True, "false": False}

    def accept(value: Any) -> bool:
        if value.__class__ is bool:
            return bool(value)
        if value.__class__ is str and value in by_text:
            return by_text[value]
        raise DeserializeError("boolean", value)

    return accept


def _compile_datetime(_field: FieldSchema) -> Accept:
    def accept(value: Any) -> str | None:
        if value == "":
            return None
        if value.__class__ is not str or not _DATETIME.fullmatch(value):
            raise DeserializeError("datetime", value)
        try:
            moment = datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise DeserializeError("datetime", value) from error
        return moment.isoformat()[:19] + ".000+0000"

    return accept


def _compile_date(_field: FieldSchema) -> Accept:
    def accept(value: Any) -> str | None:
        if value == "":
            return None
        if value.__class__ is not str or not _DATE.fullmatch(value):
            raise DeserializeError("date", value)
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError as error:
            raise DeserializeError("date", value) from error

    return accept


def _compile_time(_field: FieldSchema) -> Accept:
    def accept(value: Any) -> str | None:
        if value == "":
            return None
        if value.__class__ is not str or not _TIME.fullmatch(value):
            raise DeserializeError("time", value)
        try:
            return time.fromisoformat(value.removesuffix("Z")).isoformat("milliseconds") + "Z"
        except ValueError as error:
            raise DeserializeError("time", value) from error

    return accept


def _compile_reference(field: FieldSchema) -> Accept:
    """Check an id's form only; whether the record is there is known when the row is written."""

    def accept(value: Any) -> str | None:
        if value == "":
            return None
        if value.__class__ is not str:
            raise DeserializeError("string", value)
        if ids.shorten(value) is None:
            raise wrong_id(field, value)
        return str(value)

    return accept


def wrong_id(field: FieldSchema, value: str) -> RowError:
    """Return the refusal of an id that is malformed or of another object."""
    return RowError("MALFORMED_ID", f"{field.label}: id value of incorrect type: {value}", [field.name])


_COMPILERS: dict[str, Callable[[FieldSchema], Accept]] = {
    "email": _compile_email,
    "picklist": _compile_picklist,
    "multipicklist": _compile_multipicklist,
    "boolean": _compile_boolean,
    "int": compile_integer,
    "double": compile_number,
    "currency": compile_number,
    "percent": compile_number,
    "long": compile_integer,
    "date": _compile_date,
    "datetime": _compile_datetime,
    "time": _compile_time,
    "reference": _compile_reference,
    "id": _compile_reference,
}
