"""Adapters that misbehave, each in one way, and what a run says of each."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from funding_conformance.adapters import AdapterError, Limits, conversation, link, open_session
from funding_conformance.adapters.conversation import CannotStart
from funding_conformance.adapters.stdio import StdioSession
from funding_conformance.properties import ask_properties
from funding_conformance.protocol import Outcome, Question
from funding_conformance.run import Result
from funding_spec.documents import parse_json

from tests.conformance.awkward import GENEROUS, SHORT, Asked, case_id, judged, scenario

WINDOW = 8

FRAME = '''
import json, os, subprocess, sys, time

NOTES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "notes-")
ROW = {"ukprn": 10000001, "uln": 1000000001, "type": "on_programme", "month": "2018-01", "amount": "500.00000"}
DECLARATION = {"protocol": 1, "implementation": {"name": "Awkward", "version": "1"}, "rulebooks": ["2017-08"],
               "wants": ["earnings"], "window": WINDOW}

def write(text):
    sys.stdout.buffer.write(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    sys.stdout.buffer.flush()

def say(message):
    write(json.dumps(message) + "\\n")

def right(message):
    return {"id": message["id"], "ok": {"earnings": [ROW]}}

def times(what):
    """How often this was asked before, over all lives of this adapter."""
    with open(NOTES + what, "ab", buffering=0) as notes:  # unbuffered: of two at once each has a place of its own
        notes.write(b".")
        return notes.tell() - 1

def on_hello(message):
    say({"id": message["id"], "ok": DECLARATION})

def on_answer(message, number):
    say(right(message))

def on_bye(message):
    say({"id": message["id"], "ok": {}})
    sys.exit(0)

OVERRIDES

for line in sys.stdin.buffer:
    message = json.loads(line)
    if message["m"] == "answer":
        number = message["scenario"]["id"].rpartition("/")[2]
        on_answer(message, int(number) if number.isdigit() else 0)
    else:
        {"hello": on_hello, "bye": on_bye}[message["m"]](message)
'''


class Adapters:
    """Writes adapters, asks them and cleans up after them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: list[StdioSession] = []

    def command(self, overrides: str, window: int = WINDOW) -> list[str]:
        script = self._folder / "adapter.py"
        script.write_text(FRAME.replace("OVERRIDES", overrides).replace("WINDOW", str(window)), encoding="utf-8")
        return [sys.executable, "-I", "-S", str(script)]

    def session(
        self, overrides: str, *, timeout: float = GENEROUS, hello: float = GENEROUS, window: int = WINDOW
    ) -> StdioSession:
        session = StdioSession(self.command(overrides, window), ("2017-08",), Limits(timeout, hello))
        self._open.append(session)
        return session

    def ask(self, overrides: str = "", *, cases: int = 12, timeout: float = GENEROUS, window: int = WINDOW) -> Asked:
        session = self.session(overrides, timeout=timeout, window=window)
        return judged(session, [scenario(number) for number in range(1, cases + 1)])

    def refused(self, overrides: str, *, hello: float = GENEROUS) -> str:
        with pytest.raises(CannotStart) as caught:
            self.session(overrides, hello=hello)
        assert "adapter.py" in (caught.value.path or "")
        return caught.value.reason

    def close(self) -> None:
        for session in self._open:
            session.close()


@pytest.fixture
def adapters(tmp_path: Path) -> Iterator[Adapters]:
    made = Adapters(tmp_path)
    yield made
    made.close()


def on_answer(body: str) -> str:
    return "def on_answer(message, number):\n" + "\n".join(f"    {line}" for line in body.strip().splitlines())


def on_case(number: int, body: str) -> str:
    """An adapter that is right except on one case."""
    indented = "\n".join(f"    {line}" for line in body.strip().splitlines())
    return on_answer(f"if number == {number}:\n{indented}\nelse:\n    say(right(message))")


# Good ones


def test_an_adapter_that_behaves_passes_and_leaves_nothing_to_say(adapters: Adapters) -> None:
    asked = adapters.ask(cases=30)
    assert not asked.verdicts
    assert (asked.run.faults, asked.run.remarks, asked.run.restarts, asked.run.gave_up) == ([], [], 0, "")


def test_answers_may_come_in_reverse_order_within_the_window(adapters: Adapters) -> None:
    asked = adapters.ask(
        """
held = []
def on_answer(message, number):
    held.append(message)
    if len(held) == WINDOW or number > 24:
        while held:
            say(right(held.pop()))
""",
        cases=26,
    )
    assert not asked.verdicts
    assert not asked.run.faults
    assert asked.run.restarts == 0


def test_no_more_questions_than_the_window_are_in_flight(adapters: Adapters) -> None:
    asked = adapters.ask(
        """
held = []
def on_answer(message, number):
    held.append(message)
    if len(held) == 3:
        time.sleep(0.2)
        os.set_blocking(0, False)
        assert not sys.stdin.buffer.peek(1), "a fourth question"
        os.set_blocking(0, True)
        say(right(held.pop(0)))
    if number == 5:
        while held:
            say(right(held.pop(0)))
""",
        cases=5,
        window=3,
    )
    assert not asked.verdicts, asked.notes


ALLOWED = {
    "CRLF line ends": on_answer('write(json.dumps(right(message)) + "\\r\\n")'),
    "a byte order mark": 'write(b"\\xef\\xbb\\xbf")',
    "a field of its own": on_answer('say({**right(message), "x_note": [1, {"y": 2.5}]})'),
    "a field of its own in a row": on_answer('ROW["x_note"] = 1; say(right(message))'),
    "megabytes on standard error": on_answer('sys.stderr.write("z" * 1_000_000 + "\\n"); say(right(message))'),
    "a line in two pieces": on_answer(
        """
text = json.dumps(right(message)) + "\\n"
write(text[:9])
time.sleep(0.01)
write(text[9:])
"""
    ),
    "two lines in one piece": "held = []\n"
    + on_answer(
        """
held.append(json.dumps(right(message)) + "\\n")
if number % 2 == 0:
    write("".join(held))
    held.clear()
"""
    ),
    "a line of a megabyte": on_answer('say({**right(message), "x_pad": "z" * 1_000_000})'),
    "no line end after the last line": """
def on_bye(message):
    write(json.dumps({"id": message["id"], "ok": {}}))
    sys.exit(0)
""",
}


@pytest.mark.parametrize("what", ALLOWED)
def test_this_is_allowed(adapters: Adapters, what: str) -> None:
    asked = adapters.ask(ALLOWED[what])
    assert not asked.verdicts, asked.notes
    assert (asked.run.faults, asked.run.remarks, asked.run.restarts) == ([], [], 0)


def test_big_questions_and_big_answers_do_not_block_each_other(adapters: Adapters) -> None:
    session = adapters.session(on_answer('say({**right(message), "x_echo": message["scenario"]["given"]["padding"]})'))
    asked = judged(session, [scenario(number, "z" * 700_000) for number in range(1, 20)])
    assert not asked.verdicts


# Ids


def test_a_second_answer_is_a_fault_of_the_adapter_and_not_of_a_case(adapters: Adapters) -> None:
    asked = adapters.ask(on_answer("say(right(message)); say(right(message))"), cases=3)
    assert not asked.verdicts
    assert asked.run.faults == [f"A second answer: id '{number}'." for number in (1, 2, 3)]
    assert asked.run.result is Result.NOT_CONFORMANT


def test_a_long_list_of_faults_is_cut_short(adapters: Adapters) -> None:
    asked = adapters.ask(on_answer("say(right(message)); say(right(message))"), cases=30)
    assert not asked.verdicts
    assert len(asked.run.faults) == 21
    assert asked.run.faults[-1] == "There are more faults than the 20 listed."


def test_an_answer_to_an_unknown_question_is_a_fault_of_the_adapter(adapters: Adapters) -> None:
    asked = adapters.ask(on_case(2, 'say({"id": "77", "ok": {}}); say(right(message))'))
    assert not asked.verdicts
    assert asked.run.faults == ["An answer to a question that was not asked: id '77'."]
    assert asked.run.result is Result.NOT_CONFORMANT


@pytest.mark.parametrize("id", ["2", "null", "true", '["2"]', '{"id": "2"}', "1e3"])
def test_an_id_that_is_not_text_is_a_fault_of_the_adapter(adapters: Adapters, id: str) -> None:
    asked = adapters.ask(on_case(2, f"""write('{{"id": {id}, "ok": {{"earnings": []}}}}\\n'); say(right(message))"""))
    assert not asked.verdicts
    assert len(asked.run.faults) == 1
    assert "id is not text" in asked.run.faults[0]


def test_a_missing_id_is_a_fault_of_the_adapter(adapters: Adapters) -> None:
    asked = adapters.ask(on_case(2, 'say({"ok": {"earnings": []}}); say(right(message))'))
    assert not asked.verdicts
    assert asked.run.faults == ["An answer whose id is not text: None."]


def test_a_huge_id_is_named_shortly(adapters: Adapters) -> None:
    asked = adapters.ask(on_case(2, 'say({"id": "7" * 1_000_000, "ok": {}}); say(right(message))'))
    assert not asked.verdicts
    assert len(asked.run.faults[0]) < 300


def test_answers_to_nothing_without_end_are_stopped(adapters: Adapters) -> None:
    asked = adapters.ask(on_case(2, 'while True:\n    write(b\'{"id":"77","ok":{}}\\n\' * 1000)'))
    assert asked.verdicts == {case_id(2): "fault"}
    assert "questions that were not asked" in asked.cases[case_id(2)].note


def test_answers_to_nothing_do_not_put_off_the_timeout(adapters: Adapters) -> None:
    asked = adapters.ask(
        on_case(1, 'while True:\n    say({"id": "77", "ok": {}}); time.sleep(0.05)'), cases=2, timeout=SHORT
    )
    assert asked.verdicts == {case_id(1): "timeout"}


# Lines that are no messages


NOT_MESSAGES = [
    ("Loading the rates ...\\n", "Loading the rates"),
    ("\\n", "not JSON"),
    ("[1, 2]\\n", "not a JSON object"),
    ('"ok"\\n', "not a JSON object"),
    ('{"id": "2", "id": "2", "ok": {}}\\n', "for the field id is written twice"),
    ('{"id": "2", "ok": {"earnings": [NaN]}}\\n', "for NaN is not a number of JSON"),
    ('{"id": "2", "ok": {"x_number": -Infinity}}\\n', "for -Infinity is not a number of JSON"),
    ('{"id": "2", "ok": {"x_number": 1e99999999999999999999}}\\n', "is too large or too small a number"),
    ('{"id": "2", "ok": {"x_number": ' + "9" * 5000 + "}}\\n", "a number in it has too many digits"),
    ('{"id": "2", "ok": {"x_deep": ' + "[" * 100_000 + "]" * 100_000 + "}}\\n", "it is nested too deeply"),
]


@pytest.mark.parametrize(("line", "words"), NOT_MESSAGES)
def test_a_line_that_is_no_message_on_one_case_is_the_fault_of_that_case(
    adapters: Adapters, line: str, words: str
) -> None:
    asked = adapters.ask(on_case(2, f"write('{line}'); say(right(message))"))
    assert asked.verdicts == {case_id(2): "fault"}
    assert words in asked.cases[case_id(2)].note
    assert not asked.run.gave_up


@pytest.mark.parametrize("line", [b"\xff\xfe\n", b"\xc3\n", b"\x00\n", '{"id": "2"}\n'.encode("utf-16-be")])
def test_bytes_that_are_not_utf8_text_are_the_fault_of_that_case(adapters: Adapters, line: bytes) -> None:
    asked = adapters.ask(on_case(2, f"write({line!r}); say(right(message))"))
    assert asked.verdicts == {case_id(2): "fault"}
    assert ("not JSON" if line.startswith(b"\x00") else "for it is not UTF-8 text") in asked.cases[case_id(2)].note


def test_a_line_that_is_no_message_once_is_not_lost_though_every_case_passes(adapters: Adapters) -> None:
    asked = adapters.ask(on_case(5, 'if not times("fifth"):\n    write("Warming up\\n")\nsay(right(message))'))
    assert not asked.verdicts
    assert asked.run.restarts == 1
    assert "Warming up" in asked.run.faults[0]
    assert asked.run.result is Result.NOT_CONFORMANT


def test_a_line_that_is_no_message_beside_every_answer_ends_the_run(adapters: Adapters) -> None:
    asked = adapters.ask(on_answer('write("Answering\\n"); say(right(message))'))
    assert asked.run.result is Result.UNUSABLE
    assert "Answering" in asked.run.gave_up


def test_a_line_that_is_no_message_before_hello_is_said(adapters: Adapters) -> None:
    assert "'Welcome!'" in adapters.refused('write("Welcome!\\n")')


def test_a_line_longer_than_64_mib_is_a_fault(adapters: Adapters) -> None:
    asked = adapters.ask(on_case(2, 'say({**right(message), "x_pad": "z" * 70_000_000})'), cases=3)
    assert asked.verdicts == {case_id(2): "fault"}
    assert "longer than 64 MiB" in asked.cases[case_id(2)].note


def test_a_line_without_end_does_not_fill_the_memory(adapters: Adapters, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "LONGEST_LINE", 1024 * 1024)
    asked = adapters.ask(on_case(2, 'while True:\n    write(b"z" * 100_000)'), cases=3)
    assert asked.verdicts == {case_id(2): "fault"}


# Replies that break the protocol


def rows(row: str) -> str:
    return f'"ok": {{"earnings": [{row}]}}'


def row(amount: str, more: str = "") -> str:
    common = '"ukprn": 10000001, "uln": 1000000001, "type": "on_programme", "month": "2018-01"'
    return rows(f'{{{common}, "amount": {amount}{more}}}')


FAULTY_REPLIES = [
    ("no kind of reply", '"x_note": 1', "exactly one of"),
    ("two kinds of reply", '"ok": {"earnings": []}, "error": {"message": "?"}', "exactly one of"),
    ("an unknown field", '"ok": {"earnings": []}, "took": 5', "no field took"),
    ("an unknown field in the answer", '"ok": {"earnings": [], "took": 5}', "no field took"),
    ("what was not asked", '"ok": {"earnings": [], "payments": []}', "no field payments"),
    ("nothing that was asked", '"ok": {}', "list of earnings"),
    ("an object for rows", '"ok": {"earnings": {}}', "list of earnings"),
    ("a list for the answer", '"ok": []', "must be an object"),
    ("a number for a row", rows("5"), "must be an object"),
    ("unsupported to what it declared", '"unsupported": {"wants": ["earnings"]}', "unsupported"),
    ("an error", '"error": {"message": "out of memory"}', "out of memory"),
    ("an error without words", '"error": {}', "no message"),
    ("an unknown reject code", '"reject": {"code": "COMPUTER-SAYS-NO"}', "COMPUTER-SAYS-NO"),
    ("a reject without a code", '"reject": {}', "no reject code"),
    ("a list for a reject code", '"reject": {"code": ["BAD-SHAPE"]}', "no reject code"),
    ("a number for the path of a reject", '"reject": {"code": "BAD-SHAPE", "path": 5}', "path"),
    ("a number for an amount", row("500.00000"), ".amount: 500.00000 is not an amount; amounts are text"),
    ("a whole number for an amount", row("500"), "amounts are text"),
    ("an amount with six decimals", row('"500.000000"'), "not an amount"),
    ("an amount without decimals", row('"500"'), "not an amount"),
    ("an amount with an exponent", row('"5e2"'), "not an amount"),
    ("an amount as an exponent", row("5e2"), "amounts are text"),
    ("an amount with a comma", row('"1,500.00"'), "not an amount"),
    ("an amount with a plus", row('"+500.00"'), "not an amount"),
    ("an amount that is no number", row('"NaN"'), "not an amount"),
    ("no end of an amount", row('"' + "9" * 5000 + '.00000"'), "not an amount"),
    ("null for an amount", row("null"), "not an amount"),
    ("an amount in Arabic digits", row('"٥٠٠.٠٠"'), "not an amount"),
    ("no amount", rows('{"ukprn": 10000001, "uln": 1000000001, "type": "on_programme", "month": "2018-01"}'), "amount"),
    ("an unknown type", row('"500.0"').replace("on_programme", "bonus"), "no type 'bonus'"),
    ("a month that is not there", row('"500.0"').replace("2018-01", "2018-13"), "not a month"),
    ("a month of the year 0", row('"500.0"').replace("2018-01", "0000-01"), "not a month"),
    ("a ULN with decimals", row('"500.0"').replace("1000000001", "1000000001.0"), "not a whole number"),
    ("a ULN as text", row('"500.0"').replace("1000000001", '"1000000001"'), "not a whole number"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "reply", "words"), FAULTY_REPLIES, ids=[what for what, _, _ in FAULTY_REPLIES])
def test_a_reply_that_breaks_the_protocol_is_the_fault_of_its_case(
    adapters: Adapters, what: str, reply: str, words: str
) -> None:
    asked = adapters.ask(on_case(2, f"""write('{{"id": "' + message["id"] + '", {reply}}}\\n')"""), cases=3)
    assert asked.verdicts == {case_id(2): "fault"}, asked.notes
    assert words in asked.cases[case_id(2)].note
    assert not asked.run.gave_up


@pytest.mark.parametrize(
    ("what", "reply"),
    [
        ("half a character", row('"500.0"', ', "learner": "\\\\ud800"')),
        ("half a character of its own", row('"500.0"', ', "x_note": "\\\\udfff"')),
        ("a number beyond every size of its own", row('"500.0"', ', "x_note": 1e999')),
        ("a number below every size of its own", row('"500.0"', ', "x_note": 1e-999')),
        ("a number of 4,000 digits of its own", row('"500.0"', f', "x_note": {"9" * 4000}')),
        *((f"nesting to depth {n}", f'"ok": {{"earnings": [], "x_n": {"[" * n}{"]" * n}}}') for n in (500, 900, 985)),
    ],
)  # fmt: skip
def test_whatever_it_answers_the_run_can_be_written_and_read(adapters: Adapters, what: str, reply: str) -> None:
    asked = adapters.ask(on_case(2, f"""write('{{"id": "' + message["id"] + '", {reply}}}\\n')"""), cases=3)
    assert set(asked.verdicts) <= {case_id(2)}
    assert set(asked.verdicts.values()) <= {"fault", "fail"}
    for line in asked.run.lines():
        parse_json(line)


def test_a_rejected_question_that_has_an_answer_is_rejected_wrongly(adapters: Adapters) -> None:
    asked = adapters.ask(on_case(2, 'say({"id": message["id"], "reject": {"code": "BAD-SHAPE"}})'), cases=3)
    assert asked.verdicts == {case_id(2): "rejected-wrongly"}


# Crashes


CRASH = 'sys.stderr.write("no such rate\\nKeyError: 2018\\n"); sys.stderr.flush(); os._exit(7)'


@pytest.mark.parametrize("window", [1, 2, WINDOW, 64])
def test_a_crash_with_many_in_flight_is_the_crash_of_one_case(adapters: Adapters, window: int) -> None:
    asked = adapters.ask(on_case(5, CRASH), cases=20, window=window)
    assert asked.verdicts == {case_id(5): "crash"}
    note = asked.cases[case_id(5)].note
    assert note == "It ended without an answer. It exited with code 7. Its standard error ends: KeyError: 2018"
    assert not asked.run.faults
    assert asked.run.restarts == (1 if window == 1 else 2)


def test_a_crash_in_the_middle_of_a_line_is_a_crash(adapters: Adapters) -> None:
    asked = adapters.ask(on_case(5, """write('{"id": "5", "ok": {"ear'); os._exit(7)"""))
    assert asked.verdicts == {case_id(5): "crash"}


def test_the_signal_that_ended_it_is_named(adapters: Adapters) -> None:
    asked = adapters.ask(on_case(5, "os.abort()"))
    assert asked.verdicts == {case_id(5): "crash"}
    assert "SIGABRT" in asked.cases[case_id(5)].note


def test_what_it_wrote_before_it_crashed_cannot_act_on_a_terminal(adapters: Adapters) -> None:
    asked = adapters.ask(on_case(5, 'sys.stderr.write("\\x1b[2Jgone\\a\\n"); sys.stderr.flush(); os._exit(7)'))
    assert "gone" in asked.cases[case_id(5)].note
    assert asked.cases[case_id(5)].note.isprintable()


def test_closing_standard_output_is_a_crash(adapters: Adapters, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "SECONDS_TO_FALL", 0.2)
    asked = adapters.ask(on_case(5, "sys.stdout.close(); os.close(1); time.sleep(600)"))
    assert asked.verdicts == {case_id(5): "crash"}


def test_ending_quietly_without_an_answer_is_a_crash(adapters: Adapters) -> None:
    asked = adapters.ask(on_case(5, "sys.exit(0)"))
    assert asked.verdicts == {case_id(5): "crash"}
    assert "code 0" in asked.cases[case_id(5)].note


def test_a_crash_that_no_single_case_causes_is_a_fault_of_the_adapter(adapters: Adapters) -> None:
    asked = adapters.ask(on_answer(f'if times("answers") == 4:\n    {CRASH}\nsay(right(message))'))
    assert not asked.verdicts
    assert asked.run.restarts == 1
    assert "KeyError: 2018" in asked.run.faults[0]
    assert "every question in flight was answered" in asked.run.faults[0]
    assert asked.run.result is Result.NOT_CONFORMANT


def test_a_crash_at_every_case_ends_the_run_after_three_restarts(adapters: Adapters) -> None:
    asked = adapters.ask(on_answer(CRASH))
    assert asked.run.restarts == 3
    assert "3 in a row without an answer" in asked.run.gave_up
    assert "KeyError: 2018" in asked.run.gave_up
    assert asked.run.result is Result.UNUSABLE
    assert asked.run.result.exit_code == 4
    assert set(asked.verdicts.values()) == {"crash", "missing"}
    assert len(asked.verdicts) == 12


@pytest.mark.parametrize("window", [1, WINDOW])
def test_eleven_crashing_cases_among_good_ones_end_the_run(adapters: Adapters, window: int) -> None:
    asked = adapters.ask(on_answer(f"if number % 2:\n    {CRASH}\nsay(right(message))"), cases=22, window=window)
    assert asked.run.restarts == 10
    assert "restarted 10 times" in asked.run.gave_up
    assert asked.run.result is Result.UNUSABLE
    crashed = [number for number in range(1, 23) if asked.verdicts.get(case_id(number)) == "crash"]
    assert crashed == list(range(1, 22, 2))[: 11 if window == 1 else 10]
    judged_cases = range(2, 21 if window == 1 else 19, 2)
    assert not [number for number in judged_cases if case_id(number) in asked.verdicts]


def test_ten_crashing_cases_are_all_named(adapters: Adapters) -> None:
    asked = adapters.ask(on_answer(f"if number % 2:\n    {CRASH}\nsay(right(message))"), cases=20, window=1)
    assert asked.verdicts == {case_id(number): "crash" for number in range(1, 21, 2)}
    assert not asked.run.gave_up


def test_a_crash_at_every_drawn_scenario_ends_the_search(adapters: Adapters, tmp_path: Path) -> None:
    session = adapters.session(on_answer("os._exit(7)"))
    cases = list(ask_properties(session, "2017-08", ["earnings"], tries=5, seed=0, folder=tmp_path))
    assert {case.verdict.value for case in cases} == {"crash", "missing"}
    assert session.gave_up


def test_an_end_between_two_questions_is_a_fault_and_blames_no_case(adapters: Adapters) -> None:
    session = adapters.session(on_answer('say(right(message))\nif not times("ends"):\n    os._exit(3)'), window=1)
    first = list(session.ask([question(1)]))
    assert session._link is not None
    deadline = time.monotonic() + GENEROUS
    while not session._link.has_written and time.monotonic() < deadline:
        time.sleep(0.01)
    second = list(session.ask([question(2)]))
    assert [reply.outcome for reply in first + second] == [Outcome.OK, Outcome.OK]
    assert len(session.faults) == 1
    assert "No question was in flight" in session.faults[0]
    assert "code 3" in session.faults[0]


def question(number: int) -> Question:
    message = {"m": "answer", "wants": ["earnings"], "scenario": {"id": case_id(number)}}
    return Question(str(number), message)


def test_questions_left_unasked_when_the_asker_stops_listening_do_not_confuse_the_next(adapters: Adapters) -> None:
    session = adapters.session(on_answer('say({**right(message), "x_of": message["id"]})'))
    replies = session.ask([question(number) for number in range(1, 9)])
    next(replies)
    assert isinstance(replies, Generator)
    replies.close()
    again = list(session.ask([question(number) for number in range(11, 19)]))
    assert [reply.id for reply in again] == [str(number) for number in range(11, 19)]
    assert not session.faults


# Hangs


@pytest.mark.parametrize("window", [1, WINDOW])
def test_a_hang_is_the_timeout_of_one_case(adapters: Adapters, window: int) -> None:
    asked = adapters.ask(on_case(5, "time.sleep(600)"), timeout=SHORT, window=window)
    assert asked.verdicts == {case_id(5): "timeout"}
    assert asked.cases[case_id(5)].note == "No answer within 1 seconds."
    assert not asked.run.gave_up
    assert not asked.run.faults


def test_an_answer_that_comes_after_its_time_goes_nowhere(adapters: Adapters) -> None:
    late = f"time.sleep({SHORT * 1.5})\nsay(right(message))"
    asked = adapters.ask(on_case(5, late), timeout=SHORT, window=1)
    assert asked.verdicts == {case_id(5): "timeout"}
    assert not asked.run.faults


def test_words_without_end_on_standard_error_are_a_timeout(adapters: Adapters) -> None:
    asked = adapters.ask(on_case(5, 'while True:\n    sys.stderr.write("z" * 100_000)'), timeout=SHORT, window=1)
    assert asked.verdicts == {case_id(5): "timeout"}
    assert len(asked.cases[case_id(5)].note) < 500


def test_lines_that_come_faster_than_they_are_read_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "LONGEST_LINE", 1000)
    incoming, put = link.Incoming(), []

    def flood() -> None:
        for _ in range(100):
            incoming.put(b"z" * 100)
            put.append(1)

    writing = threading.Thread(target=flood)
    writing.start()
    writing.join(0.2)
    assert writing.is_alive()
    assert len(put) == 11
    assert incoming.next(time.monotonic() + GENEROUS) == b"z" * 100
    incoming.close()
    writing.join(GENEROUS)
    assert len(put) == 100


def test_a_hang_of_an_adapter_that_answers_the_newest_first_is_the_timeout_of_the_right_case(
    adapters: Adapters,
) -> None:
    asked = adapters.ask(
        """
held = []
def on_answer(message, number):
    held.append((message, number))
    if number == 5:
        while held:
            message, number = held.pop()
            if number == 3:
                time.sleep(600)
            say(right(message))
    elif number < 5 and times(f"case {number}"):
        if number == 3:
            time.sleep(600)
        say(right(held.pop()[0]))
""",
        cases=5,
        timeout=SHORT,
    )
    assert asked.verdicts == {case_id(3): "timeout"}


@pytest.mark.skipif(sys.platform == "win32", reason="file locks of POSIX")
def test_a_hang_ends_everything_the_adapter_started(adapters: Adapters, tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    child = 'import fcntl, sys, time; f = open(sys.argv[1], "w"); fcntl.flock(f, 2); print(f.name); time.sleep(600)'
    hang = f"""
child = subprocess.Popen([sys.executable, "-I", "-S", "-u", "-c", {child!r}, {str(lock)!r}], stdout=subprocess.PIPE)
child.stdout.readline()
subprocess.Popen([sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)"])
time.sleep(600)
"""
    asked = adapters.ask(on_case(2, hang), cases=3, timeout=SHORT, window=1)
    assert asked.verdicts == {case_id(2): "timeout"}
    wait_until_free(lock)


def wait_until_free(lock: Path) -> None:
    """Waits until the process that held a lock has ended."""
    import fcntl

    deadline = time.monotonic() + GENEROUS
    with lock.open() as held:
        while True:
            try:
                return fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                assert time.monotonic() < deadline, "what the adapter started is still there"
                time.sleep(0.05)


@pytest.mark.skipif(sys.platform == "win32", reason="sessions of POSIX")
def test_a_child_out_of_reach_that_keeps_standard_output_open_does_not_hold_the_run_up(
    adapters: Adapters, tmp_path: Path
) -> None:
    stop = tmp_path / "stop"
    child = "import os, sys, time\nwhile not os.path.exists(sys.argv[1]): time.sleep(0.05)"
    crash = f"""
subprocess.Popen([sys.executable, "-I", "-S", "-c", {child!r}, {str(stop)!r}], start_new_session=True)
os._exit(7)
"""
    try:
        asked = adapters.ask(on_case(2, crash), cases=3, timeout=SHORT, window=1)
    finally:
        stop.touch()
    assert asked.verdicts == {case_id(2): "crash"}
    assert "code 7" in asked.cases[case_id(2)].note


def test_an_adapter_that_stops_reading_does_not_block_the_kit(adapters: Adapters) -> None:
    overrides = 'def on_hello(message):\n    say({"id": message["id"], "ok": DECLARATION})\n    time.sleep(600)'
    session = adapters.session(overrides, timeout=0.5)
    asked = judged(session, [scenario(number, "z" * 500_000) for number in range(1, 10)])
    assert asked.run.result is Result.UNUSABLE
    assert set(asked.verdicts.values()) == {"timeout", "missing"}


# Hello


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ('{"id": "0", "error": {"message": "licence expired"}}', "It answered hello with an error: licence expired"),
        ('{"id": "0", "error": 5}', "It answered hello with an error: 5"),
        ('{"id": "1", "ok": {}}', 'instead of "0"'),
        ('{"ok": {}}', 'instead of "0"'),
        ('{"id": "0"}', "must be answered with an object under ok"),
        ('{"id": "0", "ok": {}, "extra": 1}', "extra"),
        ('{"id": "0", "reject": {"code": "BAD-SHAPE"}}', "reject"),
        ('{"id": "0", "ok": []}', "must be answered with an object under ok"),
        ('[]', "not a JSON object"),
    ],
)  # fmt: skip
def test_a_wrong_answer_to_hello_is_said(adapters: Adapters, reply: str, words: str) -> None:
    reason = adapters.refused(f"def on_hello(message):\n    write({reply!r} + '\\n')")
    assert words in reason


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"protocol": 2}, "speaks protocol 2; this kit speaks 1"),
        ({"protocol": None}, "protocol"),
        ({"implementation": "Acme"}, "name the implementation"),
        ({"wants": ["profits"]}, "profits"),
        ({"wants": "earnings"}, "wants must be a list"),
        ({"wants": None}, "wants must be a list"),
        ({"wants": [["earnings"]]}, "wants must be a list"),
        ({"rulebooks": {"2017-08": True}}, "rulebooks must be a list"),
        ({"window": 0}, "window"),
        ({"window": 5000}, "window"),
        ({"window": True}, "window"),
        ({"omits": ["bonus"]}, "bonus"),
        ({"choices": []}, "choices"),
        ({"working": "yes"}, "working"),
        ({"colour": "blue"}, "no field colour"),
        ({"implementation": {"name": "A" * 20_000}}, "longer than 16 KiB"),
    ],
)
def test_a_declaration_that_cannot_be_used_is_said(adapters: Adapters, changes: dict[str, Any], words: str) -> None:
    assert words in adapters.refused(f"DECLARATION.update({changes!r})")


def test_a_declaration_may_have_fields_of_its_own(adapters: Adapters) -> None:
    assert not adapters.ask('DECLARATION["x_build"] = 5').verdicts


def test_hello_may_take_longer_than_an_answer(adapters: Adapters) -> None:
    session = adapters.session("time.sleep(0.8)", timeout=0.5)
    assert session.declaration.name == "Awkward 1"


def test_a_hello_that_is_never_answered_is_said(adapters: Adapters) -> None:
    reason = adapters.refused('sys.stderr.write("waiting for the database\\n")\ndef on_hello(message): pass', hello=2.0)
    assert reason == "It did not answer hello within 2 seconds. Its standard error ends: waiting for the database"


def test_an_end_before_hello_is_said_with_its_last_words(adapters: Adapters) -> None:
    reason = adapters.refused('sys.exit("no configuration")')
    assert reason == (
        "It ended before it answered hello. It exited with code 1. Its standard error ends: no configuration"
    )


def test_a_changed_declaration_after_a_restart_ends_the_run(adapters: Adapters) -> None:
    asked = adapters.ask(on_case(2, CRASH) + '\nif times("starts"):\n    DECLARATION["omits"] = ["aim"]')
    assert "declared itself otherwise" in asked.run.faults[0]
    assert asked.run.gave_up == "Its declaration changed during the run."
    assert asked.run.result is Result.UNUSABLE


def test_a_run_that_ended_early_is_not_taken_up_again(adapters: Adapters) -> None:
    session = adapters.session(
        on_case(1, CRASH) + '\nif times("starts"):\n    DECLARATION["omits"] = ["aim"]', window=1
    )
    first = list(session.ask([question(1), question(2)]))
    assert [reply.outcome for reply in first] == [Outcome.CRASH]
    assert session.gave_up
    assert list(session.ask([question(3)])) == []
    assert session.restarts == 1


def test_an_adapter_that_cannot_be_started_again_ends_the_run(adapters: Adapters) -> None:
    asked = adapters.ask(on_case(2, CRASH) + '\nif times("starts"):\n    sys.exit("the licence is in use")')
    assert asked.run.result is Result.UNUSABLE
    assert asked.run.restarts == 3
    assert "the licence is in use" in asked.run.gave_up


# Commands


def test_a_command_that_is_not_there_is_said() -> None:
    with pytest.raises(CannotStart, match="No such file") as caught:
        open_session("no-such-command --flag", ("2017-08",), Limits())
    assert caught.value.path == "no-such-command --flag"


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_a_file_that_is_not_executable_is_said(tmp_path: Path) -> None:
    file = tmp_path / "adapter"
    file.write_text("#!/bin/sh\n")
    with pytest.raises(CannotStart, match="Permission denied"):
        open_session(str(file), ("2017-08",), Limits())


def test_a_file_that_is_no_program_is_said(tmp_path: Path) -> None:
    file = tmp_path / "adapter"
    file.write_bytes(b"\x00\x01")
    file.chmod(0o755)
    with pytest.raises(CannotStart):
        open_session(str(file), ("2017-08",), Limits())


@pytest.mark.parametrize("command", ["", "   ", "''", "'' --flag"])
def test_an_empty_command_is_said(command: str) -> None:
    with pytest.raises(AdapterError, match="Name an implementation"):
        open_session(command, ("2017-08",), Limits())


def test_a_command_with_an_open_quote_is_said() -> None:
    with pytest.raises(AdapterError, match="cannot be read"):
        open_session("python 'adapter.py", ("2017-08",), Limits())


def test_a_command_with_a_zero_byte_is_said() -> None:
    with pytest.raises(CannotStart):
        open_session("python\0", ("2017-08",), Limits())


# Bye


def test_a_code_other_than_0_after_bye_is_a_remark(adapters: Adapters) -> None:
    asked = adapters.ask(
        'def on_bye(message):\n    say({"id": message["id"], "ok": {}})\n    sys.exit("could not save")'
    )
    assert not asked.verdicts
    assert not asked.run.faults
    assert len(asked.run.remarks) == 1
    assert "code 1" in asked.run.remarks[0]
    assert "could not save" in asked.run.remarks[0]


def test_an_adapter_that_ignores_bye_and_the_end_of_its_input_is_ended(
    adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "SECONDS_TO_LEAVE", 1.0)
    asked = adapters.ask("def on_bye(message):\n    time.sleep(600)")
    assert not asked.verdicts
    assert asked.run.remarks == ["It did not answer bye.", "It did not exit after bye and was ended."]


def test_an_adapter_that_leaves_at_bye_without_a_word_is_remarked_upon(adapters: Adapters) -> None:
    asked = adapters.ask("def on_bye(message):\n    sys.exit(0)")
    assert asked.run.remarks == ["It did not answer bye."]


def test_words_that_are_no_message_at_bye_are_a_fault(adapters: Adapters) -> None:
    asked = adapters.ask('def on_bye(message):\n    write("Goodbye!\\n")\n    sys.exit(0)')
    assert not asked.verdicts
    assert "Goodbye!" in asked.run.faults[0]


def test_an_answer_for_the_second_time_before_bye_is_no_answer_to_bye(adapters: Adapters) -> None:
    asked = adapters.ask('def on_bye(message):\n    say({"id": "1", "ok": {"earnings": []}})\n    sys.exit(0)')
    assert asked.run.faults == ["A second answer: id '1'."]
    assert asked.run.remarks == ["It did not answer bye."]


# The kit leaves nothing behind


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_kit_that_is_stopped_ends_the_adapter_too(adapters: Adapters, tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    hang = f"import fcntl\nf = open({str(lock)!r}, 'w'); fcntl.flock(f, 2)\n" + on_answer("time.sleep(600)")
    asking = (
        "import json, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have it ignored\n"
        "from funding_conformance.adapters import Limits\n"
        "from funding_conformance.adapters.stdio import StdioSession\n"
        "from funding_conformance.protocol import Question\n"
        "session = StdioSession(json.loads(sys.argv[1]), ('2017-08',), Limits(600, 600))\n"
        "print('asking', flush=True)\n"
        "list(session.ask([Question('1', {'m': 'answer', 'scenario': {'id': 'a/1'}})]))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", asking, json.dumps(adapters.command(hang))],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as kit:
        assert kit.stdout is not None
        assert kit.stdout.readline() == b"asking\n"
        for _ in range(int(GENEROUS)):  # an interrupt can get lost while a process is being started
            kit.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                kit.wait(1)
                break
        kit.wait(GENEROUS)
    wait_until_free(lock)
