"""Keeps a load's and its chunks' state, and tells people once where they are needed."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from lockstep.domain.chunks import Chunk, ChunkMessage, ChunkState
from lockstep.domain.loads import Load, LoadState
from lockstep.ports.loads import ChunkQueue, LoadBook
from lockstep.services.tell_waiting import TellWaiting

MOST_DELAY_S = 900  # Amazon SQS Developer Guide, "message timers"
_MOST_RACES = 10


class LoadDesk:
    """What submitting, polling and sweeping do alike."""

    def __init__(
        self,
        *,
        book: LoadBook,
        chunk_queue: ChunkQueue,
        poll_queue: ChunkQueue,
        tell: TellWaiting,
        clock: Callable[[], datetime],
    ) -> None:
        self.book = book
        self._chunk_queue = chunk_queue
        self._poll_queue = poll_queue
        self.tell = tell
        self._clock = clock

    def save(self, chunk: Chunk, **changes: object) -> Chunk | None:
        """Store a chunk's next revision; None where somebody else has it."""
        changed = chunk.changed(**changes, updated_at=self._clock())
        return changed if self.book.save_chunk(changed) else None

    def requeue(self, chunk: Chunk, delay_s: int, **changes: object) -> None:
        """Let a chunk wait for its turn.

        The message goes last: it must not meet the chunk as it was. Where that fails, the message at hand comes again
        and finds the chunk waiting.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        if queued := self._waiting(chunk, ChunkState.QUEUED, delay_s, changes):
            self._chunk_queue.send([message_of(queued)], delay_s=min(delay_s, MOST_DELAY_S))

    def look_later(self, chunk: Chunk, delay_s: int, **changes: object) -> None:
        """Let a chunk's job be looked at; as `requeue`."""
        if in_job := self._waiting(chunk, ChunkState.IN_JOB, delay_s, changes):
            self._poll_queue.send([message_of(in_job)], delay_s=min(delay_s, MOST_DELAY_S))

    def _waiting(self, chunk: Chunk, state: ChunkState, delay_s: int, changes: Mapping[str, object]) -> Chunk | None:
        due = self._clock() + timedelta(seconds=min(delay_s, MOST_DELAY_S))
        return self.save(chunk, **{**changes, "state": state, "holder": "", "held_until": due})

    def remind(self, chunk: Chunk, delay_s: int = 0) -> None:
        """Send the chunk's message again and change nothing: another has it, or it may have its turn.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        self._chunk_queue.send([message_of(chunk)], delay_s=min(delay_s, MOST_DELAY_S))

    def compare_later(self, load: Load, delay_s: int = 0) -> None:
        """Let a load's comparison be looked at, and change nothing.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        message = ChunkMessage(load_id=load.load_id, number=max(load.chunks, 1), compares=True)
        self._poll_queue.send([message], delay_s=min(delay_s, MOST_DELAY_S))

    def park(self, load: Load, chunk: Chunk, why: str, **changes: object) -> None:
        """Let the chunk, and with it the load, wait for a person, and tell one.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        waiting = {"state": ChunkState.WAITING, "waits_for": why, "holder": "", "held_until": None}
        self.save(chunk, **{**changes, **waiting})
        self.park_load(load, why)

    def park_load(self, load: Load, why: str) -> None:
        """Let the load wait for a person, and tell one.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        self.change_load(load.load_id, lambda now: _parked(now, why))
        self.tell.waits(load.model_copy(update={"waits_for": why}))

    def change_load(self, load_id: str, change: Callable[[Load], Load | None]) -> Load | None:
        """Change a load, however many try at once; None where it is gone or is to stay as it is.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        for _ in range(_MOST_RACES):
            load = self.book.load(load_id)
            wanted = change(load) if load else None
            if wanted is None:
                return None
            changed = wanted.model_copy(update={"updated_at": self._clock()})
            if self.book.save_load(changed):
                return changed
        return None


def message_of(chunk: Chunk) -> ChunkMessage:
    """Return what the queues carry of a chunk."""
    return ChunkMessage(load_id=chunk.load_id, number=chunk.number, attempt=chunk.attempt)


def _parked(load: Load, why: str) -> Load | None:
    if load.state in (LoadState.WAITING, LoadState.DONE, LoadState.STOPPED):
        return None
    # A load that is still being split is split on; its chunks wait then.
    return load.changed(state=LoadState.WAITING, waits_for=why)
