"""The command: exit codes, messages a person can act on, and files that are whole or not there."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from funding_conformance.cli import READER_LEFT, main
from funding_conformance.known_bad import known_bads
from funding_conformance.runfile import RunFileError, read_run_file
from funding_conformance.writing import CannotWrite, write_whole

KIT = [sys.executable, "-m", "funding_conformance"]
SERVE = shlex.join([*KIT, "serve"])
A_FEW = ["--only", "guide/annex-1/employer-a-*", "--no-properties"]
C_LOCALE = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def with_few_examples(request: pytest.FixtureRequest, examples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only ten of the worked examples come with the kit, unless a test asks for all of them."""
    if "all_examples" not in request.fixturenames:
        monkeypatch.setattr("funding_conformance.command_run.examples_folder", lambda: examples / "guide" / "annex-1")


@pytest.fixture
def all_examples() -> None:
    """Every worked example comes with the kit, as for a user."""


@pytest.fixture
def scenario(examples: Path) -> str:
    """The text of a worked example."""
    return (examples / "guide" / "annex-1" / "employer-a-instalments.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def a_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run file of a small run."""
    report = tmp_path_factory.mktemp("run")
    assert kit("run", *A_FEW, "--report", str(report)).exit_code == 3
    return report / "run.jsonl"


def kit(*arguments: str) -> Result:
    """Runs the command, without fresh cases unless they are asked for; whatever it says, it is no traceback."""
    plain = arguments[:1] == ("run",) and not {"--cases", "--help"} & set(arguments)
    result = CliRunner().invoke(main, [*arguments, *(["--cases", "0"] if plain else [])])
    assert isinstance(result.exception, SystemExit | None), result.exception
    assert "Traceback" not in result.output
    return result


def process(
    *arguments: str, env: Mapping[str, str] | None = None, stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """The same as a process of its own."""
    ended = subprocess.run(
        [*KIT, *arguments], env={**os.environ, **(env or {})}, input=stdin, capture_output=True, check=False
    )
    assert b"Traceback" not in ended.stderr
    assert b"Warning" not in ended.stderr
    return ended


def left_over(folder: Path) -> list[str]:
    """Files that were begun and not finished, but for the part of a run that can go on."""
    return [path.name for path in folder.rglob(".*.part")]


# Exit codes of run


def test_0_is_conformant(all_examples: None) -> None:
    result = kit("run", "--tries", "1")
    assert result.exit_code == 0, result.output
    assert "Verdict: conformant" in result.output
    assert Path("report/run.jsonl").exists()
    assert Path("report/index.html").exists()


def test_fresh_cases_are_asked_drawn_again_and_kept(all_examples: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FUNDING_KIT_CACHE", "kept")
    asked = ["run", "--cases", "6", "--seed", "11", "--no-properties", "--profile", "earnings"]
    assert "fresh cases" in kit(*asked).output
    first = read_run_file(Path("report/run.jsonl"))
    drawn = [case for case in first.cases if case["kind"] == "fresh"]
    assert first.header["fresh"]["drawn"] == len(drawn) == 6
    assert all(case["verdict"] == "pass" and case["question"] and case["expected"] for case in drawn)
    assert len(list(Path("kept").iterdir())) == 1
    result = kit("run", "--only", drawn[2]["case"], "--profile", "earnings")
    [again] = read_run_file(Path("report/run.jsonl")).cases
    assert again["question"] == drawn[2]["question"]
    assert "Verdict: inconclusive" in result.output


def test_a_run_without_fresh_cases_says_so() -> None:
    assert "No fresh cases were asked" in kit("run", *A_FEW).output


def test_1_is_not_conformant(all_examples: None) -> None:
    asked = f"{SERVE} --known-bad always-42-days"
    result = kit("run", "--implementation", asked, "--only", "guide/qualifying-period/*", "--junit", "junit.xml")
    assert result.exit_code == 1
    assert "Verdict: not conformant" in result.output
    assert "guide/qualifying-period/" in result.output
    assert "<failure" in Path("junit.xml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--profile", "profits"], "There is no profile profits. Known: earnings"),
        (["--rulebook", "1999-01"], "There is no rulebook 1999-01. Known: 2016-10-draft, 2017-08"),
        (["--scenarios", "nowhere"], "nowhere\n  There is no such folder of scenarios."),
        (["--scenarios", "."], "There is no scenario (.yaml or .json) in this folder."),
        (["--only", "no/such/*"], "No scenario fits --only no/such/*."),
        (["--tries", "0"], "'--tries'"),
        (["--timeout", "0"], "'--timeout'"),
        (["--timeout", "nan"], "timeout"),
        (["--seed", "x"], "'--seed'"),
        (["--cases", "-1"], "'--cases'"),
        (["--only", "fresh/0/no-such-mistake/0"], "There is no known-bad no-such-mistake."),
        (["--only", "fresh/*"], "fresh/* is not the id of a fresh case"),
        (["--frobnicate"], "--frobnicate"),
        (["an-argument"], "an-argument"),
    ],
)
def test_2_is_usage(arguments: list[str], words: str) -> None:
    result = kit("run", *arguments)
    assert result.exit_code == 2
    assert words in result.output
    assert not Path("report").exists()


@pytest.mark.parametrize("arguments", [["--only", "guide/annex-1/employer-a-instalments"], ["--profile", "recording"]])
def test_3_is_inconclusive(arguments: list[str]) -> None:
    result = kit("run", *arguments)
    assert result.exit_code == 3
    assert "Verdict: inconclusive" in result.output


def test_worked_examples_alone_make_nothing_conformant(all_examples: None) -> None:
    assert kit("run", "--no-properties").exit_code == 3


@pytest.mark.parametrize(
    ("implementation", "words"),
    [
        ("no-such-command", "No such file or directory"),
        ("", "Name an implementation"),
        ("'", "cannot be read"),
        ("python:no_such_module:reply", "cannot be imported"),
        ("python:json:no_such_function", "cannot be imported"),
        ("python:json:__name__", "is not a function"),
        ("python:json:loads", "did not answer hello"),
        ("python:json", "python:module:function"),
        (f"{shlex.quote(sys.executable)} -c pass", "ended before it answered hello"),
    ],
)
def test_4_is_an_adapter_that_cannot_be_used(implementation: str, words: str) -> None:
    result = kit("run", "--implementation", implementation, *A_FEW)
    assert result.exit_code == 4
    assert result.stderr.startswith("The implementation cannot be asked.\n")
    assert words in result.stderr
    assert not Path("report").exists()


def test_4_is_an_adapter_that_crashes_again_and_again() -> None:
    Path("adapter.py").write_text(
        """
import json, os
declaration = {"protocol": 1, "implementation": {"name": "Fragile"}, "rulebooks": ["2017-08"], "wants": ["payments"]}
input()
print(json.dumps({"id": "0", "ok": declaration}), flush=True)
input()
raise SystemExit("no licence")
""",
        encoding="utf-8",
    )
    asked = shlex.join([sys.executable, "adapter.py"])
    result = kit("run", "--implementation", asked, "--only", "guide/annex-1/*", "--no-properties")
    assert result.exit_code == 4
    assert "Verdict: adapter unusable" in result.output
    assert "no licence" in result.output
    footer = read_run_file(Path("report/run.jsonl")).footer
    assert footer["restarts"] == 3
    assert footer["counts"]["crash"] == 4
    assert footer["counts"]["missing"] >= 1


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_what_an_adapter_does_wrong_at_the_end_is_in_the_run_file(jobs: str) -> None:
    Path("adapter.py").write_text(
        """
import json, sys
about = {"protocol": 1, "implementation": {"name": "two minds"}, "rulebooks": ["2017-08"], "wants": ["earnings"]}
for line in sys.stdin:
    message = json.loads(line)
    answer = about if message["m"] == "hello" else {"earnings": []} if message["m"] == "answer" else {}
    if message["m"] == "bye":
        print(json.dumps({"id": last, "ok": {"earnings": []}}), flush=True)
    last = message["id"]
    print(json.dumps({"id": message["id"], "ok": answer}), flush=True)
sys.exit(3)
""",
        encoding="utf-8",
    )
    asked = shlex.join([sys.executable, "adapter.py"])
    kit("run", "--implementation", asked, "--only", "guide/annex-1/*", "--jobs", jobs)
    footer = read_run_file(Path("report/run.jsonl")).footer
    assert any(fault.startswith("A second answer: id ") for fault in footer["faults"])
    assert footer["remarks"] == ["After bye it should exit with code 0. It exited with code 3."] * int(jobs)


def broken(*_: Any, **__: Any) -> Any:
    raise RuntimeError("a bug")


@pytest.mark.parametrize("where", ["reports.forms.html_report", "command_run.header_of", "command_run.open_session"])
def test_5_is_a_fault_of_the_kit(monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    monkeypatch.setattr(f"funding_conformance.{where}", broken)
    result = kit("run", *A_FEW)
    assert result.exit_code == 5
    assert "This is a fault of the kit, please report it: RuntimeError: a bug" in result.output
    assert not left_over(Path())


def test_5_is_a_case_that_the_kit_cannot_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("funding_conformance.run.judge", broken)
    result = kit("run", *A_FEW)
    assert result.exit_code == 5
    assert read_run_file(Path("report/run.jsonl")).footer["verdict"] == "fault of the kit"


# Other usage errors


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["frobnicate"], "No such command 'frobnicate'"),
        (["serve", "--known-bad", "no-such-mistake"], "There is no known-bad no-such-mistake."),
        (["clauses", "GUIDE-9999"], "No clause has this id."),
        (["clauses", "--source", "NOWHERE"], "there is no source NOWHERE"),
        (["clauses", "--kind", "opinion"], "'opinion'"),
        (["answer"], "Missing argument"),
        (["answer", "nowhere.yaml"], "nowhere.yaml\n  This file cannot be read: No such file or directory."),
        (["answer", "."], "This file cannot be read"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: list[str], words: str) -> None:
    result = kit(*arguments)
    assert result.exit_code == 2
    assert words in result.output


# Bad scenario files


BAD_DOCUMENTS = {
    "an empty file": ("a.yaml", "", "a.yaml"),
    "a list": ("a.yaml", "[1, 2]", "a.yaml"),
    "text": ("a.yaml", "hello", "a.yaml"),
    "a bracket that is not closed": ("a.yaml", "id: a\ngiven: [1,\n", "a.yaml:3:1\n  This is not valid YAML"),
    "a tab": ("a.yaml", "id: a\ngiven:\n\tx: 1\n", "a.yaml:3:1\n  This is not valid YAML"),
    "a key twice": ("a.yaml", "id: a\nid: b\n", "a.yaml:2:1\n  This is not valid YAML"),
    "two documents": ("a.yaml", "id: a\n---\nid: b\n", "a.yaml:2:1\n  This is not valid YAML"),
    "a Python object": ("a.yaml", "id: !!python/name:os.system x\n", "a.yaml:1:5\n  This is not valid YAML"),
    "an object as a key": ("a.yaml", "{id: a}: b\n", "a.yaml:1:1\n  This is not valid YAML"),
    "a bracket in JSON that is not closed": ("a.json", '{"id": "a",\n"given": [1', "a.json:2:12\n  This is not valid"),
    "a key twice in JSON": ("a.json", '{"id": "a", "id": "b"}', "the field id is written twice"),
    "NaN in JSON": ("a.json", '{"id": NaN}', "NaN is not a number of JSON"),
    "a number in JSON beyond every size": ("a.json", '{"id": 1e99999999999999999999}', "a.json"),
    "deep nesting in JSON": ("a.json", "[" * 100_000, "a.json\n  This JSON is nested too deeply"),
    "deep nesting": ("a.yaml", "[" * 5_000, "a.yaml"),
    "wants that is a number": ("a.yaml", "given: {submissions: []}\nwants: 5\n", "wants"),
    "a rulebook that is a list": ("a.yaml", "rulebook: [1]\ngiven: {submissions: []}\n", "a.yaml:1:11  rulebook"),
    "submissions that are an object": ("a.yaml", "given: {submissions: {}}\n", "a.yaml:1:22  given.submissions"),
}


@pytest.mark.parametrize("what", BAD_DOCUMENTS)
def test_a_file_that_is_no_scenario_is_refused_with_its_place(what: str) -> None:
    name, text, words = BAD_DOCUMENTS[what]
    Path(name).write_text(text, encoding="utf-8")
    answered = kit("answer", name)
    assert (answered.exit_code, words in answered.output) == (2, True), answered.output
    run = kit("run", "--scenarios", ".")
    assert (run.exit_code, name in run.output) == (2, True), run.output


def test_bytes_that_are_no_text_are_refused() -> None:
    Path("a.yaml").write_bytes(b"id: \xff\n")
    for arguments in (["answer", "a.yaml"], ["run", "--scenarios", "."]):
        result = kit(*arguments)
        assert result.exit_code == 2
        assert "a.yaml\n  This file is not UTF-8 text (byte 4)." in result.output


BAD_FIELDS = {
    "a date that is none": (
        "LearnPlanEndDate: 2019-08-10",
        "LearnPlanEndDate: 2019-13-10",
        ":30:33  given.submissions[0].learners[0].LearningDelivery[0].LearnPlanEndDate",
        "2019-13-10 is not a date. Dates are YYYY-MM-DD.",
    ),
    "a price below nothing": (
        "AFinAmount: 3200",
        "AFinAmount: -3200",
        ":39:82  given.submissions[0].learners[0].LearningDelivery[0].AppFinRecord[1].AFinAmount",
        "-3200",
    ),
    "a field that is not there": (
        "  through: 1718-R12",
        "  thorough: 1718-R12",
        ":40:13  given.thorough",
        "thorough",
    ),
    "a collection that is none": (
        "collection: 1718-R01",
        "collection: 1718-R99",
        ":17:19  given.submissions[0].collection",
        "R99",
    ),
}


@pytest.mark.parametrize("what", BAD_FIELDS)
def test_a_mistake_in_a_scenario_is_said_with_its_line_and_its_path(scenario: str, what: str) -> None:
    right, wrong, place, words = BAD_FIELDS[what]
    assert right in scenario
    Path("mine.yaml").write_text(scenario.replace(right, wrong), encoding="utf-8")
    for arguments in (["answer", "mine.yaml"], ["run", "--scenarios", "."]):
        result = kit(*arguments)
        assert result.exit_code == 2
        assert f"mine.yaml{place}" in result.output
        assert words in result.output


def test_every_mistake_in_every_file_is_said_at_once(scenario: str) -> None:
    wrong = scenario.replace("2019-08-10", "2019-13-10").replace("AimType: 1", "AimType: one")
    for name in ("one.yaml", "two.yaml"):
        Path(name).write_text(wrong, encoding="utf-8")
    output = kit("run", "--scenarios", ".").output
    assert output.count("is not a date") == 4
    assert output.count("AimType\n") == 2


def test_two_scenarios_with_one_id_are_refused(scenario: str) -> None:
    Path("mine.yaml").write_text(scenario.replace("AFinAmount: 3200", "AFinAmount: 3300"), encoding="utf-8")
    result = kit("run", "--scenarios", ".")
    assert result.exit_code == 2
    assert "The id guide/annex-1/employer-a-instalments belongs to another scenario too" in result.output


def test_the_same_scenario_twice_is_asked_once(scenario: str) -> None:
    Path("mine.yaml").write_text(scenario, encoding="utf-8")
    result = kit("run", "--scenarios", ".", "--only", "guide/annex-1/employer-a-instalments")
    assert result.exit_code == 3
    assert read_run_file(Path("report/run.jsonl")).header["cases"] == 1


def test_half_a_character_in_a_scenario_does_not_break_the_kit(scenario: str) -> None:
    document = {"id": "mine/\ud800", "title": "\ud800", "rulebook": "2017-08", "clauses": ["GUIDE-35"]}
    rest = {"source": "mine", "wants": ["earnings"], "given": {"submissions": []}, "expect": {"tables": []}}
    Path("mine.json").write_text(json.dumps({**document, **rest}), encoding="utf-8")
    assert kit("run", "--scenarios", ".", "--only", "mine/*", "--no-properties").exit_code in (2, 3)


# answer


def test_answer_prints_tables(scenario: str) -> None:
    Path("mine.yaml").write_text(scenario, encoding="utf-8")
    result = kit("answer", "mine.yaml")
    assert result.exit_code == 0
    assert result.output.startswith("guide/annex-1/employer-a-instalments: Employer A")
    assert result.output.count("500.00000") == 12
    assert "Working" not in result.output


def test_answer_prints_json(scenario: str) -> None:
    Path("mine.yaml").write_text(scenario, encoding="utf-8")
    found = json.loads(kit("answer", "mine.yaml", "--json").output)
    assert set(found) == {"payments"}
    assert {row["amount"] for row in found["payments"]} == {"500.00000"}


def test_answer_prints_its_working(scenario: str) -> None:
    Path("mine.yaml").write_text(scenario, encoding="utf-8")
    shown = kit("answer", "mine.yaml", "--working").output
    assert "\nWorking\n" in shown
    assert "[GUIDE-35" in shown
    found = json.loads(kit("answer", "mine.yaml", "--working", "--json").output)
    assert set(found) == {"payments", "working"}
    assert {"rule", "result"} <= set(found["working"][0])


def test_answer_under_another_rulebook_is_refused_if_there_is_none(scenario: str) -> None:
    Path("mine.yaml").write_text(scenario, encoding="utf-8")
    result = kit("answer", "mine.yaml", "--rulebook", "1999-01")
    assert result.exit_code == 2
    assert "There is no rulebook 1999-01." in result.output


def test_given_goes_with_an_ilr_file_only(scenario: str) -> None:
    Path("mine.yaml").write_text(scenario, encoding="utf-8")
    result = kit("answer", "mine.yaml", "--given", "mine.yaml")
    assert result.exit_code == 2
    assert "--given goes with an ILR file" in result.output


ILR = """<Message xmlns="ESFA/ILR/2018-19">
<Header><CollectionDetails><Year>1819</Year></CollectionDetails></Header>
<LearningProvider><UKPRN>10000001</UKPRN></LearningProvider>
</Message>
"""


def test_an_ilr_file_without_given_is_refused() -> None:
    Path("mine.xml").write_text(ILR, encoding="utf-8")
    result = kit("answer", "mine.xml")
    assert result.exit_code == 2
    assert "An ILR file needs --given FILE with the courses" in result.output


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (None, "given.yaml\n  This file cannot be read"),
        ("", "--given holds the facts of a scenario"),
        ("[1]", "--given holds the facts of a scenario"),
        ("submissions: []", "without submissions"),
        ("given: {submissions: []}", "without submissions"),
        ("courses: 5", "given.yaml:1:10  courses"),
        ("# mine\ncourses:\n  - {id: 5}\n", "given.yaml:3:10  courses[0].id"),
        ("given:\n  courses:\n  - {id: 5}\n", "given.yaml:3:10  courses[0].id"),
    ],
)
def test_an_ilr_file_with_a_wrong_given_is_refused(given: str | None, words: str) -> None:
    Path("mine.xml").write_text(ILR, encoding="utf-8")
    if given is not None:
        Path("given.yaml").write_text(given, encoding="utf-8")
    result = kit("answer", "mine.xml", "--given", "given.yaml")
    assert result.exit_code == 2
    assert words in result.output


def test_an_ilr_file_with_a_right_given_is_answered(shared: Path, examples: Path) -> None:
    returned = shared / "official-samples" / "1819-fm36-100learners-204aims.xml"
    given = examples.parent / "ilr" / "assumed-courses-1819.yaml"
    result = kit("answer", str(returned), "--given", str(given))
    assert result.exit_code in (0, 1)
    assert "apprentices answered, £" in result.output


@pytest.mark.parametrize("text", ["", "<Message>", "<a/>", "not XML", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
def test_a_file_that_is_no_ilr_return_is_refused(text: str) -> None:
    Path("mine.xml").write_text(text, encoding="utf-8")
    Path("given.yaml").write_text("courses: []", encoding="utf-8")
    result = kit("answer", "mine.xml", "--given", "given.yaml")
    assert result.exit_code == 2
    assert "mine.xml" in result.output


# clauses, known-bad, serve, help


def test_clauses_lists_and_shows() -> None:
    assert "GUIDE-35" in kit("clauses").output
    shown = kit("clauses", "GUIDE-35", "GUIDE-36").output
    assert shown.startswith("GUIDE-35  ")
    assert "\nGUIDE-36  " in shown


def test_known_bad_names_are_one_a_line() -> None:
    result = kit("known-bad", "--names")
    assert result.exit_code == 0
    assert result.output.splitlines() == [known.name for known in known_bads()]


@pytest.mark.parametrize("command", [[], *([name] for name in main.commands)], ids=lambda command: " ".join(command))
def test_help_works(command: list[str]) -> None:
    result = kit(*command, "--help")
    assert result.exit_code == 0
    assert result.output.startswith("Usage: ")
    assert max(map(len, result.output.splitlines())) <= 80


def test_serve_answers_and_survives_what_is_no_message() -> None:
    lines = [b"hello", b"[]", b'{"m":"what","id":"1"}', b'{"x":1e99999999999999999999}', b"\xff", b""]
    ended = process("serve", stdin=b"\n".join([*lines, b'{"m":"bye","id":"z"}', b'{"m":"hello","id":"9"}', b""]))
    assert ended.returncode == 0
    replies = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [set(reply) for reply in replies] == [{"id", "error"}] * 5 + [{"id", "ok"}]
    assert replies[-1] == {"id": "z", "ok": {}}


def test_serve_ends_with_its_input() -> None:
    ended = process("serve")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")


# Where the output goes


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
@pytest.mark.parametrize("command", [["clauses"], ["known-bad", "--names"], ["run", "--help"]])
def test_a_reader_that_stops_reading_is_no_error(command: list[str]) -> None:
    ended = unread(*command)
    assert ended.stderr == b""
    assert ended.returncode in (1, READER_LEFT)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
def test_nobody_who_stops_reading_takes_a_failing_run_for_a_passing_one(tmp_path: Path) -> None:
    failing = f"{SERVE} --known-bad uncapped-price"
    ended = unread("run", "--implementation", failing, "--only", "guide/band/*", "--report", str(tmp_path))
    assert ended.returncode == READER_LEFT
    assert (tmp_path / "run.jsonl").exists()


def unread(*command: str) -> subprocess.CompletedProcess[bytes]:
    """How a command ends whose output nobody reads."""
    read, write = os.pipe()
    os.close(read)
    try:
        return subprocess.run([*KIT, *command], stdout=write, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(write)


def test_the_output_is_utf8_whatever_the_locale(scenario: str) -> None:
    Path("£.yaml").write_text(scenario, encoding="utf-8")
    answered = process("answer", "£.yaml", env=C_LOCALE)
    assert answered.returncode == 0
    assert "each month's £500 comes whole".encode() in answered.stdout
    shown = process("clauses", "GUIDE-16", env=C_LOCALE)
    assert "£1,500".encode() in shown.stdout
    for arguments in (["--help"], ["run", "--help"]):
        assert process(*arguments, env=C_LOCALE).returncode == 0
    assert process("run", "--profile", "£", env=C_LOCALE).returncode == 2


def test_an_adapter_is_asked_in_utf8_whatever_the_locale() -> None:
    ended = process("run", "--implementation", SERVE, *A_FEW, env=C_LOCALE)
    assert ended.returncode == 3, ended.stderr
    assert b"Verdict: inconclusive" in ended.stdout
    read_run_file(Path("report/run.jsonl"))


# Files are whole or not there


@pytest.mark.parametrize("report", ["file", "file/below"])
def test_a_report_folder_that_cannot_be_made_is_said(report: str) -> None:
    Path("file").write_text("mine", encoding="utf-8")
    result = kit("run", *A_FEW, "--report", report)
    assert result.exit_code == 2
    assert "It cannot be written" in result.output
    assert Path("file").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("name", ["run.jsonl", "index.html"])
def test_a_report_that_cannot_be_written_leaves_nothing_half_done(name: str) -> None:
    Path("report", name).mkdir(parents=True)
    result = kit("run", *A_FEW)
    assert result.exit_code == 2
    assert f"{name}\n  It cannot be written" in result.output
    assert not left_over(Path())
    Path("report", name).rmdir()
    result = kit("run", *A_FEW, "--resume")
    assert result.exit_code == 3
    assert {path.name for path in Path("report").iterdir()} == {"run.jsonl", "index.html"}


def test_a_write_that_fails_leaves_the_old_file_as_it_was(tmp_path: Path) -> None:
    def blocks() -> Iterator[bytes]:
        yield b"new"
        raise RuntimeError("a bug")

    file = tmp_path / "file"
    for before in (None, b"old"):
        if before is not None:
            file.write_bytes(before)
        with pytest.raises(RuntimeError):
            write_whole(file, blocks())
        assert (file.read_bytes() if file.exists() else None) == before
        assert not left_over(tmp_path)
    write_whole(file, [b"new", b"er"])
    assert file.read_bytes() == b"newer"
    with pytest.raises(CannotWrite):
        write_whole(file / "below", [b"new"])
    for nameless in ("", "/"):
        with pytest.raises(CannotWrite, match="no name of its own"):
            write_whole(Path(nameless), [b"new"])


def test_a_whole_run_file_is_read(a_run: Path) -> None:
    run = read_run_file(a_run)
    assert run.name.startswith("funding-kit reference")
    assert len(run.cases) == run.header["cases"] == sum(run.footer["counts"].values())


def test_a_run_file_cut_short_anywhere_is_refused(a_run: Path) -> None:
    whole = a_run.read_bytes()
    ends = [number + 1 for number, byte in enumerate(whole) if byte == 10]
    cut = Path("cut.jsonl")
    for length in {0, 1, len(whole) // 2, len(whole) - 2, *ends[:-1], *(end - 1 for end in ends[:-1])}:
        cut.write_bytes(whole[:length])
        with pytest.raises(RunFileError):
            read_run_file(cut)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"verdict":"pass"', b'"verdict":"fail"'),
        (b'"ms":', b'"ms":1'),
        (b'"seed":0', b'"seed":1'),
        (b'"verdict":"inconclusive"', b'"verdict":"conformant"'),
        (b'"restarts":0', b'"restarts":1'),
        (b'"faults":[]', b'"faults":["?"]'),
        (b'"digest":"sha256:', b'"digest":"sha256:0'),
    ],
)
def test_a_changed_run_file_is_refused(a_run: Path, old: bytes, new: bytes) -> None:
    whole = a_run.read_bytes()
    assert old in whole
    changed = Path("changed.jsonl")
    changed.write_bytes(whole.replace(old, new, 1))
    with pytest.raises(RunFileError):
        read_run_file(changed)


def test_a_run_file_with_a_case_more_or_less_or_elsewhere_is_refused(a_run: Path) -> None:
    header, *cases, footer = a_run.read_bytes().splitlines(keepends=True)
    for lines in (
        [header, *cases[1:], footer],
        [header, cases[0], *cases, footer],
        [header, *reversed(cases), footer],
        [header, *cases, footer, footer],
        [header, *cases, footer, b"\n"],
        [*cases, footer],
    ):
        Path("changed.jsonl").write_bytes(b"".join(lines))
        with pytest.raises(RunFileError):
            read_run_file(Path("changed.jsonl"))


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"5\n5\n", b"null\nnull\n", b'"run"\n"digest"\n', b"[]\n[]\n", b"{}\n{}\n", b"\xff\n\xff\n",
                b'{"run": 5}\n{"digest": 5}\n', b"[" * 100_000 + b"\n", b'{"run": 1e99999999999999999999}\n{}\n'],
)  # fmt: skip
def test_what_is_no_run_file_is_refused(content: bytes) -> None:
    Path("no-run").write_bytes(content)
    with pytest.raises(RunFileError):
        read_run_file(Path("no-run"))


def test_a_run_file_that_is_not_there_is_said() -> None:
    with pytest.raises(RunFileError, match="cannot be read"):
        read_run_file(Path("nowhere.jsonl"))
