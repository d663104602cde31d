"""Frozen case lists: they are those of the tree, a change is noticed, and a run that asked fewer is not complete."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from attrs import evolve
from click.testing import CliRunner
from funding_conformance import kit_digest as digests_of_kit
from funding_conformance.case_lists import (
    CaseList,
    CaseListError,
    case_digests,
    freeze,
    frozen_list,
    lacking,
    lists_folder,
    stale,
    write_list,
)
from funding_conformance.cli import main
from funding_conformance.run import chosen
from funding_conformance.scenarios import Scenario, load_folder
from funding_spec.rulebook import editions

RULEBOOK = "2020-10"


@pytest.fixture(scope="module")
def scenarios(examples: Path) -> list[Scenario]:
    return load_folder(examples)


@pytest.mark.parametrize("rulebook", editions())
def test_the_frozen_lists_are_those_of_the_worked_examples(rulebook: str, scenarios: list[Scenario]) -> None:
    now = freeze(chosen(scenarios, rulebook, None), rulebook)
    assert list(stale(frozen_list(rulebook), now)) == [], "Freeze again: funding-kit case-lists --freeze"
    assert frozen_list(rulebook).digest == now.digest


def test_freezing_twice_writes_the_same_bytes(scenarios: list[Scenario], tmp_path: Path) -> None:
    for members in (chosen(scenarios, RULEBOOK, None), chosen(scenarios, RULEBOOK, None)[::-1]):
        write_list(freeze(sorted(members, key=lambda member: member.id), RULEBOOK), tmp_path)
        frozen = lists_folder() / f"{RULEBOOK}.json"
        assert (tmp_path / f"{RULEBOOK}.json").read_text().splitlines() == frozen.read_text().splitlines()


def test_a_case_more_less_changed_or_moved_is_said(scenarios: list[Scenario]) -> None:
    members = chosen(scenarios, RULEBOOK, None)
    first, second, third, *others = members
    now = freeze([evolve(first, title="Another"), evolve(second, id="editions/new"), *others], RULEBOOK)
    assert set(stale(frozen_list(RULEBOOK), now)) == {
        f"{first.id} is not the case that was frozen.",
        f"{second.id} is frozen and no longer there.",
        f"{third.id} is frozen and no longer there.",
        "editions/new is not frozen.",
    }
    frozen = frozen_list(RULEBOOK)
    moved = CaseList(RULEBOOK, frozen.cases, {**frozen.profiles, "matching": frozen.profiles["earnings"]})
    outside = set(frozen.profiles["earnings"]) - set(frozen.profiles.get("matching", ()))
    assert outside
    assert sorted(stale(frozen, moved)) == sorted(f"{id} is frozen outside the profile matching." for id in outside)


@pytest.mark.parametrize("field", ["title", "decides", "clauses", "wants", "given", "expect"])
def test_whatever_changes_in_a_case_changes_its_digest(field: str, scenarios: list[Scenario]) -> None:
    one, other = (
        scenarios[0],
        next(found for found in scenarios if getattr(found, field) != getattr(scenarios[0], field)),
    )
    changed = evolve(one, **{field: getattr(other, field)})
    assert case_digests([one]) != case_digests([changed])


def test_what_was_asked_otherwise_or_set_aside_is_lacking(scenarios: list[Scenario]) -> None:
    frozen = frozen_list(RULEBOOK)
    digests = case_digests(chosen(scenarios, RULEBOOK, None))
    first, second, *_ = frozen.profiles["payments"]
    assert lacking("payments", frozen, digests, set(digests)) == ()
    assert lacking("payments", frozen, {**digests, first: "sha256:0"}, set(digests)) == (first,)
    assert lacking("payments", frozen, digests, set(digests) - {second}) == (second,)


def test_a_list_changed_by_hand_or_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CaseListError, match="There is no readable frozen case list"):
        frozen_list(RULEBOOK, tmp_path)
    content = json.loads((lists_folder() / f"{RULEBOOK}.json").read_bytes())
    del content["cases"][next(iter(content["cases"]))]
    (tmp_path / "2019-08.json").write_text(json.dumps({**content, "rulebook": "2019-08"}), encoding="utf-8")
    with pytest.raises(CaseListError, match="changed by hand"):
        frozen_list("2019-08", tmp_path)


def test_the_command_shows_the_lists_and_fails_where_one_is_stale(
    examples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = examples / "editions" / RULEBOOK
    monkeypatch.setattr("funding_conformance.command_case_lists.examples_folder", lambda: few)
    monkeypatch.setattr("funding_conformance.command_case_lists.editions", lambda: (RULEBOOK,))
    result = CliRunner().invoke(main, ["case-lists"])
    assert result.exit_code == 1
    assert "is frozen and no longer there" in result.output
    assert "Freeze again: funding-kit case-lists --freeze" in result.output
    monkeypatch.setattr("funding_conformance.command_case_lists.lists_folder", lambda: tmp_path)
    assert CliRunner().invoke(main, ["case-lists", "--freeze"]).exit_code == 0
    assert (tmp_path / f"{RULEBOOK}.json").exists()


def test_the_digest_of_the_kit_does_not_depend_on_how_lines_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = set()
    for name, content in (("unix", b"a = 1\n"), ("windows", b"a = 1\r\n"), ("other", b"a = 2\n")):
        folder = tmp_path / name / "examples"
        folder.mkdir(parents=True)
        (folder.parent / "module.py").write_bytes(content)
        (folder / "counted-by-the-lists.yaml").write_bytes(os.urandom(8))
        monkeypatch.setattr(digests_of_kit, "files", lambda _, place=folder.parent: place)
        found.add(digests_of_kit.kit_digest.__wrapped__())
    assert len(found) == 2
