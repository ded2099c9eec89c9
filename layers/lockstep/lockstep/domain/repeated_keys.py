"""Finds the keys that come more than once among many, in little memory: looked at twice, kept only where in doubt."""

from collections.abc import Hashable, Iterable

_BITS_PER_KEY = 8
_LEAST_BITS, _MOST_BITS = 2**16, 2**29  # at most 64 MiB


class RepeatedKeys:
    """Marks each key's bit; where the bit is marked already, the key is in doubt.

    Args:
        expected: How many keys there are, about; more cost doubts, not mistakes.
    """

    def __init__(self, expected: int) -> None:
        wanted = max(expected, 1) * _BITS_PER_KEY
        bits = min(max(1 << (wanted - 1).bit_length(), _LEAST_BITS), _MOST_BITS)
        self._mask = bits - 1
        self._marks = bytearray(bits // 8)
        self._doubted: set[int] = set()

    def look(self, keys: Iterable[Hashable]) -> None:
        """Look at keys for the first time."""
        marks, mask, doubt = self._marks, self._mask, self._doubted.add
        for key in keys:
            hashed = hash(key)
            at = hashed & mask
            bit = 1 << (at & 7)
            if marks[at >> 3] & bit:
                doubt(hashed)
            else:
                marks[at >> 3] |= bit

    def may_repeat(self, key: Hashable) -> bool:
        """True of every key that was looked at more than once, and of a few others."""
        return hash(key) in self._doubted
