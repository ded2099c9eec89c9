"""Boolean filters of metadata, as in `1 AND (2 OR 3)`: the numbers of items that must pass together, case by case."""

import re
from collections.abc import Sequence
from itertools import product
from math import prod

from local.org.filter_items import FilterError

_TOKEN = re.compile(r"\s*(\d{1,3}|AND|OR|\(|\))", re.IGNORECASE | re.ASCII)
_MOST_CASES = 1_000

Cases = list[frozenset[int]]
"""Sets of places, from 0; the filter passes where all items of one set do."""


def read_cases(text: str | None, count: int) -> Cases:
    """Return the cases of a filter over `count` items; without a text all must pass.

    Raises:
        FilterError: It is no such filter, or names an item that is not there.
    """
    if not text:
        return [frozenset(range(count))]
    reader = _Reader(text, count)
    cases = reader.any_of()
    if reader.tokens:
        raise reader.unreadable()
    return cases


class _Reader:
    def __init__(self, text: str, count: int) -> None:
        self._text = text
        self._count = count
        self.tokens = self._split(text)

    def _split(self, text: str) -> list[str]:
        tokens, place = [], 0
        while place < len(text.rstrip()):
            found = _TOKEN.match(text, place)
            if found is None:
                raise self.unreadable()
            tokens.append(found[1].upper())
            place = found.end()
        return tokens

    def unreadable(self) -> FilterError:
        return FilterError(f"its filter {self._text!r} is not in the form of 1 AND (2 OR 3)")

    def any_of(self) -> Cases:
        cases = self._all_of()
        while self.tokens[:1] == ["OR"]:
            self.tokens.pop(0)
            cases = cases + self._all_of()
        return cases

    def _all_of(self) -> Cases:
        parts = [self._item()]
        while self.tokens[:1] == ["AND"]:
            self.tokens.pop(0)
            parts.append(self._item())
        return self._joined(parts)

    def _joined(self, parts: Sequence[Cases]) -> Cases:
        if prod(map(len, parts)) > _MOST_CASES:
            raise FilterError(f"its filter {self._text!r} has too many cases")
        return [frozenset[int]().union(*chosen) for chosen in product(*parts)]

    def _item(self) -> Cases:
        word = self.tokens.pop(0) if self.tokens else ""
        if word == "(":
            cases = self.any_of()
            if self.tokens[:1] != [")"]:
                raise self.unreadable()
            self.tokens.pop(0)
            return cases
        if not word.isdecimal() or not 1 <= int(word) <= self._count:
            raise self.unreadable()
        return [frozenset({int(word) - 1})]
