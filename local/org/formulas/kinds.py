"""The types of a formula, and how a field's kept value becomes a value of its type."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any

from local.org.formulas.errors import FormulaError
from local.org.formulas.scene import Scene
from local.org.schema import FieldSchema

Run = Callable[[Scene], Any]
_SHORT_ID_LENGTH = 15


class Kind(StrEnum):
    """What an expression gives; each may be null. NULL is the type of the word NULL and of nothing else."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "date/time"
    TIME = "time"
    PICKLIST = "picklist"
    MULTIPICKLIST = "multi-select picklist"
    NULL = "null"


@dataclass(frozen=True, slots=True)
class Typed:
    """A compiled expression: its type, and the function that evaluates it. Null is None, and so is an empty text."""

    kind: Kind
    run: Run
    constant: Any = None
    """The value of a literal; None for whatever has to be evaluated."""


def kind_of(field: FieldSchema) -> Kind:
    """Return the type of a field in a formula.

    Raises:
        FormulaError: The field is of a type that no formula reads.
    """
    if field.type not in KIND_BY_TYPE:
        raise FormulaError(f"{field.name} is of type {field.type}, which the local org does not read in formulas")
    return KIND_BY_TYPE[field.type]


def reader_of(field: FieldSchema) -> Callable[[Any], Any] | None:
    """Return what turns a kept value that is not null into the formula's value; None where they are the same."""
    if field.type == "percent":
        return _fraction
    if field.type in {"id", "reference"}:
        return _short_id
    return _READER_BY_KIND.get(KIND_BY_TYPE[field.type])


def number(kept: float) -> Decimal:
    """Return the decimal that a kept int or double shows, never its binary neighbour."""
    if kept.__class__ is int:
        return Decimal(kept)
    return Decimal(int(kept)) if kept.is_integer() else Decimal(repr(kept))


def _fraction(kept: float) -> Decimal:
    """Fifty percent is kept as 50 and is 0.5 in a formula."""
    return number(kept) / 100


def _short_id(kept: str) -> str:
    """Formulas see the 15 characters of an id."""
    return kept[:_SHORT_ID_LENGTH]


def _moment(kept: str) -> datetime:
    return datetime.fromisoformat(kept).astimezone(UTC)


def _clock_time(kept: str) -> time:
    return time.fromisoformat(kept.removesuffix("Z"))


KIND_BY_TYPE = {
    **dict.fromkeys(("string", "textarea", "email", "phone", "url", "encryptedstring", "combobox"), Kind.TEXT),
    **dict.fromkeys(("id", "reference"), Kind.TEXT),
    **dict.fromkeys(("int", "long", "double", "currency", "percent"), Kind.NUMBER),
    "boolean": Kind.BOOLEAN,
    "date": Kind.DATE,
    "datetime": Kind.DATETIME,
    "time": Kind.TIME,
    "picklist": Kind.PICKLIST,
    "multipicklist": Kind.MULTIPICKLIST,
}
_READER_BY_KIND: dict[Kind, Callable[[Any], Any]] = {
    Kind.NUMBER: number,
    Kind.DATE: date.fromisoformat,
    Kind.DATETIME: _moment,
    Kind.TIME: _clock_time,
}
