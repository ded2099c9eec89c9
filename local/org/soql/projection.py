"""Shapes records as REST answers them: attributes first, then the fields in the order asked, parents nested."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from local.org.soql.errors import MALFORMED_QUERY
from local.org.soql.operands import unknown_function
from local.org.soql.scope import Parent, Resolved, Scope
from local.org.soql.syntax import Call, Children, Path, Query, Selected, TypeOf, Word, written
from local.org.soql.tables import Record

_MAX_FIELDS_LIMIT = 200
_FIELDS = {"ALL", "STANDARD", "CUSTOM"}

_Shape = Callable[[Record], dict[str, Any]]
_GetNested = Callable[[Record], dict[str, Any] | None]


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

    def put(self, name: str, get: Callable[[Record], Any]) -> bool:
        """Add what is nested under a name; False when something is there already."""
        is_new = name not in self._gets
        self._gets.setdefault(name, get)
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


def compile_projection(scope: Scope, query: Query, children: Callable[[Children], tuple[str, _GetNested]]) -> _Shape:
    """Return what shapes a record; `children` compiles a query over a child relationship.

    Raises:
        SoqlError: A field is unknown or selected twice.
    """
    own_name = scope.table.schema.name
    projection = Projection(lambda _record: own_name, _base(scope))
    for item in query.selected:
        if isinstance(item, Children):
            name, get = children(item)
            _put(scope, projection, name, get, item.query.object_name)
        elif isinstance(item, TypeOf):
            name, get = _compile_type_of(scope, item)
            _put(scope, projection, name, get, item.relationship)
        else:
            for path in selected_paths(scope, item, query.limit):
                if not projection.add(scope.resolve(path)):
                    raise scope.refuse(path.words[0], f"duplicate field selected: {written(path)}")
    return projection.shape


def _base(scope: Scope) -> str:
    return f"/services/data/v{scope.version.removeprefix('v')}/sobjects"


def _put(scope: Scope, projection: Projection, name: str, get: _GetNested, word: Word) -> None:
    if not projection.put(name, get):
        raise scope.refuse(word, f"duplicate field selected: {word.text}")


def _compile_type_of(scope: Scope, type_of: TypeOf) -> tuple[str, _GetNested]:
    """Return the relationship's name, and what reads the parent with the fields of its own object's branch."""
    parent = scope.parent(type_of.relationship)
    if len(parent.schemas) == 1:
        message = f"TYPEOF needs a polymorphic relationship, which '{type_of.relationship.text}' is not"
        raise scope.refuse(type_of.relationship, message, MALFORMED_QUERY)
    shapes = {name: shape for word, paths in type_of.whens for name, shape in [_branch(scope, parent, word, paths)]}
    otherwise = _shape_of_any(scope, parent, type_of.otherwise)

    def get(record: Record) -> dict[str, Any] | None:
        found = parent.get(record)
        return None if found is None else shapes.get(parent.object_name(found), otherwise)(found)

    return parent.name, get


def _branch(scope: Scope, parent: Parent, word: Word, paths: Sequence[Path]) -> tuple[str, _Shape]:
    schema = next((each for each in parent.schemas if each.name.lower() == word.text.lower()), None)
    table = None if schema is None else scope.tables.table(schema.name)
    if schema is None or table is None:
        raise scope.refuse(word, f"'{word.text}' is no object that the relationship can lead to", MALFORMED_QUERY)
    branch = replace(scope, table=table, alias=None)
    projection = Projection(parent.object_name, _base(scope))
    for path in paths:
        projection.add(branch.resolve(path))
    return schema.name, projection.shape


def _shape_of_any(scope: Scope, parent: Parent, paths: Sequence[Path]) -> _Shape:
    """Shape a parent of an object that has no branch by the fields that all its objects share."""
    projection = Projection(parent.object_name, _base(scope))
    for path in paths:
        resolved = scope.resolve(Path((Word(parent.name, path.words[0].position), *path.words)))
        projection.add(resolved, 1)
    return projection.shape


def selected_paths(scope: Scope, selected: Selected, limit: int | None) -> Sequence[Path]:
    """Return the fields that an item of the select list stands for, those of FIELDS() included.

    Raises:
        SoqlError: It is a function that cannot stand there.
    """
    operand = selected.operand
    if isinstance(operand, Path):
        if selected.alias is not None:
            message = "only aggregate expressions use field aliasing"
            raise scope.refuse(selected.alias, message, MALFORMED_QUERY)
        return (operand,)
    kind = _fields_kind(selected)
    if kind is None:
        raise unknown_function(scope, operand)
    if kind != "STANDARD" and (limit is None or limit > _MAX_FIELDS_LIMIT):
        message = f"The SOQL FIELDS function must have a LIMIT of at most {_MAX_FIELDS_LIMIT}"
        raise scope.refuse(operand.function, message, MALFORMED_QUERY)
    fields = scope.table.schema.fields.values()
    wanted = [each.name for each in fields if kind == "ALL" or each.custom == (kind == "CUSTOM")]
    return [Path((Word(name, operand.function.position),)) for name in wanted]


def _fields_kind(selected: Selected) -> str | None:
    call = selected.operand
    if not isinstance(call, Call) or call.name != "FIELDS" or len(call.arguments) != 1 or selected.alias is not None:
        return None
    kind = written(call.arguments[0]).upper()
    return kind if kind in _FIELDS else None
