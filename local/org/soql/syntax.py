"""A parsed query: what was written, with the place of each word; nothing is looked up yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Word:
    """A piece of the query and where it begins, counted from 0."""

    text: str
    position: int


@dataclass(frozen=True, slots=True)
class Path:
    """A field, through its parents: `Account.Owner.Name`."""

    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function in the select list: COUNT(), MAX(Amount), FIELDS(ALL)."""

    function: Word
    argument: Path | None
    alias: Word | None


class LiteralKind(StrEnum):
    """What a literal looks like, as the words of error messages."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    DATETIME = "datetime"
    BOOLEAN = "boolean"
    NULL = "null"
    DATE_LITERAL = "date literal"


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as written, quotes and escapes included; a date literal keeps its number after a colon."""

    kind: LiteralKind
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A path, an operator in capitals and one value, or many for the operators on lists."""

    path: Path
    operator: str
    literals: Sequence[Literal]


@dataclass(frozen=True, slots=True)
class Junction:
    """Conditions joined by AND or OR, or the one that NOT turns round."""

    operator: str
    members: tuple["Condition", ...]
    depth: int


Condition = Comparison | Junction


@dataclass(frozen=True, slots=True)
class Ordering:
    """One key of ORDER BY."""

    path: Path
    descending: bool
    nulls_last: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A whole statement; `text` is what was sent."""

    text: str
    selected: tuple[Path | Call, ...]
    object_name: Word
    alias: Word | None
    condition: Condition | None
    orderings: tuple[Ordering, ...]
    limit: int | None
    offset: int
