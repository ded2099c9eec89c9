"""The keys of a file, kept as hashes of eight bytes, so that those of ten million rows can be compared."""

import hashlib
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import Any, TypeVar

from lockstep.domain.conversions.results import Problem
from lockstep.domain.external_ids import IDENTITIES, KeyKind
from lockstep.domain.file_rows import BadRow

_WORD_BYTES = 8
_HASHES = 1 << 64
_KINDS = tuple(KeyKind)

Row = TypeVar("Row")


def hash_of(kind: KeyKind) -> Callable[[str], int]:
    """Return what gives one number for all keys that the org takes for one; spaces around a key do not count."""
    identity = IDENTITIES[kind]

    def hashed(key: str) -> int:
        record = identity(key.strip())
        text = f"{record.normalize():f}" if isinstance(record, Decimal) else str(record)
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_WORD_BYTES).digest()
        return int.from_bytes(digest, "little")

    return hashed


class RowKeys:
    """The keys of a chunk's rows; `unknown` are rows that have none that can be read."""

    def __init__(self, kind: KeyKind, key_of: Callable[[Any], str | Problem]) -> None:
        self._kind = kind
        self._key_of = key_of
        self._hash = hash_of(kind)
        self._hashes = array("Q")
        self.unknown = 0

    def noted(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Give the rows as they are, and keep their keys."""
        for row in rows:
            self._note(row)
            yield row

    def _note(self, row: Any) -> None:
        key = None if isinstance(row, BadRow) else self._key_of(row[1])
        if isinstance(key, str) and key.strip():
            self._hashes.append(self._hash(key))
        else:
            self.unknown += 1

    def content(self) -> bytes:
        """Return them as they are stored: how many are unknown, the kind of keys, then the hashes in their order."""
        words = array("Q", [self.unknown, _KINDS.index(self._kind), *sorted(self._hashes)])
        return words.tobytes()


@dataclass(frozen=True, slots=True)
class StoredKeys:
    """The keys of a chunk, as they were stored; `hashes` ascend."""

    unknown: int
    kind: KeyKind
    hashes: Sequence[int]

    @property
    def rows(self) -> int:
        """How many rows the chunk had."""
        return self.unknown + len(self.hashes)

    @classmethod
    def of(cls, content: bytes) -> "StoredKeys":
        """Read what `RowKeys.content` has made."""
        words = array("Q")
        words.frombytes(content)
        return cls(words[0], _KINDS[words[1]], words[2:])


@dataclass(frozen=True, slots=True)
class KeyRange:
    """One of several equal parts of all hashes, from 0."""

    part: int
    parts: int

    @property
    def _ends(self) -> tuple[int, int]:
        return self.part * _HASHES // self.parts, (self.part + 1) * _HASHES // self.parts

    def __contains__(self, hashed: int) -> bool:
        first, end = self._ends
        return first <= hashed < end

    def of(self, keys: Sequence[int]) -> Sequence[int]:
        """Return those of ascending hashes that belong to the part."""
        first, end = self._ends
        return keys[bisect_left(keys, first) : bisect_left(keys, end)]


class KnownKeys:
    """Hashes that can be asked for."""

    def __init__(self, hashes: Iterable[Sequence[int]]) -> None:
        self._hashes = array("Q", sorted(chain.from_iterable(hashes)))

    def __contains__(self, hashed: int) -> bool:
        place = bisect_left(self._hashes, hashed)
        return place < len(self._hashes) and self._hashes[place] == hashed
