"""The org as a `requests` adapter: no socket, no TLS; mount it at an https origin."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse

from local.org.api import fault_of_body, handle, handle_cut_body
from local.org.messages import Reply, Request
from local.org.org import Org


class OrgAdapter(HTTPAdapter):
    """Answers a session's requests from an org in this process.

    Mount it: `session.mount("https://org.example/", OrgAdapter(org))`.
    """

    def __init__(self, org: Org) -> None:
        super().__init__()
        self._org = org

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002
        timeout: Any = None,
        verify: bool | str = True,  # noqa: FBT001, FBT002
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Answer the request; planned delays and dropped connections come as `requests` reports them."""
        del stream, verify, cert, proxies
        reply = self._answer(_read(request))
        _wait(reply.delay_s, timeout, request)
        if reply.drop_connection:
            raise requests.ConnectionError("the org dropped the connection", request=request)
        return self.build_response(request, _response(reply, self._org.clock.http_date()))

    def _answer(self, request: Request) -> Reply:
        plan = fault_of_body(self._org, request.method, request.target)
        if plan is None:
            return handle(self._org, request)
        return handle_cut_body(self._org, replace(request, body=b""), plan)


def _read(request: requests.PreparedRequest) -> Request:
    parts = urlsplit(request.url or "")
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    headers = {str(name).lower(): _text(value) for name, value in request.headers.items()}
    return Request(request.method or "GET", target, headers, _bytes(request.body), f"{parts.scheme}://{parts.netloc}")


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _bytes(body: bytes | str | Iterable[bytes] | None) -> bytes:
    if body is None:
        return b""
    if isinstance(body, bytes | str):
        return body.encode() if isinstance(body, str) else body
    return b"".join(body)


def _wait(delay_s: float, timeout: Any, request: requests.PreparedRequest) -> None:
    """Wait as the caller would, but never longer than its patience: a timeout needs no waiting to be one."""
    patience_s = timeout[1] if isinstance(timeout, tuple) else timeout
    if patience_s is not None and delay_s >= patience_s:
        raise requests.ReadTimeout("the org was too slow", request=request)
    if delay_s:
        time.sleep(delay_s)


def _response(reply: Reply, date: str) -> HTTPResponse:
    headers = HTTPHeaderDict([("Date", date), *reply.headers])
    content = BytesIO(b"".join([reply.body, *reply.parts])[: reply.cut_after_bytes])
    if reply.cut_after_bytes is not None:
        headers["Content-Length"] = str(reply.length)  # urllib3 misses the rest by it
    return HTTPResponse(content, headers, int(reply.status), preload_content=False, decode_content=False)
