"""What the use cases need of files in S3, of job slots and of what was deleted."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple, Protocol

from lockstep.domain.changes import PayloadReference, Version
from lockstep.domain.file_rows import Readable
from lockstep.domain.loads import Chunk
from lockstep.ports.bulk import LocalFile


class LoadFiles(Protocol):
    """A load's own files, and the bytes of its chunks."""

    def open(self, chunk: Chunk) -> Readable:
        """Return the chunk's bytes, from its first to its end, as they arrive.

        Reading raises AWS_UNAVAILABLE, too.

        Raises:
            SyncError: AWS_UNAVAILABLE; FILE_GONE where there is no such file any more.
        """

    def put(self, key: str, content: LocalFile) -> PayloadReference:
        """Store a file, in place of what is there.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def get(self, key: str, into: LocalFile) -> bool:
        """Read a file; False where there is none.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """


class JobSlots(Protocol):
    """How many jobs of an object may be at work at once."""

    def take(self, object_name: str, holder: str, now: datetime) -> bool:
        """Take a slot, or keep the one that the holder has; False where all are taken.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def give_back(self, object_name: str, holder: str) -> None:
        """Let another have the slot. Safe to repeat.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """


class Deletion(NamedTuple):
    """A record that a delete was let through for, in `version`."""

    external_id: str
    version: Version
    deleted_at_ms: int


class Deletions(Protocol):
    """The records that were deleted last, of one source and object, as the version guard knows them."""

    def since(self, source: str, object_name: str, at_ms: int) -> Iterator[Deletion]:
        """Give those that were claimed at `at_ms` or later; pages are read as they are asked for.

        What was claimed in the last moments may be missing.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
