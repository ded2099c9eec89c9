"""Which records of an object were changed or deleted in a window of time, as replicating clients ask."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from local.org import record as slots
from local.org.errors import OrgError, malformed
from local.org.messages import Answer
from local.org.record import Record
from local.org.record_views import table_named
from local.org.routing import Context
from local.org.table import Table

_KEPT = timedelta(days=30)
_MINUTE = timedelta(minutes=1)
_CODE = "INVALID_REPLICATION_DATE"


def updated(context: Context) -> Answer:
    """Answer GET sobjects/{object}/updated?start=&end=."""
    table, (start, end) = _table(context), _window(context)
    ids = [record[slots.ID] for record in _stamped_within(table, start, end, lambda each: not each[slots.IS_DELETED])]
    return Answer(value={"ids": ids, "latestDateCovered": _written(end)}, rows=len(ids))


def deleted(context: Context) -> Answer:
    """Answer GET sobjects/{object}/deleted?start=&end=."""
    table, (start, end) = _table(context), _window(context)
    gone: list[dict[str, Any]] = [
        {"deletedDate": record[slots.MODSTAMP], "id": record[slots.ID]}
        for record in _stamped_within(table, start, end, lambda each: bool(each[slots.IS_DELETED]))
    ]
    value = {
        "deletedRecords": gone,
        "earliestDateAvailable": _written(_now(context) - _KEPT),
        "latestDateCovered": _written(end),
    }
    return Answer(value=value, rows=len(gone))


def _table(context: Context) -> Table:
    table = table_named(context, context.names["object"])
    if "replicateable" not in table.schema.capabilities:
        message = f"entity type {table.schema.name} does not support replication"
        raise malformed("INVALID_TYPE_FOR_OPERATION", message)
    return table


def _stamped_within(
    table: Table, start: datetime, end: datetime, is_wanted: Callable[[Record], bool]
) -> Iterator[Record]:
    first, after = _written(start), _written(end)
    for record in table.rows:
        if record is not None and first <= record[slots.MODSTAMP] < after and is_wanted(record):
            yield record


def _window(context: Context) -> tuple[datetime, datetime]:
    """Return start and end to the minute, seconds being ignored; what lies in the running minute is not told yet."""
    start, end = _date(context, "start"), _date(context, "end")
    now = _now(context)
    if start < now - _KEPT:
        raise malformed(_CODE, "startDate cannot be more than 30 days ago")
    if end - start < _MINUTE:
        raise malformed(_CODE, "endDate must be at least one minute greater than startDate")
    return start, min(end, now)


def _now(context: Context) -> datetime:
    return datetime.fromtimestamp(context.org.clock.now_s(), UTC).replace(second=0, microsecond=0)


def _date(context: Context, name: str) -> datetime:
    text = context.request.query.get(name, "")
    try:
        date = datetime.fromisoformat(text)
        if date.tzinfo is None:
            raise _no_date(name, text)
        return date.astimezone(UTC).replace(second=0, microsecond=0)
    except (ValueError, OverflowError) as error:
        raise _no_date(name, text) from error


def _no_date(name: str, text: str) -> OrgError:
    return malformed(_CODE, f"{name} must be a date and time with its zone, as 2026-01-31T12:00:00Z, not '{text}'")


def _written(date: datetime) -> str:
    return f"{date:%Y-%m-%dT%H:%M:%S}.000+0000"
