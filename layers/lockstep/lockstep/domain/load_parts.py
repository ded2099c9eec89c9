"""Makes loads and chunks out of what was dropped."""

from datetime import datetime

from lockstep.domain.changes import PayloadReference, correlation_id
from lockstep.domain.chunks import Chunk, ChunkState
from lockstep.domain.codings import UTF_8
from lockstep.domain.cuts import Cut
from lockstep.domain.dialects import Dialect
from lockstep.domain.drops import Drop
from lockstep.domain.loads import Load, load_id
from lockstep.domain.routes import Route
from lockstep.domain.stamps import epoch_ms

UNKNOWN = "?"  # of a load whose route is not known, or of a drop that lies in no folder
_LOADS = "loads"


def begun_load(drop: Drop, now: datetime) -> Load:
    """Return the load of a drop, before anything of it was read."""
    name = load_id(drop.bucket, drop.key, drop.content)
    return Load(
        revision=1,
        load_id=name,
        route=drop.folder or UNKNOWN,
        source=UNKNOWN,
        entity=UNKNOWN,
        object_name=UNKNOWN,
        name=drop.name,
        file=PayloadReference(bucket=drop.bucket, key=drop.key),
        file_version=drop.version,
        size_bytes=drop.size,
        file_time_ms=epoch_ms(drop.at),
        correlation_id=correlation_id(_LOADS, name),
        started_at=now,
        updated_at=now,
    )


def routed_load(load: Load, route: Route) -> Load:
    """Return the load with what its route says."""
    return load.model_copy(
        update={
            "source": route.source,
            "entity": route.entity,
            "object_name": route.object_name,
            "all_or_nothing": bool(route.file and route.file.all_or_nothing),
        }
    )


def new_chunk(load: Load, dialect: Dialect, number: int, cut: Cut, now: datetime) -> Chunk:
    """Return the chunk that a piece of the load's own file is."""
    return Chunk(
        revision=1,
        load_id=load.load_id,
        number=number,
        object_name=load.object_name,
        file=load.file,
        file_version=load.file_version,
        dialect=dialect,
        first_byte=cut.start.byte,
        end_byte=cut.end.byte,
        first_line=cut.start.lines + 1,
        rows=cut.rows,
        state=ChunkState.HELD if load.all_or_nothing else ChunkState.QUEUED,
        updated_at=now,
    )


def in_piece(chunk: Chunk, piece: PayloadReference) -> Chunk:
    """Return the chunk with its text in an object of its own, decoded."""
    own = {"first_byte": 0, "end_byte": chunk.end_byte - chunk.first_byte, "file": piece, "file_version": ""}
    return chunk.model_copy(update=own)


def chunk_dialect(dialect: Dialect, *, is_decoded: bool) -> Dialect:
    """Return how the text of a chunk is written."""
    return dialect.model_copy(update={"encoding": UTF_8, "is_gzip": False}) if is_decoded else dialect
