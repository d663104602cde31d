"""Asking a server over HTTP: the same conversation, with requests and replies instead of two pipes.

One thread carries the requests of a connection, one after the other; the conversation only ever waits for a line with a
deadline, so that a server that hangs, drips or floods cannot hold the kit up. The standard library's client does just
what is wanted: it follows no redirect, asks no proxy, unpacks nothing, and its connection can be cut by another thread.
"""

from __future__ import annotations

import contextlib
import http.client
import queue
import select
import socket
import ssl
import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from attrs import field, frozen
from funding_spec.errors import FundingError

from funding_conformance import KIT_VERSION
from funding_conformance.adapters import link
from funding_conformance.adapters.bearer import Token
from funding_conformance.adapters.conversation import Conversation
from funding_conformance.adapters.greeting import shortened
from funding_conformance.adapters.link import Incoming, is_too_long
from funding_conformance.adapters.restarts import Restarts
from funding_conformance.adapters.session import Limits
from funding_conformance.protocol import ProtocolFault, write_line

ONE: Final = "application/json"
MANY: Final = "application/x-ndjson"
LONGEST_BATCH: Final = 1024 * 1024
"""Bytes after which a batch takes no further question."""
CUT_OFF: Final = "It closed the connection in the middle of its reply."
SECONDS_TO_CONNECT: Final = 10.0
SECONDS_BETWEEN_RESTARTS: Final = 1.0


class BadAddress(FundingError):
    """The address of an implementation, or what is needed to ask it, cannot be used."""


@frozen
class Address:
    """Where an implementation listens, and how it is to be asked.

    :param token: shown to the server and to nobody else
    :param ca: certificates to trust instead of the system's
    """

    url: str
    token: Token | None = None
    ca: Path | None = None
    _parts: SplitResult = field(init=False, repr=False)

    @_parts.default
    def _read(self) -> SplitResult:
        try:
            parts = urlsplit(self.url)
            usable = bool(parts.hostname) and parts.port != 0 and self.url.isascii() and self.url.isprintable()
        except ValueError:
            usable = False
        if not usable or " " in self.url:
            raise BadAddress(
                "An address is written http://HOST:PORT or https://HOST:PORT/PATH.", path="--implementation"
            )
        if "@" in parts.netloc or parts.query or parts.fragment:
            raise BadAddress(
                "An address holds no user, no ? and no #; a token goes into a file or the environment.",
                path="--implementation",
            )
        if self.ca and parts.scheme != "https":
            raise BadAddress("A certificate can only be checked with https://.", path="--ca")
        return parts

    @property
    def is_in_clear(self) -> bool:
        """Whether a token would travel unencrypted over a network."""
        own = self._parts.hostname in ("localhost", "127.0.0.1", "::1")
        return self.token is not None and self._parts.scheme == "http" and not own

    def connection(self) -> http.client.HTTPConnection:
        """A connection that is not open yet. Certificates are always checked.

        :raises BadAddress: the certificates to trust cannot be read
        """
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=SECONDS_TO_CONNECT)
        try:
            trusted = ssl.create_default_context(cafile=self.ca)
        except OSError as error:  # among them what is no certificate
            raise BadAddress(f"It holds no certificates: {error.strerror or error}.", file=str(self.ca)) from None
        return http.client.HTTPSConnection(host, port, timeout=SECONDS_TO_CONNECT, context=trusted)

    def path(self, what: str) -> str:
        """The path of a kind of message below that of the address."""
        return f"{self._parts.path.rstrip('/')}/{what}"

    def masked(self, content: bytes) -> bytes:
        """The same without the token."""
        return self.token.masked(content) if self.token else content

    def headers(self, kind: str) -> dict[str, str]:
        """The headers of a request with a body of a content type."""
        common = {
            "Content-Type": kind,
            "Accept": kind,
            "Accept-Encoding": "identity",
            "User-Agent": f"funding-kit/{KIT_VERSION}",
        }
        return {**common, "Authorization": self.token.header} if self.token else common


class HttpSession(Conversation):
    """A conversation with a server; a restart is a new connection and a new hello."""

    def __init__(
        self, address: Address, rulebooks: tuple[str, ...], limits: Limits, restarts: Restarts | None = None
    ) -> None:
        address.connection()  # says what is wrong with it before anything is asked
        opening = partial(_Connection, address)
        super().__init__(opening, address.url, rulebooks, limits, restarts, SECONDS_BETWEEN_RESTARTS)


class _Connection:
    """One connection to a server, with the thread that carries its requests; opened again where the server closes it
    between two requests.
    """

    a_line = "A line of its reply"
    takes_leave = False
    is_running = True

    def __init__(self, address: Address) -> None:
        self._address = address
        self._connection = address.connection()
        self._to_send: queue.SimpleQueue[Mapping[str, Any] | None] = queue.SimpleQueue()
        self._incoming = Incoming()
        threading.Thread(target=self._carry, daemon=True).start()

    # carrying requests

    def _carry(self) -> None:
        """Makes one request after the other until one fails or nobody asks any more."""
        try:
            while not self._incoming.is_closed and (batch := self._next_batch()):
                self._request(batch)
            self._incoming.end(EOFError())
        except ssl.SSLCertVerificationError as error:
            self._incoming.end(EOFError(self._said("Its certificate is not trusted", error.verify_message)))
        except http.client.IncompleteRead:
            self._incoming.end(EOFError(CUT_OFF))
        except ConnectionError as error:
            what = "It cannot be reached" if isinstance(error, ConnectionRefusedError) else "It closed the connection"
            self._incoming.end(EOFError(self._said(what, error)))
        except OSError as error:
            self._incoming.end(EOFError(self._said("It cannot be reached", error)))
        except ProtocolFault as fault:
            self._incoming.end(ProtocolFault(self._said(fault.reason)))
        except Exception as error:
            self._incoming.end(ProtocolFault(self._said("Its reply is not HTTP", f"{type(error).__name__} {error}")))
        finally:
            self._connection.close()

    def _said(self, what: str, why: object = "") -> str:
        reason = getattr(why, "strerror", None) or str(why)
        text = f"{what}: {reason.rstrip('.')}." if reason else f"{what.rstrip('.')}."
        return shortened(self._address.masked(text.encode("utf-8", "replace")).decode("utf-8", "replace"), 300)

    def _next_batch(self) -> list[Mapping[str, Any]]:
        """The next question, with all that are waiting behind it."""
        first = self._to_send.get()
        if first is None:
            return []
        batch, size = [first], len(write_line(first))
        while size < LONGEST_BATCH:
            try:
                message = self._to_send.get_nowait()
            except queue.Empty:
                break
            if message is None:
                self._to_send.put(None)
                break
            batch.append(message)
            size += len(write_line(message))
        return batch

    def _request(self, batch: list[Mapping[str, Any]]) -> None:
        kind = ONE if len(batch) == 1 else MANY
        with self._posted(self._address.path(batch[0]["m"]), b"".join(map(write_line, batch)), kind) as response:
            _check(response, kind)
            lines = self._take_whole(response) if kind == ONE else self._take_lines(response)
            if lines < len(batch):
                raise ProtocolFault(f"Its reply to {len(batch)} questions has {lines} lines.")

    def _posted(self, path: str, body: bytes, kind: str) -> http.client.HTTPResponse:
        """Sends a request; once more where an open connection turns out to have been closed after the last reply."""
        was_open = self._connect()
        try:
            return self._post(path, body, kind)
        except (BrokenPipeError, ConnectionResetError):
            if not was_open or self._incoming.is_closed:
                raise
        self._connection.close()
        self._connect()
        return self._post(path, body, kind)

    def _post(self, path: str, body: bytes, kind: str) -> http.client.HTTPResponse:
        self._connection.request("POST", path, body, self._address.headers(kind))
        return self._connection.getresponse()

    def _connect(self) -> bool:
        """Opens the connection, where it is not open or was closed by the server; whether it was open."""
        opened = self._socket
        if opened and select.select([opened], [], [], 0)[0]:
            self._connection.close()
        is_open = self._socket is not None
        if not is_open:
            self._connection.connect()
            self._connection.sock.settimeout(None)  # the conversation has the clock, and cuts the connection
        if self._incoming.is_closed:
            raise EOFError
        return is_open

    @property
    def _socket(self) -> socket.socket | None:
        return self._connection.sock

    def _take_whole(self, response: http.client.HTTPResponse) -> int:
        body = response.read(link.LONGEST_LINE)
        if not is_too_long(body):
            _must_be_whole(response)
            body += b"\n"
        self._incoming.put(self._address.masked(body))
        return 1

    def _take_lines(self, response: http.client.HTTPResponse) -> int:
        lines = 0
        while line := response.readline(link.LONGEST_LINE):
            too_long = is_too_long(line)
            if not line.endswith(b"\n") and not too_long:
                _must_be_whole(response)
                line += b"\n"
            self._incoming.put(self._address.masked(line))
            lines += 1
            if too_long:
                break
        else:
            _must_be_whole(response)
        return lines

    # what the conversation sees

    def send(self, message: Mapping[str, Any]) -> None:
        self._to_send.put(message)

    def next_line(self, deadline: float) -> bytes:
        return self._incoming.next(deadline)

    @property
    def has_written(self) -> bool:
        return self._incoming.is_waiting

    def leave(self, patience: float) -> int | None:
        return None

    def kill(self, patience: float = 0.0) -> str:
        """Cuts the connection."""
        self._incoming.close()
        self._to_send.put(None)
        if opened := self._socket:
            with contextlib.suppress(OSError, ValueError):
                socket.socket.shutdown(opened, socket.SHUT_RDWR)  # also under TLS, whose own state is the thread's
        return ""


def _check(response: http.client.HTTPResponse, kind: str) -> None:
    """Looks at everything that comes before the reply itself.

    :raises ProtocolFault: the status is not 200, it is packed, or of another content type
    """
    if response.status != http.HTTPStatus.OK:
        moved = " Redirects are not followed." if 300 <= response.status < 400 else ""
        raise ProtocolFault(f"It replied with status {response.status} {shortened(response.reason, 80)}.{moved}")
    packed = response.getheader("Content-Encoding", "identity")
    if packed.strip().lower() != "identity":
        raise ProtocolFault(f"Its reply is packed ({shortened(packed, 80)}), which was not asked for.")
    found = response.getheader("Content-Type", "nothing")
    if found.partition(";")[0].strip().lower() != kind:
        raise ProtocolFault(f"The content type of its reply is {shortened(found, 80)} instead of {kind}.")


def _must_be_whole(response: http.client.HTTPResponse) -> None:
    """Checks that no part of the body is left out.

    :raises http.client.IncompleteRead: the server closed the connection before
    """
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)
