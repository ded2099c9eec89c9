"""Queries and their pages."""

import re
from collections.abc import Sequence
from typing import Any

from local.org.cursors import DEFAULT_BATCH, LEAST_BATCH, MOST_BATCH, Page
from local.org.errors import malformed, not_found
from local.org.everything import Everything
from local.org.messages import Answer
from local.org.routing import Context
from local.org.soql import SoqlError, Tables, describe_columns, run_query

_MOST_CHARACTERS = 100_000  # limits cheatsheet, SOQL and SOSL limits
_NO_MORE_GROUPS = "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch"
_BATCH_SIZE = re.compile(r"\bbatchSize\s*=\s*(\d{1,6})\b", re.IGNORECASE | re.ASCII)


def query(context: Context) -> Answer:
    """Answer GET query?q=; with `columns=true` not the records but what their columns are."""
    return _answer(context, context.org.store, "query")


def query_all(context: Context) -> Answer:
    """Answer GET queryAll?q=: deleted records too."""
    return _answer(context, Everything(context.org.store), "queryAll")


def _answer(context: Context, tables: Tables, resource: str) -> Answer:
    soql = _soql(context, resource)
    try:
        if context.request.query.get("columns", "").lower() == "true":
            return Answer(value=describe_columns(soql, tables))
        result = run_query(soql, tables, context.version)
    except SoqlError as error:
        raise malformed(error.error_code, error.message) from error
    batch_size = _batch_size(context)
    if result.is_grouped and len(result.records) > batch_size:
        raise malformed("EXCEEDED_ID_LIMIT", _NO_MORE_GROUPS)
    if result.children:
        for record in result.records:
            _cut_children(context, record, result.children, batch_size, resource)
    page = context.org.cursors.first_page(result.records, result.total_size, batch_size)
    return _paged(context, page, resource)


def _soql(context: Context, resource: str) -> str:
    """Return the query's text; 404 for `explain`, 400 where there is none or too much of it."""
    soql = context.request.query.get("q", "")
    if not soql.strip() and "explain" in context.request.query:
        raise not_found(f"{resource}?explain= is not emulated")
    if not soql.strip():
        raise malformed("MALFORMED_QUERY", "A query string has to be specified")
    if len(soql) > _MOST_CHARACTERS:
        raise malformed("MALFORMED_QUERY", f"SOQL statements cannot be longer than {_MOST_CHARACTERS} characters.")
    return soql


def _cut_children(
    context: Context, record: dict[str, Any], names: Sequence[str], batch_size: int, resource: str
) -> None:
    """Leave a first page in each long list of children; the rest has a cursor of its own."""
    for name in names:
        nested = record[name]
        if nested is not None and len(nested["records"]) > batch_size:
            page = context.org.cursors.first_page(nested["records"], nested["totalSize"], batch_size)
            record[name] = _paged(context, page, resource).value


def query_more(context: Context) -> Answer:
    """Answer GET query/{locator} and queryAll/{locator}."""
    resource = "queryAll" if context.request.segments[3].lower() == "queryall" else "query"
    return _paged(context, context.org.cursors.next_page(context.names["locator"], _batch_size(context)), resource)


def _batch_size(context: Context) -> int:
    match = _BATCH_SIZE.search(context.request.header("sforce-query-options"))
    return min(max(int(match[1]), LEAST_BATCH), MOST_BATCH) if match else DEFAULT_BATCH


def _paged(context: Context, page: Page, resource: str) -> Answer:
    body: dict[str, Any] = {"totalSize": page.total_size, "done": page.next_locator is None}
    if page.next_locator is not None:
        body["nextRecordsUrl"] = f"{context.base}/{resource}/{page.next_locator}"
    return Answer(value={**body, "records": page.records}, rows=len(page.records))
