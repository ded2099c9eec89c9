"""The chunks of a load's file, from the place on to which it is cut."""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import chain
from typing import TypeAlias

from lockstep.domain.chunks import Chunk
from lockstep.domain.cuts import Cut, Cutter, LineTooLongError, Place
from lockstep.domain.file_problems import FileProblemError
from lockstep.domain.load_parts import chunk_dialect, in_piece, new_chunk
from lockstep.domain.loads import Load
from lockstep.domain.texts import decoded, skipping
from lockstep.ports.drops import DropFiles
from lockstep.services.describe_file import DescribeFile, Opened

# A job takes 100 MB, and a row may grow when it is mapped. Decoded pieces are held in memory.
MAX_CHUNK_BYTES = 64 * 1024 * 1024
MAX_PIECE_BYTES = 24 * 1024 * 1024

PlacedChunk: TypeAlias = tuple[Chunk, Place]
"""A chunk, and where the next one begins."""


class FileChunks:
    """Gives the chunks in order; once all are given, `problems` say why what comes after them could not be read."""

    def __init__(self, describe: DescribeFile, files: DropFiles, load: Load, clock: Callable[[], datetime]) -> None:
        if load.dialect is None:
            raise TypeError("the load is not described")
        self._files, self._load, self._clock = files, load, clock
        opened = describe.open(load, load.dialect.encoding)
        start = Place(load.split_to_byte, load.split_to_line)
        self._is_decoded = not opened.coding.is_plain
        self._dialect = chunk_dialect(load.dialect, is_decoded=self._is_decoded)
        limit = MAX_PIECE_BYTES if self._is_decoded else MAX_CHUNK_BYTES
        self._cutter = Cutter(self._dialect, start, load.chunk_rows, limit)
        self._blocks = self._texts(opened, start)
        self._text, self._text_from, self._number = bytearray(), start.byte, load.chunks
        self.problems: list[str] = []

    def _texts(self, opened: Opened, start: Place) -> Iterator[bytes]:
        if self._is_decoded:
            return skipping(decoded(chain([opened.head], opened.blocks), opened.coding), start.byte)
        if start.byte < len(opened.head):
            return skipping(chain([opened.head], opened.blocks), start.byte)
        return self._files.blocks(self._load.file, self._load.file_version, start.byte, self._load.size_bytes)

    def __iter__(self) -> Iterator[PlacedChunk]:
        try:
            for block in self._blocks:
                if self._is_decoded:
                    self._text += block
                yield from map(self._placed, self._cutter.take(block))
            yield from map(self._placed, self._cutter.finish())
        except FileProblemError as exc:
            self.problems.append(f"after line {self._cutter.place.lines:,} nothing more could be read: {exc}")
            yield from map(self._placed, self._cutter.stop())
        except LineTooLongError as exc:
            said = f"from line {exc.line:,} on nothing was read: the line has more than 4 MiB"
            self.problems.append(f"{said}. End it, and drop the file again")
            yield from map(self._placed, self._cutter.stop())

    def _placed(self, cut: Cut) -> PlacedChunk:
        self._number += 1
        chunk = new_chunk(self._load, self._dialect, self._number, cut, self._clock())
        if self._is_decoded:
            chunk = in_piece(chunk, self._files.put_piece(self._load.load_id, self._number, self._piece(cut)))
        return chunk, cut.end

    def _piece(self, cut: Cut) -> bytes:
        del self._text[: cut.start.byte - self._text_from]
        self._text_from = cut.start.byte
        return bytes(self._text[: cut.end.byte - cut.start.byte])
