"""Properties hold for the reference, and what breaks one is shrunk, saved and can be replayed."""

from __future__ import annotations

from pathlib import Path

import pytest
from funding_conformance.adapters.in_process import InProcessSession
from funding_conformance.judge import Verdict
from funding_conformance.known_bad import known_bad_named
from funding_conformance.properties import ask_properties
from funding_conformance.properties.invariants import PROPERTIES
from funding_conformance.run import Case, ask_and_judge
from funding_conformance.scenarios import WANTS, load_scenario
from funding_conformance.service import reference_service

EXPECTED = {
    "band-cap": "uncapped-price",
    "completed-earns-all": "no-balancing",
    "stops-at-census": "census-on-the-first",
    "sources-add-up": "shares-of-everything",
    "leaving-keeps-earned": "census-day-excluded",
}


def tried(known_bad: str | None, folder: Path, *names: str) -> dict[str, Case]:
    mistake = known_bad_named(known_bad) if known_bad else None
    service = reference_service(known_bad or "reference", mistake.change) if mistake else reference_service()
    session = InProcessSession(service, ("2017-08",), None)
    chosen = [property for property in PROPERTIES if not names or property.name in names]
    cases = ask_properties(session, "2017-08", WANTS, tries=60, seed=0, folder=folder, properties=chosen)
    return {case.id.removeprefix("property/"): case for case in cases}


def test_all_hold_for_the_reference(tmp_path: Path) -> None:
    cases = tried(None, tmp_path)
    assert {name: case.verdict for name, case in cases.items()} == {p.name: Verdict.PASS for p in PROPERTIES}
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("property", "known_bad"), EXPECTED.items())
def test_a_mistake_breaks_its_property_and_the_counterexample_replays(
    property: str, known_bad: str, tmp_path: Path
) -> None:
    case = tried(known_bad, tmp_path, property)[property]
    assert case.verdict is Verdict.FAIL, case.note
    [file] = tmp_path.glob(f"*{property}.yaml")
    scenario = load_scenario(file)
    assert len(scenario.given["submissions"][-1]["learners"]) <= 2
    mistake = known_bad_named(known_bad)
    for service, verdict in (
        (reference_service(), Verdict.PASS),
        (reference_service(known_bad, mistake.change), Verdict.FAIL),
    ):
        session = InProcessSession(service, ("2017-08",), None)
        [replayed] = ask_and_judge(session, [scenario], WANTS)
        assert replayed.verdict is verdict, (service, replayed.differences)
