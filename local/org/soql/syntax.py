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
    """A function: COUNT(), MAX(Amount), FIELDS(ALL), CALENDAR_YEAR(CreatedDate)."""

    function: Word
    arguments: tuple["Operand", ...]

    @property
    def name(self) -> str:
        """The function's name in capitals."""
        return self.function.text.upper()


Operand = Path | Call


@dataclass(frozen=True, slots=True)
class Selected:
    """A field or a function of the select list; the alias is None where it has none."""

    operand: Operand
    alias: Word | None


@dataclass(frozen=True, slots=True)
class Children:
    """A query within the select list, over a child relationship."""

    query: "Query"


@dataclass(frozen=True, slots=True)
class TypeOf:
    """Fields of a polymorphic parent by the object that it is of."""

    relationship: Word
    whens: tuple[tuple[Word, tuple[Path, ...]], ...]
    otherwise: tuple[Path, ...]


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
    """A field or function, an operator in capitals and one value, or many for the operators on lists."""

    operand: Operand
    operator: str
    literals: Sequence[Literal]


@dataclass(frozen=True, slots=True)
class SemiJoin:
    """A field that is, or is not, among the answers of another query."""

    operand: Operand
    operator: str
    query: "Query"


@dataclass(frozen=True, slots=True)
class Junction:
    """Conditions joined by AND or OR, or the one that NOT turns round."""

    operator: str
    members: tuple["Condition", ...]
    depth: int


Condition = Comparison | SemiJoin | Junction


@dataclass(frozen=True, slots=True)
class Ordering:
    """One key of ORDER BY."""

    operand: Operand
    descending: bool
    nulls_last: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A whole statement, or one within another."""

    selected: tuple[Selected | Children | TypeOf, ...]
    object_name: Word
    alias: Word | None = None
    condition: Condition | None = None
    groups: tuple[Operand, ...] = ()
    having: Condition | None = None
    orderings: tuple[Ordering, ...] = ()
    limit: int | None = None
    offset: int = 0


def first_word(operand: Operand) -> Word:
    """Return the word that a refusal of the operand points to."""
    return operand.words[0] if isinstance(operand, Path) else operand.function


def written(operand: Operand) -> str:
    """Return the operand as a query writes it."""
    if isinstance(operand, Path):
        return ".".join(word.text for word in operand.words)
    return f"{operand.function.text}({', '.join(map(written, operand.arguments))})"


def matches(one: Operand, other: Operand) -> bool:
    """Tell whether two operands are written alike, whatever their case."""
    return written(one).lower() == written(other).lower()
