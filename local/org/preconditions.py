"""Conditional requests: `ETag` with its headers for accounts, the two dates for every object and for describes."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import formatdate, parsedate_to_datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from local.org import record as slots
from local.org.errors import OrgError, malformed
from local.org.messages import Answer, Request
from local.org.record import Record
from local.org.table import Table

_WITH_ETAG = "Account"
_GZIP = "--gzip"
_FAILED = "An ETag validation has failed."

# Wire reference, 8.2: the body of a 412 that a date is to blame for was never seen; it is empty here.
NOT_PROCESSED = Answer(HTTPStatus.PRECONDITION_FAILED)
NOT_MODIFIED = Answer(HTTPStatus.NOT_MODIFIED)


def etag_headers(request: Request, table: Table, record: Record) -> list[tuple[str, str]]:
    """Return the headers that name the record's state: none but for accounts."""
    if table.schema.name != _WITH_ETAG:
        return []
    suffix = _GZIP if "gzip" in request.header("accept-encoding") else ""
    return [("ETag", f'"{_etag(record)}{suffix}"')]


def unmet_for_read(request: Request, table: Table, record: Record) -> Answer | None:
    """Return the answer to a GET of a record whose conditions are not met, or None where the record is to be shown.

    Raises:
        OrgError: 412 for an `If-Match` that does not match.
    """
    headers = request.headers
    if _has_etag_headers(table, headers):
        _check_if_match(headers, record)
        if "if-none-match" in headers:
            return NOT_MODIFIED if _is_among(record, headers["if-none-match"]) else None
    changed_s = _changed_s(record)
    if (limit_s := _date(headers, "if-unmodified-since")) is not None and changed_s > limit_s:
        return NOT_PROCESSED
    if (limit_s := _date(headers, "if-modified-since")) is not None and changed_s <= limit_s:
        return NOT_MODIFIED
    return None


def unmet_for_write(request: Request, table: Table, record: Record) -> Answer | None:
    """Return the answer to a PATCH of a record whose conditions are not met, or None where it is to be written.

    Raises:
        OrgError: 412 for an ETag's condition, 400 for a date that is none.
    """
    headers = request.headers
    if _has_etag_headers(table, headers):
        _check_if_match(headers, record)
        if "if-none-match" in headers and _is_among(record, headers["if-none-match"]):
            raise OrgError(HTTPStatus.PRECONDITION_FAILED, "MATCH_PRECONDITION_FAILED", _FAILED)
    limit_s = _date(headers, "if-unmodified-since", is_strict=True)
    return NOT_PROCESSED if limit_s is not None and _changed_s(record) > limit_s else None


def metadata_answer(request: Request, value: Any, changed_s: float) -> Answer:
    """Return a describe with its state's headers, or 304 where the caller has seen it since it last changed."""
    named = [
        ("ETag", f'"{sha256(str(int(changed_s)).encode()).hexdigest()[:8]}"'),
        ("Last-Modified", formatdate(int(changed_s), usegmt=True)),
    ]
    seen_s = _date(request.headers, "if-modified-since")
    if seen_s is not None and int(changed_s) <= seen_s:
        return Answer(HTTPStatus.NOT_MODIFIED, headers=named)
    return Answer(value=value, headers=named)


def _has_etag_headers(table: Table, headers: Mapping[str, str]) -> bool:
    return table.schema.name == _WITH_ETAG and ("if-match" in headers or "if-none-match" in headers)


def _check_if_match(headers: Mapping[str, str], record: Record) -> None:
    if "if-match" in headers and not _is_among(record, headers["if-match"]):
        raise OrgError(HTTPStatus.PRECONDITION_FAILED, "MATCH_PRECONDITION_FAILED", _FAILED)


def _is_among(record: Record, listed: str) -> bool:
    named = {each.strip().removeprefix("W/").strip('"').removesuffix(_GZIP) for each in listed.split(",")}
    return "*" in named or _etag(record) in named


def _etag(record: Record) -> str:
    return b64encode(sha256(repr(list(record)).encode()).digest()).decode()


def _changed_s(record: Record) -> float:
    return datetime.fromisoformat(record[slots.MODIFIED_DATE]).timestamp()


def _date(headers: Mapping[str, str], name: str, *, is_strict: bool = False) -> float | None:
    """Return a header's date in seconds; one that is no date counts only where it must be refused."""
    if (text := headers.get(name)) is None:
        return None
    try:
        date = parsedate_to_datetime(text)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError) as error:
        if is_strict:
            raise malformed(
                "BAD_REQUEST", f"{name}: {text} is no date of the form EEE, dd MMM yyyy HH:mm:ss z"
            ) from error
        return None
