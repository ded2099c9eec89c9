"""sObject Collections over REST: 200 with a result per row whenever the request is well formed."""

from collections.abc import Mapping, Sequence
from typing import Any

from local.org import ids
from local.org.errors import OrgError, malformed, not_found
from local.org.json_body import parser_error, read_object
from local.org.messages import Answer
from local.org.record_views import chosen_fields, render, table_named
from local.org.routing import Context
from local.org.rows import Row, read_row
from local.org.table import Table

MOST_ROWS = 200
_MOST_RUNS = 10
_MOST_IDS_READ = 2000

Body = Mapping[str, Any]


def create_records(context: Context) -> Answer:
    """Answer POST composite/sobjects."""
    body = read_object(context.request)
    rows = _rows_of_many_types(context, _records(body))
    results = context.org.collections.create(rows, all_or_none=_all_or_none(body))
    return Answer(value=results, rows=len(rows))


def update_records(context: Context) -> Answer:
    """Answer PATCH composite/sobjects."""
    body = read_object(context.request)
    rows = _rows_of_many_types(context, _records(body))
    results = context.org.collections.update(rows, all_or_none=_all_or_none(body))
    return Answer(value=results, rows=len(rows))


def upsert_records(context: Context) -> Answer:
    """Answer PATCH composite/sobjects/{object}/{field}."""
    table = table_named(context, context.names["object"])
    body = read_object(context.request)
    records = _records(body)
    _check_one_type(table, records)
    all_or_none, collections = _all_or_none(body), context.org.collections
    if context.names["field"].lower() == "id":
        results = collections.upsert_by_id(table, _rows(table, records), all_or_none=all_or_none)
        return Answer(value=results, rows=len(records))
    key = table.column(context.names["field"])
    if key is None or key.index is None:
        raise not_found()
    results = collections.upsert(table, key, _rows(table, records), all_or_none=all_or_none)
    return Answer(value=results, rows=len(records))


def delete_records(context: Context) -> Answer:
    """Answer DELETE composite/sobjects?ids=."""
    query = context.request.query
    record_ids = [each for each in query.get("ids", "").split(",") if each]
    if not record_ids:
        raise malformed("MISSING_ARGUMENT", "The ids parameter is required")
    _check_count(len(record_ids))
    all_or_none = query.get("allOrNone", "false").lower() == "true"
    results = context.org.collections.delete(record_ids, all_or_none=all_or_none)
    return Answer(value=results, rows=len(record_ids))


def read_records(context: Context) -> Answer:
    """Answer GET composite/sobjects/{object}?ids=&fields=."""
    query = context.request.query
    return _retrieve(context, query.get("ids", "").split(","), query.get("fields", "").split(","))


def read_listed_records(context: Context) -> Answer:
    """Answer POST composite/sobjects/{object}."""
    body = read_object(context.request)
    return _retrieve(context, _texts(body, "ids"), _texts(body, "fields"))


def _retrieve(context: Context, record_ids: Sequence[str], field_names: Sequence[str]) -> Answer:
    if len(record_ids) > _MOST_IDS_READ:
        raise malformed("EXCEEDED_ID_LIMIT", f"record limit reached. cannot read more than {_MOST_IDS_READ} records")
    table = table_named(context, context.names["object"])
    names = chosen_fields(table, [name for name in field_names if name])
    for each in record_ids:
        if ids.shorten(each) is None:
            raise malformed("MALFORMED_ID", f"malformed id {each}")
    found = [table.by_id(each) for each in record_ids]
    shown = [None if record is None else render(context, table, record, names) for record in found]
    return Answer(value=shown, rows=len(shown))


def _texts(body: Body, key: str) -> list[str]:
    values = body.get(key)
    if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
        raise parser_error(f"Cannot deserialize instance of {key} or request may be missing a required field")
    return values


def _records(body: Body) -> list[dict[str, Any]]:
    records = body.get("records")
    if not isinstance(records, list) or not all(isinstance(each, dict) for each in records):
        raise parser_error("Cannot deserialize instance of records or request may be missing a required field")
    _check_count(len(records))
    return records


def _check_count(count: int) -> None:
    if count > MOST_ROWS:
        message = f"record limit reached. cannot submit more than {MOST_ROWS} records into this call"
        raise malformed("EXCEEDED_ID_LIMIT", message)


def _all_or_none(body: Body) -> bool:
    value = body.get("allOrNone", False)
    if not isinstance(value, bool):
        raise parser_error("Cannot deserialize instance of boolean from the value of allOrNone")
    return value


def _type_name(record: Body) -> str:
    attributes = record.get("attributes")
    name = attributes.get("type") if isinstance(attributes, dict) else None
    if not isinstance(name, str):
        raise malformed("INVALID_TYPE", "Each record needs attributes with its type")
    return name


def _check_one_type(table: Table, records: Sequence[Body]) -> None:
    expected = table.schema.name
    for record in records:
        if _type_name(record) != expected and _type_name(record).lower() != expected.lower():
            raise malformed("INVALID_TYPE", f"Record of type {_type_name(record)} in a call for {expected}")


def _rows(table: Table, records: Sequence[Body]) -> list[Row]:
    return [read_row(table, record) for record in records]


def _rows_of_many_types(context: Context, records: Sequence[Body]) -> list[tuple[Table, Row]]:
    tables = [_table_of(context, record) for record in records]
    runs = sum(1 for before, table in zip([None, *tables], tables, strict=False) if before is not table)
    if runs > _MOST_RUNS:
        raise malformed("LIMIT_EXCEEDED", f"cannot submit more than {_MOST_RUNS} runs of one type into this call")
    return [(table, read_row(table, record)) for table, record in zip(tables, records, strict=True)]


def _table_of(context: Context, record: Body) -> Table:
    name = _type_name(record)
    table = context.org.store.table(name)
    if table is None:
        raise _unsupported_type(name)
    return table


def _unsupported_type(name: str) -> OrgError:
    return malformed("INVALID_TYPE", f"sObject type '{name}' is not supported.")
