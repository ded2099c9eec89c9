"""Turns the text of a formula into its parts, or says where it is no formula."""

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path

from lark import Lark, Token, Transformer, UnexpectedInput
from lark.exceptions import VisitError

from local.org.formulas.errors import FormulaError
from local.org.formulas.syntax import Call, Expression, Literal, Name

MAX_CHARACTERS = 3_900  # Salesforce Help, "Formula Limits"
MAX_DEPTH = 60
_KEYWORDS = {"TRUE": True, "FALSE": False, "NULL": None}
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_BY_ESCAPE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}


def parse(formula: str) -> Expression:
    """Return the formula's parts.

    Raises:
        FormulaError: It is too long, nested too deep, or not in the language that the local org knows.
    """
    if len(formula) > MAX_CHARACTERS:
        raise FormulaError(f"it has more than {MAX_CHARACTERS} characters")
    try:
        return _expression(_parser().parse(formula))
    except UnexpectedInput as exc:
        position = exc.pos_in_stream
        where = "at its end" if position is None or position < 0 else f"at character {position + 1}"
        raise FormulaError(f"it cannot be read {where}") from exc
    except VisitError as exc:
        if isinstance(exc.orig_exc, FormulaError):
            raise exc.orig_exc from exc
        raise


@cache
def _parser() -> Lark:
    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual", transformer=_Builder(), maybe_placeholders=False)


def _expression(parsed: object) -> Expression:
    if not isinstance(parsed, Literal | Name | Call):
        raise TypeError(type(parsed))
    return parsed


def _call(function: str, arguments: Sequence[Expression]) -> Call:
    depth = 1 + max((each.depth for each in arguments), default=0)
    if depth > MAX_DEPTH:
        raise FormulaError(f"it is nested more than {MAX_DEPTH} deep")
    return Call(function, tuple(arguments), depth)


class _Builder(Transformer[Token, Expression]):
    """One method for each rule of the grammar, called bottom up: depth costs no stack."""

    def start(self, parts: list[Expression]) -> Expression:
        return parts[0]

    def any_of(self, parts: list[Expression]) -> Call:
        return _call("OR", parts)

    def all_of(self, parts: list[Expression]) -> Call:
        return _call("AND", parts)

    def binary(self, parts: tuple[Expression, Token, Expression]) -> Call:
        left, operator, right = parts
        spelling = {"==": "=", "!=": "<>"}.get(str(operator), str(operator))
        return _call(spelling, (left, right))

    def prefixed(self, parts: tuple[Token, Expression]) -> Call:
        operator, operand = parts
        return _call("NOT" if operator == "!" else f"{operator}x", (operand,))

    def number(self, parts: list[Token]) -> Literal:
        return Literal(Decimal(str(parts[0])))

    def text(self, parts: list[Token]) -> Literal:
        return Literal(_ESCAPED.sub(_unescaped, parts[0][1:-1]))

    def name(self, parts: list[Token]) -> Expression:
        word = str(parts[0])
        if word.upper() in _KEYWORDS:
            return Literal(_KEYWORDS[word.upper()])
        return Name(tuple(word.split(".")))

    def call(self, parts: list[Token | Expression]) -> Call:
        function, *arguments = parts
        return _call(str(function).upper(), [_expression(each) for each in arguments])


def _unescaped(found: re.Match[str]) -> str:
    if found[1] not in _BY_ESCAPE:
        raise FormulaError(f"the local org does not know the escape \\{found[1]}")
    return _BY_ESCAPE[found[1]]
