"""How two values match: exactly, or by the simple forms of Salesforce's fuzzy methods.

Each method gives a key that values must share to be compared at all, and the comparison itself.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

_WORD = re.compile(r"[^\W_]+")
_COMPANY_WORDS = frozenset(
    {"inc", "incorporated", "corp", "corporation", "co", "company", "ltd", "limited", "llc", "plc", "gmbh", "ag", "the"}
)
_STREET_WORDS: Mapping[str, str] = {
    "street": "st",
    "avenue": "ave",
    "road": "rd",
    "boulevard": "blvd",
    "drive": "dr",
    "lane": "ln",
    "square": "sq",
    "suite": "ste",
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
}
_LIKE = 0.85  # of the characters must be shared in their order
_SHORTEST_NICKNAME = 3
_LOCAL_NUMBER = 7  # digits of a phone number without its area
_NATIONAL_NUMBER = 10
_ZIP_LENGTH = 5


@dataclass(frozen=True, slots=True)
class Method:
    """One way to match; both functions take texts made plain by `plain`."""

    plain: Callable[[str], str]
    key: Callable[[str], str]
    matches: Callable[[str, str], bool]
    is_fuzzy: bool = True

    def key_of(self, value: Any) -> str | None:
        """Return what values that match share; None for a value that matches nothing."""
        text = self.plain(_text(value))
        return self.key(text) if text else None

    def is_match(self, one: Any, other: Any) -> bool:
        """Tell whether two values that are both there match."""
        return self.matches(self.plain(_text(one)), self.plain(_text(other)))


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip().lower()


def _words(text: str) -> str:
    return " ".join(_WORD.findall(text))


def _company(text: str) -> str:
    words = _WORD.findall(text)
    return " ".join(word for word in words if word not in _COMPANY_WORDS) or " ".join(words)


def _street(text: str) -> str:
    return " ".join(_STREET_WORDS.get(word, word) for word in _WORD.findall(text))


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdecimal())


def _zip(text: str) -> str:
    return "".join(_WORD.findall(text))[:_ZIP_LENGTH]


def _like(one: str, other: str) -> bool:
    return one == other or SequenceMatcher(None, one, other, autojunk=False).ratio() >= _LIKE


def _first_name(one: str, other: str) -> bool:
    """An initial matches its name, and so does a name's beginning (Rob, Robert)."""
    short, long = sorted((one, other), key=len)
    is_beginning = long.startswith(short) and (len(short) == 1 or len(short) >= _SHORTEST_NICKNAME)
    return is_beginning or _like(one, other)


def _phone(one: str, other: str) -> bool:
    """The code of the country may be missing on one side."""
    return one == other or (
        min(len(one), len(other)) >= _NATIONAL_NUMBER and one[-_NATIONAL_NUMBER:] == other[-_NATIONAL_NUMBER:]
    )


def _first_letter(text: str) -> str:
    return text[:1]


def _same(text: str) -> str:
    return text


def _equal(one: str, other: str) -> bool:
    return one == other


METHODS: Mapping[str, Method] = {
    "Exact": Method(_same, _same, _equal, is_fuzzy=False),
    "FirstName": Method(_words, _first_letter, _first_name),
    "LastName": Method(_words, _first_letter, _like),
    "CompanyName": Method(_company, _first_letter, _like),
    "Phone": Method(_digits, lambda digits: digits[-_LOCAL_NUMBER:], _phone),
    "City": Method(_words, _first_letter, _like),
    "Street": Method(_street, _first_letter, _like),
    "Zip": Method(_zip, _same, _equal),
    "Title": Method(_words, _first_letter, _like),
}
