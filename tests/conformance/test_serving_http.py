"""The reference as a server, and what it refuses."""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from click.testing import CliRunner
from funding_conformance import protocol, serving_http
from funding_conformance.adapters import Access, Limits, open_session
from funding_conformance.adapters.bearer import Token
from funding_conformance.adapters.http import MANY, ONE
from funding_conformance.cli import main
from funding_conformance.run import ask_and_judge
from funding_conformance.scenarios import load_folder

TOKEN = "open-Sesame-0123456789"
HELLO = protocol.write_line(protocol.hello(("2017-08",)))
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@frozen
class Served:
    """A server as a process of its own."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def post(self, path: str, body: bytes, kind: str = ONE, token: str = TOKEN, **headers: str) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = {"Content-Type": kind, "Authorization": f"Bearer {token}", **headers}
        connection.request("POST", path, body, {name.replace("_", "-"): value for name, value in sent.items()})
        response = connection.getresponse()
        lines = [json.loads(line) for line in response.read().splitlines()]
        connection.close()
        return response.status, lines if kind == MANY and response.status == 200 else lines[0]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    file = tmp_path_factory.mktemp("token") / "token"
    file.write_text(TOKEN)
    with started("--token-file", str(file)) as server:
        yield server


class started:
    """Starts a server and ends it."""

    def __init__(self, *options: str) -> None:
        command = [sys.executable, "-m", "funding_conformance", "serve", "--http", "0", *options]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def __enter__(self) -> Served:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().decode()
        found = re.fullmatch(r"Answering at http://127\.0\.0\.1:(\d+)\n", line)
        assert found, line
        return Served(self._process, int(found[1]))

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.mark.parametrize("jobs", [1, 2])
def test_it_answers_like_the_reference(served: Served, examples: Path, jobs: int) -> None:
    session = open_session(served.url, ("2017-08",), Limits(), jobs=jobs, access=Access(Token(TOKEN)))
    cases = list(ask_and_judge(session, load_folder(examples / "guide" / "annex-1"), ["earnings", "payments"]))
    session.close()
    assert {case.verdict.value for case in cases} == {"pass"}
    assert not session.faults


def test_it_can_be_wrong_on_purpose() -> None:
    with started("--known-bad", "completion-on-top") as wrong:
        session = open_session(wrong.url, ("2017-08",), Limits())
        assert "completion-on-top" in session.declaration.name
        session.close()


REFUSED: list[tuple[str, str, bytes, dict[str, str], int, str]] = [
    ("no token", "/hello", HELLO, {"token": ""}, 401, "bearer token"),
    ("another token", "/hello", HELLO, {"token": TOKEN[:-1]}, 401, "bearer token"),
    ("another path", "/", HELLO, {}, 404, "/hello and /answer"),
    ("another content type", "/hello", HELLO, {"kind": "text/plain"}, 415, "application/json"),
    ("many hellos", "/hello", HELLO, {"kind": MANY}, 415, "application/json"),
    ("an answer at hello", "/hello", b'{"m":"answer","id":"1"}', {}, 400, "m of a message is hello"),
    ("bye", "/answer", b'{"m":"bye","id":"z"}', {}, 400, "m of a message is answer"),
    ("no JSON", "/answer", b"hello", {}, 400, "not JSON"),
    ("a list", "/answer", b"[]", {}, 400, "not a JSON object"),
    ("nothing", "/answer", b"", {}, 400, "not JSON"),
    ("not UTF-8", "/answer", b'{"m":"\xff"}', {}, 400, "not UTF-8"),
    ("a line that is none", "/answer", b'{"m":"answer","id":"1"}\nhello\n', {"kind": MANY}, 400, "not JSON"),
    ("a length that is none", "/hello", b"", {"Content_Length": "-1"}, 411, "Content-Length"),
    ("more than it takes", "/hello", b"", {"Content_Length": "9" * 12}, 413, "64 MiB"),
    ("more digits than it takes", "/hello", b"", {"Content_Length": "9" * 5000}, 413, "64 MiB"),
    ("chunks", "/hello", b"", {"Transfer_Encoding": "chunked", "Content_Length": "0"}, 411, "Content-Length"),
]


@pytest.mark.parametrize(
    ("what", "path", "body", "more", "status", "words"), REFUSED, ids=[what for what, *_ in REFUSED]
)
def test_what_it_cannot_answer_is_refused_and_said(
    served: Served, what: str, path: str, body: bytes, more: dict[str, str], status: int, words: str
) -> None:
    found, reply = served.post(path, body, **more)
    assert (found, words in reply["error"]["message"]) == (status, True), reply
    assert TOKEN not in json.dumps(reply)


def test_many_questions_get_many_replies(served: Served) -> None:
    asked = [{"m": "answer", "id": str(number), "wants": ["earnings"], "scenario": {}} for number in range(3)]
    status, replies = served.post("/answer", b"\n".join(map(protocol.write_line, asked)), kind=MANY)
    assert status == 200
    assert [reply["id"] for reply in replies] == ["0", "1", "2"]
    assert {reply["reject"]["code"] for reply in replies} == {"BAD-SHAPE"}


def test_another_method_is_refused(served: Served) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
    connection.request("GET", "/hello")
    response = connection.getresponse()
    assert response.status == 501
    assert "GET" in json.loads(response.read())["error"]["message"]


def test_a_client_that_goes_away_is_no_matter(served: Served) -> None:
    for content in (b"", b"POST /hello HTTP/1.1\r\nContent-Le", b"\x16\x03\x01\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", served.port)) as client:
            client.sendall(content)
    assert served.post("/hello", HELLO)[0] == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_when_it_is_told_to(number: signal.Signals) -> None:
    with started() as server:
        assert server.post("/hello", HELLO, token="")[0] == 200
        server.process.send_signal(number)
        output, errors = server.process.communicate(timeout=30)
        assert (server.process.returncode, output, errors) == (0, b"", b"")


def test_a_port_that_is_taken_is_said(served: Served) -> None:
    result = CliRunner().invoke(main, ["serve", "--http", str(served.port)])
    assert result.exit_code == 2
    assert "It cannot listen there: Address already in use" in result.output


def test_a_host_that_is_not_its_own_is_said() -> None:
    result = CliRunner().invoke(main, ["serve", "--http", "0", "--host", "no-such-host.invalid"])
    assert result.exit_code == 2
    assert "It cannot listen there" in result.output


def test_the_limit_is_what_it_says() -> None:
    assert serving_http.LONGEST_BODY == 64 * 1024 * 1024


# run, from the command line


def test_a_run_over_http_from_the_command_line(served: Served, tmp_path: Path, examples: Path) -> None:
    file = tmp_path / "token"
    file.write_text(TOKEN)
    only = ["--only", "guide/annex-1/employer-a-*", "--no-properties", "--report", str(tmp_path / "report")]
    run = [sys.executable, "-m", "funding_conformance", "run", "--implementation", served.url, *only]
    for more, env in ((["--token-file", str(file)], {}), ([], {"FUNDING_KIT_TOKEN": TOKEN})):
        import os

        ended = subprocess.run([*run, *more], capture_output=True, env={**os.environ, **env}, check=False)
        assert ended.returncode == 3, ended.stderr
        written = b"".join(path.read_bytes() for path in (tmp_path / "report").iterdir())
        assert TOKEN.encode() not in written + ended.stdout + ended.stderr
    refused = subprocess.run(run, capture_output=True, check=False)
    assert refused.returncode == 4
    assert b"status 401 Unauthorized" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--token-file", "token"], "--token-file\n  This is for an implementation that is asked over HTTP."),
        (["--ca", "ca.pem"], "--ca\n  This is for an implementation that is asked over HTTP."),
        (["--implementation", "http://localhost:1", "--ca", "ca.pem"], "only be checked with https://"),
        (["--implementation", "http://localhost:1", "--token-file", "nowhere"], "nowhere\n  It cannot be read"),
        (["--implementation", "http://a:b@localhost:1"], "An address holds no user"),
        (["--jobs", "0"], "'--jobs'"),
    ],
)
def test_2_is_usage(arguments: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["run", "--only", "guide/annex-1/*", *arguments])
    assert result.exit_code == 2
    assert words in result.output
    assert not Path("report").exists()


def test_a_token_that_travels_in_clear_is_warned_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FUNDING_KIT_TOKEN", TOKEN)
    asked = ["run", "--only", "guide/annex-1/*", "--implementation", "http://no-such-host.invalid"]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 4
    assert "unencrypted" in result.output
    assert TOKEN not in result.output
