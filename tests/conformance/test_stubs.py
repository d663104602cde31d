"""Implementations that answer without computing anything meet no clause."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from funding_conformance.adapters.in_process import InProcessSession
from funding_conformance.judge import Verdict
from funding_conformance.profiles import PROFILES
from funding_conformance.properties import ask_properties
from funding_conformance.run import FAILING, Case, Result, Run, ask_and_judge, judge_profile, judged_profiles
from funding_conformance.scenarios import WANTS, Scenario, load_folder
from funding_reference.reading import REJECT_CODES
from funding_spec.register import Register, load_register

RULEBOOK = "2017-08"

Stub = Callable[[Mapping[str, Any]], dict[str, Any]]


@pytest.fixture(scope="module")
def scenarios(examples: Path) -> list[Scenario]:
    """Every worked example of the rulebook."""
    return [scenario for scenario in load_folder(examples) if scenario.rulebook == RULEBOOK]


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register()


def nothing(message: Mapping[str, Any]) -> dict[str, Any]:
    return {"ok": {want: [] for want in message["wants"]}}


def nought(message: Mapping[str, Any]) -> dict[str, Any]:
    """Rows for every apprentice in every month that the question names, all of no pounds."""
    given = message["scenario"]["given"]
    months = sorted({text[:7] for text in texts(given) if re.match(r"\d{4}-\d{2}-\d{2}$", text)})
    rows = [
        {"ukprn": returned["ukprn"], "uln": learner["ULN"], "type": type, "month": month, "amount": "0.00000"}
        for returned in given.get("submissions", [])
        for learner in returned.get("learners", [])
        if isinstance(learner.get("ULN"), int) and isinstance(returned.get("ukprn"), int)
        for type in ("on_programme", "completion", "balancing")
        for month in months
    ]
    payments = [{**row, "collection": "1718-R12", "source": "levy"} for row in rows]
    answers = {"earnings": rows, "payments": payments}
    return {"ok": {want: answers.get(want, []) for want in message["wants"]}}


def texts(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [text for inner in value.values() for text in texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in texts(inner)]
    return [value] if isinstance(value, str) else []


def unsupported(message: Mapping[str, Any]) -> dict[str, Any]:
    return {"unsupported": {"wants": message["wants"]}}


def error(message: Mapping[str, Any]) -> dict[str, Any]:
    return {"error": {"message": "not today"}}


def rejecting(code: str, path: str | None) -> Stub:
    return lambda message: {"reject": {"code": code, **({"path": path} if path else {})}}


def session_with(stub: Stub, wants: Sequence[str] = WANTS) -> InProcessSession:
    def reply(message: Mapping[str, Any]) -> dict[str, Any]:
        match message["m"]:
            case "hello":
                about = {"protocol": 1, "implementation": {"name": "Stub"}, "rulebooks": [RULEBOOK], "wants": wants}
                return {"id": "0", "ok": about}
            case "bye":
                return {"id": message["id"], "ok": {}}
        return {"id": message["id"], **stub(message)}

    return InProcessSession(reply, (RULEBOOK,))


def cases_of(stub: Stub, scenarios: Sequence[Scenario]) -> list[Case]:
    return list(ask_and_judge(session_with(stub), scenarios, WANTS, explain=False))


def met_by(cases: Sequence[Case], register: Register) -> dict[str, list[str]]:
    """The clauses that are met, each with the cases that decide it."""
    failed = {clause for case in cases if case.verdict in FAILING for clause in case.decides}
    deciding: dict[str, list[str]] = {}
    for case in cases:
        if case.verdict is Verdict.PASS:
            for clause in set(case.decides) - failed:
                deciding.setdefault(clause, []).append(case.id)
    declaration = session_with(nothing).declaration
    for profile in PROFILES:
        judgement = judge_profile(profile, cases, declaration, register, RULEBOOK, lacking=())
        assert judgement.result is not Result.CONFORMANT
        for clause in judgement.met:
            deciding.setdefault(clause, []).append(f"profile {profile.name}")
    return deciding


@pytest.mark.parametrize("stub", [nothing, nought, unsupported, error])
def test_a_stub_meets_no_clause(stub: Stub, scenarios: list[Scenario], register: Register) -> None:
    cases = cases_of(stub, scenarios)
    assert not [case.note for case in cases if case.verdict is Verdict.KIT_ERROR]
    assert met_by(cases, register) == {}


def test_rejecting_everything_with_one_code_meets_no_clause(scenarios: list[Scenario], register: Register) -> None:
    expected = [scenario.expect.reject for scenario in scenarios if scenario.expect and scenario.expect.reject]
    rejects = {(reject.code, reject.path) for reject in expected} | {(code, None) for code in REJECT_CODES}
    met = {
        (code, path): found
        for code, path in rejects
        if (found := met_by(cases_of(rejecting(code, path), scenarios), register))
    }
    assert met == {}


@pytest.mark.parametrize("stub", [nothing, nought])
def test_a_stub_meets_no_clause_by_properties_either(
    stub: Stub, scenarios: list[Scenario], register: Register, tmp_path: Path
) -> None:
    session = session_with(stub)
    cases = list(ask_and_judge(session, scenarios, WANTS, explain=False))
    cases += ask_properties(session, RULEBOOK, WANTS, tries=5, seed=0, folder=tmp_path)
    assert any(case.kind == "property" for case in cases)
    assert met_by(cases, register) == {}


def test_declaring_nothing_is_inconclusive(scenarios: list[Scenario], register: Register) -> None:
    session = session_with(nothing, wants=[])
    cases = list(ask_and_judge(session, scenarios, WANTS, explain=False))
    profiles = judged_profiles([], session.declaration, register, RULEBOOK)
    judgements = [
        judge_profile(profile, cases, session.declaration, register, RULEBOOK, lacking=()) for profile in profiles
    ]
    assert {case.verdict for case in cases} == {Verdict.NOT_APPLICABLE}
    assert Run({}, cases, judgements).result is Result.INCONCLUSIVE
