"""Known failures: each has a reason and a last day, and fails the run once it is over or nothing needs it."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from funding_conformance.baseline import Baseline, BaselineError, load_baseline
from funding_conformance.cli import main
from funding_conformance.runfile import read_run_file
from funding_spec.documents import DocumentError

TODAY = date(2018, 1, 31)
WRONG = "always-42-days"


def entry(**fields: str) -> str:
    found = {"case": "a", "reason": "It is being put right.", "expires": "2018-01-31", **fields}
    return "- {" + ", ".join(f"{name}: {value!r}" for name, value in found.items() if value) + "}\n"


def load(text: str, tmp_path: Path) -> Baseline:
    file = tmp_path / "known.yaml"
    file.write_text(text, encoding="utf-8")
    return load_baseline(file, TODAY)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "A baseline is a list of entries"),
        ("[]", "A baseline is a list of entries"),
        ("a: b", "A baseline is a list of entries"),
        ("- a", r"\[0\]\n  An entry is an object"),
        (entry(reason=""), r"\[0\].reason\n  An entry must say its reason, as text."),
        (entry(reason=" "), "must say its reason"),
        (entry(expires=""), "must say its expires"),
        (entry(expires="soon"), "soon is not a date. Dates are YYYY-MM-DD."),
        (entry(expires="2018-02-30"), "is not a date"),
        (entry(case=""), "An entry is about one case or about one clause."),
        (entry(clause="GUIDE-35"), "An entry is about one case or about one clause."),
        (entry(why="x"), "There is no field why in an entry."),
        (entry() + entry(), "There are two entries for a."),
        ("- [", "This is not valid YAML"),
    ],
)
def test_an_entry_without_case_reason_or_day_is_refused(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(DocumentError if "YAML" in words else BaselineError, match=words):
        load(text, tmp_path)


# A run with known failures

ASKED = ["--implementation", f"{shlex.join([sys.executable, '-m', 'funding_conformance'])} serve --known-bad {WRONG}"]
A_FEW = [*ASKED, "--only", "guide/qualifying-period/*"]
ALL = [*ASKED, "--profile", "earnings", "--tries", "1"]


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def with_few_examples(request: pytest.FixtureRequest, examples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a few worked examples come with the kit, unless a test asks for all of them."""
    if "all_examples" not in request.fixturenames:
        few = examples / "guide" / "qualifying-period"
        monkeypatch.setattr("funding_conformance.command_run.examples_folder", lambda: few)


@pytest.fixture
def all_examples() -> None:
    """Every worked example comes with the kit, as for a user."""


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["run", "--cases", "0", *arguments])
    assert "Traceback" not in result.output
    return result


def failures(run_file: Path) -> list[str]:
    cases = read_run_file(run_file).cases
    return [case["case"] for case in cases if case["verdict"] not in ("pass", "not-applicable")]


def known(entries: Iterable[str]) -> list[str]:
    Path("known.yaml").write_text("".join(entries), encoding="utf-8")
    return ["--baseline", "known.yaml"]


def test_a_run_that_has_only_known_failures_ends_with_0_and_is_not_conformant(all_examples: None) -> None:
    assert run(*ALL).exit_code == 1
    failing = failures(Path("report/run.jsonl"))
    assert failing
    result = run(*ALL, *known(entry(case=id, expires="2999-12-31") for id in failing))
    assert result.exit_code == 0, result.output
    assert "Verdict: not conformant, but no new failures" in result.output
    found = read_run_file(Path("report/run.jsonl"))
    assert found.footer["baseline"] == []
    assert [entry["case"] for entry in found.header["baseline"]] == failing
    assert "Not conformant, but no new failures" in Path("report/index.html").read_text(encoding="utf-8")


def test_a_failure_that_is_not_known_fails() -> None:
    run(*A_FEW)
    first, *others = failures(Path("report/run.jsonl"))
    assert others
    assert run(*A_FEW, *known([entry(case=first, expires="2999-12-31")])).exit_code == 1


def test_known_failures_leave_what_was_not_tested_inconclusive() -> None:
    run(*A_FEW)
    everything = known(entry(case=id, expires="2999-12-31") for id in failures(Path("report/run.jsonl")))
    assert run(*A_FEW, *everything).exit_code == 3


def test_a_clause_excuses_every_case_that_decides_it() -> None:
    run(*A_FEW)
    failed = [case for case in read_run_file(Path("report/run.jsonl")).cases if case["verdict"] == "fail"]
    clauses = sorted({clause for case in failed for clause in case["decides"]})
    entries = known(entry(case="", clause=clause, expires="2999-12-31") for clause in clauses)
    assert run(*A_FEW, *entries).exit_code == 3


def test_an_entry_that_is_over_or_needless_fails_the_run() -> None:
    run(*A_FEW)
    entries = [entry(case=id, expires="2999-12-31") for id in failures(Path("report/run.jsonl"))]
    over = run(*A_FEW, *known([entries[0].replace("2999-12-31", "2018-01-31"), *entries[1:]]))
    assert over.exit_code == 1
    assert "excused until 31 January 2018 only" in " ".join(over.output.split())
    needless = run(*A_FEW, *known([*entries, entry(case="guide/no-such-case", expires="2999-12-31")]))
    assert needless.exit_code == 1
    assert "guide/no-such-case: nothing of it failed in this run. Take the entry out." in " ".join(
        needless.output.split()
    )
    assert "guide/no-such-case" in Path("report/index.html").read_text(encoding="utf-8")


def test_a_baseline_that_cannot_be_read_is_usage() -> None:
    result = run("--baseline", "nowhere.yaml")
    assert (result.exit_code, Path("report").exists()) == (2, False)


def test_what_fits_the_schema_is_read() -> None:
    text = entry() + entry(case="", clause="GUIDE-35")
    assert load(text, Path()).as_json() == [
        {"case": "a", "reason": "It is being put right.", "expires": "2018-01-31"},
        {"clause": "GUIDE-35", "reason": "It is being put right.", "expires": "2018-01-31"},
    ]
