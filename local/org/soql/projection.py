"""Shapes records as REST answers them: attributes first, then the fields in the order asked, parents nested."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from local.org.soql.errors import MALFORMED_QUERY
from local.org.soql.scope import Parent, Resolved, Scope
from local.org.soql.syntax import Call, Path, Query, Word
from local.org.soql.tables import Record

_MAX_FIELDS_LIMIT = 200
_FIELDS = {"ALL", "STANDARD", "CUSTOM"}

_Shape = Callable[[Record], dict[str, Any]]


class Projection:
    """The fields wanted of a record, and those of its parents."""

    def __init__(self, object_name: Callable[[Record], str], base: str) -> None:
        self._object_name = object_name
        self._base = base
        self._gets: dict[str, Callable[[Record], Any]] = {}
        self._parents: dict[str, Projection] = {}

    def add(self, resolved: Resolved, depth: int = 0) -> bool:
        """Add a field; False when it is there already."""
        if depth < len(resolved.parents):
            return self._parent(resolved.parents[depth]).add(resolved, depth + 1)
        is_new = resolved.name not in self._gets
        self._gets.setdefault(resolved.name, resolved.get_here)
        return is_new

    def _parent(self, parent: Parent) -> "Projection":
        if parent.name not in self._parents:
            nested = self._parents[parent.name] = Projection(parent.object_name, self._base)
            self._gets[parent.name] = _nested(parent, nested)
        return self._parents[parent.name]

    def shape(self, record: Record) -> dict[str, Any]:
        """Return the record as JSON will state it."""
        name = self._object_name(record)
        attributes = {"type": name, "url": f"{self._base}/{name}/{record.get('Id')}"}
        return {"attributes": attributes, **{key: get(record) for key, get in self._gets.items()}}


def _nested(parent: Parent, projection: Projection) -> Callable[[Record], dict[str, Any] | None]:
    def get(record: Record) -> dict[str, Any] | None:
        found = parent.get(record)
        return None if found is None else projection.shape(found)

    return get


def compile_projection(scope: Scope, query: Query, version: str) -> _Shape:
    """Return what shapes a record.

    Raises:
        SoqlError: A field is unknown or selected twice.
    """
    own_name = scope.table.schema.name
    projection = Projection(lambda _record: own_name, f"/services/data/v{version.removeprefix('v')}/sobjects")
    for path in selected_paths(scope, query):
        if not projection.add(scope.resolve(path)):
            name = ".".join(word.text for word in path.words)
            raise scope.refuse(path.words[0], f"duplicate field selected: {name}")
    return projection.shape


def selected_paths(scope: Scope, query: Query) -> Iterator[Path]:
    """Return the fields that are selected, those that FIELDS() stands for included."""
    for selected in query.selected:
        if isinstance(selected, Path):
            yield selected
        else:
            yield from _expand(scope, selected, query.limit)


def _expand(scope: Scope, call: Call, limit: int | None) -> Sequence[Path]:
    """Return the paths that FIELDS() stands for."""
    kind = _fields_kind(call)
    if kind is None:
        message = f"{call.function.text}() is not a function that the local org knows here"
        raise scope.refuse(call.function, message, MALFORMED_QUERY)
    if kind != "STANDARD" and (limit is None or limit > _MAX_FIELDS_LIMIT):
        message = f"The SOQL FIELDS function must have a LIMIT of at most {_MAX_FIELDS_LIMIT}"
        raise scope.refuse(call.function, message, MALFORMED_QUERY)
    fields = scope.table.schema.fields.values()
    wanted = [each.name for each in fields if kind == "ALL" or each.custom == (kind == "CUSTOM")]
    return [Path((Word(name, call.function.position),)) for name in wanted]


def _fields_kind(call: Call) -> str | None:
    if call.function.text.upper() != "FIELDS" or call.argument is None or call.alias is not None:
        return None
    kind = ".".join(word.text for word in call.argument.words).upper()
    return kind if kind in _FIELDS else None
