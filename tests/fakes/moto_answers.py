"""Spares moto what it works out anew at every call although it never differs.

Only answers that depend on nothing but the question are kept. A moto that lacks one of these names stops the tests at
their collection and names it; leave that line out then.
"""

from functools import cache
from typing import Any

from moto.core import responses
from moto.dynamodb.parsing.ast_nodes import DepthFirstTraverser
from moto.dynamodb.parsing.expressions import UpdateExpressionParser


def keep_answers() -> None:
    """Let moto remember a class's methods, an action's name, and what an update expression says."""
    responses.method_names_from_class = cache(responses.method_names_from_class)
    responses.camelcase_to_underscores = cache(responses.camelcase_to_underscores)
    UpdateExpressionParser.make = cache(UpdateExpressionParser.make)  # its readers change copies only
    DepthFirstTraverser.nodes_to_be_processed = _nodes_by_kind(DepthFirstTraverser.nodes_to_be_processed)


def _nodes_by_kind(nodes: Any) -> Any:
    kept: dict[type, Any] = {}

    def nodes_to_be_processed(self: Any) -> Any:
        if type(self) not in kept:
            kept[type(self)] = nodes(self)
        return kept[type(self)]

    return nodes_to_be_processed
