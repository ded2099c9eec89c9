"""Takes shorter ways through moto than its own, to the same answers; a play makes thousands of calls.

`moto_answers` keeps what never differs; here are the walks through trees that differ each time.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest
from moto.core.serialize import ResponseSerializer
from moto.dynamodb.parsing.ast_nodes import DepthFirstTraverser, Expression, Node, UpdateExpressionFunction

_EVERY_MEMBER = ResponseSerializer._serialize_type_structure


def quicken(patch: pytest.MonkeyPatch) -> None:
    """Take them while `patch` lasts."""
    patch.setattr(DepthFirstTraverser, "traverse_node_recursively", _traversed)
    patch.setattr(Node, "find_clauses", _clauses)
    patch.setattr(ResponseSerializer, "_serialize_type_structure", _serialize_members)


def _serialize_members(self: ResponseSerializer, serialized: Any, value: Any, shape: Any, key: str) -> None:
    """Look only for the members that there are: of a union of ten, one."""
    if not isinstance(value, dict) or not value.keys() <= shape.members.keys():
        _EVERY_MEMBER(self, serialized, value, shape, key)
        return
    wrapper = self.MAP_TYPE() if key else serialized
    for name, member in shape.members.items():
        if value.get(name) is not None:
            member.parent = shape
            self._serialize_structure_member(wrapper, value, member, name)
    if key:
        self._default_serialize(serialized, wrapper, shape, key)


@cache
def _is_node(kind: type) -> bool:
    return issubclass(kind, Node)


@cache
def _has_clauses(kind: type) -> bool:
    return issubclass(kind, (Expression, UpdateExpressionFunction))


@cache
def _is_processed(kind: type, wanted: tuple[type, ...]) -> bool:
    return issubclass(kind, wanted)


def _clauses(self: Any, wanted: Sequence[type]) -> list[Any]:
    found = []
    for child in self.children or ():
        if type(child) in wanted:
            found.append(child)
        elif _has_clauses(type(child)):
            found += _clauses(child, wanted)
    return found


def _traversed(self: Any, node: Any, child_id: int = -1) -> Any:
    """Ask a class, and not each of its objects, what it is."""
    return _visited(self, node, child_id, self.nodes_to_be_processed())


def _visited(self: Any, node: Any, child_id: int, wanted: tuple[type, ...]) -> Any:
    if not _is_node(type(node)):
        return node
    parent = node.parent
    for number, child in enumerate(node.children or ()):
        self.pre_processing_of_child(node, number)
        _visited(self, child, number, wanted)
    if _is_processed(type(node), wanted):
        node = self.process(node)
        node.parent = parent
        if parent:
            parent.children[child_id] = node
    return node
