"""Looks once at a chunk's job, and books its rows when it has ended; killed anywhere, they are booked once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from lockstep.domain.bulk_job import Aborted, CollectResults, IngestJob, LookAgain, NotClosed, next_look
from lockstep.domain.chunks import Chunk, ChunkMessage, ChunkState
from lockstep.domain.failures import Disposition, FailureKind, SyncError
from lockstep.domain.load_keys import slot_name
from lockstep.domain.loads import Load
from lockstep.domain.row_counts import NO_JOB, NO_ROWS, JobRows, RowCounts
from lockstep.ports.bulk import BulkApi, JobSlots
from lockstep.ports.connection import ConnectionWatch
from lockstep.services.chunk_kinds import CollectChunk
from lockstep.services.collect_results import Collected, Ended
from lockstep.services.end_attempt import EndAttempt
from lockstep.services.finish_load import FinishLoad
from lockstep.services.load_desk import LoadDesk
from lockstep.services.tell_loads import tell_left, tell_misread, tell_stuck, tell_unaccounted

_CLOCK_SKEW = timedelta(seconds=2)
_LIMIT_WAIT_S = 900
_FAILED_LOOK_WAIT_S = 30


@dataclass(frozen=True, slots=True)
class PollReport:
    """What one look came to, in a word."""

    done: str
    load_id: str
    number: int
    attempt: int
    job: JobRows = NO_JOB
    counts: RowCounts = NO_ROWS
    unknown: int = 0
    undone: int = 0
    load_has_ended: bool = False
    failure: SyncError | None = None


class PollJob:
    """One look at one job.

    Args:
        lease_s: How long the function has a chunk; longer than it runs.
        stuck_after_s: After so long somebody is told that a job has not ended; it is watched on.
        give_back_after_s: After so long a backlog is not left to a job that does not end.
        may_leave: Whether such a job does no harm to its load's records when it goes on.
    """

    def __init__(  # noqa: PLR0913 - its collaborators
        self,
        *,
        desk: LoadDesk,
        bulk: BulkApi,
        slots: JobSlots,
        connection: ConnectionWatch,
        collect: CollectChunk,
        finish: FinishLoad,
        clock: Callable[[], datetime],
        new_owner: Callable[[], str],
        lease_s: int,
        stuck_after_s: int,
        give_back_after_s: int,
        may_leave: Callable[[Load], bool],
        end: EndAttempt,
        max_tries: int,
    ) -> None:
        self._desk = desk
        self._bulk = bulk
        self._slots = slots
        self._connection = connection
        self._collect = collect
        self._finish = finish
        self._clock = clock
        self._new_owner = new_owner
        self._lease = timedelta(seconds=lease_s)
        self._stuck_after = timedelta(seconds=stuck_after_s)
        self._give_back_after = timedelta(seconds=give_back_after_s)
        self._may_leave = may_leave
        self._end = end
        self._max_tries = max_tries

    def __call__(self, message: ChunkMessage, has_time: Callable[[], bool]) -> PollReport:
        """Look, and do what is due.

        Raises:
            SyncError: AWS_UNAVAILABLE; the message must come again.
        """
        load, chunk = self._desk.book.load(message.load_id), self._desk.book.chunk(message.load_id, message.number)
        if load is None or chunk is None:
            return PollReport("ignored", message.load_id, message.number, message.attempt)
        if message.attempt < chunk.attempt and chunk.state is ChunkState.QUEUED:
            # Whoever booked the attempt before may have died before it called the next one.
            self._desk.remind(chunk)
            return _report("reminded", chunk)
        if message.attempt != chunk.attempt or chunk.state is not ChunkState.IN_JOB:
            return self._after_the_end(chunk)
        if chunk.held_until is not None and chunk.held_until > self._clock() + _CLOCK_SKEW:
            return _report("early", chunk)  # another look is on its way, or at work
        return self._looked(load, chunk, has_time)

    def _after_the_end(self, chunk: Chunk) -> PollReport:
        """The books are closed; whoever closed them may have died before it looked at the load."""
        if chunk.state is not ChunkState.DONE:
            return _report("ignored", chunk)
        self._slots.give_back(chunk.object_name, slot_name(chunk))
        return _report("ignored", chunk, load_has_ended=self._finish(chunk.load_id))

    def _looked(self, load: Load, chunk: Chunk, has_time: Callable[[], bool]) -> PollReport:
        if refusal := self._connection.refusal():
            self._desk.look_later(chunk, refusal.retry_after_s or _FAILED_LOOK_WAIT_S)
            return _report("refused", chunk, failure=refusal)
        has_answered = False
        try:
            job = self._bulk.look(chunk.job_id) if chunk.job_id else None
            has_answered = job is not None
            report = self._stepped(load, chunk, job, has_time)
        except SyncError as exc:
            if exc.kind is FailureKind.AWS_UNAVAILABLE:
                raise
            self._connection.learn([exc], has_answered=has_answered)
            return self._failed_look(load, chunk, exc)
        self._connection.learn([], has_answered=has_answered)
        return report

    def _failed_look(self, load: Load, chunk: Chunk, failure: SyncError) -> PollReport:
        """Look again later, whatever it was: the job does not depend on it."""
        now = self._desk.book.chunk(chunk.load_id, chunk.number) or chunk
        if now.attempt != chunk.attempt or now.state is not ChunkState.IN_JOB:
            return _report("failed", chunk, failure=failure)  # it was booked before
        if failure.disposition is Disposition.PERSON:
            self._desk.park(load, now, failure.detail)
        else:
            self._desk.look_later(now, failure.retry_after_s or _FAILED_LOOK_WAIT_S)
        return _report("failed", chunk, failure=failure)

    def _stepped(self, load: Load, chunk: Chunk, job: IngestJob | None, has_time: Callable[[], bool]) -> PollReport:
        if job is None:
            return self._collected(
                load, chunk, Ended(None, _not_processed(None), tries_left=self._has_tries(chunk)), has_time
            )
        step = next_look(job, rows=chunk.job.submitted, looks=chunk.looks + 1, elapsed_s=self._elapsed_s(chunk))
        match step:
            case LookAgain(delay_s):
                if self._is_to_be_left(load, chunk):
                    return self._left(load, chunk, has_time)
                return self._look_again(load, chunk, delay_s)
            case NotClosed():
                self._desk.requeue(chunk, 0)  # it is submitted anew, and this job aborted
                return _report("not closed", chunk)
            case CollectResults(failure):
                return self._ended(load, chunk, job, failure, has_time)
            case Aborted():
                ended = Ended(job, _aborted(), tries_left=True, waits=True)
                return self._collected(load, chunk, ended, has_time)
            case _:
                assert_never(step)

    def _elapsed_s(self, chunk: Chunk) -> float:
        return (self._clock() - chunk.submitted_at).total_seconds() if chunk.submitted_at else 0.0

    def _look_again(self, load: Load, chunk: Chunk, delay_s: int) -> PollReport:
        now = self._clock()
        self._slots.take(chunk.object_name, slot_name(chunk), now)
        told = chunk.told_stuck_at
        if told is None and chunk.submitted_at and now - chunk.submitted_at > self._stuck_after:
            tell_stuck(self._desk, load, chunk, self._stuck_after)
            told = now
        self._desk.look_later(chunk, delay_s, looks=chunk.looks + 1, told_stuck_at=told)
        return _report("at work", chunk)

    def _is_to_be_left(self, load: Load, chunk: Chunk) -> bool:
        is_late = self._elapsed_s(chunk) > self._give_back_after.total_seconds()
        return is_late and chunk.is_backlog and self._may_leave(load)

    def _left(self, load: Load, chunk: Chunk, has_time: Callable[[], bool]) -> PollReport:
        """Let the changes go by REST; the org refuses the job's rows where those are older by then."""
        tell_left(self._desk, load, chunk, self._give_back_after)
        cause = SyncError(FailureKind.BULK_JOB_STUCK, "the ingest job does not end; the change goes by REST")
        return self._collected(load, chunk, Ended(None, cause, tries_left=True, is_left=True), has_time)

    def _ended(
        self, load: Load, chunk: Chunk, job: IngestJob, failure: SyncError | None, has_time: Callable[[], bool]
    ) -> PollReport:
        if failure is not None and not job.processed:
            if failure.kind is FailureKind.ROUTE_BROKEN and not chunk.is_backlog:
                why = f"Salesforce refuses the job of chunk {chunk.number}: {failure.vendor_message or failure.detail}"
                self._end.refused(load, chunk, why)
                return _report("waiting", chunk, failure=failure)
            if failure.kind is FailureKind.ORG_LIMIT_EXCEEDED:
                self._end.again(chunk, _LIMIT_WAIT_S)
                return _report("limited", chunk, failure=failure)
        ended = Ended(job, _not_processed(failure), tries_left=self._has_tries(chunk))
        return self._collected(load, chunk, ended, has_time)

    def _has_tries(self, chunk: Chunk) -> bool:
        return chunk.tries + 1 < self._max_tries

    def _collected(self, load: Load, chunk: Chunk, ended: Ended, has_time: Callable[[], bool]) -> PollReport:
        claimed = self._desk.save(chunk, holder=self._new_owner(), held_until=self._clock() + self._lease)
        if claimed is None:
            return _report("early", chunk)
        collected = self._collect(load, claimed, ended, has_time)
        # What goes once more was counted the first time.
        booked = NO_ROWS if chunk.is_repeat else claimed.booked_counts + collected.counts
        if not collected.is_complete:
            self._desk.look_later(claimed, 0, booked=collected.booked, booked_counts=booked)
            return _report("out of time", chunk)
        if collected.job.missing or collected.unknown:
            tell_unaccounted(self._desk, load, claimed, collected)
        if claimed.prepared.read and claimed.misread:
            tell_misread(self._desk, load, claimed)
        return self._booked(load, claimed, ended, collected, claimed.prepared + booked)

    def _booked(self, load: Load, chunk: Chunk, ended: Ended, collected: Collected, counts: RowCounts) -> PollReport:
        has_ended = False
        if collected.rest is not None:
            booked = {"counts": chunk.counts + counts, "job": collected.job}
            self._end.with_rest(load, chunk, ended, collected.rest, booked)
        elif self._end.done(chunk, counts, collected.job):
            has_ended = self._finish(chunk.load_id)
        else:
            return _report("early", chunk)  # another has booked it
        facts = {"job": collected.job, "counts": counts, "unknown": collected.unknown, "undone": collected.undone}
        return _report("booked", chunk, **facts, load_has_ended=has_ended)


def _not_processed(failure: SyncError | None) -> SyncError:
    """Say why a row was not processed; what the job met is not the row's fault."""
    why = f": {failure.vendor_message or failure.detail}" if failure else ""
    return SyncError(
        FailureKind.BULK_JOB_FAILED,
        "the ingest job ended before it came to this row; the row goes again",
        error_code=failure.error_code if failure else None,
        vendor_message=why.lstrip(": ") or None,
    )


def _aborted() -> SyncError:
    return SyncError(FailureKind.BULK_JOB_ABORTED, "somebody aborted the ingest job before it came to this row")


def _report(done: str, chunk: Chunk, **more: object) -> PollReport:
    return PollReport(done, chunk.load_id, chunk.number, chunk.attempt, **more)  # type: ignore[arg-type]
