"""The working: every figure can be followed down to the record it came from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from funding_conformance import protocol
from funding_conformance.scenarios import load_folder, load_scenario
from funding_conformance.service import reference_service
from funding_reference.rules import rule_names, rules_of
from funding_reference.working import clauses_of
from funding_spec.register import load_register


def steps_of(scenario: Path, wants: tuple[str, ...] = ("earnings", "payments")) -> list[dict[str, Any]]:
    message = {"id": "1", **protocol.answer(load_scenario(scenario).question(), wants, working=True)}
    working: list[dict[str, Any]] = reference_service()(message)["ok"]["working"]
    return working


def all_steps(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [step for top in steps for step in (top, *all_steps(top.get("steps", [])))]


def test_an_instalment_shows_clause_inputs_operation_and_both_results(examples: Path) -> None:
    steps = all_steps(steps_of(examples / "guide/annex-1/employer-c-instalments.yaml"))
    [step] = [step for step in steps if step["rule"] == "monthly_instalment"]
    assert step["inputs"] == {"fundable": "15000", "completion": "3000", "planned": "24"}
    assert step["operation"] == "(fundable - completion) / planned"
    assert (step["result"], step["rounded"]) == ("500", "500.00000")
    assert "GUIDE-35" in step["clauses"]


def test_a_result_that_is_no_decimal_is_shown_as_a_fraction_and_rounded(examples: Path) -> None:
    steps = [
        step
        for scenario in sorted((examples / "readings/read-10").glob("*.yaml"))
        for step in all_steps(steps_of(scenario, ("earnings",)))
        if step["rule"] == "monthly_instalment"
    ]
    assert any("/" in step["result"] for step in steps)


def test_a_payment_shows_out_of_which_funds_it_came(examples: Path) -> None:
    steps = all_steps(steps_of(examples / "guide/annex-1/employer-c-instalments.yaml"))
    first = next(step for step in steps if step["rule"] == "out_of_funds")
    assert [inner["rule"] for inner in first["steps"]][:3] == ["is_co_invested", "may_use_account", "from_account"]


def test_a_refund_names_the_sources_it_goes_back_to(examples: Path) -> None:
    steps = all_steps(steps_of(examples / "readings/read-51/each-month-where-it-came-from.yaml"))
    paid = [step["inputs"]["paid"] for step in steps if step["rule"] == "refund_by_source"]
    assert paid
    assert not [text for text in paid if set(text) & set("()'")]


def test_recording_changes_no_answer(examples: Path) -> None:
    handle = reference_service()
    for scenario in load_folder(examples / "guide/annex-1"):
        plain, explained = (
            handle({"id": "1", **protocol.answer(scenario.question(), ("earnings", "payments"), working=working)})["ok"]
            for working in (False, True)
        )
        explained.pop("working")
        assert plain == explained


@pytest.mark.parametrize("name", rule_names())
def test_every_rule_cites_clauses_that_exist(name: str) -> None:
    clauses = clauses_of(getattr(rules_of("2017-08"), name))
    assert clauses
    assert all(clause in load_register() for clause in clauses)


def test_a_value_of_the_rulebook_shows_its_name_its_day_and_its_clause(examples: Path) -> None:
    steps = all_steps(steps_of(examples / "guide/annex-1/employer-c-instalments.yaml"))
    element = next(step for step in steps if step["rule"] == "completion_element")
    assert element["operation"] == "max(NOTHING, min(share * price, fundable))"
    [share] = element["steps"]
    assert (share["inputs"]["name"], share["clauses"], share["result"]) == ("completion_share", ["GUIDE-33"], "0.2")
