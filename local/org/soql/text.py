"""SOQL texts: their escapes, and the patterns of LIKE."""

import re
from collections.abc import Callable, Iterator

from local.org.soql.errors import MALFORMED_QUERY, SoqlError

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_WILDCARDS = "%_"
_HEX_DIGITS = 4


def unescape(literal: str) -> str:
    """Return the text between the quotes.

    Raises:
        SoqlError: A backslash stands before a character that it cannot escape.
    """
    body = literal[1:-1]
    return "".join(character for character, _ in _characters(body)) if "\\" in body else body


def like_matcher(literal: str) -> Callable[[str], bool]:
    """Return a test of a LIKE pattern: `%` for any text, `_` for one character, without regard to case.

    Raises:
        SoqlError: A backslash stands before a character that it cannot escape.
    """
    segments = [""]
    for character, is_escaped in _characters(literal[1:-1]):
        if character == "%" and not is_escaped:
            segments.append("")
        else:
            segments[-1] += "." if character == "_" and not is_escaped else re.escape(character)
    return _compiled(segments)


def _compiled(segments: list[str]) -> Callable[[str], bool]:
    """Match segment after segment; what a segment took is not tried again, so that no pattern is slow."""
    first, *rest = segments
    if not rest:
        pattern = first
    else:
        *middle, last = rest
        pattern = first + "".join(f"(?>.*?{segment})" for segment in middle if segment) + f".*{last}"
    matches = re.compile(pattern, re.IGNORECASE | re.DOTALL).fullmatch
    return lambda value: matches(value) is not None


def _characters(body: str) -> Iterator[tuple[str, bool]]:
    """Yield each character and whether a backslash stood before it."""
    position = 0
    while position < len(body):
        if body[position] != "\\":
            yield body[position], False
            position += 1
            continue
        character, length = _escaped(body, position)
        yield character, True
        position += length


def _escaped(body: str, position: int) -> tuple[str, int]:
    """Return the character of an escape sequence, and how long the sequence is."""
    letter = body[position + 1]
    if letter in _WILDCARDS:
        return letter, 2
    if letter.lower() in _ESCAPES:
        return _ESCAPES[letter.lower()], 2
    digits = body[position + 2 : position + 2 + _HEX_DIGITS]
    if letter in "uU" and len(digits) == _HEX_DIGITS and all(digit in "0123456789abcdefABCDEF" for digit in digits):
        return chr(int(digits, 16)), 2 + _HEX_DIGITS
    raise SoqlError(MALFORMED_QUERY, f"Illegal character sequence '\\{letter}' in string literal")
