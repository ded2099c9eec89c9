"""Makes an ingest job of a chunk; killed anywhere, the chunk is taken up again without a second effect."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lockstep.domain.backoff import RetrySchedule, Uniform
from lockstep.domain.bulk_job import FIRST_LOOK_S, JobState
from lockstep.domain.chunks import Chunk, ChunkMessage, ChunkState
from lockstep.domain.failures import Disposition, FailureKind, SyncError
from lockstep.domain.load_keys import slot_name
from lockstep.domain.loads import Load, LoadState
from lockstep.domain.row_counts import NO_ROWS, JobRows, RowCounts
from lockstep.ports.bulk import BulkApi, JobSlots, LocalFile, LocalFiles, UpsertJob
from lockstep.ports.connection import ConnectionWatch
from lockstep.services.check_routes import Gate
from lockstep.services.chunk_kinds import PrepareChunk
from lockstep.services.finish_load import FinishLoad
from lockstep.services.load_desk import LoadDesk
from lockstep.services.prepare_rows import Prepared

NO_SLOT_WAIT_S = 120  # whoever ends a job calls the next chunk: this is for the case that nobody does
_CLOCK_SKEW = timedelta(seconds=2)
_MIN_WAIT_S = 5


@dataclass(frozen=True, slots=True)
class SubmitReport:
    """What was done with a chunk, in a word; `notes` count what the mapping did to values because the route asked."""

    done: str
    load_id: str
    number: int
    attempt: int
    rows: int = 0
    failure: SyncError | None = None
    notes: Mapping[tuple[str, str, str], int] = field(default_factory=Counter)


class SubmitChunk:
    """One chunk of one message.

    Args:
        lease_s: How long the function has a chunk; longer than it runs.
        give_back_after_s: After so long no job is made of a backlog any more: its changes go back.
    """

    def __init__(  # noqa: PLR0913 - its collaborators
        self,
        *,
        gate: Gate,
        desk: LoadDesk,
        bulk: BulkApi,
        slots: JobSlots,
        connection: ConnectionWatch,
        prepare: PrepareChunk,
        finish: FinishLoad,
        local_files: LocalFiles,
        clock: Callable[[], datetime],
        uniform: Uniform,
        new_owner: Callable[[], str],
        lease_s: int,
        give_back_after_s: int,
        schedule: RetrySchedule,
    ) -> None:
        self._gate = gate
        self._desk = desk
        self._bulk = bulk
        self._slots = slots
        self._connection = connection
        self._prepare = prepare
        self._finish = finish
        self._local_files = local_files
        self._clock = clock
        self._uniform = uniform
        self._new_owner = new_owner
        self._lease = timedelta(seconds=lease_s)
        self._give_back_after = timedelta(seconds=give_back_after_s)
        self._schedule = schedule

    def __call__(self, message: ChunkMessage, has_time: Callable[[], bool]) -> SubmitReport:
        """Submit the chunk, or say when it is to be tried again.

        Raises:
            SyncError: AWS_UNAVAILABLE; the message must come again.
        """
        load, chunk = self._desk.book.load(message.load_id), self._desk.book.chunk(message.load_id, message.number)
        if load is None or chunk is None or message.attempt < chunk.attempt or load.state is LoadState.STOPPED:
            return SubmitReport("ignored", message.load_id, message.number, message.attempt)
        match chunk.state:
            case ChunkState.DONE:
                # Whoever has cut the load says by this message that there are no more chunks.
                self._finish(chunk.load_id)
                return _report("ignored", chunk)
            case ChunkState.WAITING | ChunkState.HELD:
                return _report("ignored", chunk)
            case ChunkState.IN_JOB:
                return self._taken_up(chunk)
            case ChunkState.SUBMITTING if self._is_held(chunk):
                return self._held_by_another(chunk)
            case _:
                return self._tried(load, chunk, has_time)

    def _taken_up(self, chunk: Chunk) -> SubmitReport:
        """A function died before, or after, it let the job be looked at."""
        if not self._is_held(chunk):
            self._desk.look_later(chunk, 0)
        return _report("in job", chunk)

    def _held_by_another(self, chunk: Chunk) -> SubmitReport:
        left = (chunk.held_until or self._clock()) - self._clock()
        self._desk.remind(chunk, int(left.total_seconds()) + 1)
        return _report("held", chunk)

    def _is_held(self, chunk: Chunk) -> bool:
        return chunk.held_until is not None and chunk.held_until > self._clock() + _CLOCK_SKEW

    def _tried(self, load: Load, chunk: Chunk, has_time: Callable[[], bool]) -> SubmitReport:
        if load.state is LoadState.WAITING:
            self._desk.park(load, chunk, load.waits_for)
            return _report("waiting", chunk)
        if refusal := self._refusal(load):
            self._desk.requeue(chunk, refusal.retry_after_s or _MIN_WAIT_S)
            return _report("refused", chunk, refusal)
        goes_back = chunk.by_rest or self._is_overdue(load, chunk)
        if not goes_back and not self._slots.take(chunk.object_name, slot_name(chunk), self._clock()):
            return self._without_slot(chunk)
        return self._with_slot(load, chunk.model_copy(update={"by_rest": goes_back}), has_time)

    def _is_overdue(self, load: Load, chunk: Chunk) -> bool:
        return chunk.is_backlog and self._clock() - load.started_at > self._give_back_after

    def _refusal(self, load: Load) -> SyncError | None:
        return self._connection.refusal() or self._gate.problem((load.source, load.entity))

    def _without_slot(self, chunk: Chunk) -> SubmitReport:
        if chunk.state is not ChunkState.QUEUED or not self._is_held(chunk):
            self._desk.requeue(chunk, NO_SLOT_WAIT_S)
        # Else a message of it is on its way: this one was a hint.
        return _report("no slot", chunk)

    def _with_slot(self, load: Load, chunk: Chunk, has_time: Callable[[], bool]) -> SubmitReport:
        now = self._clock()
        claimed = self._desk.save(
            chunk, state=ChunkState.SUBMITTING, holder=self._new_owner(), held_until=now + self._lease
        )
        if claimed is None:
            return _report("held", chunk)
        try:
            report = self._submitted(load, claimed, has_time)
        except SyncError as exc:
            if exc.kind is FailureKind.AWS_UNAVAILABLE:
                raise
            report = self._failed(load, claimed, exc)
        if report.done not in ("submitted", "in job"):
            self._slots.give_back(chunk.object_name, slot_name(chunk))
        return report

    def _submitted(self, load: Load, chunk: Chunk, has_time: Callable[[], bool]) -> SubmitReport:
        if chunk.job_id and not self._is_free_of(chunk):
            self._desk.look_later(chunk, 0, submitted_at=chunk.submitted_at or self._clock())
            return _report("in job", chunk)
        with self._local_files.new() as rows:
            prepared = self._prepare(load, chunk, rows, has_time)
            if not prepared.is_complete:
                booked = NO_ROWS if chunk.is_repeat else chunk.booked_counts + prepared.counts
                self._desk.requeue(chunk, 0, booked=prepared.booked, booked_counts=booked, job_id="")
                return _report("out of time", chunk)
            return self._sent(load, chunk, prepared, rows)

    def _is_free_of(self, chunk: Chunk) -> bool:
        """Abort the job of a function that died before it closed it; False where the org has all its rows."""
        job = self._bulk.look(chunk.job_id)
        if job is None or job.state is JobState.ABORTED:
            return True
        if job.state is not JobState.OPEN:
            return False
        self._bulk.abort(chunk.job_id)
        return True

    def _sent(self, load: Load, chunk: Chunk, prepared: Prepared, rows: LocalFile) -> SubmitReport:
        counts = NO_ROWS if chunk.is_repeat else chunk.booked_counts + _of_attempt(chunk, prepared.counts)
        facts = {"prepared": counts, "booked": 0, "booked_counts": NO_ROWS, "looks": 0, "told_stuck_at": None}
        if prepared.submitted == 0:
            # Nothing is left for a job: the poller books it like one that has ended.
            self._desk.look_later(chunk, 0, **facts, job_id="", job=JobRows(), submitted_at=self._clock())
            return _report("submitted", chunk, notes=prepared.notes)
        route = self._gate.route((load.source, load.entity))
        field_name = route.external_id_field if route else ""
        job_id = self._bulk.create(UpsertJob(chunk.object_name, field_name))
        job = JobRows(submitted=prepared.submitted)
        known = self._desk.save(chunk, **facts, job_id=job_id, job=job)
        if known is None:
            # Somebody took the chunk: the job is empty, and the sweep aborts it where this does not.
            self._bulk.abort(job_id)
            return _report("held", chunk)
        self._bulk.upload(job_id, rows)
        self._bulk.close(job_id)
        self._connection.learn([], has_answered=True)
        self._desk.look_later(known, FIRST_LOOK_S, submitted_at=self._clock())
        return _report("submitted", known, rows=prepared.submitted, notes=prepared.notes)

    def _failed(self, load: Load, chunk: Chunk, failure: SyncError) -> SubmitReport:
        """Let the chunk wait for the org, for its next try, or for a person; its next try aborts its job."""
        now = self._desk.book.chunk(chunk.load_id, chunk.number) or chunk
        self._connection.learn([failure], has_answered=now.job_id not in ("", chunk.job_id))
        if now.holder != chunk.holder:
            return _report("held", chunk, failure)
        if chunk.is_backlog and not chunk.by_rest and _needs_person(failure):
            self._desk.requeue(now, _MIN_WAIT_S, by_rest=True)
        elif _needs_person(failure):
            self._desk.park(load, now, failure.detail)
        elif failure.disposition is Disposition.HALT:
            self._desk.requeue(now, failure.retry_after_s or NO_SLOT_WAIT_S)
        else:
            self._try_later(load, now, failure)
        return _report("failed", chunk, failure)

    def _try_later(self, load: Load, chunk: Chunk, failure: SyncError) -> None:
        tries = chunk.tries + 1
        wait_s = self._schedule.wait_s(failure.kind, tries, self._uniform)
        if wait_s is None:
            self._desk.park(load, chunk, f"{failure.detail}, {tries} times in a row", tries=0)
        else:
            self._desk.requeue(chunk, failure.retry_after_s or wait_s, tries=tries)


def _of_attempt(chunk: Chunk, counts: RowCounts) -> RowCounts:
    """Rows that an attempt leaves to the next one were read, and counted, before."""
    return counts if chunk.counts.read == 0 else counts.model_copy(update={"read": 0})


def _needs_person(failure: SyncError) -> bool:
    return failure.disposition is Disposition.PERSON or failure.kind is FailureKind.ROUTE_BROKEN


def _report(done: str, chunk: Chunk, failure: SyncError | None = None, **more: object) -> SubmitReport:
    return SubmitReport(done, chunk.load_id, chunk.number, chunk.attempt, failure=failure, **more)  # type: ignore[arg-type]
