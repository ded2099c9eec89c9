"""What a call shows of itself: everything but what would sign somebody in.

What a sign-in sends and gets is shown by a list of names that are known to be harmless; elsewhere whatever looks like a
session, and the connected app's own secrets, are masked.
"""

import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

from local.org.exchanges import Message

MASKED = "(masked)"
NOT_SHOWN = "(not shown: it belongs to a sign-in)"
_SESSION = re.compile(r"00D[0-9A-Za-z]{12,15}!\S[^\s\"'&<>,;]*")
_HARMLESS = frozenset(
    {
        *("grant_type", "client_id", "redirect_uri", "response_type", "code_challenge_method", "format", "prompt"),
        *("token_type_hint", "display", "decision", "scope", "token_type", "instance_url", "id", "issued_at", "active"),
        *("error", "error_description", "username", "user_id", "organization_id", "preferred_username", "sub", "exp"),
        *("iat", "nbf", "issuer"),
    }
)
_SIGNING_PARAMETERS = frozenset({"oauth_token", "access_token", "sid", "session_id"})


def belongs_to_sign_in(path: str) -> bool:
    """Tell whether a path is one of those where tokens and secrets are sent."""
    first = [part for part in path.lower().split("/") if part][:2]
    return first == ["services", "oauth2"] or first[:1] == ["id"] or "/services/soap/" in path.lower()


def shown_target(target: str, secrets: Sequence[str]) -> str:
    """Return path and query."""
    path, mark, query = target.partition("?")
    pairs = query.split("&") if mark else []
    strict = belongs_to_sign_in(path)
    return _without_secrets(path + mark + "&".join(_shown_pair(pair, strict=strict) for pair in pairs), secrets)


def _shown_pair(pair: str, *, strict: bool) -> str:
    name, equals, _ = pair.partition("=")
    decoded = dict(parse_qsl(pair, keep_blank_values=True))
    harmless = set(decoded) <= _HARMLESS if strict else _SIGNING_PARAMETERS.isdisjoint(each.lower() for each in decoded)
    return pair if harmless else f"{name}{equals}{MASKED}"


def shown_body(path: str, message: Message, secrets: Sequence[str]) -> str:
    """Return the body as text, JSON laid out; what was cut off is said below it."""
    text = message.body.decode("utf-8", "replace")
    if belongs_to_sign_in(path):
        return _sign_in(text)
    if message.length <= len(message.body):
        return _without_secrets(_laid_out(text), secrets)
    return f"{_without_secrets(text, secrets)}\n… {message.length - len(message.body):,} more bytes"


def _sign_in(text: str) -> str:
    if not text:
        return ""
    try:
        facts = json.loads(text)
    except ValueError:
        facts = dict(parse_qsl(text, keep_blank_values=True)) if _is_form(text) else None
    if not isinstance(facts, dict):
        return NOT_SHOWN
    shown = {name: value if name in _HARMLESS else MASKED for name, value in facts.items()}
    return json.dumps(shown, indent=2, ensure_ascii=False)


def _is_form(text: str) -> bool:
    return "=" in text and not any(character in text for character in '<>{}\n"')


def _laid_out(text: str) -> str:
    try:
        value: Any = json.loads(text)
    except ValueError:
        return text
    return json.dumps(value, indent=2, ensure_ascii=False)


def _without_secrets(text: str, secrets: Sequence[str]) -> str:
    text = _SESSION.sub(MASKED, text)
    for secret in secrets:
        text = text.replace(secret, MASKED)
    return text
