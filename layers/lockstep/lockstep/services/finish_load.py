"""Looks at a load when one of its chunks has ended: the next chunk's turn, or the load's end."""

from collections.abc import Callable, Sequence
from datetime import datetime

from lockstep.domain.loads import Chunk, ChunkState, Load, LoadState, RowCounts
from lockstep.services.load_desk import LoadDesk

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
        if load is None or load.state in (LoadState.DONE, LoadState.STOPPED):
            return False
        counts, done, reminded = load.counts, 0, 0
        for chunk in self._desk.book.chunks(load_id):
            if chunk.state is ChunkState.DONE:
                done += 1
                counts += chunk.counts
            elif reminded < REMINDED_AT_ONCE and _may_have_its_turn(load, chunk):
                reminded += 1
                self._desk.remind(chunk)
            if done == 0 and reminded == REMINDED_AT_ONCE:
                break
        if not load.is_split or done < load.chunks:
            return False
        return all(step(load) for step in self._last_steps) and self._ended(load_id, counts)

    def _ended(self, load_id: str, counts: RowCounts) -> bool:
        now = self._clock()

        def end(load: Load) -> Load | None:
            if load.state is LoadState.DONE:
                return None
            return load.changed(state=LoadState.DONE, totals=counts, waits_for="", ended_at=now)

        return self._desk.change_load(load_id, end) is not None


def _may_have_its_turn(load: Load, chunk: Chunk) -> bool:
    return load.state is not LoadState.WAITING and chunk.state is ChunkState.QUEUED and chunk.tries == 0
