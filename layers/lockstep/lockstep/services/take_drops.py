"""Takes dropped files in: each becomes a load, whose chunks go their own ways."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from lockstep.domain.drops import Drop, GoOn, drop_message
from lockstep.domain.file_problems import FileProblemError
from lockstep.domain.load_parts import begun_load
from lockstep.domain.loads import Load, LoadState
from lockstep.ports.drops import DropQueue
from lockstep.ports.loads import LoadBook
from lockstep.services.cut_file import CutFile
from lockstep.services.release_load import ReleaseLoad
from lockstep.services.tell_waiting import TellWaiting


class Taken(NamedTuple):
    """What was done for a load: the words of `what` are for the log."""

    load_id: str
    what: str
    chunks: int = 0
    why: str = ""


class TakeDrops:
    """The same object twice is one load; what another message is working on is left to it.

    Content that is put again is the same load too, unless nothing of it was read: then it is tried anew.
    """

    def __init__(
        self,
        *,
        cut_file: CutFile,
        release: ReleaseLoad,
        book: LoadBook,
        drop_queue: DropQueue,
        tell: TellWaiting,
        clock: Callable[[], datetime],
    ) -> None:
        self._cut_file = cut_file
        self._release = release
        self._book = book
        self._queue = drop_queue
        self._tell = tell
        self._clock = clock

    def __call__(self, body: str, has_time: Callable[[], bool]) -> Sequence[Taken]:
        """Take one message's drops in, or go on with a load.

        Raises:
            SyncError: MESSAGE_INVALID; AWS_UNAVAILABLE, then the message must come again.
        """
        message = drop_message(body)
        loads = [self._book.load(message.load_id)] if isinstance(message, GoOn) else map(self._begun, message)
        return [self._go_on(load, has_time) for load in loads if load]

    def _begun(self, drop: Drop) -> Load:
        load = begun_load(drop, self._clock())
        known = self._book.load(load.load_id)
        if known and _is_unread(known) and drop.version != known.file_version:
            load = self._begun_anew(known, drop)
        elif known:
            return known
        return load if self._book.save_load(load) else self._book.load(load.load_id) or load

    def _begun_anew(self, load: Load, drop: Drop) -> Load:
        """Return a load of which nothing was read, for the same content that somebody has put again."""
        self._tell.forget_waiting(load)
        fresh = {"waits_for": "", "file_problems": (), "ended_at": None, "file_version": drop.version}
        return load.changed(state=LoadState.SPLITTING, updated_at=self._clock(), **fresh)

    def _go_on(self, load: Load, has_time: Callable[[], bool]) -> Taken:
        if load.is_split and not _is_held(load):
            return self._seen_again(load)
        if not _is_at_work(load):
            return Taken(load.load_id, f"is {load.state}", load.chunks)
        try:
            done = self._worked(load, has_time)
        except FileProblemError as exc:
            return self._waits(load, str(exc))
        if done is None:
            return Taken(load.load_id, "another is at it")
        if not done.is_split or _is_held(done):
            self._queue.go_on([GoOn(load_id=done.load_id)])
            return Taken(done.load_id, "goes on", done.chunks)
        return self._told(done)

    def _worked(self, load: Load, has_time: Callable[[], bool]) -> Load | None:
        cut = load if load.is_split else self._cut_file(load, has_time)
        return self._release(cut, has_time) if cut and cut.is_split and _is_held(cut) else cut

    def _told(self, load: Load) -> Taken:
        if load.state is LoadState.WAITING and load.all_or_nothing:
            self._tell.waits(load)
        elif load.file_problems:
            self._tell.problems(load)
        return Taken(load.load_id, "is cut", load.chunks, "; ".join(load.file_problems))

    def _seen_again(self, load: Load) -> Taken:
        if load.state is LoadState.RUNNING:
            self._cut_file.remind(load)
        return Taken(load.load_id, "is cut already", load.chunks)

    def _waits(self, load: Load, why: str) -> Taken:
        present = self._book.load(load.load_id) or load
        if present.state is LoadState.SPLITTING:
            waiting = present.changed(state=LoadState.WAITING, waits_for=why, updated_at=self._clock())
            if not self._book.save_load(waiting):
                return Taken(load.load_id, "another is at it")
            present = waiting
        self._tell.waits(present)
        return Taken(load.load_id, "waits", why=why)


def _is_unread(load: Load) -> bool:
    """True of one that could not be read, or was given up before it was."""
    return load.chunks == 0 and load.state in (LoadState.WAITING, LoadState.STOPPED)


def _is_held(load: Load) -> bool:
    """True of one whose rows are all checked before the first of them goes."""
    return load.all_or_nothing and load.chunks > 0 and load.state is LoadState.SPLITTING


def _is_at_work(load: Load) -> bool:
    """True of one that nobody has stopped; a chunk that waits for a person does not keep the rest from being cut."""
    return load.state is LoadState.SPLITTING or (load.state is LoadState.WAITING and load.chunks > 0)
