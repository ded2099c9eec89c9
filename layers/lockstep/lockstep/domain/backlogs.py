"""A backlog: changes that the REST lane hands over to the bulk lane, as a load of one chunk."""

from collections.abc import Iterable
from datetime import datetime

from lockstep.domain.changes import Change, Operation, PayloadReference, correlation_id
from lockstep.domain.chunks import Chunk
from lockstep.domain.dialects import Dialect, FileFormat
from lockstep.domain.load_keys import FOLDER
from lockstep.domain.loads import Load, LoadState
from lockstep.domain.mapping import CompiledRoute
from lockstep.domain.messages import message_body

# One batch of Bulk API 2.0, and what a function of 256 MiB holds.
MOST_CHANGES = 10_000
MOST_BYTES = 16_000_000
_LOADS = "loads"


def is_plain_route(route: CompiledRoute) -> bool:
    """True where a change is one record, and the org need not be asked before it is written."""
    return not (route.also or route.lookups or route.create_only or route.makes_parents)


def is_plain(change: Change) -> bool:
    """True where a change may go by a job; what was deferred, tried or given back before goes by REST."""
    was_tried = change.is_logged or change.is_unsure or change.tries or change.deferrals
    return change.operation is Operation.UPSERT and change.payload is not None and not was_tried


def backlog_key(load_id: str) -> str:
    """Return the key of the object that holds the changes."""
    return f"{FOLDER}/{load_id}/changes.jsonl"


def backlog_lines(changes: Iterable[Change]) -> Iterable[bytes]:
    """Write each change as a line."""
    return (f"{message_body(change)}\n".encode() for change in changes)


def new_backlog(
    load_id: str, route_name: str, route: CompiledRoute, file: PayloadReference, size: int, rows: int, now: datetime
) -> tuple[Load, Chunk]:
    """Return the load and its chunk."""
    dialect = Dialect(format=FileFormat.CHANGES)
    load = Load(
        revision=1,
        load_id=load_id,
        route=route_name,
        source=route.source,
        entity=route.entity,
        object_name=route.object_name,
        name=f"backlog of {route_name}",
        file=file,
        size_bytes=size,
        file_time_ms=int(now.timestamp() * 1000),
        correlation_id=correlation_id(_LOADS, load_id),
        state=LoadState.RUNNING,
        dialect=dialect,
        split_to_byte=size,
        split_to_line=rows,
        chunks=1,
        chunk_rows=rows,
        is_split=True,
        started_at=now,
        updated_at=now,
    )
    chunk = Chunk(
        revision=1,
        load_id=load_id,
        number=1,
        object_name=route.object_name,
        file=file,
        dialect=dialect,
        end_byte=size,
        rows=rows,
        updated_at=now,
    )
    return load, chunk
