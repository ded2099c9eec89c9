"""What the OAuth endpoints read and answer alike: forms, tokens of headers, JSON, errors."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from local.org.json_text import to_json
from local.org.messages import Headers, Reply, Request

OAUTH_HEADERS: Headers = (
    ("Content-Type", "application/json;charset=UTF-8"),
    ("Cache-Control", "no-cache,must-revalidate,max-age=0,no-store,private"),
    ("Expires", "Thu, 01 Jan 1970 00:00:00 GMT"),
    ("X-ReadOnlyMode", "false"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-XSS-Protection", "1; mode=block"),
    ("Strict-Transport-Security", "max-age=63072000; includeSubDomains"),
    ("Vary", "Accept-Encoding"),
)


def read_form(request: Request) -> dict[str, str]:
    """Return the fields of query and body; the body's win."""
    text = request.body.decode("utf-8", errors="replace")
    return {**request.query, **dict(parse_qsl(text, keep_blank_values=True))}


def bearer_token(request: Request) -> str:
    """Return the token of the Authorization header (`Bearer` or `OAuth`), or ""."""
    scheme, _, token_text = request.header("authorization").partition(" ")
    return token_text.strip() if scheme.lower() in {"bearer", "oauth"} else ""


def oauth_json(status: int, body: Mapping[str, Any]) -> Reply:
    """Return a JSON answer that nobody may store."""
    return Reply(status, to_json(body, pretty=False), OAUTH_HEADERS)


def oauth_error(status: int, error: str, description: str) -> Reply:
    """Return an error as the OAuth endpoints shape it."""
    return oauth_json(status, {"error": error, "error_description": description})
