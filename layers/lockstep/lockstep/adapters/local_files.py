"""Files under the function's temporary folder, for what is too large to hold."""

import csv
import mmap
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO

from lockstep.ports.bulk import LocalFile

_PARTS_AT_ONCE = 2_000


class TemporaryFile:
    """Implements `ports.bulk.LocalFile`."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._size = 0

    @property
    def path(self) -> Path:
        """Where it lies."""
        self._file.flush()
        return Path(self._file.name)

    @property
    def size(self) -> int:
        """What was written."""
        return self._size

    def append(self, parts: Iterable[bytes]) -> None:
        """Write the parts one after the other."""
        for part in parts:
            self._size += self._file.write(part)

    def clear(self) -> None:
        """Cut it to nothing."""
        self._file.seek(0)
        self._file.truncate()
        self._size = 0

    def copy_parts(self, source: LocalFile, parts: Iterable[tuple[int, int]]) -> None:
        """Copy through a memory map: the parts come in any order."""
        if not source.size:
            return
        with source.path.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            left = iter(parts)
            while some := list(islice(left, _PARTS_AT_ONCE)):
                self.append([b"".join([mapped[first:end] for first, end in some])])

    def lines(self) -> Iterator[str]:
        """Read from the beginning."""
        with self.path.open(encoding="utf-8", newline="\n") as opened:
            yield from opened

    def csv_rows(self) -> Iterator[list[str]]:
        """Read from the beginning."""
        with self.path.open(encoding="utf-8", newline="") as opened:
            yield from csv.reader(opened)


class TemporaryFiles:
    """Implements `ports.bulk.LocalFiles`."""

    @contextmanager
    def new(self) -> Iterator[TemporaryFile]:
        """Make one under the temporary folder."""
        with tempfile.NamedTemporaryFile(prefix="lockstep-") as file:
            yield TemporaryFile(file.file)  # not the wrapper, whose every call is one of Python code
