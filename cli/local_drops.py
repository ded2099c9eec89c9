"""A file on this machine, read as a dropped one is."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from lockstep.domain.changes import PayloadReference
from lockstep.domain.chunks import Chunk
from lockstep.ports.drops import DropFacts

BLOCK_BYTES = 8 * 1024 * 1024


class LocalDropFiles:
    """Implements `ports.drops.DropFiles`; a piece is kept until the next one is made.

    Args:
        file: The only dropped file that there is.
        folder: Where the piece is kept.
    """

    def __init__(self, file: Path, folder: Path) -> None:
        self._file = file
        self._piece = folder / "piece"

    def facts(self, _file: PayloadReference, _version: str) -> DropFacts | None:
        """Ask the disk."""
        found = self._file.stat()
        return DropFacts("", found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))

    def blocks(self, _file: PayloadReference, _version: str, from_byte: int, _size: int) -> Iterator[bytes]:
        """Read on."""
        with self._file.open("rb") as opened:
            opened.seek(from_byte)
            while block := opened.read(BLOCK_BYTES):
                yield block

    def put_piece(self, _load_id: str, _number: int, content: bytes) -> PayloadReference:
        """Write it in place of the last one."""
        self._piece.write_bytes(content)
        return PayloadReference(bucket="local", key=str(self._piece))

    def open(self, chunk: Chunk) -> "Part":
        """Return the text of the chunk that was made last."""
        is_piece = chunk.file.key == str(self._piece)
        opened = (self._piece if is_piece else self._file).open("rb")
        return Part(opened, chunk.first_byte, chunk.end_byte)


class Part:
    """Some bytes of a file, read once."""

    def __init__(self, opened: IO[bytes], start: int, end: int) -> None:
        opened.seek(start)
        self._opened = opened
        self._left = end - start

    def read(self, amount: int, /) -> bytes:
        """Read on; the file is closed at the end of the part."""
        if not self._left:
            return b""
        block = self._opened.read(min(amount, self._left))
        self._left -= len(block)
        if not self._left:
            self._opened.close()
        return block
