"""Lets a load go on that waits for a person."""

from lockstep.domain.loads import ChunkState, Load, LoadState
from lockstep.services.load_desk import LoadDesk


class ResumeLoad:
    """Safe to repeat; what is wrong still makes the load wait again."""

    def __init__(self, desk: LoadDesk) -> None:
        self._desk = desk

    def __call__(self, load_id: str) -> int:
        """Let the load and its waiting chunks go on; return how many chunks did.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        self._desk.change_load(load_id, _resumed)
        self._desk.tell.forget(f"load#{load_id}#waits")
        waiting = [chunk for chunk in self._desk.book.chunks(load_id) if chunk.state is ChunkState.WAITING]
        for chunk in waiting:
            self._desk.requeue(chunk, 0, waits_for="", tries=0)
        return len(waiting)


def _resumed(load: Load) -> Load | None:
    if load.state is not LoadState.WAITING:
        return None
    state = LoadState.RUNNING if load.is_split else LoadState.SPLITTING
    return load.changed(state=state, waits_for="")
