"""Post the deliveries over HTTP, several senders at once, as senders do: who is told to come again comes again."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import requests

from local.demo.senders import signed_headers
from local.demo.sends import Kind, Lane, Send
from local.stack import Stack

SENDERS = 4
ANSWER_WITHIN_S = 30.0
MOST_TRIES = 4
NO_ANSWER = 0  # in place of a status
# What a gateway says itself, where the function has not answered, is no answer to the delivery.
_FROM_GATEWAY = (HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT)
_COMES_AGAIN = (NO_ANSWER, HTTPStatus.SERVICE_UNAVAILABLE, *_FROM_GATEWAY)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back to a delivery; `posted_at` is when its last try was begun, `status` may be NO_ANSWER."""

    send: Send
    posted_at: datetime
    tries: int
    status: int
    body: dict[str, Any]

    @property
    def correlation_id(self) -> str | None:
        """The change's name, where one was taken in: each delivery of the demo holds one event."""
        return next(iter(self.body.get("correlation_ids", [])), None)

    @property
    def is_expected(self) -> bool:
        """True where the status is the one hoped for."""
        return self.status == self.send.expected_status


def post_all(stack: Stack, lanes: Sequence[Lane], advance: Callable[[], None]) -> list[Answer]:
    """Post every lane, a few side by side; call `advance` after each answer."""
    local = threading.local()

    def post_lane(lane: Lane) -> list[Answer]:
        if not hasattr(local, "session"):
            local.session = stack.http()
        return [_answered(stack, local.session, send, advance) for send in lane]

    with ThreadPoolExecutor(SENDERS) as pool:
        return [answer for answers in pool.map(post_lane, lanes) for answer in answers]


def _answered(stack: Stack, session: requests.Session, send: Send, advance: Callable[[], None]) -> Answer:
    """Post as senders do: who gets no answer, or is told to come again, comes again."""
    for tries in range(1, MOST_TRIES + 1):
        posted_at = datetime.now(UTC)
        response = _posted(stack, session, send, posted_at)
        status = NO_ANSWER if response is None else response.status_code
        if status not in _COMES_AGAIN or tries == MOST_TRIES:
            break
        time.sleep(_wait_s(response, tries))
    advance()
    return Answer(send, posted_at, tries, status, {} if response is None else _json(response))


def _wait_s(response: requests.Response | None, tries: int) -> float:
    """Return how long a sender waits after a try: as it was told, else longer each time."""
    told = None if response is None else response.headers.get("Retry-After")
    return 2.0 ** (tries - 1) if told is None else float(told)


def _posted(stack: Stack, session: requests.Session, send: Send, now: datetime) -> requests.Response | None:
    try:
        return session.post(
            stack.webhook_url("nobody" if send.kind is Kind.UNKNOWN else send.event.source),
            data=send.event.body,
            headers=_headers(send, stack, now),
            timeout=ANSWER_WITHIN_S,
        )
    except (requests.Timeout, requests.ConnectionError):
        return None


def _headers(send: Send, stack: Stack, now: datetime) -> dict[str, str]:
    secret = stack.secrets[send.event.source]
    if send.kind is Kind.FORGED:
        secret = secret[:-6] + "AAAAA="  # still base64 where it has to be
    headers = signed_headers(send.event, secret, now)
    if send.kind is Kind.UNSIGNED:
        return {name: value for name, value in headers.items() if "sha256" not in name.lower()}
    return headers


def _json(response: requests.Response) -> dict[str, Any]:
    try:
        return dict(response.json())
    except ValueError:
        return {"detail": response.text[:200]}
