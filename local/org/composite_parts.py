"""The parts of a composite or graph request: read and checked as a whole, then run one after the other."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from local.org.composite_references import resolve, resolve_path
from local.org.errors import OrgError, malformed
from local.org.json_body import parser_error
from local.org.messages import Answer, Request
from local.org.refusals import refused
from local.org.resources import answer_part
from local.org.routing import Context

_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_REFERENCE_ID = re.compile(r"[A-Za-z0-9_]+", re.ASCII)
_CLOSED_HEADERS = frozenset({"accept", "authorization", "content-type"})
_ROLLED_BACK = "The transaction was rolled back since another operation in the same transaction failed."


@dataclass(frozen=True, slots=True)
class Part:
    """One subrequest as it was sent; references in `url` and `body` are not replaced yet."""

    method: str
    url: str
    reference_id: str
    body: Any
    headers: Mapping[str, str]

    @property
    def segments(self) -> tuple[str, ...]:
        """The parts of the path below the version, in lower case."""
        return _below_version(Request(self.method, self.url))


def _below_version(request: Request) -> tuple[str, ...]:
    return tuple(segment.lower() for segment in request.segments[3:])


class PartFailedError(Exception):
    """Raised to take back a transaction one part of which failed."""


def read_parts(body: Mapping[str, Any]) -> list[Part]:
    """Return the parts of `compositeRequest`.

    Raises:
        OrgError: 400 for the whole request.
    """
    listed = body.get("compositeRequest")
    if not isinstance(listed, list) or not listed or not all(isinstance(each, dict) for each in listed):
        raise parser_error("Cannot deserialize instance of compositeRequest or request may be missing a required field")
    parts = [_read(each) for each in listed]
    names = [part.reference_id for part in parts]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise malformed("BAD_REQUEST", f"The referenceId {twice} stands more than once in the request")
    return parts


def _read(part: Mapping[str, Any]) -> Part:
    method, url, reference_id = (_text(part, key) for key in ("method", "url", "referenceId"))
    if method not in _METHODS:
        raise malformed("BAD_REQUEST", f"Invalid method {method} in subrequest {reference_id}")
    if _REFERENCE_ID.fullmatch(reference_id) is None:
        message = f"Invalid reference ID {reference_id}: it can have letters, digits and underscores only"
        raise malformed("BAD_REQUEST", message)
    return Part(method, url, reference_id, part.get("body"), _headers(part, reference_id))


def _text(part: Mapping[str, Any], key: str) -> str:
    value = part.get(key)
    if not isinstance(value, str) or not value:
        raise malformed("BAD_REQUEST", f"Each subrequest needs a {key}")
    return value


def _headers(part: Mapping[str, Any], reference_id: str) -> dict[str, str]:
    headers = part.get("httpHeaders") or {}
    if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
        raise malformed("BAD_REQUEST", f"httpHeaders of subrequest {reference_id} must be a map of texts")
    lowered = {name.lower(): value for name, value in headers.items()}
    if closed := sorted(_CLOSED_HEADERS & set(lowered)):
        raise malformed("BAD_REQUEST", f"Subrequest {reference_id} cannot set the header {closed[0]}")
    return lowered


def run_parts(context: Context, parts: Sequence[Part], *, all_or_none: bool) -> tuple[list[dict[str, Any]], int]:
    """Run the parts in their order; return their results and the rows that they were about."""
    answers: list[Answer] = []
    if not all_or_none:
        answers.extend(_answers(context, parts))
    else:
        try:
            with context.org.store.attempt():
                _run_until_failure(context, parts, answers)
        except PartFailedError:
            answers = _rolled_back(parts, answers)
    results = [_result(part, answer) for part, answer in zip(parts, answers, strict=True)]
    return results, sum(answer.rows for answer in answers)


def _answers(context: Context, parts: Sequence[Part]) -> Iterable[Answer]:
    taken: dict[str, Any] = {}
    for part in parts:
        answer = _answer(context, part, taken)
        if is_good(answer):
            taken[part.reference_id] = answer.value
        yield answer


def _run_until_failure(context: Context, parts: Sequence[Part], answers: list[Answer]) -> None:
    for answer in _answers(context, parts):
        answers.append(answer)
        if not is_good(answer):
            raise PartFailedError


def _rolled_back(parts: Sequence[Part], answers: Sequence[Answer]) -> list[Answer]:
    """The failed part, the last that was run, keeps its own answer; all others tell of the rollback."""
    halted = refused(malformed("PROCESSING_HALTED", _ROLLED_BACK), "")
    return [answers[-1] if place == len(answers) - 1 else halted for place in range(len(parts))]


def is_good(answer: Answer) -> bool:
    """Tell whether a part succeeded; several records for one external ID are a failure."""
    return answer.status < HTTPStatus.MULTIPLE_CHOICES or answer.status == HTTPStatus.NOT_MODIFIED


def _answer(context: Context, part: Part, taken: Mapping[str, Any]) -> Answer:
    try:
        url = resolve_path(part.url, taken)
        body = resolve(part.body, taken)
        content = b"" if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json", **part.headers}
        request = Request(part.method, url, headers, content, context.request.origin)
        _check_resource(request)
    except OrgError as error:
        return refused(error, context.base)
    return answer_part(context, request)


def _check_resource(request: Request) -> None:
    """A composite request holds no other that holds requests."""
    first, second = (*_below_version(request), "", "")[:2]
    if first == "composite" and second != "sobjects":
        raise malformed("BAD_REQUEST", f"The resource {request.path} can't be used within a composite request")
    if first == "jobs":
        raise malformed("BAD_REQUEST", f"The resource {request.path} is not emulated within a composite request")


def _result(part: Part, answer: Answer) -> dict[str, Any]:
    return {
        "body": answer.value,
        "httpHeaders": dict(answer.headers),
        "httpStatusCode": int(answer.status),
        "referenceId": part.reference_id,
    }
