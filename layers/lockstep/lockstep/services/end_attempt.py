"""Closes an attempt of a chunk: the chunk is done, goes again, or waits for a person; its slot is free then."""

from collections.abc import Mapping
from typing import Any

from lockstep.domain.backoff import RetrySchedule, Uniform
from lockstep.domain.chunks import Chunk, ChunkState
from lockstep.domain.load_keys import slot_name
from lockstep.domain.loads import Load
from lockstep.domain.row_counts import NO_JOB, NO_ROWS, JobRows, RowCounts
from lockstep.ports.bulk import JobSlots
from lockstep.services.collect_results import Ended, Rest
from lockstep.services.load_desk import LoadDesk

_NO_COUNTS: Mapping[str, Any] = {"prepared": NO_ROWS, "booked": 0, "booked_counts": NO_ROWS}
_LEAST_WAIT_S = 30


class EndAttempt:
    """What was booked of the attempt is stored in the same write that ends it."""

    def __init__(self, desk: LoadDesk, slots: JobSlots, schedule: RetrySchedule, uniform: Uniform) -> None:
        self._desk = desk
        self._slots = slots
        self._schedule = schedule
        self._uniform = uniform

    def done(self, chunk: Chunk, counts: RowCounts, job: JobRows) -> bool:
        """Say that all rows are at their end; False where another has said it.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        booked = {"counts": chunk.counts + counts, "job": job, "holder": "", "held_until": None}
        is_ours = self._desk.save(chunk, **_NO_COUNTS, **booked, state=ChunkState.DONE) is not None
        self._slots.give_back(chunk.object_name, slot_name(chunk))
        return is_ours

    def refused(self, load: Load, chunk: Chunk, why: str) -> None:
        """Let the chunk wait for a person as it is: nothing of it was processed.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        self._desk.park(load, chunk, why, **_next(chunk), job=NO_JOB)
        self._slots.give_back(chunk.object_name, slot_name(chunk))

    def again(self, chunk: Chunk, delay_s: int, **changes: object) -> None:
        """Let the chunk go again in a while.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        self._desk.requeue(chunk, delay_s, **_next(chunk), **changes)
        self._slots.give_back(chunk.object_name, slot_name(chunk))

    def with_rest(self, load: Load, chunk: Chunk, ended: Ended, rest: Rest, booked: Mapping[str, object]) -> None:
        """Let the rows that were not written go again: by themselves, or when a person says so.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        changes = {**booked, **_rows_of(chunk, rest)}
        if ended.waits:
            why = f"somebody aborted the ingest job {chunk.job_id}"
            self._desk.park(load, chunk, why, **_next(chunk), **changes)
            self._slots.give_back(chunk.object_name, slot_name(chunk))
        elif rest.is_failure:
            tries = chunk.tries + 1
            wait_s = self._schedule.wait_s(ended.cause.kind, min(tries, self._schedule.max_tries - 1), self._uniform)
            self.again(chunk, wait_s or _LEAST_WAIT_S, tries=tries, **changes)
        else:
            self.again(chunk, 0, **changes)


def _next(chunk: Chunk) -> dict[str, Any]:
    return {"attempt": chunk.attempt + 1, "job_id": "", "looks": 0, "submitted_at": None, **_NO_COUNTS}


def _rows_of(chunk: Chunk, rest: Rest) -> Mapping[str, object]:
    """Say where the rows lie that go again."""
    plain = {"is_gzip": False, "encoding": "utf-8", "delimiter": ","}
    return {
        "origin": chunk.rows_at,
        "file": rest.file,
        "file_version": "",
        "dialect": chunk.dialect.model_copy(update=plain),
        "first_byte": 0,
        "end_byte": rest.size_bytes,
        "first_line": 1,
        "line_numbers": False,
        "rows": rest.rows,
    }
