"""HTTP as API Gateway hands it to a function: requests in, small JSON answers out."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.requests import WebhookRequest

MAX_VALUES_PER_HEADER = 32
RETRY_AFTER_S = 30  # where nobody knows better


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a sender is told; fixed words, because it may be anybody."""

    status: HTTPStatus
    title: str
    remedy: str


_SIGN_RIGHT = "Sign the raw body with the secret shared for this endpoint, and send it without delay."
_COME_AGAIN = "Nothing is wrong with the request. Send it again."
_REFUSAL_BY_KIND = {
    FailureKind.SIGNATURE_INVALID: Refusal(HTTPStatus.UNAUTHORIZED, "The signature is not valid", _SIGN_RIGHT),
    FailureKind.SOURCE_UNKNOWN: Refusal(
        HTTPStatus.NOT_FOUND, "No such source", "Check the last part of the path against the sources that are set up."
    ),
    FailureKind.REQUEST_INVALID: Refusal(HTTPStatus.BAD_REQUEST, "The request cannot be read", ""),
    FailureKind.REQUEST_TOO_LARGE: Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request is too large", ""),
    FailureKind.DELIVERY_IN_PROGRESS: Refusal(
        HTTPStatus.SERVICE_UNAVAILABLE, "The same delivery is being taken in", _COME_AGAIN
    ),
    FailureKind.AWS_UNAVAILABLE: Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "Temporarily unavailable", _COME_AGAIN),
    FailureKind.CONFIGURATION_INVALID: Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "Not ready", _COME_AGAIN),
}
_UNEXPECTED = Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong here", _COME_AGAIN)
# Their details name places in the request, never values, and the sender needs them.
_TOLD_IN_DETAIL = {FailureKind.REQUEST_INVALID, FailureKind.REQUEST_TOO_LARGE}


def webhook_request(event: Mapping[str, Any], received_at: datetime, public_base_url: str = "") -> WebhookRequest:
    """Translate an event of a REST API's proxy integration.

    Raises:
        SyncError: REQUEST_INVALID where the body is not what API Gateway says it is.
    """
    return WebhookRequest(
        source=(event.get("pathParameters") or {}).get("source") or "",
        method=str(event.get("httpMethod") or ""),
        url=public_url(event, public_base_url),
        headers=lower_cased_headers(event),
        body=raw_body(event),
        received_at=received_at,
    )


def raw_body(event: Mapping[str, Any]) -> bytes:
    """Return the bytes that the sender sent.

    Raises:
        SyncError: REQUEST_INVALID.
    """
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(body).encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise SyncError(FailureKind.REQUEST_INVALID, "body: not base64 although marked so. Send it again") from None


def lower_cased_headers(event: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
    """Return each header's values, by its name in lower case; what is not text is not there."""
    values_by_name: dict[str, list[Any]] = {}
    for name, values in (event.get("multiValueHeaders") or {}).items():
        values_by_name.setdefault(name.lower(), []).extend(values or [])
    for name, value in (event.get("headers") or {}).items():
        values_by_name.setdefault(name.lower(), [value])
    texts = {name: tuple(each for each in values if isinstance(each, str)) for name, values in values_by_name.items()}
    return {name: values[:MAX_VALUES_PER_HEADER] for name, values in texts.items() if values}


def public_url(event: Mapping[str, Any], base_url: str) -> str:
    """Return the URL that the sender called: under the base where one is set, else at the API's own address."""
    context = event.get("requestContext") or {}
    if base_url:
        url = base_url.rstrip("/") + str(event.get("path") or "")
    else:
        url = f"https://{context.get('domainName') or ''}{context.get('path') or event.get('path') or ''}"
    query = event.get("multiValueQueryStringParameters") or {}
    return f"{url}?{urlencode(query, doseq=True, quote_via=quote)}" if query else url


def answer(status: HTTPStatus, body: Mapping[str, object]) -> dict[str, Any]:
    """Answer with JSON."""
    return _response(status, "application/json", body, {})


def problem(error: SyncError | None, request_id: str) -> dict[str, Any]:
    """Answer with a problem (RFC 9457) that says what to do and leaks nothing; None stands for the unexpected."""
    refusal = _UNEXPECTED if error is None else _REFUSAL_BY_KIND.get(error.kind, _UNEXPECTED)
    told = error is not None and error.kind in _TOLD_IN_DETAIL
    headers: dict[str, str] = {}
    if refusal.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        headers["Retry-After"] = str((error.retry_after_s if error else None) or RETRY_AFTER_S)
    body = {
        "type": "about:blank",
        "title": refusal.title,
        "status": int(refusal.status),
        "detail": error.detail if error and told else refusal.remedy,
        "request_id": request_id,
    }
    return _response(refusal.status, "application/problem+json", body, headers)


def _response(
    status: HTTPStatus, content_type: str, body: Mapping[str, object], headers: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "statusCode": int(status),
        "headers": {"Content-Type": content_type, "Cache-Control": "no-store", **headers},
        "body": json.dumps(body, ensure_ascii=False),
        "isBase64Encoded": False,
    }
