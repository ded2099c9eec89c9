"""Writes JSON as Salesforce does: compact, or in the layout that `X-PrettyPrint: 1` asks for."""

import json
from json.encoder import encode_basestring
from typing import Any

_WORDS = {None: "null", True: "true", False: "false"}


def to_json(value: Any, *, pretty: bool) -> bytes:
    """Return the JSON bytes."""
    if pretty:
        return _laid_out(value, "\n").encode()
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _laid_out(value: Any, line: str) -> str:
    """Give each key a line of its own and let arrays run on; `line` is a line feed and the indent so far."""
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, dict):
        inner = line + "  "
        pairs = (f"{inner}{encode_basestring(key)} : {_laid_out(each, inner)}" for key, each in value.items())
        return f"{{{','.join(pairs)}{line}}}" if value else "{ }"
    if isinstance(value, list | tuple):
        return f"[ {', '.join([_laid_out(each, line) for each in value])} ]" if value else "[ ]"
    if value is None or isinstance(value, bool):  # most of a describe
        return _WORDS[value]
    return json.dumps(value)
