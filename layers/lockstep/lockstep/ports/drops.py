"""What taking files in needs of the bucket that they are dropped into."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from lockstep.domain.changes import PayloadReference
from lockstep.domain.drops import GoOn


class DropFacts(NamedTuple):
    """What is known of a dropped object: `written_at` is when its content was written, as far as somebody said so.

    One that `is_part` holds only some of its source's records, whatever its route says; `part_of` says whose rows.
    """

    version: str
    size: int
    written_at: datetime
    is_part: bool = False
    part_of: str = ""


class DropFiles(Protocol):
    """The dropped objects, each by its version, and the decoded pieces of those that cannot be cut where they lie."""

    def facts(self, file: PayloadReference, version: str) -> DropFacts | None:
        """Return what is known of an object; None where it is gone.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def blocks(self, file: PayloadReference, version: str, from_byte: int, size: int) -> Iterator[bytes]:
        """Give the object's bytes from one on, block by block.

        Raises:
            SyncError: AWS_UNAVAILABLE.
            FileProblemError: The object is gone.
        """

    def put_piece(self, load_id: str, number: int, content: bytes) -> PayloadReference:
        """Store the text of a chunk. Safe to repeat.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """


class DropQueue(Protocol):
    """The drop queue, for loads that go on."""

    def go_on(self, loads: Sequence[GoOn]) -> None:
        """Let somebody go on with each.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
