"""The reports that are files for other programs: each says the same as the run file, and nothing in them acts."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from click.testing import CliRunner, Result
from funding_conformance import run as running
from funding_conformance.case_lists import frozen_list
from funding_conformance.cli import REPORTS, main
from funding_conformance.reports import html
from funding_conformance.reports.badge import BEHIND_SUBJECT, COLOURS, OTHERWISE, badge
from funding_conformance.reports.forms import FORMS
from funding_conformance.reports.html import html_report
from funding_conformance.reports.markdown import FAILURES_SHOWN, as_text, markdown_report
from funding_conformance.reports.sarif import LONGEST_DESCRIPTION, LONGEST_MESSAGE, sarif_report
from funding_conformance.reports.sheet import COLUMNS, LONGEST_CELL, sheet_report
from funding_conformance.runfile import RunFile, read_run_file
from funding_spec.register import load_register
from lxml import etree

from tests.conformance.markup import elements, page_of, texts, words
from tests.conformance.small_run import CRASHED, FAILED, HOSTILE, PASSED, REGISTER, RUN, case, run_file, saved

ACTING = set("\x00\x1b\u202e\ud800")


def footed(run: RunFile, **more: Any) -> RunFile:
    return evolve(run, footer={**run.footer, **more})


CONFORMANT = footed(
    run_file(PASSED, verdict="conformant"), faults=[], remarks=[], restarts=0, profiles=[
        {"profile": "earnings", "verdict": "conformant", "reason": "", "met": ["GUIDE-35"], "unmet": [], "untested": []}
    ],
)  # fmt: skip


# Which there are, and how to ask for them


def kit(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return saved(RUN, tmp_path / "run.jsonl")


def test_every_report_has_an_option() -> None:
    assert list(REPORTS) == list(FORMS)


def test_every_report_is_made_from_the_run_file_alone(file: Path, tmp_path: Path) -> None:
    places = {form: tmp_path / "new" / form for form in REPORTS}
    assert (
        kit("report", file, *(part for form, place in places.items() for part in (f"--{form}", place))).exit_code == 0
    )
    run = read_run_file(file)
    assert {form: place.read_bytes() for form, place in places.items()} == {form: FORMS[form](run) for form in FORMS}


def test_without_an_option_the_report_is_shown(file: Path) -> None:
    result = kit("report", file)
    assert result.exit_code == 0
    assert result.output.endswith("Verdict: not conformant\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--csv", "run.jsonl"], "Something else is already in, or meant for, this place"),
        (["--csv", "same", "--badge", "./same"], "Something else is already in, or meant for, this place"),
        (["--html", "another.jsonl"], "Something else is already in, or meant for, this place"),
        (["--junit", "."], "This is a folder; name a file"),
        (["--markdown", ""], "This is a folder; name a file"),
        (["--sarif", "/"], "This is a folder; name a file"),
    ],
)
def test_no_report_is_written_over_something_else(
    file: Path, arguments: list[str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(file.parent)
    before = file.read_bytes()
    Path("another.jsonl").write_bytes(before)
    result = kit("report", file, *arguments)
    assert result.exit_code == 2
    assert words in result.output
    assert {found.name: found.read_bytes() for found in file.parent.iterdir()} == {
        "run.jsonl": before,
        "another.jsonl": before,
    }


def test_no_report_of_a_run_is_written_over_its_baseline(tmp_path: Path) -> None:
    known = tmp_path / "known.yaml"
    known.write_text("[]")
    result = kit("run", "--baseline", known, "--csv", known, "--report", tmp_path / "report")
    assert result.exit_code == 2
    assert "Something else is already in, or meant for, this place" in result.output
    assert known.read_text() == "[]"


def test_a_run_writes_the_reports_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, examples: Path) -> None:
    monkeypatch.setattr("funding_conformance.command_run.examples_folder", lambda: examples / "guide" / "annex-1")
    report = tmp_path / "report"
    options = ["--no-properties", "--cases", "0", "--report", report]
    files = [part for form in REPORTS for part in (f"--{form}", tmp_path / form)]
    assert kit("run", *options, *files).exit_code == 3
    run = read_run_file(report / "run.jsonl")
    for form, make in FORMS.items():
        assert (tmp_path / form).read_bytes() == make(run)
    assert kit("run", *options, "--html", report / "index.html").exit_code == 2


# What a run file keeps for its reports


def test_a_run_file_names_its_cases_by_the_digests_of_the_frozen_list_and_keeps_few_workings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, examples: Path
) -> None:
    monkeypatch.setattr("funding_conformance.command_run.examples_folder", lambda: examples / "guide" / "annex-1")
    monkeypatch.setattr(running, "WORKINGS_KEPT", 2)
    asked = "python:tests.browser.test_report:uncapped"
    options = ["--implementation", asked, "--no-properties", "--cases", "0", "--report", tmp_path]
    assert kit("run", *options).exit_code == 1
    run = read_run_file(tmp_path / "run.jsonl")
    frozen = frozen_list("2017-08").cases
    assert {case["case"]: case["digest"] for case in run.cases}.items() <= frozen.items()
    assert len(run.failures) > 2
    assert ["working" in case for case in run.failures] == [True, True, *[False] * (len(run.failures) - 2)]


# SARIF


def sarif(run: RunFile, *in_repository: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(sarif_report(run, REGISTER, in_repository))
    return found


def results(run: RunFile, *in_repository: str) -> list[dict[str, Any]]:
    [only] = sarif(run, *in_repository)["runs"]
    found: list[dict[str, Any]] = only["results"]
    return found


def test_sarif_has_the_shape_that_2_1_0_demands() -> None:
    content = sarif(RUN, FAILED["case"])
    assert content.keys() == {"$schema", "version", "runs"}
    assert content["version"] == "2.1.0"
    [run] = content["runs"]
    assert run.keys() == {
        "tool", "automationDetails", "invocations", "columnKind", "results", "properties",
    }  # fmt: skip
    assert run["invocations"] == [{"executionSuccessful": True}]
    driver = run["tool"]["driver"]
    assert driver.keys() == {"name", "version", "fullName", "rules"}
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(ids) == len(set(ids))
    for rule in driver["rules"]:
        assert rule.keys() == {"id", "shortDescription", "fullDescription", "help", "defaultConfiguration"}
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
        assert rule["help"]["text"]
        assert 0 < len(rule["shortDescription"]["text"]) <= LONGEST_DESCRIPTION
        assert 0 < len(rule["fullDescription"]["text"]) <= LONGEST_DESCRIPTION
    for result in run["results"]:
        assert result.keys() == {"ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints"}
        assert ids[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert 0 < len(result["message"]["text"]) <= LONGEST_MESSAGE
        for location in result["locations"]:
            assert location.keys() == {"physicalLocation", "logicalLocations"}
            assert location["physicalLocation"]["artifactLocation"]["uri"]
            assert location["physicalLocation"]["region"].keys() == {"startLine", "startColumn", "endLine", "endColumn"}
            assert all(logical.keys() == {"fullyQualifiedName", "name"} for logical in location["logicalLocations"])
        assert re.fullmatch("[0-9a-f]{64}", result["partialFingerprints"]["ofCase/v1"])


def test_a_failing_case_is_a_result_for_each_clause_that_it_decides() -> None:
    both = {**FAILED, "case": "guide/both", "decides": ["GUIDE-35", "GUIDE-36"]}
    found = [(result["ruleId"], result["locations"][0]["logicalLocations"][0]) for result in results(run_file(both))]
    where = {"fullyQualifiedName": "guide/both", "name": "both"}
    assert found[:2] == [("GUIDE-35", where), ("GUIDE-36", where)]


def test_a_rule_has_the_words_and_the_place_of_its_clause() -> None:
    [rule, *_] = sarif(RUN)["runs"][0]["tool"]["driver"]["rules"]
    assert rule["id"] == "GUIDE-35"
    assert rule["fullDescription"] == {"text": "The instalments are equal."}
    assert rule["shortDescription"] == {"text": "Monthly instalments, paragraph 35"}


def test_a_result_says_what_was_expected_and_answered() -> None:
    [failing, *_] = results(RUN)
    assert "2017-12 to 2018-02: expected £500.00 a month, got £541.66667 a month" in failing["message"]["text"]
    assert not ACTING & set(failing["message"]["text"])


def place(result: dict[str, Any]) -> tuple[dict[str, str], int]:
    """The file and the line of a result."""
    physical = result["locations"][0]["physicalLocation"]
    return physical["artifactLocation"], physical["region"]["startLine"]


def test_every_result_is_in_a_file_the_example_or_else_a_line_of_the_run_file(tmp_path: Path) -> None:
    uri = "examples/scenarios/guide/instalments/failing.yaml"
    [known, *_] = results(RUN, FAILED["case"])
    assert place(known) == ({"uri": uri, "uriBaseId": "%SRCROOT%"}, 1)
    run = run_file(PASSED, {**FAILED, "kind": "fresh"})
    lines = saved(run, tmp_path / "run.jsonl").read_text(encoding="utf-8").splitlines()
    fresh, *_, profile = results(run, FAILED["case"])
    for result, holds in ((fresh, FAILED["case"]), (profile, '"digest":')):
        file, line = place(result)
        assert file == {"uri": "run.jsonl"}
        assert holds in lines[line - 1]


def test_a_rule_says_no_more_than_is_taken() -> None:
    register = load_register()
    everything = run_file({**FAILED, "decides": [clause.id for clause in register]})
    rules = json.loads(sarif_report(everything, register))["runs"][0]["tool"]["driver"]["rules"]
    said = [rule["fullDescription"]["text"] for rule in rules]
    assert len(said) > len(register)
    assert max(map(len, said)) == LONGEST_DESCRIPTION


def test_a_fingerprint_stays_when_the_figures_change() -> None:
    other = {**FAILED, "title": "Another", "difference": FAILED["difference"][:1], "note": ""}
    [one, *_], [two, *_], [third, *_] = results(RUN), results(run_file(other)), results(run_file(CRASHED))
    assert one["partialFingerprints"] == two["partialFingerprints"] != third["partialFingerprints"]


def test_sarif_is_without_results_only_where_the_run_is_conformant() -> None:
    assert results(CONFORMANT) == []
    inconclusive = {**CONFORMANT.footer["profiles"][0], "verdict": "inconclusive"}
    for more, rule, level in (
        ({"profiles": [inconclusive]}, "profile", "warning"),
        ({"profiles": []}, "profile", "warning"),
        ({"faults": ["It spoke too soon."]}, "adapter", "error"),
        ({"gave_up": "Ten restarts."}, "adapter", "error"),
        ({"baseline": ["case x: it is stale"]}, "baseline", "error"),
    ):
        [only] = results(footed(CONFORMANT, **more))
        assert (only["ruleId"], only["level"]) == (rule, level)


def test_an_adapter_that_answers_nothing_is_one_result_and_not_thousands() -> None:
    silent = footed(run_file(*(case(f"guide/{n}", "crash") for n in range(9))), diagnosis={"broken": "It is silent."})
    texts = [result["message"]["text"] for result in results(silent)]
    assert texts.count("It is silent.") == 1
    assert len(texts) < 9


# Markdown


def test_markdown_is_short_and_says_what_matters() -> None:
    text = markdown_report(RUN).decode()
    assert text.startswith("## Not conformant: Acme ")
    assert "Of 3 cases asked, 2 did not pass." in text
    assert "| earnings | not conformant | 0 of 2 | 1 of 3 cases did not pass. |" in text
    assert "expected £500.00 a month, got £541.66667 a month" in text
    many = markdown_report(run_file(*(case(f"guide/{n}", "fail") for n in range(FAILURES_SHOWN + 2)))).decode()
    assert many.count("| guide/") == FAILURES_SHOWN
    assert "… and 2 more cases" in many


def test_what_others_wrote_stays_text_in_markdown() -> None:
    text = markdown_report(RUN).decode()
    assert not ACTING & set(text)
    assert "<" not in text
    hostile = "a|b\n# head <img> `x` [l](u) @boss #12 https://e.example www.e.example *x* _y_ on_programme ~~z~~ \\"
    safe = as_text(hostile)
    assert not set(re.sub("&#[0-9]+;", "", safe)) & set("|<>`[]*~\\\n")
    assert not re.search(r"[@](?=\w)|(?<!&)#(?=\w)|https?:|www\.|\b_y", safe)
    assert "on_programme" in safe


def test_every_row_of_a_markdown_table_has_its_cells() -> None:
    rows = [line for line in markdown_report(RUN).decode().splitlines() if line.startswith("|")]
    assert {line.count("|") for line in rows} == {5}


# CSV


def rows_of(run: RunFile) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(sheet_report(run).decode("utf-8-sig"))))


def test_the_table_has_a_row_for_every_case() -> None:
    rows = rows_of(RUN)
    assert [(row["case"], row["verdict"]) for row in rows] == [(c["case"], c["verdict"]) for c in RUN.cases]
    assert list(rows[0]) == list(COLUMNS)
    assert rows[1]["over"] == "166.66668"
    assert rows[1]["under"] == "500.00000"
    assert rows[1]["clauses"] == "GUIDE-35|GUIDE-36"
    assert not ACTING & set(rows[1]["note"])


def test_no_cell_of_the_table_is_a_formula_or_longer_than_a_spreadsheet_takes() -> None:
    [row] = rows_of(run_file(case("=cmd|'/c calc'!A0", "crash", title="@SUM(1)", note="+" + "x" * LONGEST_CELL)))
    assert row["case"].startswith("'=")
    assert row["title"] == "'@SUM(1)"
    assert row["note"].startswith("'+")
    assert len(row["note"]) <= LONGEST_CELL + 1


# Badge


def test_the_badge_says_the_verdict_and_no_count() -> None:
    root = etree.fromstring(badge(CONFORMANT))
    texts = [str(text.text) for text in root.iterfind("{*}text")]
    assert texts == ["apprenticeship funding 2017-08", "conformant"]
    title = root.find("{*}title")
    assert title is not None
    assert words(title).startswith("apprenticeship funding 2017-08: conformant (earnings).")
    assert root.get("aria-labelledby") == title.get("id")


def test_the_badge_loads_nothing_and_cannot_be_made_to() -> None:
    hostile = evolve(RUN, header={**RUN.header, "rulebook": f'"><image href="http://x"/>{HOSTILE}'})
    content = badge(hostile).decode()
    assert {etree.QName(one).localname for one in etree.fromstring(content.encode()).iter()} == {
        "svg", "title", "rect", "path", "text",
    }  # fmt: skip
    assert not ACTING & set(content)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", sorted({*COLOURS.values(), OTHERWISE, BEHIND_SUBJECT}))
def test_white_letters_on_the_badge_can_be_read(colour: str) -> None:
    assert 1.05 / (luminance(colour) + 0.05) >= 7


@pytest.mark.parametrize("verdict", [result.value for result in running.Result])
def test_only_conformant_is_green(verdict: str) -> None:
    rectangle = etree.fromstring(badge(footed(RUN, verdict=verdict))).find("{*}rect")
    assert rectangle is not None
    assert (rectangle.get("fill") == COLOURS["conformant"]) == (verdict == "conformant")


# The page of a large run


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> etree._Element:
    """A page on which there is room for few cases."""
    monkeypatch.setattr(html, "SHOWN_IN_FULL", 3)
    monkeypatch.setattr(html, "LISTED", 5)
    monkeypatch.setattr(html, "CASES_NAMED", 4)
    failing = [case(f"guide/f-{n}", "fail", decides=["GUIDE-36" if n == 7 else "GUIDE-35"]) for n in range(9)]
    passing = [case(f"guide/p-{n}", "pass") for n in range(8)]
    causes = [
        {"says": "A.", "clauses": [], "cases": [f"guide/f-{n}" for n in range(9)], "over": "0", "under": "0"},
        {"says": "B.", "clauses": [], "cases": ["guide/f-4"], "over": "0", "under": "0"},
    ]
    run = footed(run_file(*failing, *passing), diagnosis={"compared": 9, "causes": causes})
    return page_of(html_report(run, REGISTER))


def test_a_large_page_shows_one_case_of_each_cause_and_clause_in_full(large: etree._Element) -> None:
    assert texts(large, "//article/@id") == ["case-guide/f-0", "case-guide/f-4", "case-guide/f-7"]


def test_a_large_page_says_what_it_leaves_out_and_where_that_is(large: etree._Element) -> None:
    text = words(large)
    assert "9 of 17 cases did not pass" in text
    assert "Below are 3 of them in full" in text
    assert "3 more that did not pass are left out here" in text
    assert "3 more that passed are left out here" in text
    assert "funding-kit report run.jsonl --csv cases.csv" in text
    assert "… and 5 more" in text


def test_every_link_of_a_large_page_leads_somewhere(large: etree._Element) -> None:
    ids = texts(large, "//@id")
    assert len(ids) == len(set(ids))
    assert {link.removeprefix("#") for link in texts(large, "//@href")} <= set(ids)


def test_cases_can_be_chosen_by_clause_profile_and_verdict(large: etree._Element) -> None:
    values = {
        select.get("id"): texts(select, "./option/@value")[1:] for select in elements(large, "//*[@id='find']//select")
    }
    assert values == {
        "find-clause": ["GUIDE-35", "GUIDE-36"],
        "find-profile": ["earnings"],
        "find-verdict": ["fail", "pass"],
    }
    [row] = elements(large, "//tr[th/a='guide/f-0']")
    assert (row.get("data-clauses"), row.get("data-profiles"), row.get("data-verdict")) == (
        "GUIDE-35", "earnings", "fail",
    )  # fmt: skip


def test_differences_without_end_are_cut_and_still_added_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "DIFFERENCES_SHOWN", 2)
    page = " ".join(html_report(run_file(FAILED), REGISTER).split())
    assert "2 more differences are left out here" in page
    assert "£166.66668 over" in page
    assert "£500.00 under" in page
