"""What an answer does first otherwise than the reference, in pounds and in words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from funding_conformance.adapters.in_process import InProcessSession
from funding_conformance.explaining import Explanation, explained, first_that_differs
from funding_conformance.known_bad import known_bad_named
from funding_conformance.properties import PROPERTIES, ask_properties
from funding_conformance.run import Case, ask_and_judge
from funding_conformance.scenarios import Scenario, load_scenario
from funding_conformance.service import Handler, reference_service

RULEBOOK = "2017-08"


@pytest.fixture
def scenario(examples: Path) -> Scenario:
    return load_scenario(examples / "guide" / "completion" / "a-month-early.yaml")


def asked(handle: Handler, scenario: Scenario) -> tuple[Case, InProcessSession]:
    session = InProcessSession(handle, (RULEBOOK,))
    [case] = ask_and_judge(session, [scenario], ["earnings"])
    return case, session


def explanation(handle: Handler, scenario: Scenario) -> Explanation:
    case, session = asked(handle, scenario)
    return explained(case, session.declaration)


def mistaken(name: str) -> Handler:
    known = known_bad_named(name)
    return reference_service(known.name, known.change)


def changed(change: Any) -> Handler:
    """The reference, with its rows changed afterwards."""
    reference = reference_service()

    def handle(message: Mapping[str, Any]) -> dict[str, Any]:
        reply = reference(dict(message))
        if message["m"] == "answer":
            change(reply["ok"]["earnings"])
        return reply

    return handle


def test_a_known_mistake_is_explained_by_the_step_that_is_mistaken(scenario: Scenario) -> None:
    found = explanation(mistaken("completion-on-top"), scenario)
    assert "The first step that differs is monthly instalment (GUIDE-32, GUIDE-33," in found.says
    assert "it comes to 800, and to 1000 in these answers, £200.00 too much." in found.says
    assert "These are the answers of the mistake completion-on-top." in found.says
    assert found.working


def test_any_other_answer_is_explained_by_its_first_amount(scenario: Scenario) -> None:
    def a_penny_less(rows: list[dict[str, Any]]) -> None:
        for row in rows:
            if row["type"] == "completion":
                row["amount"] = "2999.99000"

    found = explanation(changed(a_penny_less), scenario)
    assert "2018-09: 3000.00000 is right, and 2999.99000 was answered, £0.01 too little." in found.says
    assert "The reference comes to it in" in found.says
    assert "These are the answers of" not in found.says


def test_a_right_answer_has_nothing_to_be_explained(scenario: Scenario) -> None:
    case, session = asked(mistaken("completion-on-top"), scenario)
    right, _ = asked(reference_service(), scenario)
    object.__setattr__(case, "answer", right.answer)
    assert explained(case, session.declaration).says == ""


def test_the_first_step_is_one_into_which_the_same_went() -> None:
    def step(rule: str, inputs: str, result: str, *steps: Any) -> dict[str, Any]:
        return {"rule": rule, "inputs": {"of": inputs}, "result": result, "steps": list(steps)}

    right = [step("a", "1", "2"), step("b", "2", "3", step("c", "2", "3"))]
    follows = [step("a", "1", "2"), step("b", "9", "9", step("c", "9", "9"))]
    inner = [step("a", "1", "2"), step("b", "2", "4", step("c", "2", "4"))]
    outer = [step("a", "1", "2"), step("b", "2", "4", step("c", "2", "3"))]
    assert first_that_differs(right, right) is None
    assert first_that_differs(right, follows) is None
    assert first_that_differs(right, inner) == (right[1]["steps"][0], inner[1]["steps"][0])
    assert first_that_differs(right, outer) == (right[1], outer[1])
    assert first_that_differs(right, [step("z", "1", "2"), *right]) is None


def test_a_counterexample_says_where_the_answers_part(tmp_path: Path) -> None:
    session = InProcessSession(mistaken("no-balancing"), (RULEBOOK,))
    [tried] = [one for one in PROPERTIES if one.name == "completed-earns-all"]
    [case] = ask_properties(session, RULEBOOK, ["earnings"], tries=20, seed=0, folder=tmp_path, properties=[tried])
    assert "The first step that differs is balance (GUIDE-44, READ-22)" in case.note
    assert "too little" in case.note
    assert case.working
    assert case.answer is not None
