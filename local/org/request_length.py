"""How long a request's head may be."""

from http import HTTPStatus

from local.org.errors import OrgError
from local.org.messages import Request

_MOST_URI_BYTES = 16_384  # also of URI and headers together (REST API guide, "Status Codes and Error Responses")


def check_length(request: Request) -> None:
    """Refuse a URI, or URI and headers together, that the platform does not read.

    Raises:
        OrgError: 414 or 431.
    """
    uri_bytes = len(request.target)
    if uri_bytes > _MOST_URI_BYTES:
        raise OrgError(HTTPStatus.REQUEST_URI_TOO_LONG, "URI_TOO_LONG", "The URI exceeds 16,384 bytes")
    if uri_bytes + sum(len(name) + len(value) for name, value in request.headers.items()) > _MOST_URI_BYTES:
        status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        raise OrgError(status, "REQUEST_HEADER_FIELDS_TOO_LARGE", "URI and headers exceed 16,384 bytes")
