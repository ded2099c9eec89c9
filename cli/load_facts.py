"""What is known of a load, added up from its chunks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lockstep.domain.chunks import Chunk, ChunkState
from lockstep.domain.loads import Load, LoadState
from lockstep.domain.row_counts import JobRows, RowCounts

_ENDED = (LoadState.DONE, LoadState.STOPPED)


@dataclass(frozen=True, slots=True)
class JobFacts:
    """An ingest job of a chunk."""

    chunk: int
    attempt: int
    job_id: str
    state: ChunkState
    rows: JobRows
    url: str = ""


@dataclass(frozen=True, slots=True)
class LoadFacts:
    """A load with its rows counted.

    `counts` are of the rows that were read; `unread` are rows that no function has read yet, as far as the file is cut.
    """

    load: Load
    chunks: tuple[Chunk, ...]
    counts: RowCounts
    jobs: tuple[JobFacts, ...]
    rejects: tuple[str, ...]
    now: datetime
    missing_lists: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """Rows of the chunks that there are; all of the file's once it is cut."""
        return self.load.counts.read + sum(
            chunk.rows_at.rows or chunk.read for chunk in self.chunks if not chunk.is_repeat
        )

    @property
    def unread(self) -> int:
        """Rows that wait for a function."""
        waiting = (each for each in self.chunks if not each.read and not each.misread and not each.is_repeat)
        return sum(chunk.rows_at.rows for chunk in waiting)

    @property
    def misread(self) -> tuple[Chunk, ...]:
        """The chunks of which other rows were read than were cut."""
        return tuple(chunk for chunk in self.chunks if chunk.misread)

    @property
    def mapped(self) -> int:
        """Rows that became a record, or several."""
        return self.counts.read - self.counts.rejected - self.counts.not_meant

    @property
    def submitted(self) -> JobRows:
        """What the present jobs were given, and what they say of it."""
        jobs = [chunk.job for chunk in self.chunks]
        return JobRows(**{name: sum(getattr(job, name) for job in jobs) for name in JobRows.model_fields})

    @property
    def in_flight(self) -> int:
        """Rows that were read and are not at their end: below 0 the books are wrong."""
        return self.counts.on_their_way

    @property
    def is_balanced(self) -> bool:
        """True where every row is somewhere, and once only."""
        is_whole = self.load.state is not LoadState.DONE or (self.in_flight == 0 and self.unread == 0)
        return self.in_flight >= 0 and not self.misread and is_whole

    @property
    def elapsed(self) -> timedelta:
        """How long it has taken."""
        return max((self.load.ended_at or self.now) - self.load.started_at, timedelta())  # clocks differ

    @property
    def rows_per_s(self) -> float:
        """Rows that came to their end in a second, on average."""
        seconds = self.elapsed.total_seconds()
        return self.counts.ended / seconds if seconds > 0 else 0.0

    @property
    def left(self) -> timedelta | None:
        """How long the rest will take at that rate; None where that cannot be said yet."""
        if self.load.state in _ENDED:
            return timedelta()
        rest = self.rows - self.counts.ended
        return timedelta(seconds=rest / self.rows_per_s) if self.load.is_split and self.rows_per_s else None

    @property
    def has_failures(self) -> bool:
        """True where people have something to do or to know."""
        return bool(self.counts.rejected or self.counts.logged or self.load.file_problems)

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        load = self.load
        return {
            **{name: getattr(load, name) for name in _OF_A_LOAD},
            "rows": self.rows,
            "unread": self.unread,
            **self.counts.model_dump(),
            "mapped": self.mapped,
            "in_flight": self.in_flight,
            "is_balanced": self.is_balanced,
            "misread": [
                {"chunk": chunk.number, "cut": chunk.rows_at.rows, "read": chunk.read} for chunk in self.misread
            ],
            "jobs_rows": self.submitted.model_dump(),
            "elapsed_s": round(self.elapsed.total_seconds(), 1),
            "rows_per_s": round(self.rows_per_s, 1),
            "left_s": None if self.left is None else round(self.left.total_seconds(), 1),
            "chunk_states": {state: sum(chunk.state is state for chunk in self.chunks) for state in ChunkState},
            "jobs": [
                {"chunk": job.chunk, "attempt": job.attempt, "job_id": job.job_id, "state": job.state, "url": job.url,
                 **job.rows.model_dump()}
                for job in self.jobs
            ],
            "rejects": list(self.rejects),
            "comparison": load.comparison and load.comparison.model_dump(include=_OF_A_COMPARISON),
            "missing_lists": list(self.missing_lists),
        }  # fmt: skip


_OF_A_COMPARISON = {"rule", "limit_percent", "stage", "job_id", "known", "newer", "missing", "sent", "accepted", "why"}
_OF_A_LOAD = (
    *("load_id", "name", "route", "source", "entity", "object_name", "state", "waits_for", "size_bytes"),
    *("started_at", "updated_at", "ended_at", "is_split", "all_or_nothing", "file_problems"),
)


def load_facts(
    load: Load,
    chunks: Sequence[Chunk],
    *,
    rejects: Sequence[str],
    now: datetime,
    job_url: str = "",
    missing: Sequence[str] = (),
) -> LoadFacts:
    """Add up.

    Args:
        load: The load.
        chunks: All that it has.
        rejects: Where its rejects files are.
        now: The time.
        job_url: What stands before a job's Id in the address of its page.
        missing: Where the records are listed that the file does not name.
    """
    counts = RowCounts.sum_of([load.counts, *(_counts_of(chunk) for chunk in chunks)])
    jobs = tuple(
        JobFacts(each.number, each.attempt, each.job_id, each.state, each.job, job_url and job_url + each.job_id)
        for each in chunks
        if each.job_id
    )
    return LoadFacts(load, tuple(chunks), counts, jobs, tuple(rejects), now, tuple(missing))


def _counts_of(chunk: Chunk) -> RowCounts:
    """Return what is booked of a chunk, and what its present attempt has come to know already."""
    return chunk.counts + chunk.prepared + chunk.booked_counts
