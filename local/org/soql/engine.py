"""Runs a query: parse, look everything up, pick candidates, filter, sort, cut, shape."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any

from local.org.soql.candidates import candidates
from local.org.soql.children import child_scope, compile_children
from local.org.soql.conditions import Compiler
from local.org.soql.errors import MALFORMED_QUERY
from local.org.soql.grouping import compile_groups, is_grouped, is_plain_count
from local.org.soql.operands import resolve_operand
from local.org.soql.ordering import compile_order
from local.org.soql.parser import parse
from local.org.soql.projection import compile_projection
from local.org.soql.scope import Scope, open_scope
from local.org.soql.semi_joins import check_places, compile_semi_join
from local.org.soql.syntax import Children, Query
from local.org.soql.tables import Record, Tables

_Shape = Callable[[Record], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class QueryResult:
    """All records of a query's answer, and their number; COUNT() has a number and no records.

    `children` are the names under which records hold nested results; `is_grouped` tells an answer of groups.
    """

    total_size: int
    records: list[dict[str, Any]]
    children: tuple[str, ...] = ()
    is_grouped: bool = False


def run_query(soql: str, org_tables: Tables, version: str, *, now: datetime | None = None) -> QueryResult:
    """Return the answer to a query.

    Args:
        soql: One SELECT statement.
        org_tables: The org's records.
        version: The API version that the records' urls name, as in `66.0`.
        now: The instant that TODAY and its kin start from; the present one where it is not given.

    Raises:
        SoqlError: The query is refused; code and message are those of the REST API.
    """
    query = parse(soql)
    scope = open_scope(soql, org_tables, query, version, now or datetime.now(UTC))
    if is_plain_count(query):
        return QueryResult(sum(1 for _ in _compile_cut(scope, query)()), [])
    if is_grouped(query):
        answer = compile_groups(scope, query)
        rows = answer(_compile_select(scope, query, is_inner=False)())
        return QueryResult(len(rows), rows, is_grouped=True)
    shape, children = _compile_shape(scope, query, level=1)
    rows = [shape(record) for record in _compile_cut(scope, query)()]
    return QueryResult(len(rows), rows, children)


def stream_query(soql: str, org_tables: Tables, version: str, *, now: datetime) -> Iterator[dict[str, Any]]:
    """Return the records of a query without groups one by one; nothing is read before the first is asked for.

    Raises:
        SoqlError: As `run_query` does.
    """
    query = parse(soql)
    scope = open_scope(soql, org_tables, query, version, now)
    shape, _ = _compile_shape(scope, query, level=1)
    cut = _compile_cut(scope, query)

    def records() -> Iterator[dict[str, Any]]:
        yield from map(shape, cut())

    return records()


def _compile_cut(scope: Scope, query: Query) -> Callable[[], Iterable[Record]]:
    select = _compile_select(scope, query, is_inner=False)
    sort = compile_order(scope, query.orderings, partial(resolve_operand, scope))
    stop = None if query.limit is None else query.offset + query.limit
    return lambda: islice(sort(select()), query.offset, stop)


def _compile_select(scope: Scope, query: Query, *, is_inner: bool) -> Callable[[], Iterable[Record]]:
    """Return what yields the records that WHERE lets pass."""
    if query.having is not None and not query.groups:
        raise scope.refuse(query.object_name, "HAVING needs GROUP BY", MALFORMED_QUERY)
    if query.condition is None:
        return scope.table.records
    check_places(scope, query.condition, is_inner=is_inner)
    compiler = Compiler(
        scope, partial(resolve_operand, scope), lambda join: compile_semi_join(scope, join, _compile_inner)
    )
    test, necessary = compiler.condition(query.condition)
    return lambda: filter(test, candidates(scope.table, necessary))


def _compile_inner(scope: Scope, query: Query) -> Callable[[], Iterator[Record]]:
    select = _compile_select(scope, query, is_inner=True)
    return lambda: iter(select())


def _compile_shape(scope: Scope, query: Query, *, level: int) -> tuple[_Shape, tuple[str, ...]]:
    """Return what shapes a record, and the names of the child relationships among its keys."""
    names: list[str] = []

    def children(item: Children) -> tuple[str, Callable[[Record], dict[str, Any] | None]]:
        inner, lookup = child_scope(scope, item.query, level)
        select = _compile_select(inner, item.query, is_inner=False)
        shape, _ = _compile_shape(inner, item.query, level=level + 1)
        names.append(lookup.child_relationship_name or "")
        return names[-1], compile_children(inner, lookup, item.query, select, shape)

    shape = compile_projection(scope, query, children)
    return shape, tuple(names)
