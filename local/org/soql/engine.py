"""Runs a query: parse, look everything up, pick candidates, filter, sort, cut, shape."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from local.org.soql.aggregates import compile_aggregates, is_aggregate, is_plain_count
from local.org.soql.candidates import candidates
from local.org.soql.conditions import compile_condition
from local.org.soql.errors import INVALID_TYPE, MALFORMED_QUERY, error_at
from local.org.soql.ordering import compile_order
from local.org.soql.parser import parse
from local.org.soql.projection import compile_projection
from local.org.soql.scope import Scope
from local.org.soql.syntax import Query
from local.org.soql.tables import Record, Table, Tables


@dataclass(frozen=True, slots=True)
class QueryResult:
    """All records of a query's answer, and their number; COUNT() has a number and no records."""

    total_size: int
    records: list[dict[str, Any]]


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
    scope = Scope(soql, org_tables, table_of(query, org_tables), query.alias.text if query.alias else None)
    answer = _answerer(scope, query, version)
    select = _selector(scope, query, now or datetime.now(UTC))
    sort = compile_order(scope, query.orderings)
    stop = None if query.limit is None else query.offset + query.limit
    return answer(islice(sort(select()), query.offset, stop))


def table_of(query: Query, org_tables: Tables) -> Table:
    """Return the table that a query reads.

    Raises:
        SoqlError: INVALID_TYPE where there is none, or none that can be queried.
    """
    table = org_tables.table(query.object_name.text)
    if table is None or "queryable" not in table.schema.capabilities:
        message = (
            f"sObject type '{query.object_name.text}' is not supported. If you are attempting to use a custom object, "
            "be sure to append the '__c' after the entity name. "
            "Please reference your WSDL or the describe call for the appropriate names."
        )
        raise error_at(query.text, INVALID_TYPE, message, query.object_name.position)
    return table


def _answerer(scope: Scope, query: Query, version: str) -> Callable[[Iterable[Record]], QueryResult]:
    """Return what turns the chosen records into the answer."""
    if is_plain_count(query.selected):
        return lambda records: QueryResult(sum(1 for _ in records), [])
    if any(map(is_aggregate, query.selected)):
        return _aggregate_answerer(scope, query)
    shape = compile_projection(scope, query, version)

    def answer(records: Iterable[Record]) -> QueryResult:
        shaped = [shape(record) for record in records]
        return QueryResult(len(shaped), shaped)

    return answer


def _aggregate_answerer(scope: Scope, query: Query) -> Callable[[Iterable[Record]], QueryResult]:
    if query.orderings:
        word = query.orderings[0].path.words[0]
        raise scope.refuse(word, f"Ordered field must be grouped or aggregated: {word.text}", MALFORMED_QUERY)
    if query.limit is not None or query.offset:
        message = "the local org does not do LIMIT and OFFSET beside aggregate functions"
        raise scope.refuse(query.object_name, message, MALFORMED_QUERY)
    aggregate = compile_aggregates(scope, query.selected)
    return lambda records: QueryResult(1, aggregate(records))


def _selector(scope: Scope, query: Query, now: datetime) -> Callable[[], Iterable[Record]]:
    if query.condition is None:
        return scope.table.records
    test, necessary = compile_condition(scope, query.condition, now)
    return lambda: filter(test, candidates(scope.table, necessary))
