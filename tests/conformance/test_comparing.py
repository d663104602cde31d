"""Runs held against each other: two of them, a folder of them, and those of several implementations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from click.testing import CliRunner, Result
from funding_conformance.cli import main
from funding_conformance.comparing import LISTS, Comparison, compared
from funding_conformance.reports.comparison import comparison_markdown, comparison_report
from funding_conformance.reports.matrix import matrix_page, matrix_report
from funding_conformance.reports.terminal import WIDTH
from funding_conformance.runfile import RunFile

from tests.conformance.markup import elements, is_nowhere, page_of, texts, words
from tests.conformance.small_run import FAILED, HOSTILE, PASSED, RUN, case, run_file, saved

ACTING = set("\x00\x1b\u202e\ud800")


def kit(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result


def one(verdict: str, **more: Any) -> RunFile:
    """A run of one case."""
    return run_file(case("guide/x", verdict, **{"digest": "sha256:1", **more}))


def named(run: RunFile, name: str, version: str = "1", rulebook: str = "2017-08") -> RunFile:
    declaration = {**run.header["declaration"], "implementation": {"name": name, "version": version}}
    return evolve(run, header={**run.header, "declaration": declaration, "rulebook": rulebook})


def lists_of(comparison: Comparison) -> set[str]:
    return {name for name, changes in comparison.lists().items() if changes}


def answered(amount: str, *, first: str = "2017-08") -> dict[str, Any]:
    rows = [{"month": month, "amount": amount} for month in ("2017-08", "2017-09")]
    return {"ok": {"earnings": rows if first == "2017-08" else rows[::-1]}}


NOTHING = run_file()


@pytest.mark.parametrize(
    ("old", "new", "lists"),
    [
        (one("pass"), one("pass"), set()),
        (one("pass"), one("fail"), {"newly_failing"}),
        (one("pass"), one("crash"), {"newly_failing"}),
        (one("pass"), one("kit-error"), {"newly_failing"}),
        (one("not-applicable"), one("missing"), {"newly_failing"}),
        (one("fail"), one("pass"), {"newly_passing"}),
        (one("not-applicable"), one("pass"), {"newly_passing"}),
        (one("fail"), one("timeout"), {"changed_answer"}),
        (one("fail", answer=answered("1")), one("fail", answer=answered("2")), {"changed_answer"}),
        (one("pass", answer=answered("1")), one("pass", answer=answered("2")), {"changed_answer"}),
        (one("pass", answer=answered("1")), one("pass", answer=answered("1", first="2017-09")), set()),
        (one("pass", answer={"ok": {"x_at": 1}}), one("pass", answer={"ok": {"x_at": 2}}), set()),
        (one("pass"), one("pass", digest="sha256:2"), {"changed_case"}),
        (one("fail"), one("fail", digest="sha256:2"), {"changed_case", "newly_failing"}),
        (one("fail", question={"id": "a"}), one("fail", question={"id": "a"}), set()),
        (one("pass"), one("not-applicable"), {"no_longer_asked"}),
        (NOTHING, one("pass"), {"new_cases"}),
        (NOTHING, one("fail"), {"new_cases", "newly_failing"}),
        (one("fail"), NOTHING, {"gone_cases"}),
    ],
)
def test_each_change_is_in_its_list(old: RunFile, new: RunFile, lists: set[str]) -> None:
    assert lists_of(compared(old, new)) == lists


def test_without_digests_questions_are_compared_where_both_are_kept() -> None:
    def asked(value: int) -> RunFile:
        return run_file(case("guide/x", "fail", question={"given": value}))

    assert lists_of(compared(asked(1), asked(1))) == set()
    assert lists_of(compared(asked(1), asked(2))) == {"changed_case", "newly_failing"}
    assert lists_of(compared(asked(1), run_file(case("guide/x", "pass")))) == {"newly_passing"}


def test_what_differs_in_the_headers_is_said_first() -> None:
    old, new = named(one("pass"), "Acme", "1"), named(one("pass"), "Acme", "2", rulebook="2018-08")
    lines = list(comparison_report(compared(old, evolve(new, header={**new.header, "seed": 7, "kit": "0.2.0"}))))
    assert lines[:4] == [
        "Not the same implementation: Acme 1; now Acme 2",
        "Not the same rulebook: 2017-08; now 2018-08",
        "Not the same version of the kit: 0.1.0; now 0.2.0",
        "Not the same seed: 0; now 7",
    ]


def test_a_comparison_keeps_to_its_width_and_to_plain_text() -> None:
    new = run_file(*RUN.cases, *(case(f"guide/{HOSTILE}{n}", "crash", note=HOSTILE * 9) for n in range(30)))
    comparison = compared(named(run_file(PASSED), HOSTILE), new)
    lines = list(comparison_report(comparison))
    assert max(map(len, lines)) <= WIDTH
    assert not ACTING & set("".join(lines))
    assert "… and 12 more; --json has them all." in "\n".join(lines)
    markdown = comparison_markdown(comparison).decode()
    assert not ACTING & set(markdown)
    assert "<" not in markdown


def test_a_changed_failure_says_what_it_comes_to() -> None:
    text = "\n".join(comparison_report(compared(one("pass"), one("fail", difference=FAILED["difference"]))))
    assert "pass, now fail; nothing over or under, now over by £166.66668 and under by" in " ".join(text.split())


@pytest.mark.parametrize(("old", "new", "code"), [("pass", "fail", 1), ("fail", "pass", 0), ("fail", "fail", 0)])
def test_diff_ends_with_1_where_something_is_newly_failing(old: str, new: str, code: int, tmp_path: Path) -> None:
    files = [saved(one(verdict), tmp_path / f"{n}.jsonl") for n, verdict in enumerate((old, new))]
    result = kit("diff", *files, "--markdown", tmp_path / "diff.md")
    assert result.exit_code == code
    assert (tmp_path / "diff.md").read_text(encoding="utf-8").startswith("## ")
    found = json.loads(kit("diff", *files, "--json").output)
    assert found.keys() == {"old", "new", "headers", *LISTS}
    assert len(found["newly_failing"]) == code


def test_diff_refuses_what_is_no_run_file(tmp_path: Path) -> None:
    run = saved(RUN, tmp_path / "run.jsonl")
    (tmp_path / "cut.jsonl").write_bytes(run.read_bytes()[:-20])
    assert kit("diff", run, tmp_path / "cut.jsonl").exit_code == 2
    assert kit("diff", run, tmp_path / "none.jsonl").exit_code == 2
    assert kit("diff", run, run, "--markdown", run).exit_code == 2


# History


def test_a_history_has_a_row_for_each_run_in_the_order_of_names(tmp_path: Path) -> None:
    for build, verdict in ((10, "fail"), (9, "pass"), (11, "fail")):
        saved(named(one(verdict), "Acme", f"8.{build}"), tmp_path / f"build-{build}" / "run.jsonl")
    (tmp_path / "questions.jsonl").write_text('{"m":"answer"}\n', encoding="utf-8")
    result = kit("history", tmp_path)
    assert result.exit_code == 0
    places = [result.output.index(f"build-{n}/run.jsonl") for n in (9, 10, 11)]
    assert places == sorted(places)
    assert result.output.count("Newly failing in") == 1
    assert "Newly failing in build-10/run.jsonl: guide/x" in result.output
    assert "questions" not in result.output
    assert max(map(len, result.output.splitlines())) <= WIDTH


def test_a_history_holds_only_runs_of_one_implementation_and_rulebook_against_each_other(tmp_path: Path) -> None:
    saved(named(one("pass"), "Acme"), tmp_path / "1.jsonl")
    saved(named(one("fail"), "Other"), tmp_path / "2.jsonl")
    saved(named(one("fail"), "Acme", rulebook="2018-08"), tmp_path / "3.jsonl")
    result = kit("history", tmp_path)
    assert result.output.count(", rulebook ") == 3
    assert "Newly failing" not in result.output


def test_a_history_counts_in_thousands(tmp_path: Path) -> None:
    run = one("pass")
    saved(evolve(run, footer={**run.footer, "counts": {"pass": 1236}}), tmp_path / "run.jsonl")
    assert "1,236" in kit("history", tmp_path).output


def test_a_damaged_run_is_named_and_the_history_goes_on(tmp_path: Path) -> None:
    whole = saved(RUN, tmp_path / "a.jsonl")
    (tmp_path / "b.jsonl").write_bytes(whole.read_bytes()[:-30])
    result = kit("history", tmp_path)
    assert result.exit_code == 0
    assert "b.jsonl" in result.output
    whole.unlink()
    assert kit("history", tmp_path).exit_code == 2
    assert kit("history", tmp_path / "nowhere").exit_code == 2


# Matrix

CONFORMANT = named(run_file(PASSED, verdict="conformant"), "Good")


def test_a_matrix_sets_implementations_beside_each_other() -> None:
    lines = list(matrix_report([("a.jsonl", CONFORMANT), ("b.jsonl", RUN)]))
    assert max(map(len, lines)) <= WIDTH
    assert not ACTING & set("".join(lines))
    [row] = [line.split() for line in lines if line.startswith("GUIDE-35")]
    assert row == ["GUIDE-35", "met", "not", "met"]


def test_runs_of_one_name_are_told_apart_by_their_files() -> None:
    text = " ".join(" ".join(matrix_report([("a.jsonl", CONFORMANT), ("b.jsonl", CONFORMANT)])).split())
    assert "Good 1 (a.jsonl)" in text
    assert "Good 1 (b.jsonl)" in text


def test_different_rulebooks_are_said_first() -> None:
    runs = [("a.jsonl", CONFORMANT), ("b.jsonl", named(RUN, "Other", rulebook="2018-08"))]
    assert next(iter(matrix_report(runs))).startswith("They were asked under different rulebooks")
    assert "not all asked under the same rulebook" in matrix_page(runs)


def test_many_implementations_are_shown_in_several_tables() -> None:
    lines = list(matrix_report([(f"{n}.jsonl", named(RUN, f"Product {n}")) for n in range(9)]))
    assert max(map(len, lines)) <= WIDTH
    assert sum(line.startswith("GUIDE-35") for line in lines) == 3


def test_the_page_of_a_matrix_loads_nothing_and_nothing_in_it_acts(tmp_path: Path) -> None:
    files = [saved(CONFORMANT, tmp_path / "a.jsonl"), saved(RUN, tmp_path / "b.jsonl")]
    assert kit("matrix", *files, "--html", tmp_path / "matrix.html").exit_code == 0
    page = (tmp_path / "matrix.html").read_text(encoding="utf-8")
    document = page_of(page)
    assert is_nowhere(document, "//@src | //link | //img | //iframe | //object | //form")
    assert len(elements(document, "//script")) == 1
    assert not ACTING & set(page)
    assert "default-src 'none'" in texts(document, "//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    ids = texts(document, "//@id")
    assert len(ids) == len(set(ids))
    assert {link.removeprefix("#") for link in texts(document, "//@href")} <= set(ids)
    [row] = elements(document, "//table[@id='matrix-table']/tbody/tr[contains(th, 'GUIDE-35')]")
    assert [words(cell) for cell in elements(row, "./td")] == ["Met", "Not met2 cases"]
    assert is_nowhere(document, "//table[not(caption)] | //th[not(@scope)]")


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        (evolve(RUN, header={**RUN.header, "rulebook": 5}), "run.rulebook"),
        (evolve(RUN, header={**RUN.header, "declaration": {}}), "run.declaration.implementation"),
        (evolve(RUN, cases=({**PASSED, "decides": None}, FAILED)), "line 2.decides"),
        (evolve(RUN, footer={name: RUN.footer[name] for name in RUN.footer if name != "faults"}), "footer.faults"),
        (evolve(RUN, footer={**RUN.footer, "profiles": ["earnings"]}), "footer.profiles[0]"),
        (evolve(RUN, footer={**RUN.footer, "profiles": [{"profile": "earnings"}]}), "footer.profiles[0].verdict"),
    ],
)
def test_a_run_file_that_another_kit_wrote_otherwise_is_refused_with_its_place(
    wrong: RunFile, place: str, tmp_path: Path
) -> None:
    file, right = saved(wrong, tmp_path / "run.jsonl"), saved(RUN, tmp_path / "right.jsonl")
    for arguments in (["report", file], ["diff", right, file], ["matrix", right, file]):
        result = kit(*arguments)
        assert result.exit_code == 2
        assert f"{place}\n  This run file is not as this kit" in result.output
    assert "not as this kit" in kit("history", tmp_path).output


def test_a_matrix_is_not_written_over_a_run(tmp_path: Path) -> None:
    file = saved(RUN, tmp_path / "a.jsonl")
    assert kit("matrix", file, "--html", file).exit_code == 2
