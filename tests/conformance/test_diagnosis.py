"""Why cases did not pass: the known mistake is named, what is broken is said once, and the money is right."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from funding_conformance.adapters.in_process import InProcessSession
from funding_conformance.case_lists import case_digests
from funding_conformance.diagnosis import diagnosis_of
from funding_conformance.fresh import FreshCases
from funding_conformance.known_bad import known_bad_named
from funding_conformance.reports.terminal import terminal_report
from funding_conformance.run import Run, ask_and_judge, header_of
from funding_conformance.runfile import RunFile
from funding_conformance.scenarios import WANTS, Scenario, load_folder
from funding_conformance.service import Handler, reference_service

RULEBOOK = "2017-08"


@pytest.fixture(scope="module")
def scenarios(examples: Path) -> list[Scenario]:
    folders = ("completion", "instalments", "band", "annex-1")
    return [scenario for folder in folders for scenario in load_folder(examples / "guide" / folder)]


def diagnosed(handle: Handler, scenarios: list[Scenario]) -> dict[str, Any] | None:
    session = InProcessSession(handle, (RULEBOOK,))
    return diagnosis_of(list(ask_and_judge(session, scenarios, WANTS, explain=False)), session.declaration)


def known_bad(name: str) -> Handler:
    return reference_service("mistaken", known_bad_named(name).change)


def test_nothing_is_said_where_everything_passed(scenarios: list[Scenario]) -> None:
    assert diagnosed(reference_service(), scenarios) is None


@pytest.mark.parametrize("name", ["completion-from-uncapped-price", "no-balancing"])
def test_a_known_mistake_is_named_with_what_it_costs(scenarios: list[Scenario], name: str) -> None:
    found = diagnosed(known_bad(name), scenarios)
    assert found is not None
    [cause] = found["causes"]
    assert cause["known_bad"] == name
    assert f"On {found['compared']} of {found['compared']} failing cases" in cause["says"]
    assert cause["clauses"] == list(known_bad_named(name).breaks)
    assert Decimal(cause["under"]) > 0


def test_a_known_mistake_is_named_however_many_cases_it_makes_fail(
    scenarios: list[Scenario], monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = diagnosed(known_bad("completion-on-top"), scenarios)
    monkeypatch.setattr("funding_conformance.diagnosis.MOST_COMPARED", 9)
    found = diagnosed(known_bad("completion-on-top"), scenarios)
    assert found is not None
    assert everything is not None
    [cause], [of_all] = found["causes"], everything["causes"]
    assert (found["compared"], cause["says"]) == (9, of_all["says"])
    assert sorted(cause["cases"]) == sorted(of_all["cases"])
    assert (cause["over"], cause["under"]) == (of_all["over"], of_all["under"])


def test_what_was_not_compared_is_not_called_unknown(
    scenarios: list[Scenario], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("funding_conformance.diagnosis.MOST_COMPARED", 9)
    monkeypatch.setattr("funding_conformance.diagnosis.MOST_SHARED", 0)
    found = diagnosed(known_bad("completion-on-top"), scenarios)
    assert found is not None
    [known] = [cause for cause in found["causes"] if "known_bad" in cause]
    assert len(known["cases"]) == 9
    others = {cause["says"].partition(":")[0] for cause in found["causes"] if cause != known}
    assert others == {"Not compared with every known mistake"}


def test_two_mistakes_at_once_are_two_causes(scenarios: list[Scenario]) -> None:
    """One provider's software on annex 1, another's on the rest."""
    one, other = known_bad("no-balancing"), known_bad("completion-from-uncapped-price")

    def handle(message: Mapping[str, Any]) -> dict[str, Any]:
        return (one if "completion" in message.get("scenario", {}).get("id", "") else other)(message)

    found = diagnosed(handle, scenarios)
    assert found is not None
    assert {cause.get("known_bad") for cause in found["causes"]} >= {"no-balancing", "completion-from-uncapped-price"}


def test_what_nobody_has_thought_of_is_put_together_by_clause_and_measure(scenarios: list[Scenario]) -> None:
    reference = reference_service()

    def a_pound_more(message: Mapping[str, Any]) -> dict[str, Any]:
        reply = reference(message)
        if message["m"] != "answer" or not reply.get("ok", {}).get("earnings"):
            return reply
        first, *rows = reply["ok"]["earnings"]
        more = {**first, "amount": f"{Decimal(first['amount']) + 1:.5f}"}
        return {**reply, "ok": {**reply["ok"], "earnings": [more, *rows]}}

    found = diagnosed(a_pound_more, scenarios)
    assert found is not None
    assert not any("known_bad" in cause for cause in found["causes"])
    assert all(Decimal(cause["over"]) == len(cause["cases"]) for cause in found["causes"])
    assert any(cause["says"] == "No known mistake: differs in earned" for cause in found["causes"])


def test_a_broken_adapter_is_told_once(scenarios: list[Scenario]) -> None:
    reference = reference_service()

    def broken(message: Mapping[str, Any]) -> dict[str, Any]:
        if message["m"] == "answer":
            raise KeyError("LearnStartDate")
        return reference(message)

    session = InProcessSession(broken, (RULEBOOK,))
    header = header_of(
        session.declaration,
        "python:broken",
        RULEBOOK,
        case_digests(scenarios),
        profiles=[],
        fresh=FreshCases(),
        seed=0,
        tries=0,
        timeout=10.0,
    )
    run = Run(header)
    run.cases.extend(ask_and_judge(session, scenarios, WANTS, explain=False))
    run.diagnosis = diagnosis_of(run.cases, session.declaration)
    assert run.diagnosis is not None
    assert run.diagnosis["causes"] == []
    assert "crash: It raised KeyError" in run.diagnosis["broken"]
    cases = tuple(case.as_json() for case in run.cases)
    footer = {"verdict": "", "counts": {}, "profiles": [], "faults": [], "remarks": [], "diagnosis": run.diagnosis}
    shown = "\n".join(terminal_report(RunFile(run.header, cases, footer)))
    assert shown.count("KeyError") == 1
    assert "answered none of" in shown


def test_an_adapter_that_never_answers_a_row_is_told_once(scenarios: list[Scenario]) -> None:
    def empty(message: Mapping[str, Any]) -> dict[str, Any]:
        if message["m"] != "answer":
            return reference_service()(message)
        return {"id": message["id"], "ok": {want: [] for want in message["wants"]}}

    found = diagnosed(empty, scenarios)
    assert found is not None
    assert found["broken"].endswith("so this says nothing about how it calculates.")
    assert found["causes"] == []


def test_one_answer_is_enough_not_to_be_called_broken(scenarios: list[Scenario]) -> None:
    reference = reference_service()

    def mostly(message: Mapping[str, Any]) -> dict[str, Any]:
        if message["m"] == "answer" and message["scenario"]["id"] != scenarios[0].id:
            raise KeyError("LearnStartDate")
        return reference(message)

    found = diagnosed(mostly, scenarios)
    assert found is not None
    assert "broken" not in found
