"""COUNT, SUM and their kin over the records of one group."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.org.schema import FieldSchema
from local.org.soql.errors import MALFORMED_QUERY
from local.org.soql.literals import family_of
from local.org.soql.scope import Resolved, Scope
from local.org.soql.syntax import Call, Operand, Path, written
from local.org.soql.tables import Record

_Values = Sequence[Any]
_COMPARABLE = frozenset({"text", "number", "date", "datetime", "time"})
_ANY = _COMPARABLE | {"id", "boolean"}
_NUMBER = frozenset({"number"})


def _average(values: _Values) -> float | None:
    return float(sum(values)) / len(values) if values else None


@dataclass(frozen=True, slots=True)
class _Function:
    """What an aggregate takes, what it makes, and of which type that is; None for the type of its field."""

    takes: frozenset[str]
    apply: Callable[[_Values], Any]
    makes: str | None


_FUNCTIONS: Mapping[str, _Function] = {
    "COUNT": _Function(_ANY, len, "int"),
    "COUNT_DISTINCT": _Function(_ANY, lambda values: len({folded(each) for each in values}), "int"),
    "MIN": _Function(_COMPARABLE, lambda values: min(values, key=folded, default=None), None),
    "MAX": _Function(_COMPARABLE, lambda values: max(values, key=folded, default=None), None),
    "SUM": _Function(_NUMBER, lambda values: sum(values) if values else None, None),
    "AVG": _Function(_NUMBER, _average, "double"),
}


def folded(value: Any) -> Any:
    """Return what two values share that are the same to a group: texts do not mind case."""
    return value.lower() if isinstance(value, str) else value


def is_aggregate(operand: Operand) -> bool:
    """Tell whether an operand is a function over a whole group."""
    return isinstance(operand, Call) and operand.name in _FUNCTIONS


def resolve_aggregate(scope: Scope, call: Call) -> Resolved:
    """Return what an aggregate makes of a group, which is a list of records.

    Raises:
        SoqlError: The function cannot take its field.
    """
    argument = call.arguments[0] if len(call.arguments) == 1 else None
    if not isinstance(argument, Path):
        raise scope.refuse(call.function, f"{call.function.text}() needs a field here", MALFORMED_QUERY)
    resolved, function = scope.resolve(argument), _FUNCTIONS[call.name]
    if family_of(resolved.field) not in function.takes:
        message = f"field {resolved.name} does not support aggregate operator {call.name}"
        raise scope.refuse(call.function, message, MALFORMED_QUERY)
    made = resolved.field if function.makes is None else FieldSchema(written(call), call.name, function.makes)

    def get(group: Any) -> Any:
        return function.apply(_present(resolved, group))

    return Resolved(made, written(call), (), get, get)


def _present(resolved: Resolved, records: Sequence[Record]) -> _Values:
    return [value for record in records if (value := resolved.get(record)) is not None]
