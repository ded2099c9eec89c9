"""Counts the API calls of this container, and reads from each answer how many the org has left."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

import requests

from lockstep.domain.budget import Usage
from lockstep.ports.connection import UsageMeter

LIMIT_HEADER = "Sforce-Limit-Info"
# REST API Developer Guide, "Limit Info Header": `api-usage=25/5000`, or with `; per-app-api-usage=17/250(appName=x)`.
_USAGE = re.compile(r"(?:^|[;,\s])api-usage=(\d+)/(\d+)")
_API_PATH = re.compile(r"/services/data/v\d+\.\d+/(.*)")
_OBJECT_IN_PATH = re.compile(r"(?:(?:composite/)?sobjects|ui-api/object-info)/([A-Za-z]\w*)")
_OBJECT_IN_QUERY = re.compile(r"\bFROM\s+([A-Za-z]\w*)", re.IGNORECASE)
_OBJECT_IN_BODY = re.compile(r'"attributes":\s*\{\s*"type":\s*"(\w+)"')
_BODY_CHARS_READ = 1_000
NO_OBJECT = "none"


class ApiMeter:
    """Implements `ports.UsageMeter`.

    Args:
        clock: The time, aware.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._calls: Counter[str] = Counter()
        self._latest: Usage | None = None

    @property
    def latest(self) -> Usage | None:
        """Return what the last answer said."""
        return self._latest

    def watch(self, session: requests.Session) -> None:
        """Read every answer to the session from now on."""
        session.hooks["response"].append(self._read)

    def drain(self) -> Mapping[str, int]:
        """Return how many calls were answered since the last time, by object; `none` where a call has no object."""
        calls, self._calls = self._calls, Counter()
        return calls

    def _read(self, response: requests.Response, *_: Any, **__: Any) -> None:
        path = _API_PATH.search(unquote(urlsplit(response.url).path))
        if path:
            self._calls[_object_of(path[1], response.request)] += 1
        if usage := usage_of_header(response.headers.get(LIMIT_HEADER), self._clock()):
            self._latest = usage


class AsksLimits(Protocol):
    """Who can ask the org for its limits; `adapters.salesforce.SalesforceRest` is one."""

    def limits(self) -> Any:
        """Return the JSON of GET limits."""


class SalesforceLimits:
    """Implements `ports.OrgLimits`.

    Args:
        connect: Makes a client that remembers no sign-in: a probe tries that too.
        meter: Reads the answers to that client.
        clock: The time, aware.
    """

    def __init__(self, connect: Callable[[], AsksLimits], meter: UsageMeter, clock: Callable[[], datetime]) -> None:
        self._connect = connect
        self._meter = meter
        self._clock = clock

    def usage(self) -> Usage | None:
        """Ask for the limits; what the answer does not tell is read from its header."""
        return usage_of_limits(self._connect().limits(), self._clock()) or self._meter.latest


def usage_of_header(text: str | None, now: datetime) -> Usage | None:
    """Read Sforce-Limit-Info; None where it does not tell the org's usage."""
    found = _USAGE.search(text or "")
    return _usage(int(found[1]), int(found[2]), now) if found else None


def usage_of_limits(answer: object, now: datetime) -> Usage | None:
    """Read the answer of GET limits; None where it does not tell the daily requests (a right that may be missing)."""
    daily = answer.get("DailyApiRequests") if isinstance(answer, Mapping) else None
    if not isinstance(daily, Mapping):
        return None
    maximum, left = daily.get("Max"), daily.get("Remaining")
    if not isinstance(maximum, int) or not isinstance(left, int):
        return None
    return _usage(max(maximum - left, 0), maximum, now)


def _usage(used: int, maximum: int, now: datetime) -> Usage | None:
    return Usage(used=used, maximum=maximum, read_at=now) if maximum > 0 else None


def _object_of(path: str, request: requests.PreparedRequest) -> str:
    """Name the object that a call is about."""
    if found := _OBJECT_IN_PATH.match(path):
        return found[1]
    if path.startswith("query"):
        asked = parse_qs(urlsplit(request.url or "").query).get("q", [""])[0]
        found = _OBJECT_IN_QUERY.search(asked)
    elif path.startswith("composite"):
        body = request.body if isinstance(request.body, str | bytes) else ""
        start = body[:_BODY_CHARS_READ]
        found = _OBJECT_IN_BODY.search(start if isinstance(start, str) else start.decode("utf-8", "replace"))
    return found[1] if found else NO_OBJECT
