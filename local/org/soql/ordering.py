"""Sorts records by the keys of ORDER BY."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from local.org.describe_fields import is_long_text
from local.org.schema import FieldSchema
from local.org.soql.literals import family_of
from local.org.soql.scope import Scope
from local.org.soql.syntax import Ordering
from local.org.soql.tables import Record

_UNSORTABLE = {"compound", "multipicklist"}
_Key = Callable[[Record], tuple[int, Any]]


def compile_order(scope: Scope, orderings: Sequence[Ordering]) -> Callable[[Iterable[Record]], Iterable[Record]]:
    """Return what sorts records; without keys they stay as they come.

    Raises:
        SoqlError: A field is unknown or cannot be sorted by.
    """
    keys = [(_key(scope, ordering), ordering.descending) for ordering in orderings]
    if not keys:
        return lambda records: records

    def sort(records: Iterable[Record]) -> Iterable[Record]:
        ordered = list(records)
        for key, descending in reversed(keys):
            ordered.sort(key=key, reverse=descending)
        return ordered

    return sort


def _key(scope: Scope, ordering: Ordering) -> _Key:
    resolved = scope.resolve(ordering.path)
    if family_of(resolved.field) in _UNSORTABLE or is_long_text(resolved.field):
        message = f"field '{resolved.name}' can not be sorted in a query call"
        raise scope.refuse(ordering.path.words[-1], message)
    get, fold = resolved.get, _fold(resolved.field)
    # The sort turns the whole key round when descending, the place of nulls too.
    null_rank = 1 if ordering.nulls_last != ordering.descending else -1

    def key(record: Record) -> tuple[int, Any]:
        value = get(record)
        return (null_rank, 0) if value is None else (0, fold(value))

    return key


def _fold(field: FieldSchema) -> Callable[[Any], Any]:
    if family_of(field) == "text" and not field.case_sensitive:
        return str.lower
    return lambda value: value
