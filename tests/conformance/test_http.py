"""Servers that misbehave, each in one way, and what a run says of each."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from funding_conformance.adapters import Access, Limits, Session, http, link, open_session
from funding_conformance.adapters.bearer import BadToken, Token, given_token
from funding_conformance.adapters.conversation import CannotStart
from funding_conformance.adapters.http import MANY, ONE, Address, BadAddress, HttpSession
from funding_conformance.properties import ask_properties
from funding_conformance.run import Result

from tests.conformance.awkward import GENEROUS, SHORT, Asked, case_id, judged, scenario

TLS = Path(__file__).parent / "tls"
TOKEN = "open/Sesame+0123456789=="
ROW = {"ukprn": 10000001, "uln": 1000000001, "type": "on_programme", "month": "2018-01", "amount": "500.00000"}
OK = b"HTTP/1.1 200 OK\r\n"
DECLARATION: dict[str, Any] = {
    "protocol": 1,
    "implementation": {"name": "Awkward", "version": "1"},
    "rulebooks": ["2017-08"],
    "wants": ["earnings"],
}

Awkward = Callable[["Request"], object]
"""What a server does with a request that it does not answer rightly; None answers rightly after all."""


@frozen
class Request:
    """A request, and the ways to reply to it."""

    handler: BaseHTTPRequestHandler
    messages: list[dict[str, Any]]
    stopping: threading.Event

    def asks(self, number: int) -> bool:
        return any(m.get("scenario", {}).get("id") == case_id(number) for m in self.messages)

    def raw(self, content: bytes) -> bool:
        """Sends bytes; a client that went away is no matter."""
        with suppress(OSError):
            self.handler.wfile.write(content)
        return True

    def reply(self, body: bytes, *headers: str, status: str = "200 OK", kind: str = ONE) -> bool:
        lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers, "", ""]
        return self.raw("\r\n".join(lines).encode() + body)

    def cut(self) -> bool:
        """Closes the connection."""
        self.handler.close_connection = True
        with suppress(OSError):
            self.handler.connection.shutdown(socket.SHUT_RDWR)
        return True

    def right(self) -> list[dict[str, Any]]:
        return [{"id": message["id"], "ok": {"earnings": [ROW]}} for message in self.messages]

    def answer(self, messages: Sequence[object]) -> bool:
        body = b"".join(json.dumps(message).encode() + b"\n" for message in messages)
        return self.reply(body, kind=ONE if len(self.messages) == 1 else MANY)


class Server:
    """A server that is right but where it is told otherwise."""

    def __init__(self, awkward: Awkward, declaration: dict[str, Any]) -> None:
        self.seen: list[tuple[str, int, str | None]] = []
        self.stopping = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                messages = [json.loads(line) for line in body.splitlines()]
                server.seen.append((self.path, len(messages), self.headers["Authorization"]))
                request = Request(self, messages, server.stopping)
                assert self.headers["Content-Type"] == (ONE if len(messages) == 1 else MANY)
                if awkward(request):
                    return
                if self.path == "/hello":
                    request.answer([{"id": "0", "ok": declaration}])
                else:
                    request.answer(request.right())

            def log_message(self, format: str, *arguments: Any) -> None: ...

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None: ...

        self.http = Quiet(("127.0.0.1", 0), Handler)
        threading.Thread(target=lambda: self.http.serve_forever(0.02), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_port}"

    def close(self) -> None:
        self.stopping.set()
        self.http.shutdown()
        self.http.server_close()


class Servers:
    """Starts servers, asks them and ends them."""

    def __init__(self) -> None:
        self.started: list[Server] = []
        self._open: list[Session] = []

    def start(self, awkward: Awkward = lambda request: None, **declared: Any) -> Server:
        self.started.append(Server(awkward, {**DECLARATION, **declared}))
        return self.started[-1]

    def session(self, server: Server, timeout: float = GENEROUS, token: str = "", jobs: int = 1) -> Session:
        access = Access(Token(token) if token else None)
        session = open_session(server.url, ("2017-08",), Limits(timeout), jobs=jobs, access=access)
        self._open.append(session)
        return session

    def ask(
        self, awkward: Awkward, *, cases: int = 6, timeout: float = GENEROUS, token: str = "", window: int = 1
    ) -> Asked:
        session = self.session(self.start(awkward, window=window), timeout, token)
        return judged(session, [scenario(number) for number in range(1, cases + 1)])

    def close(self) -> None:
        for session in self._open:
            session.close()
        for server in self.started:
            server.close()


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Servers]:
    monkeypatch.setattr(http, "SECONDS_BETWEEN_RESTARTS", 0.0)
    made = Servers()
    yield made
    made.close()


def on_case(number: int, awkward: Awkward) -> Awkward:
    """A server that is right except on one case."""
    return lambda request: awkward(request) if request.asks(number) else None


def drip(request: Request, content: bytes = b"HTTP/1.1 200 OK\r\nX-Slow: ") -> bool:
    """Sends a byte now and then, for ever."""
    request.raw(content)
    while not request.stopping.wait(0.05):
        try:
            request.handler.wfile.write(b"x")
        except OSError:
            break
    return request.cut()


# Good ones


@pytest.mark.parametrize("window", [1, 8, 64])
def test_a_server_that_behaves_passes_and_leaves_nothing_to_say(servers: Servers, window: int) -> None:
    asked = servers.ask(lambda request: None, cases=100, window=window)
    assert not asked.verdicts, asked.notes
    assert (asked.run.faults, asked.run.remarks, asked.run.restarts, asked.run.gave_up) == ([], [], 0, "")
    seen = servers.started[0].seen
    assert seen[0] == ("/hello", 1, None)
    assert sum(count for path, count, _ in seen if path == "/answer") == 100
    assert max(count for _, count, _ in seen) <= window
    assert window == 1 or max(count for _, count, _ in seen) > 1


def test_answers_of_a_batch_may_come_in_any_order(servers: Servers) -> None:
    asked = servers.ask(lambda r: r.answer(r.right()[::-1]) if len(r.messages) > 1 else None, cases=40, window=8)
    assert not asked.verdicts
    assert not asked.run.faults


def test_a_connection_that_is_closed_after_a_reply_is_opened_again(servers: Servers) -> None:
    def close_after(request: Request) -> bool:
        right = {"id": "0", "ok": DECLARATION} if "scenario" not in request.messages[0] else request.right()[0]
        request.answer([right])
        request.handler.wfile.flush()
        return request.cut()

    session = servers.session(servers.start(close_after))
    time.sleep(0.2)
    asked = judged(session, [scenario(number) for number in range(1, 4)])
    assert not asked.verdicts, asked.notes
    assert asked.run.restarts == 0


def test_the_path_of_the_address_stands_before_that_of_the_message(servers: Servers) -> None:
    server = servers.start(lambda r: r.answer([{"id": "0", "ok": DECLARATION}]))
    HttpSession(Address(f"{server.url}/funding/v1/"), ("2017-08",), Limits()).close()
    assert [path for path, _, _ in server.seen] == ["/funding/v1/hello"]


def test_json_over_several_lines_is_one_reply(servers: Servers) -> None:
    asked = servers.ask(on_case(2, lambda r: r.reply(json.dumps(r.right()[0], indent=1).encode())))
    assert not asked.verdicts, asked.notes


# One case to blame


def bomb() -> bytes:
    return gzip.compress(b" " * 50_000_000)


def redirected(request: Request) -> bool:
    return request.reply(b"", "Location: /answer", status="307 Temporary Redirect")


def rejected(request: Request) -> bool:
    body = {"id": request.messages[0]["id"], "reject": {"code": "BAD-SHAPE"}}
    return request.reply(json.dumps(body).encode(), status="400 Bad Request")


def ok(**more: Any) -> Awkward:
    return lambda request: request.answer([{**request.right()[0], **more}])


FAULTS: list[tuple[str, Awkward, str]] = [
    ("status 500", lambda r: r.reply(b"{}", status="500 Internal Server Error"), "status 500 Internal Server Error"),
    ("status 404", lambda r: r.reply(b"{}", status="404 Not Found"), "status 404"),
    ("status 201", lambda r: r.reply(b"{}", status="201 Created"), "status 201"),
    ("no content", lambda r: r.raw(b"HTTP/1.1 204 No Content\r\n\r\n"), "status 204"),
    ("a reject with another status", rejected, "status 400"),
    ("a redirect", redirected, "status 307 Temporary Redirect. Redirects are not followed."),
    ("another content type", lambda r: r.reply(b"<html>", kind="text/html"), "content type of its reply is text/html"),
    ("no content type", lambda r: r.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"), "is nothing instead of"),
    ("a packed bomb", lambda r: r.reply(bomb(), "Content-Encoding: gzip"), "packed (gzip)"),
    ("not HTTP", lambda r: r.raw(b"SSH-2.0-OpenSSH_9.2\r\n\r\n") and r.cut(), "is not HTTP"),
    ("headers without end", lambda r: r.raw(OK + b"X-A: b\r\n" * 10_000) and r.cut(), "is not HTTP"),
    ("a header without end", lambda r: r.raw(OK + b"X: " + b"y" * 100_000) and r.cut(), "is not HTTP"),
    ("an empty reply", lambda r: r.reply(b""), "not JSON"),
    ("words", lambda r: r.reply(b"It works!"), "'It works!'"),
    ("not UTF-8", lambda r: r.reply(b'{"id":"2","ok":{"x_n":"\xff"}}'), "not UTF-8"),
    ("a list", lambda r: r.answer([r.right()]), "not a JSON object"),
    ("two objects", lambda r: r.reply(json.dumps(r.right()[0]).encode() * 2), "not JSON"),
    ("an unknown field", ok(took=5), "no field took"),
    ("an error", lambda r: r.answer([{"id": r.messages[0]["id"], "error": {"message": "no rate"}}]), "no rate"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "awkward", "words"), FAULTS, ids=[what for what, _, _ in FAULTS])
@pytest.mark.parametrize("window", [1, 4])
def test_this_is_the_fault_of_one_case(servers: Servers, what: str, awkward: Awkward, words: str, window: int) -> None:
    only = on_case(2, lambda r: awkward(r) if len(r.messages) == 1 else r.cut())
    asked = servers.ask(only, window=window)
    assert asked.verdicts == {case_id(2): "fault"}, asked.notes
    assert words in asked.cases[case_id(2)].note
    assert not asked.run.gave_up
    assert asked.run.result is Result.NOT_CONFORMANT


CRASHES: list[tuple[str, Awkward]] = [
    ("no reply", lambda r: r.cut()),
    ("half a body", lambda r: r.raw(OK + b"Content-Type: application/json\r\nContent-Length: 900\r\n\r\n{")
        and r.cut()),
    ("half a chunk", lambda r: r.raw(OK + b"Content-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\nff\r\n{") and r.cut()),
]  # fmt: skip


@pytest.mark.parametrize(("what", "awkward"), CRASHES, ids=[what for what, _ in CRASHES])
def test_this_is_the_crash_of_one_case(servers: Servers, what: str, awkward: Awkward) -> None:
    asked = servers.ask(on_case(2, awkward))
    assert asked.verdicts == {case_id(2): "crash"}
    assert "It closed the connection" in asked.cases[case_id(2)].note
    assert asked.run.restarts == 1


@pytest.mark.parametrize("kind", [ONE, MANY])
def test_a_batch_that_is_cut_off_blames_nobody_who_answers_when_asked_again(servers: Servers, kind: str) -> None:
    def half(request: Request) -> object:
        if len(request.messages) == 1:
            return None
        body = json.dumps(request.right()[0]).encode() + b"\n" + (b'{"id"' if kind == ONE else b"")
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {MANY}\r\nContent-Length: {len(body) + 10}\r\n\r\n"
        return request.raw(head.encode() + body) and request.cut()

    asked = servers.ask(half, window=4)
    assert not asked.verdicts
    assert "closed the connection in the middle of its reply" in asked.run.faults[0]
    assert asked.run.result is Result.NOT_CONFORMANT


CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def silent(request: Request) -> bool:
    """Says nothing for a long time."""
    time.sleep(SHORT * 3)
    return request.cut()


def going_on(request: Request) -> bool:
    """Asks again and again to go on, and never comes to the reply."""
    for _ in range(int(SHORT * 400)):
        time.sleep(0.005)
        request.raw(CONTINUE)
    return True


HANGS: list[tuple[str, Awkward]] = [
    ("silence", silent),
    ("a header drop by drop", drip),
    ("a body drop by drop", lambda r: drip(r, b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        b"Content-Length: 100000\r\n\r\n{")),
    ("going on without end", going_on),
]  # fmt: skip


@pytest.mark.parametrize(("what", "awkward"), HANGS, ids=[what for what, _ in HANGS])
def test_this_is_the_timeout_of_one_case(servers: Servers, what: str, awkward: Awkward) -> None:
    asked = servers.ask(on_case(2, awkward), timeout=SHORT, cases=3)
    assert asked.verdicts == {case_id(2): "timeout"}
    assert asked.cases[case_id(2)].note == "No answer within 1 seconds."
    assert asked.run.restarts == 1


def test_an_answer_that_comes_after_its_time_goes_nowhere(servers: Servers) -> None:
    asked = servers.ask(on_case(2, lambda r: time.sleep(SHORT * 1.5)), timeout=SHORT, cases=3)
    assert asked.verdicts == {case_id(2): "timeout"}
    assert not asked.run.faults


@pytest.mark.parametrize("window", [1, 4])
def test_a_reply_that_is_too_long_is_a_fault(servers: Servers, monkeypatch: pytest.MonkeyPatch, window: int) -> None:
    monkeypatch.setattr(link, "LONGEST_LINE", 1024 * 1024)
    long = on_case(2, lambda r: r.answer([{**each, "x_pad": "z" * 2_000_000} for each in r.right()]))
    asked = servers.ask(long, window=window, cases=3)
    assert asked.verdicts == {case_id(2): "fault"}
    assert "longer than" in asked.cases[case_id(2)].note


def test_a_body_without_end_does_not_fill_the_memory(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "LONGEST_LINE", 1024 * 1024)

    def endless(request: Request) -> bool:
        request.raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        with suppress(OSError):
            while True:
                request.handler.wfile.write(b"z" * 100_000)
        return request.cut()

    asked = servers.ask(on_case(2, endless), cases=3)
    assert asked.verdicts == {case_id(2): "fault"}


# Batches


def test_a_second_answer_and_one_to_nothing_are_faults_of_the_adapter(servers: Servers) -> None:
    def strays(request: Request) -> bool | None:
        right = request.right()
        more = [right[0], {"id": "77", "ok": {"earnings": []}}]
        return request.answer([*right, *more]) if len(request.messages) > 1 else None

    asked = servers.ask(strays, window=8, cases=40)
    assert not asked.verdicts
    assert "A second answer: id" in asked.run.faults[0]
    assert "was not asked: id '77'" in asked.run.faults[1]
    assert asked.run.result is Result.NOT_CONFORMANT


def test_an_answer_that_is_left_out_of_a_batch_is_noticed_at_once(servers: Servers) -> None:
    def forgetful(request: Request) -> bool | None:
        kept = [each for each, m in zip(request.right(), request.messages, strict=True) if m["id"] != "3"]
        return request.answer(kept) if len(request.messages) > 1 else None

    asked = servers.ask(forgetful, window=8, cases=12)
    assert not asked.verdicts
    assert any("questions has" in fault for fault in asked.run.faults)


def test_a_batch_answered_with_one_object_is_a_fault(servers: Servers) -> None:
    asked = servers.ask(
        lambda r: r.reply(json.dumps(r.right()[0]).encode()) if len(r.messages) > 1 else None, window=8, cases=12
    )
    assert not asked.verdicts
    assert f"application/json instead of {MANY}" in asked.run.faults[0]


# Ends


def test_a_server_that_is_not_there_is_said(servers: Servers) -> None:
    server = servers.start()
    server.close()
    with pytest.raises(CannotStart, match="It cannot be reached: Connection refused") as caught:
        servers.session(server)
    assert caught.value.path == server.url
    servers.started.clear()  # it is closed already


def test_a_host_that_is_not_there_is_said() -> None:
    with pytest.raises(CannotStart, match="It cannot be reached"):
        HttpSession(Address("http://no-such-host.invalid"), ("2017-08",), Limits())


def test_three_in_a_row_end_the_run(servers: Servers) -> None:
    asked = servers.ask(lambda r: r.cut() if "scenario" in r.messages[0] else None)
    assert asked.run.result.exit_code == 4
    assert asked.run.restarts == 3
    assert "3 in a row without an answer" in asked.run.gave_up


def test_eleven_in_all_end_the_run(servers: Servers) -> None:
    odd = [number for number in range(1, 30) if number % 2]
    asked = servers.ask(lambda r: r.reply(b"", status="503 Busy") if any(map(r.asks, odd)) else None, cases=26)
    assert asked.run.result.exit_code == 4
    assert asked.run.restarts == 10
    assert "status 503 Busy" in asked.run.gave_up


def test_a_changed_declaration_after_a_restart_ends_the_run(servers: Servers) -> None:
    hellos: list[int] = []

    def moody(request: Request) -> bool | None:
        if request.asks(2):
            return request.cut()
        if request.messages[0]["m"] == "hello":
            hellos.append(1)
            return request.answer([{"id": "0", "ok": {**DECLARATION, "omits": ["aim"] if len(hellos) > 1 else []}}])
        return None

    asked = servers.ask(moody)
    assert asked.run.gave_up == "Its declaration changed during the run."
    assert asked.run.result.exit_code == 4


def test_a_crash_at_every_drawn_scenario_ends_the_search(servers: Servers, tmp_path: Path) -> None:
    session = servers.session(servers.start(lambda r: r.cut() if "scenario" in r.messages[0] else None))
    cases = list(ask_properties(session, "2017-08", ["earnings"], tries=5, seed=0, folder=tmp_path))
    assert {case.verdict.value for case in cases} == {"crash", "missing"}


# The token


def test_the_token_is_sent_with_every_request(servers: Servers) -> None:
    asked = servers.ask(lambda request: None, token=TOKEN)
    assert not asked.verdicts
    assert {token for _, _, token in servers.started[0].seen} == {f"Bearer {TOKEN}"}


def escaped(text: str) -> str:
    return "".join(f"\\u{ord(character):04X}" for character in text)


def raw_ok(x_echo: str) -> Awkward:
    def reply(request: Request) -> bool:
        start = json.dumps(request.right()[0])[:-1]
        return request.reply(f'{start}, "x_echo": "{x_echo}", "took": "{x_echo}"}}'.encode())

    return reply


ECHOES: list[tuple[str, Awkward]] = [
    ("the status", lambda r: r.reply(b"", status=f"500 bad token {TOKEN}")),
    ("the content type", lambda r: r.reply(b"", kind=f"text/{TOKEN}")),
    ("the encoding", lambda r: r.reply(b"", f"Content-Encoding: {TOKEN}")),
    ("a status line that is none", lambda r: r.raw(f"{TOKEN}\r\n\r\n".encode()) and r.cut()),
    ("words", lambda r: r.reply(f"Authorization: Bearer {TOKEN}".encode())),
    ("words cut short", lambda r: r.reply(b"z" * 105 + TOKEN.encode() + b" and more")),
    ("an error", lambda r: r.answer([{"id": r.messages[0]["id"], "error": {"message": f"bad token {TOKEN}"}}])),
    ("an unknown field", lambda r: r.answer([{**r.right()[0], TOKEN: 1}])),
    ("a field of its own", lambda r: r.answer([{"id": r.messages[0]["id"], "ok": {"earnings": [], "x_t": TOKEN}}])),
    ("an amount", lambda r: r.answer([{"id": r.messages[0]["id"], "ok": {"earnings": [{**ROW, "amount": TOKEN}]}}])),
    ("an id", lambda r: r.answer([{"id": TOKEN}, *r.right()]) if len(r.messages) > 1 else r.answer([{"id": TOKEN}])),
    ("slashes with a backslash", raw_ok(TOKEN.replace("/", "\\/"))),
    ("every character escaped", raw_ok(escaped(TOKEN))),
    ("capital letters", raw_ok(TOKEN.upper())),
]  # fmt: skip


@pytest.mark.parametrize(("what", "awkward"), ECHOES, ids=[what for what, _ in ECHOES])
def test_a_token_that_comes_back_is_shown_to_nobody(
    servers: Servers, what: str, awkward: Awkward, capfd: pytest.CaptureFixture[str]
) -> None:
    timeout = SHORT if what == "an id" else GENEROUS
    asked = servers.ask(on_case(2, awkward), token=TOKEN, cases=3, timeout=timeout)
    assert set(asked.verdicts) == {case_id(2)}
    written = b"".join(asked.run.lines()).decode() + "".join(capfd.readouterr())
    for part in (TOKEN, TOKEN.upper(), "Sesame", "SESAME", escaped("Sesame")):
        assert part not in written


@pytest.mark.parametrize("name", ["a\nb", f"x{TOKEN}"])
def test_a_token_that_comes_back_in_hello_is_shown_to_nobody(servers: Servers, name: str) -> None:
    server = servers.start(
        lambda r: r.answer([{"id": "0", "error": {"message": TOKEN}}]), implementation={"name": name}
    )
    with pytest.raises(CannotStart) as caught:
        servers.session(server, token=TOKEN)
    assert "[token]" in caught.value.reason
    assert "Sesame" not in str(caught.value)
    declared = servers.session(servers.start(implementation={"name": name}), token=TOKEN).declaration
    assert "Sesame" not in repr(declared)


def test_a_token_that_comes_back_in_a_property_is_not_saved(servers: Servers, tmp_path: Path) -> None:
    session = servers.session(
        servers.start(lambda r: r.answer([{"id": r.messages[0]["id"], "error": {"message": TOKEN}}])
                      if "scenario" in r.messages[0] else None), token=TOKEN,
    )  # fmt: skip
    cases = list(ask_properties(session, "2017-08", ["earnings"], tries=2, seed=0, folder=tmp_path))
    assert "fault" in {case.verdict.value for case in cases}
    saved = "".join(file.read_text(encoding="utf-8") for file in tmp_path.iterdir())
    assert "[token]" in saved
    assert "Sesame" not in saved + repr(cases)


def test_a_token_is_not_in_its_own_repr() -> None:
    assert "Sesame" not in repr(Token(TOKEN)) + str(Token(TOKEN)) + repr(Address("https://a", Token(TOKEN)))


@pytest.mark.parametrize("text", ["", " ", "short", "two tokens are too many", "Sesame\nSesame Sesame", "é" * 20])
def test_what_is_no_token_is_refused_without_showing_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    file = tmp_path / "token"
    file.write_text(text, encoding="utf-8")
    monkeypatch.setenv("FUNDING_KIT_TOKEN", text)
    for where in (file, None):
        with pytest.raises(BadToken) as caught:
            given_token(where)
        assert not text.strip() or text.strip() not in str(caught.value)


def test_a_token_is_read_from_the_file_or_else_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FUNDING_KIT_TOKEN", raising=False)
    assert given_token(None) is None
    monkeypatch.setenv("FUNDING_KIT_TOKEN", "0123456789abcdef")
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n", encoding="ascii")
    assert given_token(file) == Token(TOKEN)
    assert given_token(None) == Token("0123456789abcdef")
    with pytest.raises(BadToken, match="cannot be read"):
        given_token(tmp_path / "nowhere")


# Addresses


@pytest.mark.parametrize(
    "url",
    ["http://", "http://:80", "http://a:port", "http://a:99999", "http://a:0", "http://[::1", "http://user:pass@a",
     "http://a/?token=b", "http://a#b", "http://a b", "http://a\r\nX: y", "http://é"],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(BadAddress):
        open_session(url, ("2017-08",), Limits())


# TLS


@pytest.fixture
def secure(servers: Servers) -> str:
    """The address of a server with a certificate of its own, for localhost alone."""
    server = servers.start()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "certificate.pem", TLS / "key.pem")
    server.http.socket = context.wrap_socket(server.http.socket, server_side=True)
    return f"https://localhost:{server.http.server_port}"


def test_a_certificate_that_is_trusted_is_enough(servers: Servers, secure: str) -> None:
    session = HttpSession(Address(secure, ca=TLS / "certificate.pem"), ("2017-08",), Limits())
    assert not judged(session, [scenario(number) for number in range(1, 4)]).verdicts


def test_a_certificate_that_is_not_trusted_is_refused(secure: str) -> None:
    with pytest.raises(CannotStart, match="Its certificate is not trusted: self-signed certificate"):
        HttpSession(Address(secure), ("2017-08",), Limits())


def test_a_certificate_for_another_host_is_refused(secure: str) -> None:
    address = Address(secure.replace("localhost", "127.0.0.1"), ca=TLS / "certificate.pem")
    with pytest.raises(CannotStart, match="Its certificate is not trusted: IP address mismatch"):
        HttpSession(address, ("2017-08",), Limits())


def test_a_server_without_tls_cannot_be_asked_with_it(servers: Servers) -> None:
    with pytest.raises(CannotStart, match="It cannot be reached"):
        HttpSession(Address(servers.start().url.replace("http:", "https:")), ("2017-08",), Limits())


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_a_file_without_certificates_is_said(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(BadAddress, match="no certificates") as caught:
        HttpSession(Address("https://localhost:1", ca=file), ("2017-08",), Limits())
    assert caught.value.file == str(file)


def test_certificates_are_always_checked() -> None:
    connection: Any = Address("https://localhost").connection()
    assert connection._context.verify_mode is ssl.CERT_REQUIRED
    assert connection._context.check_hostname


# Several connections


def test_several_connections_share_the_questions(servers: Servers) -> None:
    meeting = threading.Barrier(3, timeout=GENEROUS)
    session = servers.session(servers.start(on_case(1, lambda r: None)), jobs=3)
    assert len(servers.started[0].seen) == 3
    asked = judged(session, [scenario(number) for number in range(1, 31)])
    assert not asked.verdicts
    waiting = servers.start(lambda r: meeting.wait() and None if "scenario" in r.messages[0] else None)
    assert not judged(servers.session(waiting, jobs=3), [scenario(number) for number in range(1, 4)]).verdicts
