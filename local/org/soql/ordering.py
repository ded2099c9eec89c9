"""Sorts records by the keys of ORDER BY."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from local.org.describe_fields import is_long_text
from local.org.schema import FieldSchema
from local.org.soql.literals import family_of
from local.org.soql.scope import Resolved, Scope
from local.org.soql.syntax import Operand, Ordering, first_word

_UNSORTABLE = {"compound", "multipicklist"}
_Key = Callable[[Any], tuple[int, Any]]


def compile_order(
    scope: Scope, orderings: Sequence[Ordering], resolve: Callable[[Operand], Resolved]
) -> Callable[[Iterable[Any]], Iterable[Any]]:
    """Return what sorts records, or groups, by what `resolve` finds; without keys they stay as they come.

    Raises:
        SoqlError: A field is unknown or cannot be sorted by.
    """
    keys = [(_key(scope, ordering, resolve(ordering.operand)), ordering.descending) for ordering in orderings]
    if not keys:
        return lambda records: records

    def sort(records: Iterable[Any]) -> Iterable[Any]:
        ordered = list(records)
        for key, descending in reversed(keys):
            ordered.sort(key=key, reverse=descending)
        return ordered

    return sort


def _key(scope: Scope, ordering: Ordering, resolved: Resolved) -> _Key:
    if family_of(resolved.field) in _UNSORTABLE or is_long_text(resolved.field):
        message = f"field '{resolved.name}' can not be sorted in a query call"
        raise scope.refuse(first_word(ordering.operand), message)
    get, fold = resolved.get, _fold(resolved.field)
    # The sort turns the whole key round when descending, the place of nulls too.
    null_rank = 1 if ordering.nulls_last != ordering.descending else -1

    def key(record: Any) -> tuple[int, Any]:
        value = get(record)
        return (null_rank, 0) if value is None else (0, fold(value))

    return key


def _fold(field: FieldSchema) -> Callable[[Any], Any]:
    if family_of(field) == "text" and not field.case_sensitive:
        return str.lower
    return lambda value: value
