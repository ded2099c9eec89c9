"""The External ID of a file's row: a column, or several of them together."""

from collections.abc import Callable
from typing import Any, TypeAlias

from lockstep.domain.conversions.characters import plain_text
from lockstep.domain.conversions.results import Problem
from lockstep.domain.file_rules import FileRules, KeyColumns

Cells: TypeAlias = Any
Reads: TypeAlias = Callable[[str], Callable[[Cells], Any]]
KeyOf: TypeAlias = Callable[[Cells], str | Problem]


def cells_key(rules: FileRules, reads: Reads) -> KeyOf:
    """Return what finds the key of a row of texts; `reads` gives what reads a column."""
    return _joined(rules.external_id, reads) if isinstance(rules.external_id, KeyColumns) else reads(rules.external_id)


def object_key(rules: FileRules, reads: Reads) -> KeyOf:
    """Return what finds the key of a row whose values may be of any kind."""

    def reads_text(name: str) -> KeyOf:
        read = reads(name)
        return lambda row: plain_text(read(row))

    return cells_key(rules, reads_text)


def _joined(key: KeyColumns, reads: Reads) -> KeyOf:
    """Join texts so that no two rows have one key whose columns differ."""
    parts = [(name, reads(name)) for name in key.columns]

    def key_of(row: Cells) -> str | Problem:
        texts: list[str] = []
        for name, read in parts:
            text = _part(name, read(row), key.between)
            if isinstance(text, Problem):
                return text
            texts.append(text)
        return key.between.join(texts)

    return key_of


def _part(name: str, text: str | Problem, between: str) -> str | Problem:
    if isinstance(text, Problem):
        return Problem(f"{name}: {text.reason}", text.remedy)
    if not text:
        return Problem(f"{name}, a part of the key, is empty", "correct it in the source")
    if between in text:
        said = f"{name}, a part of the key, holds what stands between the parts, so two rows could have one key"
        return Problem(said, "say another `between` in the route's `file`, under external_id")
    return text
