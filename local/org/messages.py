"""A request and a reply as the org's API sees them, whichever door they come through."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Request:
    """One request. `target` is path and query as sent, header names are in lower case, `origin` is scheme and host."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    origin: str = "https://org.example"
    holds_locks_s: float = 0.0
    """A planned fault: for how long the call goes on holding what it locks."""

    @cached_property
    def path(self) -> str:
        """The path as sent."""
        return self.target.partition("?")[0]

    @cached_property
    def segments(self) -> tuple[str, ...]:
        """The path's decoded parts; a slash at the end adds none."""
        parts = self.path.split("/")[1:]
        return tuple(unquote(part) for part in (parts[:-1] if parts and not parts[-1] else parts))

    @cached_property
    def query(self) -> Mapping[str, str]:
        """The query's values by name; the last of several wins."""
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    def header(self, name: str) -> str:
        """Return a header's value, or ""."""
        return self.headers.get(name, "")


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer; `delay_s` and `drop_connection` are planned faults that the door carries out."""

    status: int
    body: bytes = b""
    headers: Headers = ()
    delay_s: float = 0.0
    drop_connection: bool = False
    rows: int = 0
    parts: Sequence[bytes] = ()
    """What follows `body`: a long answer is kept and sent in parts."""
    cut_after_bytes: int | None = None
    """A planned fault: where the answer breaks off."""
    chunked: bool = False
    """Whether an answer that breaks off is sent without its length."""

    @property
    def length(self) -> int:
        """Bytes of the whole answer."""
        return len(self.body) + sum(map(len, self.parts))


@dataclass(frozen=True, slots=True)
class Answer:
    """What a view returns: a status, a JSON value (None for an empty body) or parts, the rows it was about."""

    status: int = HTTPStatus.OK
    value: Any = None
    headers: Headers = ()
    rows: int = 0
    parts: Sequence[bytes] = ()
    """An answer that is no JSON; its type is among the headers."""
    delay_s: float = 0.0
    """For how long the transaction goes on before it is answered."""
