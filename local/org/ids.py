"""Record ids: 15 characters in base 62, and 3 more that make them safe where case is lost."""

import re
from functools import lru_cache

_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_VALUE = {digit: value for value, digit in enumerate(_DIGITS)}
_INSTANCE = "Lk0"
_COUNTER_DIGITS = 9
_SHAPE = re.compile(r"[0-9A-Za-z]{15}(?:[A-Z0-5]{3})?", re.ASCII)


def checksum(group: str) -> str:
    """Return the check character of five characters."""
    return _CHECK[sum(1 << place for place, character in enumerate(group) if "A" <= character <= "Z")]


def to_18(short_id: str) -> str:
    """Return the 18-character form of a 15-character id."""
    return short_id + "".join(checksum(short_id[start : start + 5]) for start in (0, 5, 10))


@lru_cache(maxsize=256)
def _block(key_prefix: str, block: int) -> list[str]:
    """Return 62 ids that follow each other: the last digit differs, and whether it is a capital shows in the check."""
    places = reversed(range(_COUNTER_DIGITS - 1))
    head = key_prefix + _INSTANCE + "".join(_DIGITS[block // 62**place % 62] for place in places)
    capital, other = to_18(head + "A")[15:], to_18(head + "a")[15:]
    return [head + last + (capital if last.isupper() else other) for last in _DIGITS]


def encode(key_prefix: str, number: int) -> str:
    """Return the id of an object's record of that number."""
    return _block(key_prefix, number // 62)[number % 62]


def number_of(short_id: str) -> int | None:
    """Return the number behind a 15-character id, or None where this org never gave it."""
    if short_id[3:6] != _INSTANCE:
        return None
    number = 0
    for digit in short_id[-_COUNTER_DIGITS:]:
        number = number * 62 + _VALUE[digit]
    return number


def shorten(record_id: str) -> str | None:
    """Return the 15-character form of a well-formed id of either length, else None."""
    if not _SHAPE.fullmatch(record_id):
        return None
    short_id = record_id[:15]
    return short_id if len(record_id) == 15 or to_18(short_id) == record_id else None
