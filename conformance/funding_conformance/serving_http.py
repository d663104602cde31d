"""The reference, or a known-bad, as a server that answers the protocol over HTTP."""

from __future__ import annotations

import hmac
import signal
import threading
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import FrameType
from typing import Any, Final

import click
from funding_spec.errors import FundingError

from funding_conformance import KIT_VERSION
from funding_conformance.adapters.bearer import Token
from funding_conformance.adapters.http import MANY, ONE
from funding_conformance.protocol import ProtocolFault, read_line, write_line
from funding_conformance.service import Handler
from funding_conformance.serving import replied, service_named

LONGEST_BODY: Final = 64 * 1024 * 1024
SECONDS_FOR_A_REQUEST: Final = 30
"""How long a client may fall silent in the middle of a request, or between two."""


class CannotListen(FundingError):
    """The server cannot listen at this address."""


class _Refused(Exception):
    """A request that is not answered."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


def serve_http(host: str, port: int, token: Token | None, known_bad: str | None = None) -> None:
    """Answers requests until it is told to stop (SIGINT, SIGTERM).

    :param port: 0 lets the system choose one; the address is printed
    :raises CannotListen: the address is taken, or is none of this machine's
    """
    handler = _handler(service_named(known_bad), token)
    try:
        server = _Server((host, port), handler)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CannotListen(f"It cannot listen there: {reason}.", path=f"{host}:{port}") from None

    def stop(_signal: int, _frame: FrameType | None) -> None:
        threading.Thread(target=server.shutdown).start()

    with server:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)
        click.echo(f"Answering at http://{f'[{host}]' if ':' in host else host}:{server.server_port}")
        server.serve_forever(poll_interval=0.1)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing of a client that went away."""


def _handler(handle: Handler, token: Token | None) -> type[BaseHTTPRequestHandler]:
    """The handler of requests for one service."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version, sys_version = f"funding-kit/{KIT_VERSION}", ""
        timeout = SECONDS_FOR_A_REQUEST
        disable_nagle_algorithm = True
        wbufsize = -1

        def do_POST(self) -> None:
            try:
                kind, messages = self._asked()
            except _Refused as refused:
                self._refuse(refused)
                return
            if kind == MANY:
                self._stream(replied(handle, message) for message in messages)
            else:
                self._reply(HTTPStatus.OK, replied(handle, messages[0]))

        def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
            """What the base class refuses by itself: another method, a request line that is none."""
            self._refuse(_Refused(HTTPStatus(code), message or HTTPStatus(code).phrase))

        def _asked(self) -> tuple[str, list[dict[str, Any]]]:
            """The content type and the messages, once everything else is in order.

            :raises _Refused: something is not
            """
            if token and not hmac.compare_digest(self.headers.get("Authorization", "").encode(), token.header.encode()):
                raise _Refused(HTTPStatus.UNAUTHORIZED, "This needs a bearer token, and the right one.")
            if self.path not in ("/hello", "/answer"):
                raise _Refused(HTTPStatus.NOT_FOUND, "There are /hello and /answer.")
            kind = self.headers.get_content_type() if "Content-Type" in self.headers else ""
            if kind != ONE and (kind != MANY or self.path == "/hello"):
                raise _Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"The content type is {ONE}, or of answers {MANY}.")
            body = self._body()
            lines = [line for line in body.split(b"\n") if line.strip()] if kind == MANY else [body]
            return kind, [_message(line, self.path) for line in lines]

        def _body(self) -> bytes:
            length = self.headers.get("Content-Length", "")
            if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()):
                raise _Refused(HTTPStatus.LENGTH_REQUIRED, "A request says its length in Content-Length.")
            if len(length) > 12 or int(length) > LONGEST_BODY:
                most = f"A request holds at most {LONGEST_BODY // 1024 // 1024} MiB."
                raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, most)
            body = self.rfile.read(int(length))
            if len(body) < int(length):
                raise _Refused(HTTPStatus.BAD_REQUEST, "The request is cut off.")
            return body

        def _refuse(self, refused: _Refused) -> None:
            self.close_connection = True  # what is left of the request was not read
            self._reply(refused.status, {"id": None, "error": {"message": refused.why}})

        def _reply(self, status: HTTPStatus, message: dict[str, Any]) -> None:
            content = write_line(message)
            self.send_response(status)
            self.send_header("Content-Type", ONE)
            self.send_header("Content-Length", str(len(content)))
            if status is HTTPStatus.UNAUTHORIZED:
                self.send_header("WWW-Authenticate", "Bearer")
            if self.close_connection:
                self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(content)

        def _stream(self, replies: Iterator[dict[str, Any]]) -> None:
            """Sends each reply as soon as it is there."""
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", MANY)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for reply in replies:
                line = write_line(reply)
                self.wfile.write(b"%x\r\n%b\r\n" % (len(line), line))
                self.wfile.flush()
            self.wfile.write(b"0\r\n\r\n")

        def log_message(self, format: str, *arguments: Any) -> None:
            """Writes nothing: a request may hold personal details."""

    return Handler


def _message(line: bytes, path: str) -> dict[str, Any]:
    """The message of a line.

    :raises _Refused: it is none, or belongs to another path
    """
    try:
        found = read_line(line, "The request")
    except ProtocolFault as fault:
        raise _Refused(HTTPStatus.BAD_REQUEST, fault.reason) from None
    if found.get("m") != path.removeprefix("/"):
        raise _Refused(HTTPStatus.BAD_REQUEST, f"At {path} the m of a message is {path.removeprefix('/')}.")
    return found
