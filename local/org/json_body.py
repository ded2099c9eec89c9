"""Reads a request's JSON body; whatever is wrong with it is a JSON_PARSER_ERROR, never a crash."""

import json
import zlib
from http import HTTPStatus
from typing import Any, NoReturn

from local.org.errors import DeserializeError, OrgError, malformed
from local.org.messages import Request

_MOST_BYTES = 50 * 1024 * 1024
_EXPECTED = {
    "Expecting ':' delimiter": "was expecting a colon to separate field name and value",
    "Expecting ',' delimiter": "was expecting comma to separate entries",
    "Expecting property name enclosed in double quotes": "was expecting double-quote to start field name",
    "Expecting value": "expected a valid value (number, String, array, object, 'true', 'false' or 'null')",
}


def parser_error(message: str) -> OrgError:
    """Return the refusal of a body that is no usable JSON."""
    return malformed("JSON_PARSER_ERROR", message)


def read_object(request: Request) -> dict[str, Any]:
    """Return the body's JSON object.

    Raises:
        OrgError: JSON_PARSER_ERROR, or 415 for another content type.
    """
    value = read_json(request)
    if not isinstance(value, dict):
        raise parser_error("Cannot deserialize instance of object from the value at [line:1, column:1]")
    return value


def read_json(request: Request) -> Any:
    """Return the body's JSON value."""
    content_type = request.header("content-type").partition(";")[0].strip().lower()
    if content_type not in {"", "application/json"}:
        message = f"Content type {content_type} not supported"
        raise OrgError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message)
    return parse_body(request)


def parse_body(request: Request) -> Any:
    """Return the JSON value of a body of whatever content type."""
    text = _text(request)
    if not text.strip():
        raise parser_error("The HTTP entity body is required, but this request has no entity body.")
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
        _refuse_lone_surrogates(text, value)
    except json.JSONDecodeError as error:
        raise parser_error(_explain(error)) from error
    except (ValueError, RecursionError) as error:
        raise parser_error(f"The body cannot be read as JSON: {type(error).__name__}") from error
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _refuse_lone_surrogates(text: str, value: Any) -> None:
    r"""Half a surrogate pair (`\ud800`) is no character and could never be answered again."""
    if "\\ud" in text or "\\uD" in text:
        json.dumps(value, ensure_ascii=False).encode()


def _text(request: Request) -> str:
    body = request.body
    if request.header("content-encoding").lower() == "gzip":
        body = _unzip(body)
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise parser_error("Invalid UTF-8 in the request body") from error


def _unzip(body: bytes) -> bytes:
    unzip = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        plain = unzip.decompress(body, _MOST_BYTES)
    except zlib.error as error:
        raise parser_error("The request body is not gzip") from error
    if not unzip.eof:
        raise parser_error("The request body is cut off or too large")
    return plain


def _explain(error: json.JSONDecodeError) -> str:
    where = f"[line:{error.lineno}, column:{error.colno}]"
    if error.pos >= len(error.doc):
        return f"Unexpected end-of-input at {where}"
    character = error.doc[error.pos]
    expected = _EXPECTED.get(error.msg, error.msg)
    return f"Unexpected character ('{character}' (code {ord(character)})): {expected} at {where}"


def wrong_kind(error: DeserializeError, request: Request) -> OrgError:
    """Return the refusal of a whole request for one value of the wrong kind."""
    token = _token(error.value)
    text = _text(request)
    end = max(text.find(json.dumps(error.value, ensure_ascii=False)), 0) + 1
    line, column = text.count("\n", 0, end) + 1, end - (text.rfind("\n", 0, end) + 1)
    shown = error.value if isinstance(error.value, str) else json.dumps(error.value, ensure_ascii=False)
    return parser_error(
        f"Cannot deserialize instance of {error.wanted} from {token} value {shown} or request may be missing a "
        f"required field at [line:{line}, column:{column}]"
    )


def _token(value: Any) -> str:
    if isinstance(value, bool):
        return "VALUE_TRUE" if value else "VALUE_FALSE"
    names = {str: "VALUE_STRING", int: "VALUE_NUMBER_INT", float: "VALUE_NUMBER_FLOAT", list: "START_ARRAY"}
    return names.get(type(value), "START_OBJECT")
