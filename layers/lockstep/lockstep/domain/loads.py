"""A load: one file that was taken in, its chunks, and where each of its rows is."""

import hashlib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AwareDatetime, Field, NonNegativeInt, PositiveInt, StringConstraints

from lockstep.domain.changes import PayloadReference
from lockstep.domain.comparisons import Comparison
from lockstep.domain.model import Shape

NonBlank = Annotated[str, StringConstraints(min_length=1, max_length=1024)]


class FileFormat(StrEnum):
    """How the rows of a file are written."""

    CSV = "csv"
    JSON_LINES = "jsonl"
    PARQUET = "parquet"
    CHANGES = "changes"  # JSON Lines of changes that the REST lane handed over: a backlog, not a file


class LoadState(StrEnum):
    """Where a load is. A released value is never renamed: it is stored."""

    SPLITTING = "Splitting"  # its chunks are still being cut
    RUNNING = "Running"
    WAITING = "Waiting"  # for a person: `waits_for` says why
    DONE = "Done"  # every row is at its end, or in the error log
    STOPPED = "Stopped"  # given up by a person


class ChunkState(StrEnum):
    """Where a chunk is. A released value is never renamed: it is stored."""

    HELD = "Held"  # all or nothing: until every row of the load is checked
    QUEUED = "Queued"  # its message is on the chunk queue
    SUBMITTING = "Submitting"  # claimed by a function; `job_id` may be known, and was not closed
    IN_JOB = "InJob"  # Salesforce has all of its rows
    WAITING = "Waiting"  # for a person: `waits_for` says why
    DONE = "Done"

    @property
    def is_at_work(self) -> bool:
        """True where the chunk goes on by itself."""
        return self in (ChunkState.QUEUED, ChunkState.SUBMITTING, ChunkState.IN_JOB)


class Dialect(Shape):
    """How the text of a file is written.

    `encoding` is Python's name. `header` are the columns of a CSV file, in their order; of other formats it is empty.
    """

    format: FileFormat
    is_gzip: bool = False
    encoding: str = "utf-8"
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] = ","
    header: tuple[str, ...] = ()

    @property
    def is_backlog(self) -> bool:
        """True where the rows are changes of the REST lane, and no file's."""
        return self.format is FileFormat.CHANGES


class RowCounts(Shape):
    """Where rows are: each that was read is in exactly one of the others, or still on its way.

    `rejected` could not be mapped, `logged` were refused by the org: both are in the error log. `by_rest` went to the
    inbound queue. `failures` says of rejected and logged ones why, by failure kind.
    """

    read: NonNegativeInt = 0
    rejected: NonNegativeInt = 0
    not_meant: NonNegativeInt = 0  # the route's condition does not hold
    collapsed: NonNegativeInt = 0  # another row of the chunk has the same key and is newer
    superseded: NonNegativeInt = 0  # something newer stands in the org, or a deletion is newer
    by_rest: NonNegativeInt = 0
    succeeded: NonNegativeInt = 0
    logged: NonNegativeInt = 0
    failures: Mapping[str, NonNegativeInt] = Field(default_factory=dict)

    @property
    def ended(self) -> int:
        """Rows that this load has nothing more to do for."""
        refused = self.rejected + self.logged
        return refused + self.not_meant + self.collapsed + self.superseded + self.by_rest + self.succeeded

    @property
    def on_their_way(self) -> int:
        """Rows that are neither at their end nor anywhere else; never below zero where the books are right."""
        return self.read - self.ended

    def __add__(self, other: "RowCounts") -> "RowCounts":
        """Add up place by place."""
        kinds = {*self.failures, *other.failures}
        failures = {kind: self.failures.get(kind, 0) + other.failures.get(kind, 0) for kind in sorted(kinds)}
        sums = {
            name: getattr(self, name) + getattr(other, name) for name in RowCounts.model_fields if name != "failures"
        }
        return RowCounts(**sums, failures=failures)

    @classmethod
    def sum_of(cls, counts: Iterable["RowCounts"]) -> "RowCounts":
        """Add up many."""
        total = cls()
        for each in counts:
            total += each
        return total


class JobRows(Shape):
    """What one ingest job was given, and what it says of that: the four must balance."""

    submitted: NonNegativeInt = 0
    successful: NonNegativeInt = 0
    failed: NonNegativeInt = 0
    unprocessed: NonNegativeInt = 0

    @property
    def missing(self) -> int:
        """Rows that no result file names."""
        return self.submitted - self.successful - self.failed - self.unprocessed


NO_ROWS = RowCounts()
NO_JOB = JobRows()


class Stored(Shape):
    """What is replaced as a whole, by a conditional write: `revision` counts the writes, from 1."""

    revision: NonNegativeInt = 0

    def changed(self, **changes: object) -> Self:
        """Return the next revision with other values."""
        return self.model_copy(update={**changes, "revision": self.revision + 1})


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


class RowsAt(Shape):
    """Where rows lie: in a file, from `first_byte` up to `end_byte`, without a header.

    `first_line` is the file's line number of the first of them, counted from 1, and `line_numbers` is false where the
    rows are no longer in the file's order and carry their own line number in a first column. `rows` is how many there
    are by the count of whoever has cut them; 0 where nobody has said.
    """

    file: PayloadReference
    file_version: str = ""
    dialect: Dialect
    first_byte: NonNegativeInt = 0
    end_byte: NonNegativeInt
    first_line: PositiveInt = 1
    line_numbers: bool = True
    rows: NonNegativeInt = 0


class Chunk(Stored):
    """Some rows of a load, that go by one ingest job at a time.

    Its rows lie where `RowsAt` says; after its first attempt those that were left over do, and `origin` says where all
    of them are. `attempt` counts jobs, from 1, and `tries` those that failed. `counts` are booked once for each
    attempt; `prepared` are the present attempt's rows that did not go into its job, and `job` is what that was given.
    `booked` failures are stored so far of those that are being stored, and `booked_counts` is what became of them.
    `holder` has the chunk until `held_until`; of one that waits in a queue that is when its message is due.
    `is_repeat`: its rows were counted in other chunks, and go once more because they are the last of their keys. The
    changes of a backlog go back `by_rest` where no job is to be made of them.
    """

    load_id: NonBlank
    number: PositiveInt
    object_name: NonBlank
    file: PayloadReference
    file_version: str = ""
    dialect: Dialect
    first_byte: NonNegativeInt = 0
    end_byte: NonNegativeInt
    first_line: PositiveInt = 1
    line_numbers: bool = True
    rows: NonNegativeInt = 0
    origin: RowsAt | None = None
    is_repeat: bool = False
    state: ChunkState = ChunkState.QUEUED
    attempt: PositiveInt = 1
    tries: NonNegativeInt = 0
    job_id: str = ""
    job: JobRows = JobRows()
    prepared: RowCounts = RowCounts()
    booked: NonNegativeInt = 0
    booked_counts: RowCounts = RowCounts()
    looks: NonNegativeInt = 0
    submitted_at: AwareDatetime | None = None
    told_stuck_at: AwareDatetime | None = None
    counts: RowCounts = RowCounts()
    waits_for: str = ""
    by_rest: bool = False
    holder: str = ""
    held_until: AwareDatetime | None = None
    updated_at: AwareDatetime

    @property
    def is_backlog(self) -> bool:
        """True where its rows are changes of the REST lane."""
        return self.dialect.is_backlog

    @property
    def rows_at(self) -> RowsAt:
        """Where all its rows are, those that have ended too."""
        return self.origin or RowsAt(**{name: getattr(self, name) for name in RowsAt.model_fields})

    @property
    def read(self) -> int:
        """How many rows were read of it: none, or all."""
        return self.counts.read + self.prepared.read

    @property
    def misread(self) -> int:
        """How many rows more were read than were cut; below 0 some were lost, and 0 until they are read."""
        is_read = self.read or self.state is ChunkState.DONE
        return self.read - self.rows_at.rows if is_read and self.rows_at.rows and not self.is_repeat else 0

    def with_all_rows(self) -> Self:
        """Return the chunk as it was at first."""
        at = self.rows_at
        return self.model_copy(update={name: getattr(at, name) for name in RowsAt.model_fields})


class ChunkMessage(Shape):
    """What the chunk queue and the poll queue carry: which chunk is to be looked at, and in which attempt.

    With `compares` it is the load's comparison with the org that is to be looked at, and no chunk.
    """

    load_id: NonBlank
    number: PositiveInt
    attempt: PositiveInt = 1
    compares: bool = False


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
