"""Which changes the bulk lane has: they are in no queue, and on their way."""

from collections.abc import Collection, Iterator

from lockstep.domain.chunks import Chunk, ChunkState
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.loads import LoadState
from lockstep.ports.bulk import LoadFiles
from lockstep.ports.loads import LoadBook
from lockstep.services.backlog_changes import read_changes
from lockstep.services.sweep_loads import MOST_LOADS

_OVER = (LoadState.DONE, LoadState.STOPPED)


class OpenBacklogs:
    """Reads what was handed over and is not booked as a whole yet."""

    def __init__(self, book: LoadBook, load_files: LoadFiles) -> None:
        self._book = book
        self._load_files = load_files

    def rows(self) -> int:
        """Return how many changes there are at most.

        Raises:
            SyncError: AWS_UNAVAILABLE; CONFIGURATION_INVALID where what is stored cannot be read.
        """
        return sum(chunk.rows for chunk in self._chunks())

    def among(self, names: Collection[str]) -> frozenset[str]:
        """Return which of the changes are there, by correlation ID; where there are no backlogs nothing else is read.

        Raises:
            SyncError: As `rows`.
        """
        if not names:
            return frozenset()
        wanted = frozenset(names)
        return frozenset(name for chunk in self._chunks() for name in self._names(chunk) if name in wanted)

    def _chunks(self) -> Iterator[Chunk]:
        for load in self._book.recent(MOST_LOADS):
            if load.is_backlog and load.state not in _OVER:
                yield from (chunk for chunk in self._book.chunks(load.load_id) if chunk.state is not ChunkState.DONE)

    def _names(self, chunk: Chunk) -> list[str]:
        try:
            return [change.correlation_id for _, change in read_changes(self._load_files, chunk)]
        except SyncError as exc:
            if exc.kind is FailureKind.FILE_GONE:
                return []  # then they are on no way: the books say so
            raise
