"""Runs the query of a job: its columns, what it cannot ask for, and its rows as CSV."""

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from local.org.bulk.numerals import java_double
from local.org.bulk.query_job import QueryColumn, QueryJob, QueryPlan, ResultTable
from local.org.bulk.words import FIRST_VERSION_IN_UPLOAD_ORDER
from local.org.errors import OrgError, malformed
from local.org.soql import SoqlError, Tables, describe_columns, stream_query
from local.org.soql.parser import parse
from local.org.soql.syntax import Path, Query, Selected

_AGGREGATE = "aggregate"
_COMPOUND = frozenset({"Address", "Location", "Blob"})


def plan_query(soql: str, tables: Tables, now: datetime) -> QueryPlan:
    """Return what the query reads.

    Raises:
        OrgError: The query is wrong, or asks for what a job does not do.
    """
    try:
        query = parse(soql)
        _refuse_clauses(query)
        described = describe_columns(soql, tables)
        columns = tuple(_flattened(described["columnMetadata"]))
        _refuse_columns(columns)
        stream_query(soql, tables, "", now=now)
    except SoqlError as error:
        raise malformed(error.error_code, error.message) from error
    return QueryPlan(described["entityName"], _in_order(columns, query.selected))


def _flattened(described: Sequence[Mapping[str, Any]], before: tuple[str, ...] = ()) -> Iterator[QueryColumn]:
    for column in described:
        path = (*before, column["columnName"])
        if column["joinColumns"]:
            yield from _flattened(column["joinColumns"], path)
        else:
            yield QueryColumn(path, _AGGREGATE if column["aggregate"] else column["apexType"] or "String")


def _refuse_clauses(query: Query) -> None:
    if query.groups:
        raise _not_in_bulk("GROUP BY not supported in Bulk Query")
    if query.offset:
        raise _not_in_bulk("OFFSET not supported in Bulk Query")
    if not all(isinstance(each, Selected) for each in query.selected):
        raise _not_in_bulk("Nested queries and TYPEOF not supported in Bulk Query")


def _refuse_columns(columns: Sequence[QueryColumn]) -> None:
    if any(column.apex_type == _AGGREGATE for column in columns):
        raise _not_in_bulk("Aggregate functions not supported in Bulk Query")
    if any(column.apex_type in _COMPOUND for column in columns):
        raise _not_in_bulk("Selecting compound data not supported in Bulk Query")


def _not_in_bulk(message: str) -> OrgError:
    return malformed("API_ERROR", message)


def _in_order(columns: Sequence[QueryColumn], selected: Sequence[Any]) -> tuple[QueryColumn, ...]:
    """Return the columns in the order of the query: those of one parent stand together in its description."""
    place = {
        ".".join(word.text for word in each.operand.words).lower(): number
        for number, each in enumerate(selected)
        if isinstance(each.operand, Path)
    }
    return tuple(sorted(columns, key=lambda column: place.get(column.name.lower(), 0)))


def read_table(job: QueryJob, tables: Tables, now: datetime) -> ResultTable:
    """Return the job's result."""
    columns = job.plan.columns
    if job.version < FIRST_VERSION_IN_UPLOAD_ORDER:
        columns = tuple(sorted(columns, key=lambda column: column.name.lower()))
    records = stream_query(job.spec.query, tables, f"{job.version}", now=now)
    line, ending = _compile_line(columns, job.spec.column_delimiter.character), job.spec.line_ending.characters
    header = job.spec.column_delimiter.character.join(f'"{column.name}"' for column in columns) + ending
    rows, ends, length = [], array("Q"), 0
    for record in records:
        row = (line(record) + ending).encode()
        length += len(row)
        rows.append(row)
        ends.append(length)
    return ResultTable(header.encode(), b"".join(rows), ends)


def _compile_line(columns: Sequence[QueryColumn], delimiter: str) -> Callable[[Mapping[str, Any]], str]:
    gets = [_compile_get(column) for column in columns]
    between = f'"{delimiter}"'

    def line(record: Mapping[str, Any]) -> str:
        return f'"{between.join([get(record).replace(_QUOTE, _TWO) for get in gets])}"'

    return line


_QUOTE, _TWO = '"', '""'


def _compile_get(column: QueryColumn) -> Callable[[Mapping[str, Any]], str]:
    *parents, name = column.path
    text = _TEXTS.get(column.apex_type, str)

    def get(record: Mapping[str, Any]) -> str:
        here: Mapping[str, Any] | None = record
        for parent in parents:
            here = None if here is None else here[parent]
        value = None if here is None else here[name]
        return "" if value is None else text(value)

    return get


def _boolean(value: Any) -> str:
    return "true" if value else "false"


def _datetime(value: Any) -> str:
    return str(value).replace("+0000", "Z")


def _double(value: Any) -> str:
    return java_double(str(value))


_TEXTS: Mapping[str, Callable[[Any], str]] = {"Boolean": _boolean, "Datetime": _datetime, "Double": _double}
