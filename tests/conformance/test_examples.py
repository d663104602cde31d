"""The reference meets every worked example, and of the published scenarios every one that needs only its rules."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from funding_conformance.adapters.in_process import InProcessSession
from funding_conformance.judge import Verdict
from funding_conformance.run import ask_and_judge
from funding_conformance.scenarios import WANTS, Scenario, load_folder, load_scenario, scenario_files
from funding_conformance.service import reference_service
from funding_reference.reading import REJECT_CODES
from funding_spec.register import load_register


@pytest.fixture(scope="module")
def scenarios(examples: Path) -> list[Scenario]:
    return load_folder(examples)


def test_every_example_passes(scenarios: list[Scenario]) -> None:
    session = InProcessSession(reference_service(), ("2017-08",), None)
    failed = [case.id for case in ask_and_judge(session, scenarios, WANTS) if case.verdict is not Verdict.PASS]
    assert failed == []
    assert len(scenarios) > 150


def test_ids_are_paths_and_clauses_exist(scenarios: list[Scenario], examples: Path) -> None:
    register = load_register()
    for scenario in scenarios:
        assert Path(scenario.file) == examples / f"{scenario.id}.yaml"
        assert all(clause in register for clause in scenario.clauses)


def test_each_reject_code_has_a_negative_case(scenarios: list[Scenario]) -> None:
    codes = {scenario.expect.reject.code for scenario in scenarios if scenario.expect and scenario.expect.reject}
    assert codes == set(REJECT_CODES)


def test_every_published_scenario_loads_and_none_is_answered_wrongly(shared: Path) -> None:
    published = load_folder(shared / "official-scenarios")
    session = InProcessSession(reference_service(), ("2017-08",), None)
    cases = list(ask_and_judge(session, published, WANTS))
    verdicts = Counter(case.verdict for case in cases)
    beyond = [case for case in cases if "not computed yet" in case.note]
    assert len(published) == 124
    assert verdicts[Verdict.PASS] >= 70
    assert verdicts[Verdict.FAIL] == 0
    assert verdicts[Verdict.FAULT] == len(beyond)


def test_the_published_account_scenarios_load(shared: Path) -> None:
    assert all(load_scenario(file).id for file in scenario_files(shared / "levy-account-scenarios"))
