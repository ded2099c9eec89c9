"""Composite batch: independent requests in one call."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from local.org.composite_parts import is_good
from local.org.composite_views import flag
from local.org.errors import malformed, not_found
from local.org.json_body import parser_error, read_object
from local.org.messages import Answer, Request
from local.org.refusals import refused
from local.org.resources import answer_part
from local.org.routing import Context

MOST_REQUESTS = 25
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_ALLOWED = frozenset({"limits", "query", "queryall", "sobjects", "ui-api"})
_HALTED = "The request was not processed since another one before it failed and haltOnError is true."

Body = Mapping[str, Any]


def batch(context: Context) -> Answer:
    """Answer POST composite/batch; each request counts as a call of its own, the first with the batch."""
    body = read_object(context.request)
    halts = flag(body, "haltOnError", default=False)
    answers: list[Answer] = []
    for each in _read(body):
        is_halted = halts and not all(map(is_good, answers))
        answers.append(_halted() if is_halted else _answer(context, each))
    # Counted in the end: a batch that meets a row lock is taken back and begins again.
    for _ in answers[1:]:
        context.org.usage.count()
    value = {
        "hasErrors": not all(map(is_good, answers)),
        "results": [{"statusCode": int(answer.status), "result": answer.value} for answer in answers],
    }
    return Answer(value=value, rows=sum(answer.rows for answer in answers))


def _read(body: Body) -> list[Body]:
    listed = body.get("batchRequests")
    if not isinstance(listed, list) or not listed or not all(isinstance(each, dict) for each in listed):
        raise parser_error("Cannot deserialize instance of batchRequests or request may be missing a required field")
    if len(listed) > MOST_REQUESTS:
        raise malformed("BAD_REQUEST", f"A batch can have at most {MOST_REQUESTS} requests")
    for each in listed:
        if not (each.get("method") in _METHODS and isinstance(each.get("url"), str)):
            raise malformed("BAD_REQUEST", "Each request of a batch needs a method and a url")
    return listed


def _answer(context: Context, each: Body) -> Answer:
    """Answer one request; its url begins with the version, or as that of any other request."""
    url = each["url"] if each["url"].startswith("/services/") else f"/services/data/{each['url'].lstrip('/')}"
    content = b"" if each.get("richInput") is None else json.dumps(each["richInput"]).encode()
    headers = {"content-type": "application/json"}
    request = Request(each["method"], url, headers, content, context.request.origin)
    if not {segment.lower() for segment in request.segments[3:4]} <= _ALLOWED:
        return refused(not_found(f"{each['method']} {request.path} is not emulated within a batch"), context.base)
    return answer_part(context, request)


def _halted() -> Answer:
    return Answer(HTTPStatus.PRECONDITION_FAILED, [{"errorCode": "BATCH_PROCESSING_HALTED", "message": _HALTED}])
