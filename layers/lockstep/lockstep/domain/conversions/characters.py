"""Characters that a Salesforce field does not take, and how long it thinks a text is."""

import re
from decimal import Decimal

from lockstep.domain.conversions.results import Problem, wrong_kind
from lockstep.domain.null_mark import BULK_NULL

# Control characters but tab, line feed and carriage return, and what XML has no place for: the org refuses them.
CONTROL_CHARACTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_LINE_BREAKS_AND_TABS = frozenset("\t\n\r\u2028\u2029")  # text may have them, a key that is found again may not
_LONE_SURROGATES = re.compile("[\ud800-\udfff]")
# Far more digits than any number that is meant; Python refuses to write integers of more than 4,300.
_MAX_NUMBER_BITS = 4096
_SURELY_SHORT = 127  # characters, of two code units at most
_MAX_KEY_LENGTH = 255  # Salesforce Object Reference: the longest Text field

BROKEN_TEXT = Problem("the text is not valid Unicode (half of a surrogate pair)", "correct the text in the source")
_CONTROL_IN_KEY = Problem("the key holds a control character", "correct the key in the source")
_SPACE_AROUND_KEY = Problem(
    "the key begins or ends with white space, which Salesforce would cut off", "correct it in the source, or set `trim`"
)
NULL_MARK = Problem(
    f"the text is {BULK_NULL}, which Salesforce takes for null in a Bulk file",
    "correct it in the source, or list it in `null_words` where it means null",
)
_KEYS_THAT_ARE_NONE = {"": Problem("the key is empty", "correct it in the source"), BULK_NULL: NULL_MARK}


def plain_text(value: object) -> str | Problem:
    """Return text as it is, and numbers digit for digit."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() <= _MAX_NUMBER_BITS:
        return str(value)
    if isinstance(value, Decimal) and value.is_finite():
        return str(value)
    return wrong_kind(value, "text or a number")


def is_broken(text: str) -> bool:
    """True where the text holds half of a surrogate pair."""
    return _LONE_SURROGATES.search(text) is not None


def length_of(text: str) -> int:
    """Count as Salesforce does, in UTF-16 code units: a character outside the basic plane counts twice."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def first_units(text: str, units: int) -> str:
    """Return as much of the beginning as fits, never half a character."""
    return text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore")


def is_plain_key(key: str) -> bool:
    """True where a short text is a key beyond doubt."""
    return key.isprintable() and len(key) <= _SURELY_SHORT and key == key.strip() and key not in _KEYS_THAT_ARE_NONE


def key_problem(key: str) -> Problem | None:
    """Say what keeps a text from being an External ID that is found again."""
    if is_plain_key(key):
        return None
    if key in _KEYS_THAT_ARE_NONE or is_broken(key):
        return _KEYS_THAT_ARE_NONE.get(key, BROKEN_TEXT)
    if key != key.strip():
        return _SPACE_AROUND_KEY
    if CONTROL_CHARACTERS.search(key) or not _LINE_BREAKS_AND_TABS.isdisjoint(key):
        return _CONTROL_IN_KEY
    if length_of(key) > _MAX_KEY_LENGTH:
        return Problem(f"the key is longer than {_MAX_KEY_LENGTH} characters", "choose another key of the source")
    return None
