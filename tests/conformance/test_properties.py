"""Properties hold for the reference, and what breaks one is shrunk, saved and can be replayed."""

from __future__ import annotations

from pathlib import Path

import pytest
from funding_conformance.adapters.in_process import InProcessSession
from funding_conformance.judge import Verdict
from funding_conformance.known_bad import known_bad_named
from funding_conformance.properties import ask_properties
from funding_conformance.properties.invariants import PROPERTIES
from funding_conformance.properties.invariants_of_changes import PROPERTIES_OF_CHANGES
from funding_conformance.properties.invariants_of_payments import PROPERTIES_OF_PAYMENTS
from funding_conformance.properties.property import Property
from funding_conformance.run import Case, ask_and_judge
from funding_conformance.scenarios import WANTS, load_scenario
from funding_conformance.service import Handler, reference_service
from funding_spec.register import load_register
from funding_spec.rulebook import editions
from hypothesis import settings

from tests.conformance.mistakes import MISTAKES

EXPECTED = {
    "band-cap": "uncapped-price",
    "completed-earns-all": "no-balancing",
    "stops-at-census": "census-on-the-first",
    "sources-add-up": "shares-of-everything",
    "leaving-keeps-earned": "census-day-excluded",
    "account-never-below-zero": "account-overdrawn",
    "what-matches-is-paid": "missed-months-never-paid",
    "no-source-gets-more-than-it-paid": "refunds-in-equal-parts",
    "completion-waits-for-evidence": "never-held-back",
    "payments-within-the-band": "paid-again",
    "lower-priority-takes-nothing": "order-by-uln",
    "more-funds-less-co-investment": "all-or-nothing",
    "order-moves-no-total": "account-overdrawn",
}


def tried(service: Handler, property: Property, folder: Path, *, times: int = 1) -> Case:
    """The case of one property, on as many scenarios as the profile of Hypothesis says: 50, or 2,000 if it is deep.

    :param times: so many times as many, where a rare mistake must be found whatever Hypothesis draws first
    """
    session = InProcessSession(service, ("2017-08",), None)
    tries = settings().max_examples * times
    [case] = ask_properties(session, "2017-08", WANTS, tries=tries, seed=0, folder=folder, properties=[property])
    return case


@pytest.mark.parametrize("property", PROPERTIES, ids=lambda property: property.name)
def test_it_holds_for_the_reference(property: Property, tmp_path: Path) -> None:
    case = tried(reference_service(), property, tmp_path)
    assert case.verdict is Verdict.PASS, case.note
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("edition", editions())
def test_they_hold_in_every_edition(edition: str, tmp_path: Path) -> None:
    session = InProcessSession(reference_service(), (edition,), None)
    cases = list(ask_properties(session, edition, WANTS, tries=8, seed=0, folder=tmp_path))
    assert cases
    assert [(case.id, case.note) for case in cases if case.verdict is not Verdict.PASS] == []


def test_each_has_a_name_and_clauses_of_its_own() -> None:
    register = load_register()
    assert len({property.name for property in PROPERTIES}) == len(PROPERTIES)
    assert not {clause for property in PROPERTIES for clause in property.clauses if clause not in register}


def test_what_is_saved_is_the_question_that_was_answered_wrongly(tmp_path: Path) -> None:
    [property] = [property for property in PROPERTIES if property.name == "august-cut"]
    case = tried(MISTAKES["august-cut"], property, tmp_path, times=10)
    assert case.question is not None
    collections = [submission["collection"] for submission in case.question["given"]["submissions"]]
    assert len(collections) == 2, "one return more than the drawn scenario has"


def test_each_property_of_changes_and_payments_has_a_mistake_that_breaks_it() -> None:
    tried = {*EXPECTED, *MISTAKES}
    assert tried >= {property.name for property in (*PROPERTIES_OF_CHANGES, *PROPERTIES_OF_PAYMENTS)}


@pytest.mark.parametrize("name", [*EXPECTED, *MISTAKES])
def test_a_mistake_breaks_its_property_and_the_counterexample_replays(name: str, tmp_path: Path) -> None:
    if name in EXPECTED:
        mistaken = reference_service(EXPECTED[name], known_bad_named(EXPECTED[name]).change)
    else:
        mistaken = MISTAKES[name]
    [property] = [property for property in PROPERTIES if property.name == name]
    case = tried(mistaken, property, tmp_path, times=10)
    assert case.verdict is Verdict.FAIL, case.note
    [file] = tmp_path.glob(f"*{name}.yaml")
    scenario = load_scenario(file)
    assert len(scenario.given["submissions"][-1]["learners"]) <= 3
    for service, verdict in ((reference_service(), Verdict.PASS), (mistaken, Verdict.FAIL)):
        session = InProcessSession(service, ("2017-08",), None)
        [replayed] = ask_and_judge(session, [scenario], WANTS)
        assert replayed.verdict is verdict, (service, replayed.differences)
