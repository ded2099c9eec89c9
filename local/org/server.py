"""The org over HTTP and HTTPS on loopback: a thread per connection, so that a slow answer delays nobody else."""

import socket
import ssl
import sys
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local.org.api import fault_of_body, handle, handle_cut_body
from local.org.certificate import CertificateFiles
from local.org.chunked import read_chunked, write_chunk
from local.org.messages import Reply, Request
from local.org.org import Org

LOOPBACK = "127.0.0.1"
_MOST_BODY_BYTES = 160 * 1024 * 1024  # a bulk upload may have 150 MB
_IDLE_S = 120.0
_BODILESS = frozenset({204, 304})


class OrgServer(ThreadingHTTPServer):
    """Serves one org on one port."""

    daemon_threads = True
    block_on_close = False  # an idle kept-alive connection must not hold up the end
    request_queue_size = 128

    def __init__(self, org: Org, port: int, *, certificate: CertificateFiles | None = None, quiet: bool = True) -> None:
        super().__init__((LOOPBACK, port), _Exchange)
        self.org = org
        self.quiet = quiet
        self.scheme = "http" if certificate is None else "https"
        self.https_port: int | None = None
        self._tls = None if certificate is None else _server_context(certificate)

    @property
    def url(self) -> str:
        """The origin that clients use."""
        return f"{self.scheme}://{LOOPBACK}:{self.server_port}"

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Shake hands in the connection's own thread: a client that says nothing must not stop the others."""
        request.settimeout(_IDLE_S)
        if self._tls is None:
            super().finish_request(request, client_address)
            return
        # The wrapped socket takes the plain one over, so the caller's close does not reach it.
        with self._tls.wrap_socket(request, server_side=True) as secured:
            super().finish_request(secured, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Leave out the noise of clients that go away; show everything else."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError | ssl.SSLError):
            super().handle_error(request, client_address)


def _server_context(certificate: CertificateFiles) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.certificate, certificate.key)
    return context


class _Exchange(BaseHTTPRequestHandler):
    """One connection's requests."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: OrgServer

    def __getattr__(self, name: str) -> Any:
        """Let `_answer` take every method: what is not allowed is the org's to say."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def version_string(self) -> str:
        """Return the value of the Server header."""
        return "sfdcedge"

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return the value of the Date header: the org's time and not the machine's."""
        del timestamp
        return self.server.org.clock.http_date()

    def _answer(self) -> None:
        org = self.server.org
        target = self.path if self.path.startswith("/") else f"/{self.path}"
        plan = fault_of_body(org, self.command, target)
        body = self._beginning(plan.after_bytes or 0) if plan is not None and plan.drops_body else self._body()
        if body is None:
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, target, headers, body if plan is None else b"", self._origin())
        self._carry_out(handle(org, request) if plan is None else handle_cut_body(org, request, plan))

    def _beginning(self, most_bytes: int) -> bytes:
        """Wait for so much of a body whose rest nobody will read."""
        if self._is_chunked():
            return read_chunked(self.rfile, most_bytes) or b""
        length = self.headers.get("Content-Length", "0")
        return self.rfile.read(min(most_bytes, int(length))) if length.isascii() and length.isdigit() else b""

    def _is_chunked(self) -> bool:
        return "chunked" in self.headers.get("Transfer-Encoding", "").lower()

    def _carry_out(self, reply: Reply) -> None:
        if reply.delay_s:
            time.sleep(reply.delay_s)
        if reply.drop_connection:
            self._drop()
        elif reply.cut_after_bytes is not None:
            self._break_off(reply, reply.cut_after_bytes)
        else:
            self._send(reply)

    def _origin(self) -> str:
        """Return the origin that the client asked, as https where the org serves that too."""
        server = self.server
        host = self.headers.get("Host") or f"{LOOPBACK}:{server.server_port}"
        if server.https_port is None:
            return f"{server.scheme}://{host}"
        return f"https://{host.partition(':')[0]}:{server.https_port}"

    def _body(self) -> bytes | None:
        """Return the request's body, or None where it was refused."""
        body, status = self._read_body()
        if body is None:
            self.close_connection = True
            self._send(Reply(status))
        return body

    def _read_body(self) -> tuple[bytes | None, int]:
        """Return the body, or None and the status that says why not."""
        if self._is_chunked():
            return read_chunked(self.rfile, _MOST_BODY_BYTES), HTTPStatus.BAD_REQUEST
        length = self.headers.get("Content-Length", "0")
        if not (length.isascii() and length.isdigit()):
            return None, HTTPStatus.BAD_REQUEST
        if int(length[:12]) > _MOST_BODY_BYTES:
            return None, HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        body = self.rfile.read(int(length))
        return (body if len(body) == int(length) else None), HTTPStatus.BAD_REQUEST

    def _send(self, reply: Reply) -> None:
        length = None if reply.status in _BODILESS else ("Content-Length", str(reply.length))
        self._send_head(reply, length)
        if self.command != "HEAD":
            for part in (reply.body, *reply.parts):
                self.wfile.write(part)

    def _send_head(self, reply: Reply, length: tuple[str, str] | None) -> None:
        self.send_response(reply.status)
        for name, value in (*reply.headers, *([length] if length else [])):
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()

    def _break_off(self, reply: Reply, after_bytes: int) -> None:
        """Send the answer's beginning as if all of it followed."""
        beginning = b"".join([reply.body, *reply.parts])[:after_bytes]
        if reply.chunked:
            self._send_head(reply, ("Transfer-Encoding", "chunked"))
            write_chunk(self.wfile, beginning)
        else:
            self._send_head(reply, ("Content-Length", str(reply.length)))
            self.wfile.write(beginning)
        self._drop()

    def _drop(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is that of http.server
        """Print one line per request unless the server is quiet."""
        if not self.server.quiet:
            print(f"{self.server.scheme} {format % args}", file=sys.stderr, flush=True)


def start(server: OrgServer) -> threading.Thread:
    """Serve in a thread of its own until `server.shutdown()`."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    return thread
