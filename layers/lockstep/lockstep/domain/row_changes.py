"""A row of a file as a change, so that one that fails is what every change is that fails."""

from datetime import timedelta

from lockstep.domain.changes import Change, Operation, Version, content_hash, correlation_id
from lockstep.domain.json_text import JsonValue, dump_json
from lockstep.domain.loads import Load, row_event_id
from lockstep.domain.stamps import epoch_ms

FILE_TOPIC = "file"


def row_change(load: Load, line: int, external_id: str, version: int, payload: JsonValue) -> Change:
    """Return the change that a row is.

    Args:
        load: The row's load.
        line: The number of the row's first line in the file, from 1.
        external_id: The row's key.
        version: The row's version; 0 where it has none.
        payload: What the route's expressions see of the row.
    """
    text, event_id = dump_json(payload), row_event_id(load.load_id, line)
    return Change(
        correlation_id=correlation_id(load.source, event_id),
        source=load.source,
        entity=load.entity,
        operation=Operation.UPSERT,
        external_id=external_id,
        version=version,
        event_id=event_id,
        topic=FILE_TOPIC,
        event_at_ms=load.file_time_ms,
        received_at=load.started_at + timedelta(milliseconds=line),  # of two rows of one version the later is newer
        content_hash=content_hash(text.encode()),
        payload=text,
    )


def row_change_id(load: Load, line: int) -> str:
    """Return the correlation ID of the change that a row is."""
    return correlation_id(load.source, row_event_id(load.load_id, line))


def row_order(load: Load, line: int, version: int) -> Version:
    """Return where a row stands among the changes of its record."""
    return Version(version, load.file_time_ms, epoch_ms(load.started_at) + line)
