"""Queries over a child relationship within the select list: a parent's children, nested in its record."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from local.org.schema import FieldSchema
from local.org.soql.errors import INVALID_TYPE, MALFORMED_QUERY
from local.org.soql.grouping import is_grouped
from local.org.soql.operands import resolve_operand
from local.org.soql.ordering import compile_order
from local.org.soql.scope import Scope
from local.org.soql.syntax import Query, Word
from local.org.soql.tables import Record, Table

MOST_LEVELS = 5

_Get = Callable[[Record], dict[str, Any] | None]
_Shape = Callable[[Record], dict[str, Any]]


def child_scope(scope: Scope, query: Query, level: int) -> tuple[Scope, FieldSchema]:
    """Return the scope of the children, and their lookup to the parent; `level` is the parent's, 1 at the root.

    Raises:
        SoqlError: No child relationship has that name, or the query is none for children.
    """
    if level >= MOST_LEVELS:
        message = f"SOQL statements cannot query relationships more than {MOST_LEVELS} levels away from the root"
        raise scope.refuse(query.object_name, message, MALFORMED_QUERY)
    if is_grouped(query):
        raise scope.refuse(query.object_name, "Only root queries support aggregate expressions", MALFORMED_QUERY)
    table, lookup = _related(scope, query.object_name)
    alias = query.alias.text if query.alias else None
    return Scope(scope.soql, scope.tables, table, alias, scope.version, scope.now), lookup


def _related(scope: Scope, word: Word) -> tuple[Table, FieldSchema]:
    parent, wanted = scope.table.schema.name, word.text.lower()
    for schema in scope.tables.schema.objects.values():
        for field in schema.fields.values():
            if parent in field.reference_to and (field.child_relationship_name or "").lower() == wanted:
                table = scope.tables.table(schema.name)
                if table is not None:
                    return table, field
    message = (
        f"Didn't understand relationship '{word.text}' in FROM part of query call. If you are attempting to use a "
        "custom relationship, be sure to append the '__r' after the custom relationship name. "
        "Please reference your WSDL or the describe call for the appropriate names."
    )
    raise scope.refuse(word, message, INVALID_TYPE)


def compile_children(
    scope: Scope, lookup: FieldSchema, query: Query, select: Callable[[], Iterable[Record]], shape: _Shape
) -> _Get:
    """Return what reads a parent's children as JSON will state them: null where there are none.

    The children of all parents are selected once, when the first parent is shaped.
    """
    sort = compile_order(scope, query.orderings, lambda operand: resolve_operand(scope, operand))
    stop = None if query.limit is None else query.offset + query.limit
    by_parent: dict[str, list[Record]] | None = None

    def get(parent: Record) -> dict[str, Any] | None:
        nonlocal by_parent
        if by_parent is None:
            by_parent = _by_parent(sort(select()), lookup)
        children = [shape(each) for each in _cut(by_parent.get(parent.get("Id"), ()), query.offset, stop)]
        return {"totalSize": len(children), "done": True, "records": children} if children else None

    return get


def _cut(children: Iterable[Record], start: int, stop: int | None) -> Iterator[Record]:
    return islice(children, start, stop)


def _by_parent(children: Iterable[Record], lookup: FieldSchema) -> dict[str, list[Record]]:
    by_parent: dict[str, list[Record]] = {}
    for child in children:
        if (parent_id := child.get(lookup.name)) is not None:
            by_parent.setdefault(parent_id, []).append(child)
    return by_parent
