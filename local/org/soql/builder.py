"""Builds the query's parts while the parser reads: bottom up, so that depth costs no stack."""

from collections.abc import Iterator, Sequence
from typing import Any

from lark import Token, Transformer

from local.org.soql.errors import MALFORMED_QUERY, SoqlError
from local.org.soql.syntax import (
    Call,
    Children,
    Comparison,
    Condition,
    Junction,
    Literal,
    LiteralKind,
    Operand,
    Ordering,
    Path,
    Query,
    Selected,
    SemiJoin,
    TypeOf,
    Word,
)

MAX_DEPTH = 100
_MANY_DIGITS = 12


def _word(token: Token) -> Word:
    return Word(str(token), token.start_pos or 0)


def _depth(condition: Condition) -> int:
    return condition.depth if isinstance(condition, Junction) else 0


def _junction(operator: str, members: Sequence[Condition]) -> Junction:
    depth = 1 + max(map(_depth, members))
    if depth > MAX_DEPTH:
        raise SoqlError(MALFORMED_QUERY, f"conditions are nested more than {MAX_DEPTH} deep")
    return Junction(operator, tuple(members), depth)


def _whole_number(token: Token, clause: str) -> int:
    if not (token.isascii() and token.isdecimal()):
        raise SoqlError(MALFORMED_QUERY, f"{clause} needs a whole number, not '{token}'")
    return int(token) if len(token) <= _MANY_DIGITS else 10**_MANY_DIGITS


def _split_texts(token: Token) -> Iterator[Literal]:
    """Take a list of texts apart at its quotes; an escaped quote does not end a text."""
    position = token.find("'")
    while position >= 0:
        end = token.find("'", position + 1)
        while _is_escaped(token, end):
            end = token.find("'", end + 1)
        yield Literal(LiteralKind.TEXT, token[position : end + 1])
        position = token.find("'", end + 1)


def _is_escaped(text: str, position: int) -> bool:
    before = position - 1
    while text[before] == "\\":
        before -= 1
    return (position - before) % 2 == 0


class QueryBuilder(Transformer[Token, Any]):
    """One method for each rule of the grammar; the parser calls it with the rule's parts."""

    def path(self, words: list[Token]) -> Path:
        """Build a path."""
        return Path(tuple(map(_word, words)))

    def call(self, parts: list[Any]) -> Call:
        """Build a function call."""
        return Call(_word(parts[0]), tuple(parts[1:]))

    def field(self, parts: list[Any]) -> Selected:
        """Build a selected field or function."""
        return Selected(parts[0], _word(parts[1]) if len(parts) > 1 else None)

    def children(self, parts: list[Query]) -> Children:
        """Build a query over a child relationship."""
        return Children(parts[0])

    def paths(self, parts: list[Path]) -> tuple[Path, ...]:
        """Collect the fields of one branch of TYPEOF."""
        return tuple(parts)

    def when(self, parts: list[Any]) -> tuple[Word, tuple[Path, ...]]:
        """Build one branch of TYPEOF."""
        return _word(parts[0]), parts[1]

    def otherwise(self, parts: list[tuple[Path, ...]]) -> tuple[None, tuple[Path, ...]]:
        """Build the last branch of TYPEOF."""
        return None, parts[0]

    def type_of(self, parts: list[Any]) -> TypeOf:
        """Build TYPEOF."""
        relationship, *branches = parts
        whens = tuple(each for each in branches if each[0] is not None)
        return TypeOf(_word(relationship), whens, next((paths for word, paths in branches if word is None), ()))

    def selected_items(self, parts: list[Selected | Children | TypeOf]) -> tuple[Selected | Children | TypeOf, ...]:
        """Collect the select list."""
        return tuple(parts)

    def alias(self, parts: list[Token]) -> tuple[str, Word]:
        """Build the object's alias."""
        return "alias", _word(parts[0])

    def where(self, parts: list[Condition]) -> tuple[str, Condition]:
        """Pass the condition on."""
        return "condition", parts[0]

    def having(self, parts: list[Condition]) -> tuple[str, Condition]:
        """Pass the condition on groups on."""
        return "having", parts[0]

    def secured(self, _parts: list[Token]) -> None:
        """Note nothing: a field that the user may not see is refused anyway."""

    def seen_by(self, _parts: list[Token]) -> None:
        """Note nothing: the local org keeps no list of what was seen."""

    def group_by(self, parts: list[Operand]) -> tuple[str, tuple[Operand, ...]]:
        """Collect the keys of the groups."""
        return "groups", tuple(parts)

    def conjunction(self, members: list[Condition]) -> Junction:
        """Join by AND."""
        return _junction("AND", members)

    def disjunction(self, members: list[Condition]) -> Junction:
        """Join by OR."""
        return _junction("OR", members)

    def negation(self, members: list[Condition]) -> Junction:
        """Turn round."""
        return _junction("NOT", members)

    def compare(self, parts: list[Any]) -> Comparison:
        """Build a comparison with one value; `<>` is `!=`."""
        operator = "!=" if parts[1] == "<>" else str(parts[1])
        return Comparison(parts[0], operator, (parts[2],))

    def like(self, parts: list[Any]) -> Comparison:
        """Build a comparison with a pattern."""
        return Comparison(parts[0], "LIKE", (parts[1],))

    def contained(self, parts: list[Any]) -> Comparison:
        """Build IN."""
        return Comparison(parts[0], "IN", parts[1])

    def not_contained(self, parts: list[Any]) -> Comparison:
        """Build NOT IN."""
        return Comparison(parts[0], "NOT IN", parts[1])

    def semi_join(self, parts: list[Any]) -> SemiJoin:
        """Build IN over a query."""
        return SemiJoin(parts[0], "IN", parts[1])

    def anti_join(self, parts: list[Any]) -> SemiJoin:
        """Build NOT IN over a query."""
        return SemiJoin(parts[0], "NOT IN", parts[1])

    def includes(self, parts: list[Any]) -> Comparison:
        """Build INCLUDES."""
        return Comparison(parts[0], "INCLUDES", parts[1])

    def excludes(self, parts: list[Any]) -> Comparison:
        """Build EXCLUDES."""
        return Comparison(parts[0], "EXCLUDES", parts[1])

    def value_list(self, literals: list[Literal]) -> tuple[Literal, ...]:
        """Collect a list of values."""
        return tuple(literals)

    def string_list(self, parts: list[Token]) -> tuple[Literal, ...]:
        """Take apart a list of texts that was read as one token."""
        return tuple(_split_texts(parts[0]))

    def text(self, parts: list[Token]) -> Literal:
        """Build a text."""
        return Literal(LiteralKind.TEXT, str(parts[0]))

    def number(self, parts: list[Token]) -> Literal:
        """Build a number."""
        return Literal(LiteralKind.NUMBER, str(parts[0]))

    def date(self, parts: list[Token]) -> Literal:
        """Build a date."""
        return Literal(LiteralKind.DATE, str(parts[0]))

    def datetime(self, parts: list[Token]) -> Literal:
        """Build a datetime."""
        return Literal(LiteralKind.DATETIME, str(parts[0]))

    def date_literal(self, parts: list[Token]) -> Literal:
        """Build a word such as TODAY or LAST_N_DAYS:7."""
        return Literal(LiteralKind.DATE_LITERAL, ":".join(parts))

    def true(self, _parts: list[Token]) -> Literal:
        """Build TRUE."""
        return Literal(LiteralKind.BOOLEAN, "true")

    def false(self, _parts: list[Token]) -> Literal:
        """Build FALSE."""
        return Literal(LiteralKind.BOOLEAN, "false")

    def null(self, _parts: list[Token]) -> Literal:
        """Build NULL."""
        return Literal(LiteralKind.NULL, "null")

    def ordering(self, parts: list[Any]) -> Ordering:
        """Build one key; nulls come first unless the query says otherwise."""
        words = {token.type for token in parts[1:]}
        return Ordering(parts[0], "DESC" in words, "LAST" in words)

    def order_by(self, parts: list[Ordering]) -> tuple[str, tuple[Ordering, ...]]:
        """Collect the keys."""
        return "orderings", tuple(parts)

    def limit(self, parts: list[Token]) -> tuple[str, int]:
        """Read LIMIT."""
        return "limit", _whole_number(parts[0], "LIMIT")

    def offset(self, parts: list[Token]) -> tuple[str, int]:
        """Read OFFSET."""
        return "offset", _whole_number(parts[0], "OFFSET")

    def query(self, parts: list[Any]) -> Query:
        """Put a statement together."""
        selected, object_name, *clauses = parts
        return Query(selected, _word(object_name), **dict(clause for clause in clauses if clause is not None))

    def start(self, parts: list[Query]) -> Query:
        """Pass the whole statement on."""
        return parts[0]
