"""Reads the body of an upload: CSV as it is or gzipped."""

import zlib
from http import HTTPStatus

from local.org.bulk.words import MOST_UPLOAD_BYTES
from local.org.errors import OrgError, malformed
from local.org.messages import Request


def read_upload(request: Request) -> bytes:
    """Return the CSV's bytes.

    Raises:
        OrgError: 415 for another content type or encoding, 400 for bad gzip.
    """
    content_type = request.header("content-type").partition(";")[0].strip().lower()
    if content_type != "text/csv":
        raise _unsupported(f"Content type {content_type} not supported")
    encoding = request.header("content-encoding").strip().lower()
    if encoding == "gzip":
        return _unzip(request.body)
    if encoding not in {"", "identity"}:
        raise _unsupported(f"Content encoding {encoding} not supported")
    return request.body


def _unzip(body: bytes) -> bytes:
    unzip = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        plain = unzip.decompress(body, MOST_UPLOAD_BYTES + 1)
    except zlib.error as error:
        raise malformed("CLIENTINPUTERROR", "The upload is not gzip") from error
    if len(plain) <= MOST_UPLOAD_BYTES and not unzip.eof:
        raise malformed("CLIENTINPUTERROR", "The gzipped upload is cut off")
    return plain


def _unsupported(message: str) -> OrgError:
    return OrgError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message)
