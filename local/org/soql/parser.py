"""Turns the text of a query into its parts, or says where it is not SOQL."""

from functools import cache
from pathlib import Path as FilePath

from lark import Lark, Token, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from local.org.soql.builder import QueryBuilder
from local.org.soql.errors import MALFORMED_QUERY, NUMBER_OUTSIDE_VALID_RANGE, SoqlError, error_at
from local.org.soql.syntax import Query

MAX_CHARACTERS = 100_000
_MAX_OFFSET = 2_000
_NOT_DONE = {
    "SELECT": "a query within a query, here",
    "FOR": "FOR UPDATE",
    "WITH": "WITH other than SECURITY_ENFORCED",
    "USING": "USING SCOPE",
    "ALL": "ALL ROWS",
}


def parse(soql: str) -> Query:
    """Return the query's parts.

    Raises:
        SoqlError: MALFORMED_QUERY with the place, also for what the local org does not do.
    """
    if len(soql) > MAX_CHARACTERS:
        raise SoqlError(MALFORMED_QUERY, f"SOQL statements cannot be longer than {MAX_CHARACTERS} characters.")
    try:
        query = _parser().parse(soql)
    except UnexpectedInput as exc:
        raise _refusal(soql, exc) from exc
    return _checked(query)


@cache
def _parser() -> Lark:
    grammar = FilePath(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual", transformer=QueryBuilder(), maybe_placeholders=False)


def _checked(query: object) -> Query:
    if not isinstance(query, Query):
        raise TypeError(type(query))
    if query.offset > _MAX_OFFSET:
        raise SoqlError(NUMBER_OUTSIDE_VALID_RANGE, f"Maximum SOQL offset allowed is {_MAX_OFFSET}")
    return query


def _refusal(soql: str, exc: UnexpectedInput) -> SoqlError:
    if isinstance(exc, UnexpectedToken) and exc.token.type == "$END":
        return error_at(soql, MALFORMED_QUERY, "unexpected end of query", len(soql))
    if isinstance(exc, UnexpectedToken):
        return _unexpected(soql, exc.token)
    if isinstance(exc, UnexpectedCharacters):
        return _unexpected(soql, _word_at(soql, exc.pos_in_stream or 0))
    return error_at(soql, MALFORMED_QUERY, "unexpected end of query", len(soql))


def _unexpected(soql: str, token: Token) -> SoqlError:
    position = token.start_pos or 0
    message = f"unexpected token: '{token}'"
    for word in _suspects(soql, position, token):
        if word in _NOT_DONE:
            message = f"{message} ({_NOT_DONE[word]} is something that the local org does not do)"
            break
    return error_at(soql, MALFORMED_QUERY, message, position)


def _suspects(soql: str, position: int, token: Token) -> tuple[str, ...]:
    """Return the words that may begin what the grammar lacks: this one, the next in a parenthesis, the one before."""
    next_words = soql[position + 1 :].split(maxsplit=1)[:1] if soql[position] == "(" else []
    # The statement's own SELECT is no suspect.
    words_before = soql[:position].replace("(", " ").split()[1:][-1:]
    return tuple(word.upper() for word in (token, *next_words, *words_before))


def _word_at(soql: str, position: int) -> Token:
    """Return the word that no terminal matched, or the one character."""
    end = position + 1
    while end < len(soql) and soql[position].isalnum() and (soql[end].isalnum() or soql[end] == "_"):
        end += 1
    return Token("UNEXPECTED", soql[position:end], start_pos=position)
