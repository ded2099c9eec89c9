"""Puts changes where the bulk lane finds them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from lockstep.domain.backlogs import backlog_key, backlog_lines, new_backlog
from lockstep.domain.changes import Change
from lockstep.domain.chunks import ChunkMessage
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.mapping import CompiledRoute
from lockstep.ports.bulk import LoadFiles, LocalFiles
from lockstep.ports.loads import ChunkQueue, LoadBook


class PutBacklog:
    """Killed anywhere, the queue still has the messages; what comes twice then is told by the change log.

    Args:
        names: What routes are called, by source and entity.
        new_id: Names a load.
    """

    def __init__(
        self,
        *,
        load_files: LoadFiles,
        local_files: LocalFiles,
        book: LoadBook,
        chunk_queue: ChunkQueue,
        names: Mapping[tuple[str, str], str],
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self._load_files = load_files
        self._local_files = local_files
        self._book = book
        self._chunk_queue = chunk_queue
        self._names = names
        self._clock = clock
        self._new_id = new_id

    def __call__(self, route: CompiledRoute, changes: Sequence[Change]) -> None:
        """Store the changes of one route, and send the chunk that they are.

        The load is stored after its chunk, for a load without chunks would never end; the message goes last.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        load_id = self._new_id()
        with self._local_files.new() as file:
            file.append(backlog_lines(changes))
            reference = self._load_files.put(backlog_key(load_id), file)
            size = file.size
        name = self._names[route.source, route.entity]
        load, chunk = new_backlog(load_id, name, route, reference, size, len(changes), self._clock())
        if not (self._book.save_chunk(chunk) and self._book.save_load(load)):
            raise SyncError(FailureKind.AWS_UNAVAILABLE, "a backlog's name is taken; it is handed over again")
        self._chunk_queue.send([ChunkMessage(load_id=load_id, number=chunk.number)])
