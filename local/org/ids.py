"""Record ids: 15 characters in base 62, and 3 more that make them safe where case is lost."""

import re
from functools import lru_cache
from itertools import product

_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PAIRS = tuple("".join(pair) for pair in product(_DIGITS, repeat=2))
_VALUE = {digit: value for value, digit in enumerate(_DIGITS)}
_INSTANCE = "Lk0"
_COUNTER_DIGITS = 9
_CAPITALS = {text: sum(each.isupper() << place for place, each in enumerate(text)) for text in (*_DIGITS, *_PAIRS)}
"""Which of one or two digits are capitals, as the bits that make up a check character."""
_SHAPE = re.compile(r"[0-9A-Za-z]{15}(?:[A-Z0-5]{3})?", re.ASCII)


def checksum(group: str) -> str:
    """Return the check character of five characters."""
    return _CHECK[sum(1 << place for place, character in enumerate(group) if "A" <= character <= "Z")]


def to_18(short_id: str) -> str:
    """Return the 18-character form of a 15-character id."""
    return short_id + "".join(checksum(short_id[start : start + 5]) for start in (0, 5, 10))


@lru_cache(maxsize=256)
def _head(key_prefix: str, high: int) -> tuple[str, str]:
    """Return the first ten characters and their check characters: they change once in 62^5 records."""
    text = key_prefix + _INSTANCE + "".join(_DIGITS[high // 62**place % 62] for place in (3, 2, 1, 0))
    return text, checksum(text[:5]) + checksum(text[5:])


def encode(key_prefix: str, number: int) -> str:
    """Return the id of an object's record of that number."""
    high, low = divmod(number, 62**5)
    head, checks = _head(key_prefix, high)
    rest, last = divmod(low, 62)
    first, second, third = _PAIRS[rest // 3844], _PAIRS[rest % 3844], _DIGITS[last]
    check = _CHECK[_CAPITALS[first] | _CAPITALS[second] << 2 | _CAPITALS[third] << 4]
    return head + first + second + third + checks + check


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
