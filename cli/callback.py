"""The place on this machine to which the browser comes back from Salesforce, open for one answer."""

import os
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, InvalidStateError
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from urllib.parse import parse_qsl, urlsplit

from cli.failure import CannotError

DEFAULT_PORT = 1717
PATH = "/callback"
LOOPBACK = "127.0.0.1"
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Lockstep</title></head>
<body style="font-family: sans-serif; margin: 4em auto; max-width: 32em"><h1>{title}</h1><p>{text}</p></body></html>
"""
_DONE = "Salesforce has answered", "The rest is said in the terminal. You may close this window."
_REFUSED = "Salesforce has refused", "The terminal says why, and what to do. You may close this window."
_ELSEWHERE = "Nothing is here", "Begin with the address that the command has printed."


def redirect_url(port: int) -> str:
    """Return the callback URL; the app in Salesforce must have the very same text."""
    return f"http://localhost:{port}{PATH}"


class Callback:
    """Takes one answer and hands it over."""

    def __init__(self, server: "_Server") -> None:
        self._server = server
        self.address, self.port = server.server_address[0], server.server_port

    def answer(self, time_limit_s: float) -> Mapping[str, str]:
        """Wait for the browser; return the parameters that it has brought.

        Raises:
            CannotError: It has not come in time.
        """
        try:
            return self._server.first.result(timeout=time_limit_s)
        except TimeoutError:
            url = redirect_url(self.port)
            raise CannotError(
                f"nobody came back from Salesforce within {time_limit_s:.0f} s, and nothing was changed. "
                f"If the browser shows redirect_uri_mismatch, enter {url} as Callback URL of the app, just so. "
                "Without a browser on this machine, try again with --no-browser"
            ) from None


@contextmanager
def listening(port: int) -> Iterator[Callback]:
    """Listen on IPv4 loopback only, until the block ends.

    Args:
        port: 0 picks a free one.

    Raises:
        CannotError: The port is taken.
    """
    try:
        server = _Server(port)
    except OSError as exc:
        raise CannotError(
            f"port {port} of this machine cannot be listened on: {exc.strerror}. End what uses it (another sign-in?), "
            "or name another with --port and add its callback URL to the app in Salesforce"
        ) from None
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield Callback(server)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    # A thread for each connection: browsers open some that stay silent, and those must not keep the answer waiting.
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = os.name == "posix"  # on Windows it would let two listen

    def __init__(self, port: int) -> None:
        self.first: Future[Mapping[str, str]] = Future()
        super().__init__((LOOPBACK, port), _Exchange)

    def server_bind(self) -> None:
        """Bind without asking for this machine's name, which can take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = LOOPBACK, self.server_address[1]

    def take(self, answer: Mapping[str, str]) -> bool:
        """Keep the first answer; tell whether it was that."""
        try:
            self.first.set_result(answer)
        except InvalidStateError:
            return False
        return True


class _Exchange(BaseHTTPRequestHandler):
    server: _Server
    timeout = 10

    def do_GET(self) -> None:
        """Take the answer, at its own path only."""
        parts = urlsplit(self.path)
        answer = dict(parse_qsl(parts.query))
        if parts.path != PATH or not answer.keys() & {"code", "error"}:
            self._page(HTTPStatus.NOT_FOUND, *_ELSEWHERE)
        elif not self.server.take(answer):
            self._page(HTTPStatus.GONE, *_ELSEWHERE)
        else:
            self._page(HTTPStatus.OK, *(_REFUSED if "error" in answer else _DONE))

    def version_string(self) -> str:
        """Say nothing of the machine."""
        return "lockstep"

    def log_message(self, *_args: object) -> None:
        """Log nothing: the path holds the code."""

    def _page(self, status: HTTPStatus, title: str, text: str) -> None:
        body = _PAGE.format(title=title, text=text).encode()
        self.send_response(status)
        for name, value in (
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"),
            ("Referrer-Policy", "no-referrer"),
            ("Connection", "close"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
