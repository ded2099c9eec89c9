"""Date patterns in words of the field: YYYY, MM or M, DD or D, and the marks between them."""

import re

_PARTS = {
    "YYYY": r"(?P<year>\d{4})",
    "MM": r"(?P<month>\d{2})",
    "M": r"(?P<month>\d{1,2})",
    "DD": r"(?P<day>\d{2})",
    "D": r"(?P<day>\d{1,2})",
}
_SPLIT = re.compile("(YYYY|MM|M|DD|D)")


def date_pattern(text: str) -> re.Pattern[str]:
    """Compile a pattern such as DD.MM.YYYY.

    Raises:
        ValueError: The text is not one.
    """
    pieces = _SPLIT.split(text)
    parts, marks = pieces[1::2], pieces[0::2]
    has_each = sorted(part[0] for part in parts) == ["D", "M", "Y"]
    if not has_each or any(character.isalnum() for mark in marks for character in mark):
        raise ValueError("a date format is made of YYYY, MM or M, DD or D, once each, such as DD.MM.YYYY")
    return re.compile("".join(_PARTS.get(piece) or re.escape(piece) for piece in pieces), re.ASCII)
