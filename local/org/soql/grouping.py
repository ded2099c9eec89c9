"""Queries whose answer is about groups of records: GROUP BY, HAVING, and aggregates over everything."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any

from local.org.describe_fields import is_groupable
from local.org.soql.aggregates import folded, is_aggregate, resolve_aggregate
from local.org.soql.conditions import Compiler, Test
from local.org.soql.errors import MALFORMED_QUERY
from local.org.soql.operands import resolve_operand
from local.org.soql.ordering import compile_order
from local.org.soql.scope import Resolved, Scope
from local.org.soql.syntax import Call, Operand, Path, Query, Selected, SemiJoin, first_word, matches, written
from local.org.soql.tables import Record

_ONLY_WHERE = "Semi-joins are only supported in WHERE clauses"
_SUBTOTALS = frozenset({"ROLLUP", "CUBE"})
_Group = list[Record]


def is_grouped(query: Query) -> bool:
    """Tell whether a query is answered by groups."""
    return bool(query.groups) or any(
        isinstance(each, Selected) and is_aggregate(each.operand) for each in query.selected
    )


def is_plain_count(query: Query) -> bool:
    """Tell whether the query only wants to know how many records there are: SELECT COUNT()."""
    only = query.selected[0]
    if len(query.selected) > 1 or not isinstance(only, Selected) or only.alias is not None or query.groups:
        return False
    return isinstance(only.operand, Call) and only.operand.name == "COUNT" and not only.operand.arguments


def compile_groups(scope: Scope, query: Query) -> Callable[[Iterable[Record]], list[dict[str, Any]]]:
    """Return what makes the rows of a grouped query of the chosen records.

    Raises:
        SoqlError: A field is neither grouped nor aggregated, or cannot be so.
    """
    grouping = _Grouping(scope, query.groups)
    if not query.groups:
        _check_overall(scope, query)
    columns = _columns(grouping, query)
    having = _having(grouping, query)
    sort = compile_order(scope, query.orderings, grouping.resolve_ordered)
    stop = None if query.limit is None else query.offset + query.limit

    def answer(records: Iterable[Record]) -> list[dict[str, Any]]:
        groups = [group for group in grouping.split(records) if having(group)]
        return [_row(columns, group) for group in islice(sort(groups), query.offset, stop)]

    return answer


def _row(columns: Sequence[tuple[str, Resolved]], group: Any) -> dict[str, Any]:
    return {"attributes": {"type": "AggregateResult"}, **{name: column.get(group) for name, column in columns}}


def _check_overall(scope: Scope, query: Query) -> None:
    """Without GROUP BY the whole answer is one row, which there is nothing to sort or cut of."""
    if query.having is not None:
        raise scope.refuse(query.object_name, "HAVING needs GROUP BY", MALFORMED_QUERY)
    if query.orderings:
        operand = query.orderings[0].operand
        message = f"Ordered field must be grouped or aggregated: {written(operand)}"
        raise scope.refuse(first_word(operand), message, MALFORMED_QUERY)
    if query.limit is not None or query.offset:
        clause = "OFFSET" if query.offset else "LIMIT"
        message = f"Non-grouped query that uses overall aggregate functions cannot also use {clause}"
        raise scope.refuse(query.object_name, message, MALFORMED_QUERY)


class _Grouping:
    """The keys of the groups, and what can be read of a group: its keys and aggregates."""

    def __init__(self, scope: Scope, keys: Sequence[Operand]) -> None:
        self.scope = scope
        self._keys = [(key, self._key(key)) for key in keys]

    def _key(self, key: Operand) -> Resolved:
        if isinstance(key, Call) and key.name in _SUBTOTALS:
            raise self.scope.refuse(key.function, f"GROUP BY {key.name} is not emulated", MALFORMED_QUERY)
        resolved = resolve_operand(self.scope, key)
        if isinstance(key, Path) and not is_groupable(resolved.field):
            message = f"field '{written(key)}' can not be grouped in a query call"
            raise self.scope.refuse(first_word(key), message, MALFORMED_QUERY)
        return resolved

    def split(self, records: Iterable[Record]) -> list[_Group]:
        """Return the groups, in the order of their first records; all in one where there are no keys."""
        if not self._keys:
            return [list(records)]
        gets = [resolved.get for _, resolved in self._keys]
        groups: dict[tuple[Any, ...], _Group] = {}
        for record in records:
            groups.setdefault(tuple(folded(get(record)) for get in gets), []).append(record)
        return list(groups.values())

    def resolve(self, operand: Operand) -> Resolved:
        """Return what an operand is of a group."""
        return self._resolve(operand, "Field must be grouped or aggregated")

    def resolve_ordered(self, operand: Operand) -> Resolved:
        """Return what a key of ORDER BY is of a group."""
        return self._resolve(operand, "Ordered field must be grouped or aggregated")

    def _resolve(self, operand: Operand, complaint: str) -> Resolved:
        if isinstance(operand, Call) and is_aggregate(operand):
            return resolve_aggregate(self.scope, operand)
        for key, resolved in self._keys:
            if matches(key, operand):
                return _of_first(resolved)
        resolve_operand(self.scope, operand)
        raise self.scope.refuse(first_word(operand), f"{complaint}: {written(operand)}", MALFORMED_QUERY)


def _of_first(resolved: Resolved) -> Resolved:
    """All records of a group have its keys in common, so the first one tells them."""

    def get(group: Any) -> Any:
        return resolved.get(group[0])

    return Resolved(resolved.field, resolved.name, (), get, get)


def _columns(grouping: _Grouping, query: Query) -> list[tuple[str, Resolved]]:
    columns: list[tuple[str, Resolved]] = []
    unnamed = 0
    for item in query.selected:
        if not isinstance(item, Selected):
            raise grouping.scope.refuse(query.object_name, "Grouped queries select fields only", MALFORMED_QUERY)
        resolved = grouping.resolve(item.operand)
        name = item.alias.text if item.alias else resolved.name
        if item.alias is None and isinstance(item.operand, Call):
            name, unnamed = f"expr{unnamed}", unnamed + 1
        if name in (taken for taken, _ in columns):
            raise grouping.scope.refuse(first_word(item.operand), f"duplicate alias: {name}", MALFORMED_QUERY)
        columns.append((name, resolved))
    return columns


def _having(grouping: _Grouping, query: Query) -> Test:
    if query.having is None:
        return lambda _group: True

    def semi_join(join: SemiJoin) -> Test:
        raise grouping.scope.refuse(first_word(join.operand), _ONLY_WHERE, MALFORMED_QUERY)

    return Compiler(grouping.scope, grouping.resolve, semi_join).condition(query.having)[0]
