"""The recorded pairs of request and response, and which of them concern what the local org emulates."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

_VERSION_CUT_OUT, _VERSION = "vxx.0", "v62.0"


@dataclass(frozen=True)
class Pair:
    """One recorded exchange; `name` is its cassette and number."""

    name: str
    method: str
    target: str
    body: Any
    status: int
    answer: Any

    @property
    def path(self) -> str:
        return unquote(self.target.partition("?")[0]).rstrip("/")


def read_pairs(recordings: Path) -> Iterator[Pair]:
    """Yield the pairs of the REST API whose answer is JSON."""
    lines = (recordings / "cumulusci-flat.jsonl").read_text(encoding="utf-8").splitlines()
    for recorded in map(json.loads, lines):
        if "/services/data/" in recorded["uri"]:
            yield _pair(recorded)


def _pair(recorded: dict[str, Any]) -> Pair:
    parts = urlsplit(recorded["uri"])
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    cassette = recorded["cassette"].rpartition("/")[2].removesuffix(".yaml")
    return Pair(
        name=f"{cassette}#{recorded['n']}",
        method=recorded["method"],
        target=target.replace(_VERSION_CUT_OUT, _VERSION),
        body=_json((recorded["request_body"] or "").replace(_VERSION_CUT_OUT, _VERSION)),
        status=recorded["status"],
        answer=_json(recorded["response_body"].replace(_VERSION_CUT_OUT, _VERSION)),
    )


def _json(text: str) -> Any:
    """Return the JSON value; None where the recording's owner cut the text out."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return None
