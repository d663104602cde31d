"""Several workers at the same time: what they share, and that the run says the same as of one."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from funding_conformance.adapters import Limits, Session, function_named, open_session
from funding_conformance.adapters.conversation import CannotStart
from funding_conformance.adapters.crew import at_once, open_crew
from funding_conformance.adapters.in_child import InChildSession
from funding_conformance.adapters.in_process import InProcessSession
from funding_conformance.adapters.restarts import Restarts
from funding_conformance.adapters.stdio import StdioSession
from funding_conformance.properties import PROPERTIES, ask_properties
from funding_conformance.protocol import ProtocolFault
from funding_conformance.run import Result

from tests.conformance.awkward import GENEROUS, SHORT, Asked, case_id, judged, scenario
from tests.conformance.test_stdio import CRASH, Adapters, on_answer, on_case, wait_until_free

SERVE = f"{sys.executable} -m funding_conformance serve"
Crew = Callable[..., Session]


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Crew]:
    """Opens several workers of an adapter."""
    adapters, opened = Adapters(tmp_path), []

    def open_workers(overrides: str, jobs: int = 2, timeout: float = GENEROUS, window: int = 8) -> Session:
        command, restarts = adapters.command(overrides, window), Restarts()
        limits = Limits(timeout, GENEROUS)
        opened.append(open_crew([lambda: StdioSession(command, ("2017-08",), limits, restarts)] * jobs))
        return opened[-1]

    yield open_workers
    for session in opened:
        session.close()


def asked_of(session: Session, cases: int = 24) -> Asked:
    return judged(session, [scenario(number) for number in range(1, cases + 1)])


@pytest.mark.parametrize("jobs", [2, 5])
def test_workers_that_behave_leave_nothing_to_say(crew: Crew, jobs: int) -> None:
    asked = asked_of(crew("", jobs), cases=60)
    assert not asked.verdicts
    assert (asked.run.faults, asked.run.remarks, asked.run.restarts, asked.run.gave_up) == ([], [], 0, "")


def test_more_workers_than_questions_are_no_matter(crew: Crew) -> None:
    assert not asked_of(crew("", 4), cases=1).verdicts


def test_workers_are_asked_at_the_same_time(crew: Crew) -> None:
    """Each waits until every other has been asked too."""
    together = on_answer(
        """
mine = times("asked")
while os.path.getsize(NOTES + "asked") < 3:
    time.sleep(0.01)
say(right(message))
"""
    )
    assert not asked_of(crew(together, 3, window=1)).verdicts


def test_workers_that_declare_themselves_differently_are_refused(crew: Crew) -> None:
    with pytest.raises(ProtocolFault, match="Its workers declare themselves differently"):
        crew('DECLARATION["window"] = times("starts") + 1')


def test_a_worker_that_cannot_be_started_says_why(crew: Crew) -> None:
    with pytest.raises(CannotStart, match="only one licence"):
        crew('if times("starts"):\n    sys.exit("only one licence")')


def test_a_crash_is_the_crash_of_one_case_and_the_worker_is_started_again(crew: Crew) -> None:
    asked = asked_of(crew(on_case(5, CRASH), window=1))
    assert asked.verdicts == {case_id(5): "crash"}
    assert asked.run.restarts == 1


def test_a_hang_holds_up_no_other_worker(crew: Crew) -> None:
    asked = asked_of(crew(on_case(5, "time.sleep(600)"), timeout=SHORT, window=1))
    assert asked.verdicts == {case_id(5): "timeout"}


def test_restarts_are_counted_over_all_workers(crew: Crew) -> None:
    asked = asked_of(crew(on_answer(f"if number % 2:\n    {CRASH}\nsay(right(message))"), window=1), cases=60)
    assert asked.run.restarts == 10
    assert "It was restarted 10 times" in asked.run.gave_up
    assert asked.run.result is Result.UNUSABLE
    assert asked.run.result.exit_code == 4
    assert "missing" in asked.verdicts.values()


def test_faults_of_every_worker_are_said(crew: Crew) -> None:
    """Each says its fault before its first answer, and answers nothing until the other has been asked too."""
    both = """
met = []

def on_answer(message, number):
    if not met:
        met.append(times("met"))
        say({"id": f"worker {met[0]}", "ok": {}})
        while os.path.getsize(NOTES + "met") < 2:
            time.sleep(0.01)
    say(right(message))
"""
    asked = asked_of(crew(both))
    assert not asked.verdicts
    assert len(asked.run.faults) == 2
    assert asked.run.result is Result.NOT_CONFORMANT


def test_whoever_stops_listening_ends_the_workers(crew: Crew) -> None:
    session = crew(on_answer('if times("answers"):\n    time.sleep(600)\nsay(right(message))'), window=1)
    cases = at_once(session.workers, lambda worker: worker.ask([_question("1"), _question("2")]))
    next(cases)
    cases.close()
    assert session.gave_up == "The run was stopped."


def test_an_error_in_one_thread_is_raised_in_the_asking_one(crew: Crew) -> None:
    def work(worker: Session) -> Iterator[int]:
        yield 1
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        list(at_once(crew("").workers, work))


def _question(id: str) -> Any:
    from funding_conformance.protocol import Question

    return Question(id, {"m": "answer", "wants": ["earnings"], "scenario": {"id": f"a/{id}"}})


# The run file is the same


def lines_of(file: Path) -> list[dict[str, Any]]:
    """A run file without what may differ: times and the digest over them."""
    lines = [json.loads(line) for line in file.read_bytes().splitlines()]
    return [{name: value for name, value in line.items() if name not in ("ms", "digest")} for line in lines]


@pytest.mark.parametrize("implementation", ["reference", SERVE, f"{SERVE} --known-bad completion-on-top"])
def test_the_run_file_is_the_same_however_many_workers_there_are(
    tmp_path: Path, examples: Path, monkeypatch: pytest.MonkeyPatch, implementation: str
) -> None:
    from click.testing import CliRunner
    from funding_conformance.cli import main

    monkeypatch.setattr("funding_conformance.command_run.examples_folder", lambda: examples / "guide" / "annex-1")
    monkeypatch.setattr("funding_conformance.command_run.PROPERTIES", PROPERTIES[:6])
    monkeypatch.chdir(tmp_path)
    found = []
    for jobs in ("1", "3"):
        options = [
            "--implementation",
            implementation,
            "--tries",
            "3",
            "--cases",
            "6",
            "--jobs",
            jobs,
            "--junit",
            "junit.xml",
        ]
        result = CliRunner().invoke(main, ["run", *options])
        assert result.exit_code in (1, 3), result.output
        found.append(lines_of(Path("report/run.jsonl")))
    assert found[0] == found[1]


def test_properties_are_tried_by_every_worker(crew: Crew, tmp_path: Path) -> None:
    session = crew("", 2)
    cases = list(ask_properties(session, "2017-08", ["earnings"], tries=2, seed=0, folder=tmp_path))
    assert len({case.id for case in cases}) == len(cases) > 5


# Functions in processes of their own

MODULE = """
import os, sys, threading, time

def reply(message):
    if message["m"] == "hello":
        return {"id": "0", "ok": {"protocol": 1, "implementation": {"name": "Awkward"}, "rulebooks": ["2017-08"],
                                  "wants": ["earnings"]}}
    if message["m"] == "answer" and message["scenario"]["id"].endswith("/05"):
        BODY
    row = {"ukprn": 10000001, "uln": 1000000001, "type": "on_programme", "month": "2018-01", "amount": "500.00000"}
    return {"id": message["id"], "ok": {"earnings": [row]}}
"""


@pytest.fixture
def function(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Callable[[str], str]:
    """Writes a module with an awkward function, and names it."""
    monkeypatch.chdir(tmp_path)
    name = f"awkward_{abs(hash(request.node.name))}"

    def written(body: str) -> str:
        (tmp_path / f"{name}.py").write_text(MODULE.replace("BODY", body), encoding="utf-8")
        return f"python:{name}:reply"

    return written


@pytest.mark.parametrize(
    "body", ['raise KeyError("no such rate")', "return 5", "sys.exit(3)", "return {'id': '77'}", "pass"]
)
def test_a_function_in_a_process_of_its_own_is_judged_as_in_this_one(function: Callable[[str], str], body: str) -> None:
    name, found = function(body), []
    for jobs in (1, 2):
        asked = asked_of(open_session(name, ("2017-08",), Limits(GENEROUS, GENEROUS), jobs=jobs))
        found.append((asked.verdicts, asked.notes, asked.run.faults, asked.run.restarts))
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("body", "verdict", "words"),
    [("os._exit(7)", "crash", "exited with code 7"), ("threading.Event().wait()", "timeout", "within 1 seconds")],
)
def test_a_process_that_ends_or_hangs_is_started_again(
    function: Callable[[str], str], body: str, verdict: str, words: str
) -> None:
    asked = asked_of(open_session(function(body), ("2017-08",), Limits(SHORT, GENEROUS), jobs=2))
    assert asked.verdicts == {case_id(5): verdict}
    assert words in asked.notes
    assert asked.run.restarts == 1


def test_a_process_that_ends_at_every_question_ends_the_run(function: Callable[[str], str]) -> None:
    name = function("pass\n    if message['m'] == 'answer':\n        os._exit(7)")
    asked = asked_of(open_session(name, ("2017-08",), Limits(GENEROUS, GENEROUS), jobs=2))
    assert asked.run.result is Result.UNUSABLE
    assert "3 in a row without an answer" in asked.run.gave_up


def test_a_function_that_cannot_be_imported_is_said() -> None:
    with pytest.raises(ProtocolFault, match="It cannot be imported: ModuleNotFoundError"):
        open_session("python:no_such_module:reply", ("2017-08",), Limits(), jobs=2)


def test_the_reference_is_one_of_them() -> None:
    session = InChildSession(function_named, "reference", ("2017-08",), None, None, Restarts())
    assert session.declaration == InProcessSession(function_named("reference"), ("2017-08",)).declaration
    session.close()


# The kit leaves nothing behind


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_kit_that_is_stopped_ends_every_worker(tmp_path: Path) -> None:
    locks = [tmp_path / "lock-0", tmp_path / "lock-1"]
    hang = (
        "import fcntl\n"
        f"f = open({str(tmp_path / 'lock-')!r} + str(times('starts')), 'w'); fcntl.flock(f, 2)\n"
        + on_answer("time.sleep(600)")
    )
    asking = (
        "import json, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have it ignored\n"
        "from funding_conformance.adapters import Limits, crew\n"
        "from funding_conformance.adapters.stdio import StdioSession\n"
        "from tests.conformance.test_jobs import _question\n"
        "command = json.loads(sys.argv[1])\n"
        "session = crew.open_crew([lambda: StdioSession(command, ('2017-08',), Limits(600, 600))] * 2)\n"
        "print('asking', flush=True)\n"
        "try:\n"
        "    list(session.ask([_question(str(n)) for n in range(9)]))\n"
        "finally:\n"
        "    session.close()\n"
    )
    command = Adapters(tmp_path).command(hang)
    with subprocess.Popen(
        [sys.executable, "-c", asking, json.dumps(command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
    ) as kit:
        assert kit.stdout is not None
        assert kit.stdout.readline() == b"asking\n"
        for _ in range(int(GENEROUS)):
            kit.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                kit.wait(1)
                break
        kit.wait(GENEROUS)
    for lock in locks:
        wait_until_free(lock)
