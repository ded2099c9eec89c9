"""sObject Tree: records with their children in one call, all or none of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from itertools import groupby
from typing import Any

from local.org.errors import malformed
from local.org.json_body import parser_error, read_object
from local.org.messages import Answer
from local.org.record_views import table_named
from local.org.routing import Context
from local.org.rows import read_row
from local.org.schema import FieldSchema
from local.org.table import Table

MOST_RECORDS, MOST_TYPES, MOST_LEVELS = 200, 5, 5

Body = Mapping[str, Any]


@dataclass(slots=True)
class Node:
    """One record of a tree; `parent` and `lookup` are None at a root."""

    table: Table
    body: dict[str, Any]
    level: int
    parent: "Node | None" = None
    lookup: FieldSchema | None = None
    record_id: str = ""

    @property
    def reference_id(self) -> str:
        """The caller's name for the record; empty where there is none."""
        attributes = self.body.get("attributes")
        name = attributes.get("referenceId") if isinstance(attributes, dict) else None
        return name if isinstance(name, str) else ""


class _TreeFailedError(Exception):
    """Raised to take back the whole tree; `results` tell of the records to blame."""

    def __init__(self, results: list[dict[str, Any]]) -> None:
        super().__init__("the tree failed")
        self.results = results


def create_tree(context: Context) -> Answer:
    """Answer POST composite/tree/{object}."""
    nodes = list(_nodes(context, table_named(context, context.names["object"]), read_object(context.request)))
    try:
        _check(nodes)
        with context.org.store.attempt():
            _create(context, nodes)
    except _TreeFailedError as error:
        return Answer(HTTPStatus.BAD_REQUEST, {"hasErrors": True, "results": error.results}, rows=len(nodes))
    results = [{"referenceId": node.reference_id, "id": node.record_id} for node in nodes]
    return Answer(HTTPStatus.CREATED, {"hasErrors": False, "results": results}, rows=len(nodes))


def _nodes(context: Context, table: Table, body: Body) -> Iterator[Node]:
    """Yield every record, parents before their children."""
    waiting = [Node(table, each, 1) for each in _records(body)]
    for node in waiting:  # it grows while it is read
        if len(waiting) > MOST_RECORDS or node.level > MOST_LEVELS:
            raise malformed("BAD_REQUEST", f"A tree can have {MOST_RECORDS} records and {MOST_LEVELS} levels at most")
        yield node
        for name in [key for key, value in node.body.items() if isinstance(value, dict) and "records" in value]:
            if (found := _child(context, node.table, name)) is not None:
                child_table, lookup = found
                children = _records(node.body.pop(name))
                waiting.extend(Node(child_table, each, node.level + 1, node, lookup) for each in children)


def _records(body: Body) -> list[dict[str, Any]]:
    records = body.get("records")
    if not isinstance(records, list) or not records or not all(isinstance(each, dict) for each in records):
        raise parser_error("Cannot deserialize instance of records or request may be missing a required field")
    return [dict(each) for each in records]


def _child(context: Context, parent: Table, relationship: str) -> tuple[Table, FieldSchema] | None:
    """Return the object and the lookup of a child relationship such as `Contacts`."""
    wanted, name = relationship.lower(), parent.schema.name
    for table in context.org.store.visible_tables():
        for field in table.schema.fields.values():
            if name in field.reference_to and (field.child_relationship_name or "").lower() == wanted:
                return table, field
    return None


def _check(nodes: Sequence[Node]) -> None:
    if len({node.table.schema.name for node in nodes}) > MOST_TYPES:
        raise malformed("BAD_REQUEST", f"A tree can have at most {MOST_TYPES} types of records")
    names = [node.reference_id for node in nodes]
    if "" in names:
        raise _invalid([""], "Include a reference ID for each record in the request.")
    if twice := [name for name in names if names.count(name) > 1]:
        raise _invalid(twice, "Duplicate ReferenceId provided in the request.")
    for node in nodes:
        _check_type(node)


def _check_type(node: Node) -> None:
    given, expected = node.body["attributes"].get("type"), node.table.schema.name
    if not isinstance(given, str) or given.lower() != expected.lower():
        raise _invalid([node.reference_id], f"The type of the record must be {expected}.")


def _invalid(names: Sequence[str], message: str) -> _TreeFailedError:
    errors = [{"statusCode": "INVALID_INPUT", "message": message, "fields": []}]
    return _TreeFailedError([{"referenceId": name, "errors": errors} for name in names])


def _create(context: Context, nodes: Sequence[Node]) -> None:
    """Create level by level, and within a level object by object: each group is one chunk of a save."""
    ordered = sorted(nodes, key=lambda node: (node.level, node.table.schema.name))
    for _, group in groupby(ordered, key=lambda node: (node.level, node.table.schema.name)):
        _create_group(context, list(group))


def _create_group(context: Context, group: Sequence[Node]) -> None:
    rows = []
    for node in group:
        if node.parent is not None and node.lookup is not None:
            node.body[node.lookup.name] = node.parent.record_id
        rows.append((node.table, read_row(node.table, node.body)))
    results = context.org.collections.create(rows, all_or_none=False)
    blamed = [
        {"referenceId": node.reference_id, "errors": result["errors"]}
        for node, result in zip(group, results, strict=True)
        if not result["success"]
    ]
    if blamed:
        raise _TreeFailedError(blamed)
    for node, result in zip(group, results, strict=True):
        node.record_id = result["id"]
