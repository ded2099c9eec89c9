"""When two External IDs are one record's: what kind of field holds them decides."""

from collections.abc import Callable, Hashable
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from lockstep.domain.describes import FieldFacts

NUMBERS = frozenset({"double", "currency", "percent", "int"})


class KeyKind(StrEnum):
    """How the org compares the keys of a field."""

    EXACT = "exact"
    CASELESS = "caseless"
    NUMBER = "number"


def key_kind(field: FieldFacts | None) -> KeyKind:
    """Tell the kind; a field that is not known takes keys for what they are."""
    if field is None:
        return KeyKind.EXACT
    if field.type in NUMBERS:
        return KeyKind.NUMBER
    return KeyKind.EXACT if field.is_case_sensitive else KeyKind.CASELESS


def number_of(key: str) -> Decimal | None:
    """Return the number that a key is, or None."""
    try:
        number = Decimal(key)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _as_number(key: str) -> Hashable:
    number = number_of(key)
    return key if number is None else number


def _as_it_is(key: str) -> Hashable:
    return key


IDENTITIES: dict[KeyKind, Callable[[str], Hashable]] = {
    KeyKind.EXACT: _as_it_is,
    KeyKind.CASELESS: str.casefold,
    KeyKind.NUMBER: _as_number,
}
