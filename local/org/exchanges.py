"""The latest requests with their answers, cut to a bounded length: what the window shows of each call."""

from collections import deque
from dataclasses import dataclass

from local.org.calls import Call
from local.org.messages import Reply, Request

KEPT = 200
MOST_BODY_BYTES = 8 * 1024
_HEADERS = ("accept", "content-encoding", "content-type", "user-agent", "x-prettyprint")
_HEADER_PREFIXES = ("sforce-", "if-")
_REPLY_HEADERS = frozenset({"content-type", "sforce-limit-info", "sforce-locator", "sforce-numberofrecords"})


@dataclass(frozen=True, slots=True)
class Message:
    """One half of an exchange: the headers that explain it, the beginning of its body, how long that was in all."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    length: int


@dataclass(frozen=True, slots=True)
class Exchange:
    """A call, numbered from 1, with what was sent and what was answered. No header that signs anybody in is kept."""

    number: int
    call: Call
    request: Message
    reply: Message


class Exchanges:
    """The latest exchanges by number."""

    def __init__(self) -> None:
        self._kept: deque[Exchange] = deque(maxlen=KEPT)
        self._count = 0

    def add(self, call: Call, request: Request, reply: Reply) -> None:
        """Keep an exchange."""
        self._count += 1
        self._kept.append(Exchange(self._count, call, _sent(request), _answered(reply)))

    def clear(self) -> None:
        """Forget all; numbers go on, so that a link to a forgotten call leads to no other."""
        self._kept.clear()

    def latest(self) -> list[Exchange]:
        """Return the exchanges, the latest first."""
        return list(reversed(self._kept))

    def find(self, number: int) -> Exchange | None:
        """Return the exchange of that number, or None where it was forgotten or never was."""
        return next((each for each in self.latest() if each.number == number), None)


def _sent(request: Request) -> Message:
    told = [(name, value) for name, value in request.headers.items() if _is_told(name)]
    return Message(tuple(sorted(told)), request.body[:MOST_BODY_BYTES], len(request.body))


def _is_told(name: str) -> bool:
    return name in _HEADERS or name.startswith(_HEADER_PREFIXES)


def _answered(reply: Reply) -> Message:
    told = [(name.lower(), value) for name, value in reply.headers if name.lower() in _REPLY_HEADERS]
    body = reply.body
    for part in reply.parts:
        if len(body) >= MOST_BODY_BYTES:
            break
        body += part
    return Message(tuple(told), body[:MOST_BODY_BYTES], reply.length)
