"""Fields and functions of one record, as WHERE and the keys of groups take them."""

from local.org.soql.date_functions import DATE_FUNCTIONS, resolve_date_function
from local.org.soql.errors import MALFORMED_QUERY, SoqlError
from local.org.soql.scope import Resolved, Scope
from local.org.soql.syntax import Call, Operand, Path

_OTHERS = frozenset({"TOLABEL", "FORMAT", "CONVERTCURRENCY", "CONVERTTIMEZONE", "DISTANCE", "GEOLOCATION", "GROUPING"})


def resolve_operand(scope: Scope, operand: Operand) -> Resolved:
    """Return the field that a path names, or what a date function makes of one.

    Raises:
        SoqlError: Something is unknown, or is nothing that stands here.
    """
    if isinstance(operand, Path):
        return scope.resolve(operand)
    if operand.name not in DATE_FUNCTIONS:
        raise unknown_function(scope, operand)
    return resolve_date_function(scope, operand)


def unknown_function(scope: Scope, call: Call) -> SoqlError:
    """Return the refusal of a function that the local org does not know where it stands."""
    reason = "is not emulated" if call.name in _OTHERS else "is not a function that the local org knows here"
    return scope.refuse(call.function, f"{call.function.text}() {reason}", MALFORMED_QUERY)
