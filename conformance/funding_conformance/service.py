"""The reference as an implementation: the same messages in and out, over whatever transport."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from funding_reference.collections import ANSWERED, answer
from funding_reference.reading import Problem, Rejected, in_document_order
from funding_reference.records import read_given
from funding_reference.rules import Rules, rules_of
from funding_reference.working import recording
from funding_spec.documents import path_text
from funding_spec.rulebook import editions

from funding_conformance import KIT_VERSION
from funding_conformance.protocol import Declaration

Handler = Callable[[Mapping[str, Any]], dict[str, Any]]
"""Answers one message with its reply."""

WINDOW = 64


def reference_service(name: str = "reference", change: Callable[[Rules], Rules] = lambda rules: rules) -> Handler:
    """The reference as a handler of messages.

    :param change: what is wrong with it: rules bound to other functions, for a known-bad implementation
    """

    def handle(message: Mapping[str, Any]) -> dict[str, Any]:
        reply: dict[str, Any]
        match message.get("m"):
            case "hello":
                reply = {"ok": _declaration(name).as_json()}
            case "answer":
                reply = _answer(message, change)
            case "bye":
                reply = {"ok": {}}
            case other:
                reply = {"error": {"message": f"There is no message {other!r}; there are hello, answer and bye."}}
        return {"id": message.get("id"), **reply}

    return handle


def _declaration(name: str) -> Declaration:
    return Declaration(
        implementation={"name": f"funding-kit {name}", "version": KIT_VERSION, "language": "python"},
        rulebooks=editions(),
        wants=ANSWERED,
        window=WINDOW,
        working=True,
    )


def _answer(message: Mapping[str, Any], change: Callable[[Rules], Rules]) -> dict[str, Any]:
    wants = message.get("wants")
    if not isinstance(wants, list):
        return {"error": {"message": "An answer message has wants, a list of what is asked."}}
    if unknown := [want for want in wants if want not in ANSWERED]:
        return {"unsupported": {"wants": unknown}}
    scenario = message.get("scenario")
    try:
        edition, facts = read_question(scenario)
        rules = change(rules_of(edition))
        recorder = None
        if message.get("working"):
            rules, recorder = recording(rules)
        found = answer(rules, facts, tuple(wants)).as_json(tuple(wants))
        return {"ok": {**found, "working": [step.as_json() for step in recorder.steps()]} if recorder else found}
    except Rejected as rejected:
        first = rejected.problems[0]
        return {"reject": {"code": first.code, "path": path_text(first.path), "message": first.message}}


def read_question(scenario: Any) -> tuple[str, Any]:
    """The edition and the facts of a question.

    :raises Rejected: with every problem found, in the order of the document
    """
    problems: list[Problem] = []
    edition: Any = None
    facts = None
    if not isinstance(scenario, Mapping):
        raise Rejected([Problem("BAD-SHAPE", (), "A scenario is an object.")])
    for field in ("rulebook", "given"):
        if field not in scenario:
            problems.append(Problem("BAD-SHAPE", (field,), f"The field {field} is missing."))
    if "rulebook" in scenario:
        edition = scenario["rulebook"]
        if not isinstance(edition, str):
            problems.append(Problem("BAD-SHAPE", ("rulebook",), "A rulebook is named by text, such as 2017-08."))
        elif edition not in editions():
            known = ", ".join(editions())
            problems.append(
                Problem("UNKNOWN-RULEBOOK", ("rulebook",), f"There is no rulebook {edition}. Known: {known}.")
            )
    if "given" in scenario:
        try:
            facts = read_given(scenario["given"])
        except Rejected as rejected:
            problems.extend(rejected.problems)
    if problems:
        raise Rejected(in_document_order(problems, scenario))
    return edition, facts
