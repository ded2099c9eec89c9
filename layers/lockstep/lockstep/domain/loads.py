"""A load: one file that was taken in, and how far it is."""

import hashlib
from enum import StrEnum

from pydantic import AwareDatetime, NonNegativeInt

from lockstep.domain.changes import PayloadReference
from lockstep.domain.comparisons import Comparison
from lockstep.domain.dialects import Dialect
from lockstep.domain.model import NonBlank, Stored
from lockstep.domain.row_counts import RowCounts


class LoadState(StrEnum):
    """Where a load is. A released value is never renamed: it is stored."""

    SPLITTING = "Splitting"  # its chunks are still being cut
    RUNNING = "Running"
    WAITING = "Waiting"  # for a person: `waits_for` says why
    DONE = "Done"  # every row is at its end, or in the error log
    STOPPED = "Stopped"  # given up by a person


class Load(Stored):
    """One file.

    `name` is what people call the file. `file_time_ms` is when it was written, in ms since 1970. `split_to_byte` and
    `split_to_line` say how far the chunks reach; `chunks` is how many there are, final once `is_split`. `chunk_rows` is
    how many rows each has at most. Of a load that is `all_or_nothing`, rows were checked in as many chunks as
    `checked_chunks`, with `faults` found, and no chunk goes before all are checked. `counts` are of rows that never
    reached a chunk, because splitting could not read them; `totals` are those of all rows, once the load is done.
    `is_compared`: what is to be done about keys that stand in several chunks is done, or is a chunk. `file_problems`
    are what is wrong with the file as a whole, for people; none holds a value of it. One that `is_part` is never the
    whole truth, whatever its route says: `comparison` is of one that is. `part_of` is the load whose rows it has, where
    that is known.
    """

    load_id: NonBlank
    route: NonBlank
    source: NonBlank
    entity: NonBlank
    object_name: NonBlank
    name: NonBlank
    file: PayloadReference
    file_version: str = ""
    size_bytes: NonNegativeInt
    file_time_ms: NonNegativeInt
    correlation_id: NonBlank
    state: LoadState = LoadState.SPLITTING
    dialect: Dialect | None = None
    split_to_byte: NonNegativeInt = 0
    split_to_line: NonNegativeInt = 0
    chunks: NonNegativeInt = 0
    chunk_rows: NonNegativeInt = 0
    is_split: bool = False
    all_or_nothing: bool = False
    checked_chunks: NonNegativeInt = 0
    faults: NonNegativeInt = 0
    counts: RowCounts = RowCounts()
    totals: RowCounts | None = None
    is_compared: bool = False
    waits_for: str = ""
    file_problems: tuple[str, ...] = ()
    is_part: bool = False
    part_of: str = ""
    comparison: Comparison | None = None
    started_at: AwareDatetime
    updated_at: AwareDatetime
    ended_at: AwareDatetime | None = None

    @property
    def is_backlog(self) -> bool:
        """True where it is no file, but changes that the REST lane handed over."""
        return self.dialect is not None and self.dialect.is_backlog


def load_id(bucket: str, key: str, content: str) -> str:
    """Name a load by its file and content: the same object told twice is one load, new content under the key another.

    Args:
        bucket: The bucket.
        key: The key, decoded.
        content: What tells two contents apart: the ETag and the size.
    """
    digest = hashlib.sha256(f"{len(bucket)}:{bucket}{len(key)}:{key}{content}".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:24]


def row_event_id(load: str, line: int) -> str:
    """Name the event that a row of a load is."""
    return f"{load}:{line}"
