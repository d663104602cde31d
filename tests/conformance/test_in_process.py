"""Functions in Python that misbehave, each in one way, and what a run says of each."""

from __future__ import annotations

import itertools
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from funding_conformance.adapters import AdapterError, Limits, Session, open_session
from funding_conformance.adapters.in_process import InProcessSession
from funding_conformance.properties import ask_properties
from funding_conformance.protocol import Outcome, ProtocolFault, Question, Reply
from funding_conformance.service import reference_service

GENEROUS = Limits(answer=30.0, hello=30.0)
NAMES = itertools.count(1)

DECLARATION = {
    "protocol": 1,
    "implementation": {"name": "Awkward", "version": "1"},
    "rulebooks": ["2017-08"],
    "wants": ["earnings", "payments"],
}

Open = Callable[..., Session]


@pytest.fixture
def open_function(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens a session with the function ``reply`` of a module made for the test."""
    monkeypatch.chdir(tmp_path)
    path_before, made = list(sys.path), []

    def opened(body: str, limits: Limits = GENEROUS, function: str = "reply") -> Session:
        name = f"awkward_module_{next(NAMES)}"
        made.append(name)
        right = 'return {"id": message["id"], "ok": {"earnings": []}}'
        text = f"""
import sys, threading

def hang(message):
    return threading.Event().wait() if message["m"] == "answer" else reply(message)

def reply(message):
    if message["m"] == "hello":
        return {{"id": "0", "ok": {DECLARATION!r}}}
    if message["m"] == "bye":
        return {{"id": message["id"], "ok": {{}}}}
    if message["id"] != "2":
        {right}
{indented(body)}
    {right}
"""
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        return open_session(f"python:{name}:{function}", ("2017-08",), limits)

    yield opened
    assert sys.path == path_before
    for name in made:
        sys.modules.pop(name, None)


def indented(body: str) -> str:
    return "\n".join(f"    {line}" for line in body.strip().splitlines())


def questions(count: int = 3, wants: tuple[str, ...] = ("earnings",)) -> list[Question]:
    message = {"m": "answer", "wants": list(wants), "scenario": {"id": "a/b", "rulebook": "2017-08", "given": {}}}
    return [Question(str(number), message) for number in range(1, count + 1)]


def the_second(session: Session) -> Reply:
    """The reply to the second of three questions; the others are right."""
    replies = list(session.ask(questions()))
    session.close()
    assert [reply.id for reply in replies] == ["1", "2", "3"]
    assert [replies[0].outcome, replies[2].outcome] == [Outcome.OK, Outcome.OK]
    return replies[1]


def test_a_function_that_behaves_leaves_nothing_to_say(open_function: Open) -> None:
    session = open_function("pass")
    assert session.declaration.name == "Awkward 1"
    assert the_second(session).outcome is Outcome.OK
    assert (session.faults, session.remarks, session.restarts, session.gave_up) == ([], [], 0, "")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('raise KeyError("no such rate")', "It raised KeyError: 'no such rate'"),
        ('raise ValueError("?")', "It raised ValueError: ?"),
        ('raise TimeoutError("the database")', "It raised TimeoutError: the database"),
        ("sys.exit(3)", "It raised SystemExit: 3"),
        ("raise KeyboardInterrupt", "It raised KeyboardInterrupt: "),
        ("def again(): again()\nagain()", "It raised RecursionError: "),
        ('raise type("Mute", (Exception,), {"__str__": lambda self: 1 / 0})()', "It raised Mute: it cannot say what"),
    ],
)
def test_raising_is_the_crash_of_one_case(open_function: Open, body: str, words: str) -> None:
    reply = the_second(open_function(body))
    assert reply.outcome is Outcome.CRASH
    assert reply.note.startswith(words)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return None", "It returned None"),
        ('return "ok"', "It returned ok"),
        ("return [1]", "It returned [1]"),
        ('return {"ok": {"earnings": []}}', "has the id None instead of '2'"),
        ('return {"id": "1", "ok": {"earnings": []}}', "has the id 1 instead of '2'"),
        ('return {"id": 2, "ok": {"earnings": []}}', "has the id 2 instead of '2'"),
        ('return {"id": ["2"], "ok": {"earnings": []}}', "instead of '2'"),
        ('return {"id": "2", "ok": {"earnings": [], "x_n": {1, 2}}}', "cannot go over a pipe"),
        ('return {"id": "2", "ok": {"earnings": [], "x_n": float("nan")}}', "cannot go over a pipe"),
        ('r = {"id": "2"}\nr["ok"] = r\nreturn r', "cannot go over a pipe"),
        ('r = []\nfor _ in range(100_000): r = [r]\nreturn {"id": "2", "ok": {"x_n": r}}', "cannot go over a pipe"),
        ('return {"id": "2", "ok": {"earnings": []}, "took": 5}', "no field took"),
        ('return {"id": "2", "ok": {}}', "list of earnings"),
        ('return type("Mute", (), {"__repr__": lambda self: 1 / 0})()', "cannot go over a pipe: division by zero"),
        ('return type("Shy", (dict,), {"items": lambda self: sys.exit(3)})(ok={})', "cannot go over a pipe: 3"),
    ],
)
def test_what_is_no_reply_is_the_fault_of_one_case(open_function: Open, body: str, words: str) -> None:
    reply = the_second(open_function(body))
    assert reply.outcome is Outcome.FAULT
    assert words in reply.note


@pytest.mark.parametrize("field", ['"collection": "2017-R01"', '"collection": "1718-R99"', '"month": "0000-01"'])
def test_a_collection_or_month_that_is_not_there_is_the_fault_of_one_case(open_function: Open, field: str) -> None:
    payment = '"ukprn": 1, "type": "on_programme", "source": "levy", "amount": "1.0", "collection": "1718-R01"'
    session = open_function(f'return {{"id": "2", "ok": {{"payments": [{{{payment}, {field}}}]}}}}')
    replies = list(session.ask(questions(2, wants=("payments",))))
    assert replies[1].outcome is Outcome.FAULT


def test_an_error_of_its_own_comes_with_its_words(open_function: Open) -> None:
    reply = the_second(open_function('return {"id": "2", "error": {"message": "out of rates"}}'))
    assert (reply.outcome, reply.note) == (Outcome.ERROR, "out of rates")


def test_a_hang_is_the_timeout_of_one_case(open_function: Open) -> None:
    session = open_function("threading.Event().wait()", Limits(answer=1.0, hello=30.0))
    reply = the_second(session)
    assert (reply.outcome, reply.note) == (Outcome.TIMEOUT, "No answer within 1 seconds.")
    assert not session.gave_up


def test_three_hangs_in_a_row_end_the_run(open_function: Open) -> None:
    session = open_function("pass", Limits(answer=0.2, hello=30.0), "hang")
    replies = list(session.ask(questions(10)))
    assert [reply.outcome for reply in replies] == [Outcome.TIMEOUT] * 3
    assert "3 questions in a row" in session.gave_up
    assert list(session.ask(questions(10))) == []
    session.close()


def test_a_function_that_answers_the_same_question_now_so_now_so_is_found_out(tmp_path: Path) -> None:
    handle, calls = reference_service(), itertools.count()

    def moody(message: Any) -> Any:
        reply = handle(message)
        if next(calls) == 5:
            reply["ok"]["earnings"] = [{**row, "amount": "99999.00000"} for row in reply["ok"]["earnings"]]
        return reply

    session = InProcessSession(moody, ("2017-08",))
    cases = list(ask_properties(session, "2017-08", ["earnings"], tries=5, seed=0, folder=tmp_path))
    assert "fail" in {case.verdict.value for case in cases}


def test_payments_without_what_they_need_not_have_do_not_break_the_search(tmp_path: Path) -> None:
    handle = reference_service()
    needed = ("collection", "ukprn", "type", "source", "amount")

    def sparse(message: Any) -> Any:
        reply = handle(message)
        for want, rows in reply["ok"].items() if message["m"] == "answer" else ():
            reply["ok"][want] = [{name: row[name] for name in needed} for row in rows] if want == "payments" else rows
        return reply

    session = InProcessSession(sparse, ("2017-08",))
    wants = ["earnings", "payments"]
    assert list(ask_properties(session, "2017-08", wants, tries=5, seed=0, folder=tmp_path))


def test_what_it_prints_is_no_part_of_the_protocol(open_function: Open, capsys: pytest.CaptureFixture[str]) -> None:
    assert the_second(open_function('print("{}")\nprint("working ...", file=sys.stderr)')).outcome is Outcome.OK


def test_a_function_cannot_change_what_the_next_is_asked(open_function: Open) -> None:
    session = open_function('message["scenario"].clear()\nmessage["wants"].clear()')
    asked = questions()
    list(session.ask(asked))
    assert asked == questions()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("python:no_such_module:reply", "ModuleNotFoundError"),
        ("python:json:no_such_function", "AttributeError"),
        ("python:json:decoder", "decoder is not a function"),
        ("python:json:__name__", "__name__ is not a function"),
        ("python:", "is named python:module:function"),
        ("python:json", "is named python:module:function"),
        ("python:json:", "is named python:module:function"),
        ("python::loads", "is named python:module:function"),
        ("python:json:loads:", "is named python:module:function"),
        ("python:..json:loads", "It cannot be imported"),
    ],
)
def test_what_cannot_be_called_is_said(name: str, words: str) -> None:
    before = list(sys.path)
    with pytest.raises(AdapterError, match=words) as caught:
        open_session(name, ("2017-08",), GENEROUS)
    assert caught.value.path == name
    assert sys.path == before


@pytest.mark.parametrize(
    ("text", "words"),
    [("1 / 0", "ZeroDivisionError"), ("def", "SyntaxError"), ("import sys; sys.exit(0)", "SystemExit")],
)
def test_a_module_that_cannot_be_imported_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, words: str
) -> None:
    name = f"awkward_module_{next(NAMES)}"
    (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AdapterError, match=words):
        open_session(f"python:{name}:reply", ("2017-08",), GENEROUS)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (None, "It returned None"),
        ({"id": "0", "ok": {**DECLARATION, "protocol": 3}}, "speaks protocol 3"),
        ({"id": "5", "ok": DECLARATION}, 'instead of "0"'),
        ({"id": "0", "error": {"message": "closed"}}, "closed"),
        ({"id": "0", "ok": None}, "object under ok"),
        ({"id": "0", "ok": {**DECLARATION, "wants": ["profits"]}}, "profits"),
    ],
)
def test_a_wrong_answer_to_hello_is_said(reply: Any, words: str) -> None:
    with pytest.raises(ProtocolFault, match=words):
        InProcessSession(lambda message: reply, ("2017-08",), 30.0, 30.0)


def test_raising_at_hello_is_said() -> None:
    def reply(message: Any) -> Any:
        raise RuntimeError("no licence")

    with pytest.raises(ProtocolFault, match=r"It did not answer hello\. It raised RuntimeError: no licence"):
        InProcessSession(reply, ("2017-08",), 30.0, 30.0)


def test_hanging_at_hello_is_said() -> None:
    with pytest.raises(ProtocolFault, match=r"It did not answer hello\. No answer within 0\.2 seconds"):
        InProcessSession(lambda message: threading.Event().wait(), ("2017-08",), 30.0, 0.2)


def test_the_reference_is_asked_through_the_same_session() -> None:
    session = open_session("reference", ("2017-08",), GENEROUS)
    assert session.declaration.name.startswith("funding-kit reference")
    [reply] = list(session.ask(questions(1)))
    assert reply.outcome is Outcome.REJECT
    session.close()


def test_a_mistake_of_the_reference_is_a_crash_of_one_case() -> None:
    handle = reference_service()

    def broken(message: Any) -> Any:
        return handle(message) if message["m"] != "answer" else 1 / 0

    [reply] = list(InProcessSession(broken, ("2017-08",)).ask(questions(1)))
    assert (reply.outcome, reply.note) == (Outcome.CRASH, "It raised ZeroDivisionError: division by zero")
