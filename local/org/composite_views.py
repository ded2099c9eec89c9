"""Composite and composite graph: requests that hold requests, all of which count as one call."""

from collections.abc import Mapping, Sequence
from typing import Any

from local.org.composite_parts import Part, read_parts, run_parts
from local.org.composite_references import names_in
from local.org.errors import malformed
from local.org.json_body import parser_error, read_object
from local.org.messages import Answer
from local.org.routing import Context

MOST_PARTS = 25
MOST_QUERIES_AND_COLLECTIONS = 5
MOST_GRAPHS, MOST_NODES, MOST_DEPTH, MOST_KINDS = 75, 500, 15, 15
_MOST_FAILED_GRAPHS = 14

Body = Mapping[str, Any]


def composite(context: Context) -> Answer:
    """Answer POST composite."""
    body = read_object(context.request)
    parts = read_parts(body)
    all_or_none = flag(body, "allOrNone", default=False)
    flag(body, "collateSubrequests", default=True)  # the order of the request is one that collation may keep
    _check_count(parts)
    results, rows = run_parts(context, parts, all_or_none=all_or_none)
    return Answer(value={"compositeResponse": results}, rows=rows)


def flag(body: Body, key: str, *, default: bool) -> bool:
    """Return a boolean of a request's body."""
    value = body.get(key, default)
    if not isinstance(value, bool):
        raise parser_error(f"Cannot deserialize instance of boolean from the value of {key}")
    return value


def _check_count(parts: Sequence[Part]) -> None:
    if len(parts) > MOST_PARTS:
        raise malformed("BAD_REQUEST", f"A composite request can have at most {MOST_PARTS} subrequests")
    if sum(map(_is_heavy, parts)) > MOST_QUERIES_AND_COLLECTIONS:
        message = f"A composite request can have at most {MOST_QUERIES_AND_COLLECTIONS} queries and sObject Collections"
        raise malformed("BAD_REQUEST", message)


def _is_heavy(part: Part) -> bool:
    return part.segments[:1] in {("query",), ("queryall",)} or part.segments[:2] == ("composite", "sobjects")


def graph(context: Context) -> Answer:
    """Answer POST composite/graph: each graph is all or none, whatever becomes of the others."""
    graphs = _read_graphs(read_object(context.request))
    answered: list[dict[str, Any]] = []
    rows = failed = 0
    for graph_id, parts in graphs:
        response, of_graph, is_successful = _run_graph(context, parts, is_halted=failed >= _MOST_FAILED_GRAPHS)
        rows, failed = rows + of_graph, failed + (not is_successful)
        answered.append({"graphId": graph_id, "graphResponse": response, "isSuccessful": is_successful})
    return Answer(value={"graphs": answered}, rows=rows)


def _run_graph(context: Context, parts: Sequence[Part], *, is_halted: bool) -> tuple[dict[str, Any], int, bool]:
    if is_halted:
        return {"compositeResponse": [_halted(part) for part in parts]}, 0, False
    results, rows = run_parts(context, parts, all_or_none=True)
    is_successful = all(result["httpStatusCode"] < 400 for result in results)
    return {"compositeResponse": results}, rows, is_successful


def _halted(part: Part) -> dict[str, Any]:
    message = f"The graph was not processed because more than {_MOST_FAILED_GRAPHS - 1} graphs before it failed."
    body = [{"errorCode": "PROCESSING_HALTED", "message": message}]
    return {"body": body, "httpHeaders": {}, "httpStatusCode": 400, "referenceId": part.reference_id}


def _read_graphs(body: Body) -> list[tuple[str, list[Part]]]:
    listed = body.get("graphs")
    if not isinstance(listed, list) or not listed or not all(isinstance(each, dict) for each in listed):
        raise parser_error("Cannot deserialize instance of graphs or request may be missing a required field")
    if len(listed) > MOST_GRAPHS:
        raise malformed("BAD_REQUEST", f"A request can have at most {MOST_GRAPHS} graphs")
    graphs = [(_graph_id(each), read_parts(each)) for each in listed]
    if len({graph_id for graph_id, _ in graphs}) < len(graphs):
        raise malformed("BAD_REQUEST", "Each graph needs a graphId of its own")
    if sum(len(parts) for _, parts in graphs) > MOST_NODES:
        raise malformed("BAD_REQUEST", f"A request can have at most {MOST_NODES} nodes in all its graphs")
    for graph_id, parts in graphs:
        _check_graph(graph_id, parts)
    return graphs


def _graph_id(each: Body) -> str:
    graph_id = each.get("graphId")
    if not isinstance(graph_id, str) or not graph_id:
        raise malformed("BAD_REQUEST", "Each graph needs a graphId")
    return graph_id


def _check_graph(graph_id: str, parts: Sequence[Part]) -> None:
    for part in parts:
        if part.segments[:1] != ("sobjects",):
            raise malformed("BAD_REQUEST", f"Graph {graph_id}: {part.url} is no sObject resource")
    kinds = {(part.method, part.segments[:2]) for part in parts}
    if len(kinds) > MOST_KINDS:
        raise malformed("BAD_REQUEST", f"Graph {graph_id} has more than {MOST_KINDS} different kinds of nodes")
    if _depth(parts) > MOST_DEPTH:
        raise malformed("BAD_REQUEST", f"Graph {graph_id} is more than {MOST_DEPTH} nodes deep")


def _depth(parts: Sequence[Part]) -> int:
    """Return how many nodes the longest chain of references has; a reference to a later node is no edge."""
    depth_by_name: dict[str, int] = {}
    for part in parts:
        names = names_in(part.url) | names_in(part.body)
        depth_by_name[part.reference_id] = 1 + max((depth_by_name.get(name, 0) for name in names), default=0)
    return max(depth_by_name.values())
