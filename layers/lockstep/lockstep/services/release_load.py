"""Checks every row of a load that goes wholly or not at all, and then lets all of its chunks go, or none."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from lockstep.domain.batches import slices
from lockstep.domain.chunks import Chunk, ChunkMessage, ChunkState
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.file_problems import FileProblemError
from lockstep.domain.file_rows import Readable
from lockstep.domain.file_rules import FileRules
from lockstep.domain.loads import Load, LoadState
from lockstep.domain.mapping import CompiledRoute
from lockstep.domain.routes import Route
from lockstep.ports.loads import ChunkQueue, LoadBook
from lockstep.services.check_rows import Checked, check_rows

_TOLD = 20
_SENT_AT_ONCE = 10


class ChunkFiles(Protocol):
    """Where the bytes of chunks are."""

    def open(self, chunk: Chunk) -> Readable:
        """Return the chunk's bytes.

        Raises:
            SyncError: AWS_UNAVAILABLE; FILE_GONE.
        """


class ReleaseLoad:
    """Goes on where it stopped, chunk by chunk.

    Args:
        routes: By the names of their files.
        compiled: Returns a route as it runs, with the limits of the org's fields where they are known.
    """

    def __init__(
        self,
        *,
        routes: Mapping[str, Route],
        compiled: Callable[[Route], CompiledRoute],
        files: ChunkFiles,
        book: LoadBook,
        chunk_queue: ChunkQueue,
        clock: Callable[[], datetime],
    ) -> None:
        self._routes = routes
        self._compiled = compiled
        self._files = files
        self._book = book
        self._queue = chunk_queue
        self._clock = clock

    def __call__(self, load: Load, has_time: Callable[[], bool]) -> Load | None:
        """Check and release while there is time; return the load as it is now, None where another is at it.

        Raises:
            FileProblemError: It cannot be checked.
            SyncError: AWS_UNAVAILABLE.
        """
        route = self._routes.get(load.route)
        if route is None or route.file is None:
            raise FileProblemError(f"the route {load.route} takes no files any more", "deploy it, and resume this load")
        compiled, present = self._compiled(route), load
        while present.checked_chunks < present.chunks:
            checked = self._checked(present, route.file, compiled)
            if checked is None or not has_time():
                return checked
            present = checked
        if present.faults or present.file_problems:
            return self._kept_back(present)
        return self._released(present, has_time)

    def _checked(self, load: Load, rules: FileRules, route: CompiledRoute) -> Load | None:
        """Check the next chunk, and note what is wrong with its rows."""
        chunk = self._book.chunk(load.load_id, load.checked_chunks + 1)
        if chunk is None:
            return None
        checked = Checked()
        check_rows(rules, route, load, chunk, self._opened(chunk), checked)
        room = max(_TOLD - len(load.file_problems), 0)
        told = (f"line {fault.line:,}: {fault.said}" for fault in checked.faults[:room])
        return self._stored(
            load,
            checked_chunks=chunk.number,
            faults=load.faults + checked.faulty,
            file_problems=(*load.file_problems, *told),
        )

    def _opened(self, chunk: Chunk) -> Readable:
        try:
            return self._files.open(chunk)
        except SyncError as exc:
            if exc.kind is not FailureKind.FILE_GONE:
                raise
            raise FileProblemError("the file was deleted before all of it was checked", "drop it again") from exc

    def _kept_back(self, load: Load) -> Load | None:
        rows = f"{load.faults:,} of its rows cannot be loaded" if load.faults else "not all of it could be read"
        why = f"{rows}, so that nothing was: the route says all or nothing. Correct the file, and drop it again"
        return self._stored(load, state=LoadState.WAITING, waits_for=why)

    def _released(self, load: Load, has_time: Callable[[], bool]) -> Load | None:
        """Let every chunk go; those that went last before a crash are told again, and do nothing then."""
        chunks = list(self._book.chunks(load.load_id))
        first = next((chunk.number for chunk in chunks if chunk.state is ChunkState.HELD), load.chunks + 1)
        for some in slices(chunks[max(first - 1 - _SENT_AT_ONCE, 0) :], _SENT_AT_ONCE):
            held = [chunk for chunk in some if chunk.state is ChunkState.HELD]
            for chunk in held:
                self._book.save_chunk(chunk.changed(state=ChunkState.QUEUED, updated_at=self._clock()))
            self._queue.send([ChunkMessage(load_id=each.load_id, number=each.number) for each in some])
            if held and held[-1].number < load.chunks and not has_time():
                return load
        return self._stored(load, state=LoadState.RUNNING)

    def _stored(self, load: Load, **changes: object) -> Load | None:
        changed = load.changed(**changes, updated_at=self._clock())
        return changed if self._book.save_load(changed) else None
