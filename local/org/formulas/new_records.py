"""Tells conditions that no new record fulfils, so that a create need not ask them."""

from local.org.formulas.parser import parse
from local.org.formulas.syntax import Call, Expression


def is_for_updates_only(formula: str) -> bool:
    """Tell whether a well-formed condition begins with `AND(NOT(ISNEW()), …`: what follows is not even looked at."""
    match parse(formula):
        case Call(function="AND", arguments=(first, *_)):
            return _is_not_new(first)
        case expression:
            return _is_not_new(expression)


def _is_not_new(expression: Expression) -> bool:
    match expression:
        case Call(function="NOT", arguments=(Call(function="ISNEW", arguments=()),)):
            return True
        case _:
            return False
