"""Looks at a load when one of its chunks has ended: the next chunk's turn, or the load's end."""

from collections.abc import Callable, Sequence
from datetime import datetime

from lockstep.domain.chunks import Chunk, ChunkState
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.loads import Load, LoadState
from lockstep.domain.row_counts import RowCounts
from lockstep.services.load_desk import LoadDesk

_RESTS = (LoadState.DONE, LoadState.STOPPED, LoadState.WAITING)
REMINDED_AT_ONCE = 2  # one may have just found its slot; of the other its message is early


class FinishLoad:
    """Safe to repeat.

    Args:
        last_steps: What is to be done once all chunks are done, in order; False where there is more to wait for.
    """

    def __init__(
        self, desk: LoadDesk, clock: Callable[[], datetime], last_steps: Sequence[Callable[[Load], bool]] = ()
    ) -> None:
        self._desk = desk
        self._clock = clock
        self._last_steps = last_steps

    def __call__(self, load_id: str) -> bool:
        """Remind the chunks whose turn it may be, or end the load; True where it has ended now.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        load = self._desk.book.load(load_id)
        if load is None or load.state in _RESTS:
            return False
        counts = self._counts_of_all(load)
        if counts is None:
            return False
        try:
            return all(step(load) for step in self._last_steps) and self._ended(load_id, counts)
        except SyncError as exc:
            if exc.kind is FailureKind.AWS_UNAVAILABLE:
                raise
            self._desk.park_load(load, f"its last step failed: {exc.detail}")
            return False

    def _counts_of_all(self, load: Load) -> RowCounts | None:
        """Add up the chunks; None, and some are reminded, where not all of them are done."""
        counts, done, reminded = load.counts, 0, 0
        for chunk in self._desk.book.chunks(load.load_id):
            if chunk.state is ChunkState.DONE:
                done += 1
                counts += chunk.counts
            elif reminded < REMINDED_AT_ONCE and _may_have_its_turn(chunk):
                reminded += 1
                self._desk.remind(chunk)
            if done == 0 and reminded == REMINDED_AT_ONCE:
                break
        return counts if load.is_split and done >= load.chunks else None

    def _ended(self, load_id: str, counts: RowCounts) -> bool:
        now = self._clock()

        def end(load: Load) -> Load | None:
            if load.state is LoadState.DONE:
                return None
            return load.changed(state=LoadState.DONE, totals=counts, waits_for="", ended_at=now)

        return self._desk.change_load(load_id, end) is not None


def _may_have_its_turn(chunk: Chunk) -> bool:
    return chunk.state is ChunkState.QUEUED and chunk.tries == 0
