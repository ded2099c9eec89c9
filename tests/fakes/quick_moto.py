"""Takes shorter ways through moto than its own, to the same answers; a play makes thousands of calls.

A moto that lacks one of these names stops the tests at their collection and names it; leave that line out then.
"""

from collections import deque
from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest
from moto.core import responses
from moto.core.serialize import ResponseSerializer
from moto.dynamodb.comparisons import ConditionExpressionParser
from moto.dynamodb.parsing import validators
from moto.dynamodb.parsing.ast_nodes import DepthFirstTraverser, Expression, Node, UpdateExpressionFunction
from moto.dynamodb.parsing.expressions import UpdateExpressionParser
from moto.sqs import models as sqs_models

_EVERY_MEMBER = ResponseSerializer._serialize_type_structure
_LEX = ConditionExpressionParser._lex_condition_expression
_NODES = DepthFirstTraverser.nodes_to_be_processed
_UNDERSCORED = cache(responses.camelcase_to_underscores)
_REQUEST_ID = "0" * 52
# What these look at is the expression and the names in it, and never what an item holds.
_OF_THE_TEXT = (
    validators.ActionCountValidator,
    validators.OverlappingPathsValidator,
    validators.UpdateHashRangeKeyValidator,
)


def quicken(patch: pytest.MonkeyPatch) -> None:
    """Take them while `patch` lasts."""
    _keep_answers(patch)
    patch.setattr(DepthFirstTraverser, "traverse_node_recursively", _traversed)
    patch.setattr(Node, "find_clauses", _clauses)
    patch.setattr(Node, "__deepcopy__", _copied, raising=False)
    patch.setattr(ResponseSerializer, "_serialize_type_structure", _serialize_members)
    patch.setattr(validators.Validator, "validate", _validated)


def _keep_answers(patch: pytest.MonkeyPatch) -> None:
    """Let moto remember what depends on nothing but the question."""
    patch.setattr(responses, "method_names_from_class", cache(responses.method_names_from_class))
    patch.setattr(responses, "camelcase_to_underscores", _UNDERSCORED)
    patch.setattr(responses, "gen_amzn_requestid_long", _same_request_id)
    patch.setattr(sqs_models, "camelcase_to_underscores", _UNDERSCORED)
    patch.setattr(UpdateExpressionParser, "make", _parsed)
    patch.setattr(ConditionExpressionParser, "_lex_condition_expression", _lexed)
    patch.setattr(DepthFirstTraverser, "nodes_to_be_processed", _wanted)


def _same_request_id(headers: dict[str, Any]) -> str:
    headers["x-amzn-requestid"] = _REQUEST_ID
    return _REQUEST_ID


_MAKE = UpdateExpressionParser.make


@cache
def _parsed(text: str) -> Any:
    """Return the tree of an update expression, which knows its text; those who change it change copies."""
    tree = _MAKE(text)
    tree.text = text
    return tree


@cache
def _words(text: str) -> tuple[Any, ...]:
    return tuple(_LEX(ConditionExpressionParser(text, None, None)))


def _lexed(self: Any) -> deque[Any]:
    return deque(_words(self.condition_expression))


_WANTED: dict[type, tuple[type, ...]] = {}


def _wanted(self: Any) -> tuple[type, ...]:
    kind = type(self)
    if kind not in _WANTED:
        _WANTED[kind] = _NODES(self)
    return _WANTED[kind]


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


def _copied(self: Any, _memo: object) -> Any:
    """Copy a tree, which no part of it holds twice."""
    made = object.__new__(type(self))
    vars(made).update(vars(self))
    if self.children is not None:
        made.children = [_copy_of_child(made, child) for child in self.children]
    return made


def _copy_of_child(parent: Any, child: Any) -> Any:
    if not _is_node(type(child)):
        return child
    made = _copied(child, None)
    made.parent = parent
    return made


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


_PASSED: set[tuple[Any, ...]] = set()


def _validated(self: Any) -> Any:
    """Look once only whether an expression, by itself, is one that may be: most are asked again and again."""
    node, names = self.node_to_validate, self.expression_attribute_names or {}
    question = (node.text, *sorted(names.items()), *self.table.table_key_attrs)
    for processor in self.processors:
        if question in _PASSED and isinstance(processor, _OF_THE_TEXT):
            continue
        node = processor.traverse(node)
    _PASSED.add(question)
    return node
