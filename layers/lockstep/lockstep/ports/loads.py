"""What the use cases need to remember of loads."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from lockstep.domain.chunks import Chunk, ChunkMessage
from lockstep.domain.loads import Load


class LoadBook(Protocol):
    """The loads and their chunks; each is replaced as a whole, by whoever has read its last revision."""

    def load(self, load_id: str) -> Load | None:
        """Return a load, read consistently.

        Raises:
            SyncError: AWS_UNAVAILABLE; CONFIGURATION_INVALID where what is stored cannot be read.
        """

    def save_load(self, load: Load) -> bool:
        """Store a load in place of the revision before it; False where somebody else has stored another meanwhile.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def chunk(self, load_id: str, number: int) -> Chunk | None:
        """Return a chunk, read consistently.

        Raises:
            SyncError: As `load`.
        """

    def save_chunk(self, chunk: Chunk) -> bool:
        """Store a chunk; otherwise like `save_load`."""

    def chunks(self, load_id: str) -> Iterator[Chunk]:
        """Give the chunks of a load by their numbers; pages are read as they are asked for.

        Raises:
            SyncError: As `load`.
        """

    def recent(self, most: int) -> Sequence[Load]:
        """Return the loads that started last, the youngest first; what was stored in the last moments may be missing.

        Raises:
            SyncError: As `load`.
        """


class ChunkQueue(Protocol):
    """The chunk queue, or the poll queue."""

    def send(self, messages: Sequence[ChunkMessage], *, delay_s: int = 0) -> None:
        """Put messages on the queue.

        Args:
            messages: Any number.
            delay_s: 0 to 900.

        Raises:
            SyncError: AWS_UNAVAILABLE; some may have been sent.
        """
