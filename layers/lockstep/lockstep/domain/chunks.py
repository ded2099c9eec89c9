"""A chunk: some rows of a load, that go by one ingest job at a time."""

from enum import StrEnum
from typing import Self

from pydantic import AwareDatetime, NonNegativeInt, PositiveInt

from lockstep.domain.changes import PayloadReference
from lockstep.domain.dialects import Dialect
from lockstep.domain.model import NonBlank, Shape, Stored
from lockstep.domain.row_counts import JobRows, RowCounts


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
