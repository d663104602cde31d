"""Runs that are stopped, and go on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from funding_conformance.cli import main
from funding_conformance.part import read_part
from funding_conformance.properties import PROPERTIES
from funding_conformance.run import RunError

from tests.conformance.test_jobs import lines_of

PART = Path("report/run.jsonl.part")
RUN = Path("report/run.jsonl")
COUNTING = """
import json, sys
from funding_conformance.service import reference_service
handle = reference_service()
def reply(message):
    if message["m"] == "answer":
        with open("asked", "a") as asked:
            asked.write(message["scenario"]["id"] + "\\n")
    return handle(message)
"""


@pytest.fixture(autouse=True)
def with_little_to_do(tmp_path: Path, examples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Annex 1 and two properties, asked of the reference by a function that writes down what it is asked."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("funding_conformance.command_run.examples_folder", lambda: examples / "guide" / "annex-1")
    monkeypatch.setattr("funding_conformance.command_run.PROPERTIES", PROPERTIES[:2])
    Path("counting_reference.py").write_text(COUNTING, encoding="utf-8")


def all_lines(examples: Path) -> int:
    """How many lines a whole run file has: header, worked examples, fresh cases, two properties, footer."""
    return 1 + 3 + len(list((examples / "guide" / "annex-1").glob("*.yaml"))) + 2 + 1


def run(*arguments: str) -> Result:
    options = ["--implementation", "python:counting_reference:reply", "--tries", "2", "--cases", "3"]
    return CliRunner().invoke(main, ["run", *options, *arguments])


def asked() -> list[str]:
    """What was asked since the last look."""
    file = Path("asked")
    found = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    file.unlink(missing_ok=True)
    return found


@pytest.fixture
def whole(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """The part of a run that was stopped just before its end."""

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as stopping:
        stopping.setattr("funding_conformance.command_run.write_whole", stop)
        assert run().exit_code == 130
    assert not RUN.exists()
    asked()
    return PART.read_bytes()


def without_part() -> list[dict[str, Any]]:
    """The lines of the run file, which is there alone."""
    assert not PART.exists()
    return lines_of(RUN)


def test_wherever_a_run_was_stopped_it_goes_on_to_the_same_end(whole: bytes) -> None:
    assert run().exit_code == 3
    expected, everything = without_part(), asked()
    ends = [0, *(number + 1 for number, byte in enumerate(whole) if byte == 10)]
    assert len(ends) > 12
    for end in [*ends[::3], ends[-1], *(end - 1 for end in ends[1::4]), ends[5] + 1, ends[5] + 40]:
        PART.write_bytes(whole[:end])
        known = {(case.question or {}).get("id", case.id) for case in read_part(PART).cases.values()}
        result = run("--resume")
        assert result.exit_code == 3, result.output
        assert without_part() == expected
        left = asked()
        assert not set(left) & known
        assert set(left) == set(everything) - known


def test_another_number_of_jobs_may_go_on(whole: bytes) -> None:
    assert run().exit_code == 3
    expected = without_part()
    PART.write_bytes(b"".join(whole.splitlines(keepends=True)[:5]))
    assert run("--resume", "--jobs", "2").exit_code == 3
    assert without_part() == expected


def test_without_a_part_it_begins_at_the_beginning(examples: Path) -> None:
    assert run("--resume").exit_code == 3
    assert len(without_part()) == all_lines(examples)


def test_without_resume_a_run_begins_at_the_beginning(whole: bytes) -> None:
    PART.write_bytes(whole.replace(b'"verdict":"pass"', b'"verdict":"fail"'))
    assert run().exit_code == 3
    assert "fail" not in {line.get("verdict") for line in without_part()}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--seed", "5"], "the seed differed"),
        (["--timeout", "5"], "--timeout differed"),
        (["--tries", "3"], "--tries"),
        (["--no-properties"], "--no-properties"),
        (["--profile", "earnings"], "--profile"),
        (["--only", "guide/annex-1/employer-a-*"], "the cases"),
        (["--implementation", "reference"], "the implementation differed"),
        (["--implementation", "python:renamed:reply"], "what the implementation declares"),
    ],
)
def test_another_run_cannot_go_on(whole: bytes, arguments: list[str], words: str) -> None:
    Path("renamed.py").write_text(
        "from counting_reference import handle\n"
        "def reply(message):\n"
        "    found = handle(message)\n"
        "    if message['m'] == 'hello':\n"
        "        found['ok']['implementation']['version'] = '2'\n"
        "    return found\n",
        encoding="utf-8",
    )
    result = run("--resume", *arguments)
    assert result.exit_code == 2
    assert words in result.output
    assert PART.read_bytes() == whole
    assert not RUN.exists()
    assert not asked()


def test_another_version_of_the_kit_cannot_go_on(whole: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("funding_conformance.run.KIT_VERSION", "9.9")
    result = run("--resume")
    assert (result.exit_code, "the version of the kit differed" in result.output) == (2, True)


def test_the_old_run_file_stays_until_the_new_one_is_whole(whole: bytes, examples: Path) -> None:
    RUN.write_bytes(b"old")
    PART.write_bytes(whole[:5000])
    assert RUN.read_bytes() == b"old"
    assert run("--resume").exit_code == 3
    assert len(without_part()) == all_lines(examples)


@pytest.mark.parametrize(
    "line",
    [b"nonsense\n", b"5\n", b"[]\n", b"{}\n", b'{"case": 5}\n', b'{"so_far": 5}\n', b'{"so_far": {"restarts": 1}}\n',
     b"\xff\n", b"\n"],
)  # fmt: skip
def test_a_part_that_was_changed_is_refused(whole: bytes, line: bytes) -> None:
    first, *rest = whole.splitlines(keepends=True)
    for content in (b"".join([first, line, *rest]), b"".join([line, *rest])):
        PART.write_bytes(content)
        result = run("--resume")
        assert result.exit_code == 2, result.output
        assert "run.jsonl.part" in result.output
    PART.unlink()
    PART.mkdir()
    with pytest.raises(RunError, match="cannot be read"):
        read_part(PART)


FAULTY = """
import json, os, sys
declaration = {"protocol": 1, "implementation": {"name": "Faulty"}, "rulebooks": ["2017-08"], "wants": ["payments"]}
for line in sys.stdin:
    message = json.loads(line)
    if message["m"] == "hello":
        print(json.dumps({"id": "0", "ok": declaration}), flush=True)
        continue
    with open("asked", "a") as asked:
        asked.write(".")
    if os.path.getsize("asked") == 3 and not os.path.exists("stop"):
        sys.exit("licence lost")
    if os.path.getsize("asked") == 5 and not os.path.exists("stop"):
        print(json.dumps({"id": "77", "ok": {}}), flush=True)
    if os.path.getsize("asked") == 8 and not os.path.exists("stop"):
        open("stop", "w").close()
        os.kill(os.getppid(), 9)
    print(json.dumps({"id": message["id"], "ok": {} if message["m"] == "bye" else {"payments": []}}), flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_what_was_done_against_the_protocol_is_not_forgiven_by_killing_the_kit() -> None:
    Path("faulty.py").write_text(FAULTY, encoding="utf-8")
    command = [sys.executable, "-m", "funding_conformance", "run", "--implementation", f"{sys.executable} faulty.py"]
    command += ["--only", "guide/annex-1/*", "--no-properties"]
    killed = subprocess.run(command, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert not RUN.exists()
    ended = subprocess.run([*command, "--resume"], capture_output=True, check=False)
    assert ended.returncode == 1, ended.stderr
    header, *cases, footer = without_part()
    assert len(cases) == header["run"]["cases"]
    assert footer["restarts"] == 1
    assert footer["faults"] == ["An answer to a question that was not asked: id '77'."]
    assert [case["verdict"] for case in cases].count("crash") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_kit_that_is_killed_at_any_moment_goes_on() -> None:
    """Killed ever later, and the last time not at all."""
    RUN.parent.mkdir()
    RUN.write_bytes(b"old")
    command = [sys.executable, "-m", "funding_conformance", "run", "--only", "guide/annex-1/*", "--no-properties"]
    for moment in (0.8, 1.6, 2.4):
        with subprocess.Popen([*command, "--resume"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as kit:
            time.sleep(moment)
            kit.kill()
        if RUN.read_bytes() != b"old":
            assert json.loads(RUN.read_bytes().splitlines()[-1])["digest"]
    ended = subprocess.run([*command, "--resume"], capture_output=True, check=False, env=dict(os.environ))
    assert ended.returncode == 3, ended.stderr
    assert len(without_part()) > 5
