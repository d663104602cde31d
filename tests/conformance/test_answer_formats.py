"""The forms in which ``funding-kit answer`` prints: FM36 and Apps Indicative Earnings beside table and JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from funding_conformance.cli import main
from funding_conformance.formats.fm36 import earnings_of_fm36
from funding_conformance.formats.indicative import earnings_of_indicative

from tests.conformance.earned import in_order

PERSONAL = ("Doe", "AB1 2CD", "1992-07-03", "03/07/1992", "1000000001")


@pytest.fixture
def scenario(examples: Path, tmp_path: Path) -> str:
    """A worked example whose apprentice has a name."""
    text = (examples / "guide" / "annex-1" / "employer-c-instalments.yaml").read_text(encoding="utf-8")
    file = tmp_path / "mine.yaml"
    file.write_text(
        text.replace("          ULN:", "          FamilyName: Doe\n          PostcodePrior: AB1 2CD\n          ULN:")
    )
    return str(file)


@pytest.fixture
def returned(shared: Path, examples: Path) -> list[str]:
    """An ILR file and the facts beside it."""
    file = shared / "official-samples" / "1819-fm36-100learners-204aims.xml"
    return [str(file), "--given", str(examples.parent / "ilr" / "assumed-courses-1819.yaml")]


def answer(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["answer", *arguments])
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result


def test_json_is_the_same_under_either_option(scenario: str) -> None:
    assert answer(scenario, "--json").output == answer(scenario, "--format", "json").output
    assert answer(scenario, "--json").output == answer(scenario, "--json", "--format", "json").output
    assert answer(scenario).output == answer(scenario, "--format", "table").output


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--json", "--format", "fm36"], "--json is the same as --format json"),
        (["--json", "--format", "table"], "--json is the same as --format json"),
        (["--working", "--format", "indicative"], "--working goes with table and json"),
        (["--format", "xml"], "'xml' is not one of"),
    ],
)
def test_options_that_contradict_each_other_are_refused(scenario: str, options: list[str], words: str) -> None:
    result = answer(scenario, *options)
    assert (result.exit_code, words in result.stderr, result.stdout) == (2, True, "")


def test_a_scenario_is_printed_as_fm36_and_as_reports(scenario: str) -> None:
    Path(scenario).write_text(Path(scenario).read_text().replace("wants: [payments]", "wants: [earnings]"))
    rows = json.loads(answer(scenario, "--json").output)["earnings"]
    assert in_order(earnings_of_fm36(answer(scenario, "--format", "fm36").output)) == in_order(rows)
    read, _ = earnings_of_indicative(answer(scenario, "--format", "indicative").output, 10000001, "1718")
    without_episode = [{name: value for name, value in each.items() if name != "price_episode"} for each in rows]
    assert in_order(read) == in_order(without_episode)


def test_reports_of_several_years_stand_under_their_names(scenario: str) -> None:
    Path(scenario).write_text(Path(scenario).read_text().replace("through: 1718-R12", "through: 1819-R12"))
    printed = answer(scenario, "--format", "indicative").output
    assert [line for line in printed.splitlines() if line.startswith("==>")] == [
        "==> 10000001-1718-apps-indicative-earnings.csv <==",
        "==> 10000001-1819-apps-indicative-earnings.csv <==",
    ]
    assert len(json.loads(answer(scenario, "--format", "fm36").output)) == 2


@pytest.mark.parametrize("form", ["fm36", "indicative"])
def test_masked_documents_hold_nothing_personal(scenario: str, form: str) -> None:
    plain, masked = answer(scenario, "--format", form).output, answer(scenario, "--format", form, "--mask").output
    assert "1000000001" in plain
    assert ("Doe" in plain) is (form == "indicative")
    assert not [text for text in PERSONAL if text in masked]
    assert "9000000001" in masked


def test_an_ilr_file_is_printed_as_one_document_of_its_year(returned: list[str]) -> None:
    result = answer(*returned, "--format", "fm36")
    read = earnings_of_fm36(result.stdout)
    assert json.loads(result.stdout)["Year"] == "1819"
    lines = [json.loads(line) for line in answer(*returned, "--json").stdout.splitlines()]
    rows = [each for line in lines for each in line.get("earnings", ()) if "2018-08" <= each["month"] <= "2019-07"]
    assert rows
    assert in_order(read) == in_order(rows)
    refused = sum("not_answered" in line for line in lines)
    assert (result.stderr.count("not answered."), result.exit_code) == (refused, int(refused > 0))


def test_an_ilr_file_is_printed_as_one_report_masked(returned: list[str]) -> None:
    result = answer(*returned, "--format", "indicative", "--mask")
    read, _ = earnings_of_indicative(result.stdout, 1, "1819")
    assert {str(each["uln"])[:4] for each in read} == {"9000"}
