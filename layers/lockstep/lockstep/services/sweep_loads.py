"""Finds what was lost on the way: messages of chunks, loads that should wait, ends of loads, jobs that nobody knows."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lockstep.domain.chunks import Chunk, ChunkState
from lockstep.domain.failures import SyncError
from lockstep.domain.loads import Load, LoadState
from lockstep.ports import Leases
from lockstep.ports.bulk import BulkApi
from lockstep.ports.connection import ConnectionWatch
from lockstep.services.finish_load import FinishLoad
from lockstep.services.load_desk import LoadDesk

MOST_LOADS = 200
# Longer than a queue hides a message whose function died: then it comes again by itself.
LOST_AFTER = timedelta(minutes=15)
# Far longer than a function lives that has made a job and not told anybody.
ORPHANED_AFTER = timedelta(hours=2)
# A load that has ended so long ago has left no job open: the org closes those after a day.
_LOOKS_FOR_ORPHANS = timedelta(hours=26)
ORPHANS_EACH_S = 3600
_OVER = (LoadState.DONE, LoadState.STOPPED)


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What was found: chunks whose message was sent again, loads that have ended, jobs that were aborted."""

    reminded: int = 0
    ended: int = 0
    aborted: int = 0
    trouble: SyncError | None = None


class SweepLoads:
    """One sweep.

    Args:
        record_kinds: Objects and External ID fields that loads are written to: other jobs of the user are others' own.
    """

    def __init__(
        self,
        *,
        desk: LoadDesk,
        finish: FinishLoad,
        bulk: BulkApi,
        connection: ConnectionWatch,
        leases: Leases,
        record_kinds: Collection[tuple[str, str]],
        clock: Callable[[], datetime],
    ) -> None:
        self._desk = desk
        self._finish = finish
        self._bulk = bulk
        self._connection = connection
        self._leases = leases
        self._record_kinds = record_kinds
        self._clock = clock

    def __call__(self, has_time: Callable[[], bool]) -> SweepReport:
        """Sweep; what there is no time for is the next run's.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        loads = self._desk.book.recent(MOST_LOADS)
        reminded = ended = 0
        job_ids: set[str] = set()
        is_complete = True
        for load in loads:
            if load.state in _OVER:
                continue
            if not has_time():
                is_complete = False
                break
            chunks = list(self._desk.book.chunks(load.load_id))
            job_ids |= {chunk.job_id for chunk in chunks}
            reminded += self._reminded(load, chunks)
            self._park_again(load, chunks)
            ended += self._finish(load.load_id)
        if not is_complete or not self._is_time_for_orphans(loads):
            return SweepReport(reminded, ended)
        try:
            return SweepReport(reminded, ended, self._aborted(job_ids))
        except SyncError as exc:
            return SweepReport(reminded, ended, trouble=exc)

    def _reminded(self, load: Load, chunks: Iterable[Chunk]) -> int:
        if load.state is LoadState.WAITING:
            return 0
        lost = [chunk for chunk in chunks if self._is_lost(chunk)]
        for chunk in lost:
            if chunk.state is ChunkState.IN_JOB:
                self._desk.look_later(chunk, 0)
            else:
                self._desk.remind(chunk)
        return len(lost)

    def _park_again(self, load: Load, chunks: Iterable[Chunk]) -> None:
        """Let a load wait whose chunk does: who let the chunk wait, or the load go on, died before it did both."""
        if load.state is LoadState.WAITING or load.updated_at >= self._clock() - LOST_AFTER:
            return
        waiting = (chunk for chunk in chunks if chunk.state is ChunkState.WAITING)
        forgotten = next((chunk for chunk in waiting if chunk.updated_at < self._clock() - LOST_AFTER), None)
        if forgotten is not None:
            self._desk.park_load(load, forgotten.waits_for)

    def _is_lost(self, chunk: Chunk) -> bool:
        touched = max(chunk.updated_at, chunk.held_until or chunk.updated_at)
        return chunk.state.is_at_work and touched < self._clock() - LOST_AFTER

    def _is_time_for_orphans(self, loads: Sequence[Load]) -> bool:
        now = self._clock()
        if not any(load.updated_at > now - _LOOKS_FOR_ORPHANS for load in loads) or self._connection.refusal():
            return False
        return self._leases.take("bulk#orphans", ORPHANS_EACH_S, now)

    def _aborted(self, known: Collection[str]) -> int:
        """Abort jobs that were made and never stored: only those that can be nobody else's."""
        before = self._clock() - ORPHANED_AFTER
        orphans = [
            job
            for job in self._bulk.open_jobs()
            if job.id not in known
            and (job.object_name, job.external_id_field) in self._record_kinds
            and job.created_at is not None
            and job.created_at < before
        ]
        for job in orphans:
            self._bulk.abort(job.id)
        return len(orphans)
