"""Filter items of metadata: a field, an operation, a value; roll-up summaries and duplicate rules have them."""

import re
from collections.abc import Callable, Sequence
from typing import Any
from xml.etree.ElementTree import Element

from local.org.record import Record
from local.org.schema import FieldSchema, ObjectSchema
from local.org.sfdx import child_text

Test = Callable[[Record], bool]

_NUMBERS = {"int", "long", "double", "currency", "percent"}
_AMERICAN_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_ISO_DATE_LENGTH = 10


class FilterError(Exception):
    """Raised where a filter cannot be evaluated here; its text is the reason for people."""


def compile_filter(element: Element, home: ObjectSchema) -> tuple[FieldSchema, Test]:
    """Return the field that a filter item asks about, and what tells whether a record passes.

    Raises:
        FilterError: An unknown field or operation, or a value that the field cannot have.
    """
    name = (child_text(element, "field") or "").rpartition(".")[2]
    field = home.find(name)
    if field is None:
        raise FilterError(f"{home.name} has no field {name}")
    if child_text(element, "valueField") is not None:
        raise FilterError("it compares two fields")
    operation = child_text(element, "operation") or ""
    if operation not in _MEANINGS:
        raise FilterError(f"the local org does not know the operation {operation!r}")
    wanted = _wanted(field, element.findtext("value") or "")
    act, read = _MEANINGS[operation], _reader(field)
    return field, lambda record: act(read(record.get(field.name)), wanted)


def _wanted(field: FieldSchema, text: str) -> list[Any]:
    """Return the values of a list separated by commas; nothing at all is a blank."""
    parts = [part.strip() for part in text.split(",")]
    return [_read_value(field, part) for part in parts]


def _read_value(field: FieldSchema, text: str) -> Any:
    if not text:
        return None
    if field.type in _NUMBERS:
        try:
            return float(text)
        except ValueError as exc:
            raise FilterError(f"{text!r} is no number") from exc
    if field.type == "boolean":
        return text.lower() in {"true", "1"}
    if field.type in {"date", "datetime"}:
        return _read_date(text)
    return text.lower()


def _read_date(text: str) -> str:
    american = _AMERICAN_DATE.fullmatch(text)
    if american:
        month, day, year = american.groups()
        return f"{year}-{int(month):02d}-{int(day):02d}"
    if not re.match(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        raise FilterError(f"{text!r} is no date that the local org reads")
    return text[:_ISO_DATE_LENGTH]


def _reader(field: FieldSchema) -> Callable[[Any], Any]:
    if field.type in {"date", "datetime"}:
        return lambda kept: kept and kept[:_ISO_DATE_LENGTH]
    if field.type in _NUMBERS or field.type == "boolean":
        return lambda kept: kept
    return lambda kept: kept.lower() if isinstance(kept, str) else kept


def _among(kept: Any, wanted: Sequence[Any]) -> bool:
    return kept in wanted


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Sequence[Any]], bool]:
    return lambda kept, wanted: kept is not None and any(each is not None and compare(kept, each) for each in wanted)


def _chosen(kept: Any, wanted: Sequence[Any]) -> bool:
    values = {part for each in wanted if each for part in str(each).split(";")}
    return bool(values & set(str(kept or "").split(";")))


_contains = _ordered(lambda kept, part: str(part) in str(kept))

_MEANINGS: dict[str, Callable[[Any, Sequence[Any]], bool]] = {
    "equals": _among,
    "notEqual": lambda kept, wanted: not _among(kept, wanted),
    "lessThan": _ordered(lambda kept, limit: bool(kept < limit)),
    "lessOrEqual": _ordered(lambda kept, limit: bool(kept <= limit)),
    "greaterThan": _ordered(lambda kept, limit: bool(kept > limit)),
    "greaterOrEqual": _ordered(lambda kept, limit: bool(kept >= limit)),
    "contains": _contains,
    "notContain": lambda kept, wanted: not _contains(kept, wanted),
    "startsWith": _ordered(lambda kept, part: str(kept).startswith(str(part))),
    "includes": _chosen,
    "excludes": lambda kept, wanted: not _chosen(kept, wanted),
}
