"""COUNT, SUM and their kin over a whole result; there is no GROUP BY."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from local.org.schema import FieldSchema
from local.org.soql.errors import MALFORMED_QUERY
from local.org.soql.literals import family_of
from local.org.soql.scope import Resolved, Scope
from local.org.soql.syntax import Call, Path
from local.org.soql.tables import Record

_Values = Sequence[Any]
_COMPARABLE = {"text", "number", "date", "datetime", "time"}
_ANY = {*_COMPARABLE, "id", "boolean"}


def _average(values: _Values) -> float | None:
    return float(sum(values)) / len(values) if values else None


_FUNCTIONS: Mapping[str, tuple[set[str], Callable[[_Values], Any]]] = {
    "COUNT": (_ANY, len),
    "COUNT_DISTINCT": (_ANY, lambda values: len({_folded(each) for each in values})),
    "MIN": (_COMPARABLE, lambda values: min(values, key=_folded, default=None)),
    "MAX": (_COMPARABLE, lambda values: max(values, key=_folded, default=None)),
    "SUM": ({"number"}, lambda values: sum(values) if values else None),
    "AVG": ({"number"}, _average),
}


def _folded(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def is_aggregate(selected: Path | Call) -> bool:
    """Tell whether a selected item is a function over the whole result."""
    return isinstance(selected, Call) and selected.function.text.upper() in _FUNCTIONS


def is_plain_count(selected: Sequence[Path | Call]) -> bool:
    """Tell whether the query only wants to know how many records there are: SELECT COUNT()."""
    only = selected[0]
    if len(selected) > 1 or not isinstance(only, Call) or only.alias is not None:
        return False
    return only.function.text.upper() == "COUNT" and only.argument is None


def compile_aggregates(
    scope: Scope, selected: Sequence[Path | Call]
) -> Callable[[Iterable[Record]], list[dict[str, Any]]]:
    """Return what makes the one record of an aggregate query.

    Raises:
        SoqlError: Plain fields stand beside functions, or a function cannot take its field.
    """
    columns: dict[str, tuple[Resolved, Callable[[_Values], Any]]] = {}
    unnamed = 0
    for item in selected:
        name, column = _column(scope, item, unnamed)
        unnamed += name == f"expr{unnamed}"
        if name in columns:
            raise scope.refuse(_first_word(item), f"duplicate alias: {name}", MALFORMED_QUERY)
        columns[name] = column

    def aggregate(records: Iterable[Record]) -> list[dict[str, Any]]:
        kept = list(records)
        values = {name: function(_present(resolved, kept)) for name, (resolved, function) in columns.items()}
        return [{"attributes": {"type": "AggregateResult"}, **values}]

    return aggregate


def _first_word(item: Path | Call) -> Any:
    return item.words[0] if isinstance(item, Path) else item.function


def _column(scope: Scope, item: Path | Call, unnamed: int) -> tuple[str, tuple[Resolved, Callable[[_Values], Any]]]:
    if isinstance(item, Path) or not is_aggregate(item):
        name = ".".join(word.text for word in item.words) if isinstance(item, Path) else item.function.text
        message = f"Field must be grouped or aggregated: {name}"
        raise scope.refuse(_first_word(item), message, MALFORMED_QUERY)
    if item.argument is None:
        raise scope.refuse(item.function, f"{item.function.text}() needs a field here", MALFORMED_QUERY)
    resolved = scope.resolve(item.argument)
    allowed, function = _FUNCTIONS[item.function.text.upper()]
    if not _accepts(allowed, resolved.field):
        message = f"field {resolved.name} does not support aggregate operator {item.function.text.upper()}"
        raise scope.refuse(item.function, message, MALFORMED_QUERY)
    return (item.alias.text if item.alias else f"expr{unnamed}"), (resolved, function)


def _accepts(allowed: set[str], field: FieldSchema) -> bool:
    return family_of(field) in allowed


def _present(resolved: Resolved, records: Sequence[Record]) -> _Values:
    return [value for record in records if (value := resolved.get(record)) is not None]
