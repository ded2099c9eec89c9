"""Reads the keys of a load's rows back, chunk by chunk."""

from collections.abc import Iterator, Sequence

from lockstep.domain.chunks import Chunk
from lockstep.domain.comparisons import KEYS_AT_ONCE
from lockstep.domain.external_ids import KeyKind
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.key_hashes import KeyRange, KnownKeys, StoredKeys
from lockstep.domain.load_keys import keys_key
from lockstep.domain.loads import Load
from lockstep.ports.bulk import LoadFiles, LocalFiles
from lockstep.ports.loads import LoadBook


class LoadKeyLists:
    """Remembers one part of one load: the next look is often at the same."""

    def __init__(self, book: LoadBook, load_files: LoadFiles, local_files: LocalFiles) -> None:
        self._book = book
        self._load_files = load_files
        self._local_files = local_files
        self._remembered: tuple[tuple[str, KeyRange], KnownKeys] | None = None

    def parts_needed(self, load: Load) -> int:
        """Return in how many parts the keys are to be compared."""
        rows = sum(chunk.counts.read for chunk in self._chunks(load))
        return max(-(-rows // KEYS_AT_ONCE), 1)

    def problem(self, load: Load, kind: KeyKind) -> str:
        """Say why the file is not known to be whole; an empty text where it is.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        if load.file_problems or load.counts.read:
            return "not all of the file could be read"
        read = sum(chunk.counts.read for chunk in self._chunks(load))
        unknown = rows = 0
        for stored in self._stored(load):
            if stored is None:
                return "the keys of some of its rows were not kept: the route did not say `whole` when they were read"
            if stored.kind is not kind:
                return "the External ID field compares keys in another way than when the file was read"
            unknown += stored.unknown
            rows += stored.rows
        if unknown:
            return f"{unknown:,} of its rows have no key that could be read"
        return "" if rows == read else f"the keys of {rows:,} rows were kept, and {read:,} rows were read"

    def known(self, load: Load, wanted: KeyRange) -> KnownKeys:
        """Return the keys of a part.

        Raises:
            SyncError: AWS_UNAVAILABLE; FILE_GONE.
        """
        name = (load.load_id, wanted)
        if self._remembered is None or self._remembered[0] != name:
            self._remembered = None  # before the next is made: memory holds one
            self._remembered = (name, KnownKeys(self._hashes(load, wanted)))
        return self._remembered[1]

    def _hashes(self, load: Load, wanted: KeyRange) -> Iterator[Sequence[int]]:
        for stored in self._stored(load):
            if stored is None:
                raise SyncError(FailureKind.FILE_GONE, "the keys of the load's rows were deleted meanwhile; stop it")
            yield wanted.of(stored.hashes)

    def _stored(self, load: Load) -> Iterator[StoredKeys | None]:
        for chunk in self._chunks(load):
            with self._local_files.new() as file:
                is_there = self._load_files.get(keys_key(load.load_id, chunk.number), file)
                yield StoredKeys.of(file.path.read_bytes()) if is_there else None

    def _chunks(self, load: Load) -> Iterator[Chunk]:
        """Give the chunks in which the file's rows stand, each row once."""
        return (chunk for chunk in self._book.chunks(load.load_id) if not chunk.is_repeat)
