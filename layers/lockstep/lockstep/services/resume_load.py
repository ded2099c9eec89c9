"""Lets a load go on that waits for a person."""

from lockstep.domain.chunks import ChunkState
from lockstep.domain.comparisons import Stage
from lockstep.domain.loads import Load, LoadState
from lockstep.services.load_desk import LoadDesk


class ResumeLoad:
    """Safe to repeat; what is wrong still makes the load wait again."""

    def __init__(self, desk: LoadDesk) -> None:
        self._desk = desk

    def __call__(self, load_id: str, *, accepts_missing: bool = False) -> int:
        """Let the load and its waiting chunks go on; return how many chunks did.

        Args:
            load_id: The load.
            accepts_missing: The records that its file does not name are taken away, however many they are.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        resumed = self._desk.change_load(load_id, lambda load: _resumed(load, accepts_missing=accepts_missing))
        self._desk.tell.forget(f"load#{load_id}#waits")
        waiting = [chunk for chunk in self._desk.book.chunks(load_id) if chunk.state is ChunkState.WAITING]
        for chunk in waiting:
            self._desk.requeue(chunk, 0, waits_for="", tries=0)
        if resumed and resumed.comparison and not resumed.comparison.is_over:
            self._desk.compare_later(resumed)
        return len(waiting)


def _resumed(load: Load, *, accepts_missing: bool) -> Load | None:
    if load.state is not LoadState.WAITING:
        return None
    comparison = load.comparison
    if comparison and comparison.stage is Stage.ASKING:
        if not accepts_missing:
            return None
        comparison = comparison.changed(accepted=True).decided()
    state = LoadState.RUNNING if load.is_split else LoadState.SPLITTING
    return load.changed(state=state, waits_for="", comparison=comparison)
