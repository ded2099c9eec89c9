"""Cuts a load's file into chunks, and goes on where it stopped, whenever that was."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from lockstep.domain.chunks import Chunk, ChunkMessage
from lockstep.domain.loads import Load, LoadState
from lockstep.ports.drops import DropFiles
from lockstep.ports.loads import ChunkQueue, LoadBook
from lockstep.services.describe_file import DESCRIBED, DescribeFile
from lockstep.services.file_chunks import FileChunks, PlacedChunk

_STORED_AT_ONCE = 10  # messages of one SendMessageBatch


class CutFile:
    """Each chunk is stored, then sent, and then the place where the next begins is noted.

    Whoever repeats it from the last noted place makes the same chunks: what is stored already stays as it is, and a
    message that comes twice does nothing.

    Args:
        chunk_rows: How many rows a chunk has at most, in files that nobody has begun to cut.
    """

    def __init__(
        self,
        *,
        describe: DescribeFile,
        files: DropFiles,
        book: LoadBook,
        chunk_queue: ChunkQueue,
        clock: Callable[[], datetime],
        chunk_rows: int,
    ) -> None:
        self._describe = describe
        self._files = files
        self._book = book
        self._queue = chunk_queue
        self._clock = clock
        self._chunk_rows = chunk_rows

    def __call__(self, load: Load, has_time: Callable[[], bool]) -> Load | None:
        """Cut while there is time; return the load as it is now, None where somebody else is cutting it.

        Raises:
            FileProblemError: The file as a whole cannot be taken in; no chunk was made.
            SyncError: AWS_UNAVAILABLE.
        """
        if load.dialect:
            return self._cut(load, has_time)
        found = self._describe(load)
        described = self._stored(
            load, chunk_rows=self._chunk_rows, **{name: getattr(found, name) for name in DESCRIBED}
        )
        return self._cut(described, has_time) if described else None

    def _cut(self, load: Load, has_time: Callable[[], bool]) -> Load | None:
        chunks = FileChunks(self._describe, self._files, load, self._clock)
        present: Load | None = load
        for some in _some(iter(chunks)):
            present = self._taken(present, some) if present else None
            if present is None or not has_time():
                return present
        return self._ended(present, chunks.problems) if present else None

    def _taken(self, load: Load, placed: Sequence[PlacedChunk]) -> Load | None:
        """Store and send some chunks, and note the place after them."""
        for chunk, _ in placed:
            self._book.save_chunk(chunk)
        if not load.all_or_nothing:
            self._queue.send([_message(chunk) for chunk, _ in placed])
        last, end = placed[-1]
        return self._stored(load, chunks=last.number, split_to_byte=end.byte, split_to_line=end.lines)

    def _ended(self, load: Load, problems: Sequence[str]) -> Load | None:
        is_empty = not load.chunks
        if is_empty and not problems:
            problems = ["the file has a header and no rows" if load.split_to_line else "the file has no rows"]
        goes = LoadState.SPLITTING if load.all_or_nothing else LoadState.RUNNING
        state = LoadState.DONE if is_empty else goes
        ended = self._stored(
            load,
            is_split=True,
            state=state if load.state is LoadState.SPLITTING else load.state,
            file_problems=(*load.file_problems, *problems),
            ended_at=self._clock() if is_empty else None,
        )
        if ended and ended.chunks and not ended.all_or_nothing:
            self.remind(ended)
        return ended

    def remind(self, load: Load) -> None:
        """Let somebody look whether all chunks of the load have ended: the last may have, before all were cut.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        self._queue.send([ChunkMessage(load_id=load.load_id, number=load.chunks)])

    def _stored(self, load: Load, **changes: object) -> Load | None:
        """Store the load, unless somebody else has cut on meanwhile; what chunks have said of it stays."""
        present: Load | None = load
        while present and _place(present) == _place(load):
            changed = present.changed(**changes, updated_at=self._clock())
            if self._book.save_load(changed):
                return changed
            present = self._book.load(load.load_id)
        return None


def _place(load: Load) -> object:
    return load.chunks, load.split_to_byte, load.is_split


def _message(chunk: Chunk) -> ChunkMessage:
    return ChunkMessage(load_id=chunk.load_id, number=chunk.number)


def _some(chunks: Iterator[PlacedChunk]) -> Iterator[list[PlacedChunk]]:
    some: list[PlacedChunk] = []
    for chunk in chunks:
        some.append(chunk)
        if len(some) == _STORED_AT_ONCE:
            yield some
            some = []
    if some:
        yield some
