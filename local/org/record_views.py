"""Single records: create, read, update, upsert and delete, by id or by external ID."""

from collections.abc import Callable, Collection, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from local.org import ids
from local.org.collection_writes import existing
from local.org.errors import DeserializeError, RowError, SeveralRecordsError, malformed, not_found
from local.org.json_body import read_object
from local.org.messages import Answer
from local.org.preconditions import etag_headers, unmet_for_read, unmet_for_write
from local.org.record import ID, Record
from local.org.routing import Context
from local.org.rows import Row, read_row
from local.org.table import Column, Table
from local.org.write_results import id_in_body, saved, upserted

_FIRST_UPSERT_WITH_CREATED = 46.0


def table_named(context: Context, name: str) -> Table:
    """Return the object's table.

    Raises:
        OrgError: 404 for an unknown object.
    """
    table = context.org.store.table(name)
    if table is None:
        raise not_found()
    return table


def _table(context: Context) -> Table:
    return table_named(context, context.names["object"])


def attributes_of(context: Context, table: Table, record: Record) -> dict[str, str]:
    """Return the `attributes` that every record begins with."""
    name = table.schema.name
    return {"type": name, "url": f"{context.base}/sobjects/{name}/{record[ID]}"}


def render(context: Context, table: Table, record: Record, field_names: Sequence[str]) -> dict[str, Any]:
    """Return the record as REST shows it."""
    values = {name: record.get(name) for name in field_names}
    return {"attributes": attributes_of(context, table, record), **values}


def chosen_fields(table: Table, listed: Sequence[str] | None) -> list[str]:
    """Return the API names of the fields asked for, all where none were.

    Raises:
        OrgError: INVALID_FIELD.
    """
    if listed is None:
        return list(table.schema.fields)
    names = []
    for name in listed:
        field = table.schema.find(name.strip())
        if field is None:
            raise malformed("INVALID_FIELD", f"No such column '{name}' on sobject of type {table.schema.name}")
        names.append(field.name)
    return names


def create_record(context: Context) -> Answer:
    """Answer POST sobjects/{object}."""
    table = _table(context)
    row = _row(context, table)
    if row.record_id is not None:
        raise id_in_body()
    record_id = _write(context, table, row.keys(), lambda: context.org.writer.create(table, row)[ID])
    return _created(context, table, saved(record_id))


def create_by_id_field(context: Context) -> Answer:
    """Answer POST sobjects/{object}/Id: an upsert that always creates."""
    table = _table(context)
    row = _row(context, table)
    if row.record_id is not None:
        raise id_in_body()
    record_id = _write(context, table, row.keys(), lambda: context.org.writer.create(table, row)[ID])
    return _created(context, table, upserted(record_id, created=True))


def read_record(context: Context) -> Answer:
    """Answer GET sobjects/{object}/{id}."""
    table = _table(context)
    try:
        record = _addressed(table, context.names["id"])
    except RowError as error:
        if error.status_code == "INVALID_CROSS_REFERENCE_KEY":
            raise not_found() from error
        raise
    if (unmet := unmet_for_read(context.request, table, record)) is not None:
        return unmet
    return _shown(context, table, record)


def update_record(context: Context) -> Answer:
    """Answer PATCH sobjects/{object}/{id}."""
    table = _table(context)
    record = _addressed(table, context.names["id"])
    if (unmet := unmet_for_write(context.request, table, record)) is not None:
        return unmet
    row = _row(context, table)
    if row.record_id is not None:
        raise id_in_body()
    _write(context, table, row.keys() | {record[ID]}, lambda: context.org.writer.update(table, record, row))
    return Answer(HTTPStatus.NO_CONTENT, rows=1)


def delete_record(context: Context) -> Answer:
    """Answer DELETE sobjects/{object}/{id}."""
    table = _table(context)
    record = _addressed(table, context.names["id"])
    _write(context, table, {record[ID]}, lambda: context.org.writer.delete(table, record))
    return Answer(HTTPStatus.NO_CONTENT, rows=1)


def read_by_external_id(context: Context) -> Answer:
    """Answer GET sobjects/{object}/{field}/{value}."""
    table = _table(context)
    record = _one(table, _key(context, table), context.names["value"])
    if record is None:
        raise not_found()
    return _shown(context, table, record)


def delete_by_external_id(context: Context) -> Answer:
    """Answer DELETE sobjects/{object}/{field}/{value}."""
    table, value = _table(context), context.names["value"]
    record = _one(table, _key(context, table), value)
    if record is None:
        raise not_found()
    _write(context, table, {value, record[ID]}, lambda: context.org.writer.delete(table, record))
    return Answer(HTTPStatus.NO_CONTENT, rows=1)


def upsert_by_external_id(context: Context) -> Answer:
    """Answer PATCH sobjects/{object}/{field}/{value}."""
    table = _table(context)
    if context.names["field"].lower() == "id":
        return update_record(_with_id(context))
    key = _key(context, table)
    value = _key_value(key, context.names["value"])
    row = _row(context, table)
    _refuse_key_in_body(key, row)
    row.values.append((key, value))
    record = _one(table, key, context.names["value"])
    if record is None:
        return _insert_by_key(context, table, row)
    _write(context, table, row.keys() | {record[ID]}, lambda: context.org.writer.update(table, record, row))
    return _updated(context, record)


def _insert_by_key(context: Context, table: Table, row: Row) -> Answer:
    if context.request.query.get("updateOnly", "").lower() == "true":
        raise not_found()
    record_id = _write(context, table, row.keys(), lambda: context.org.writer.create(table, row)[ID])
    if float(context.version) < _FIRST_UPSERT_WITH_CREATED:
        return _created(context, table, saved(record_id))
    return _created(context, table, upserted(record_id, created=True))


def _updated(context: Context, record: Record) -> Answer:
    if float(context.version) < _FIRST_UPSERT_WITH_CREATED:
        return Answer(HTTPStatus.NO_CONTENT, rows=1)
    return Answer(HTTPStatus.OK, upserted(record[ID], created=False), rows=1)


def _with_id(context: Context) -> Context:
    return Context(context.org, context.request, context.version, {**context.names, "id": context.names["value"]})


def _refuse_key_in_body(key: Column, row: Row) -> None:
    if row.record_id is not None:
        raise id_in_body()
    if any(column is key for column, _ in row.values):
        message = f"The {key.field.name} field should not be specified in the sobject data."
        raise malformed("INVALID_FIELD", message)


def _row(context: Context, table: Table) -> Row:
    return read_row(table, read_object(context.request))


def _write(context: Context, table: Table, keys: Collection[str], write: Callable[[], Any]) -> Any:
    """Write, or fail as a planned row fault says."""
    faults = context.org.faults
    plan = faults.for_row(table.schema.name, keys) if faults.has_row_faults else None
    context.org.writer.save_number += 1
    with context.org.automation.chunk():
        if plan is None:
            return write()
        if plan.when == "after":
            write()
    _, code, message = plan.answer
    raise RowError(code, message, plan.fields, status=plan.status or HTTPStatus.BAD_REQUEST)


def _addressed(table: Table, record_id: str) -> Record:
    """Return the record of the path's id; what is wrong with that id is a 404 (a 400 where it is another object's)."""
    if ids.shorten(record_id) is None:
        raise not_found(f"Provided external ID field does not exist or is not accessible: {record_id}")
    try:
        return existing(table, record_id)
    except RowError as error:
        if error.status_code != "MALFORMED_ID":
            error.status = HTTPStatus.NOT_FOUND
        raise


def _key(context: Context, table: Table) -> Column:
    column = table.column(context.names["field"])
    if column is None or column.index is None:
        raise not_found()
    return column


def _key_value(key: Column, text: str) -> Any:
    """Return the path's text as the field keeps it."""
    if not text:
        raise not_found()
    try:
        return key.accept(text)
    except DeserializeError as error:
        raise not_found(f"Provided external ID field does not exist or is not accessible: {text}") from error


def _one(table: Table, key: Column, text: str) -> Record | None:
    index = key.index
    found = () if index is None else index.find(_key_value(key, text))
    if len(found) > 1:
        raise SeveralRecordsError([f"{table.schema.name}/{record[ID]}" for record in found])
    return found[0] if found else None


def _shown(context: Context, table: Table, record: Record) -> Answer:
    listed = context.request.query.get("fields")
    names = chosen_fields(table, listed.split(",") if listed else None)
    headers = etag_headers(context.request, table, record)
    return Answer(value=render(context, table, record, names), headers=headers, rows=1)


def _created(context: Context, table: Table, result: dict[str, Any]) -> Answer:
    location = f"{context.base}/sobjects/{quote(table.schema.name)}/{result['id']}"
    return Answer(HTTPStatus.CREATED, result, [("Location", location)], rows=1)
