"""Reads a create that brings its rows: `multipart/form-data` with the parts `job` (JSON) and `content` (CSV)."""

from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from http import HTTPStatus
from typing import NamedTuple

from local.org.bulk.words import MOST_MULTIPART_CHARACTERS
from local.org.errors import OrgError, malformed
from local.org.messages import Request

_KIND = "multipart/form-data"


class JobWithRows(NamedTuple):
    """The bodies of the two parts."""

    job: bytes
    content: bytes


def is_multipart(request: Request) -> bool:
    """Tell whether a create brings its rows."""
    return request.header("content-type").partition(";")[0].strip().lower() == _KIND


def read_parts(request: Request) -> JobWithRows:
    """Return the two parts.

    Raises:
        OrgError: A part is missing, or there are too many rows for this form.
    """
    head = f"Content-Type: {request.header('content-type')}\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser(policy=HTTP).parsebytes(head + request.body)
    parts = {_name(part): part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()}
    job, content = parts.get("job"), parts.get("content")
    if not isinstance(job, bytes) or not isinstance(content, bytes):
        raise malformed("CLIENTINPUTERROR", "A multipart request needs the parts job and content")
    if len(content.decode("utf-8", "replace")) > MOST_MULTIPART_CHARACTERS:
        message_text = f"A multipart request takes up to {MOST_MULTIPART_CHARACTERS} characters of data"
        raise OrgError(HTTPStatus.BAD_REQUEST, "LIMIT_EXCEEDED", message_text)
    return JobWithRows(job, content)


def _name(part: Message) -> object:
    return part.get_param("name", header="content-disposition")
