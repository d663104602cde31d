"""The example adapter for a shell and awk, which answers the tables of a pack; it needs sh, mawk, gawk and busybox."""

from __future__ import annotations

import csv
import io
import os
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from funding_conformance.cli import main
from funding_conformance.formats.sheets import csv_bytes
from funding_conformance.judge import Verdict
from funding_conformance.offline.answers import read_answers
from funding_conformance.offline.pack import Contents, asked_cases, contents_of
from funding_conformance.offline.session import RecordedSession, declared
from funding_conformance.offline.writing_packs import write_pack
from funding_conformance.run import Case, ask_and_judge
from funding_conformance.runfile import read_run_file
from funding_conformance.scenarios import Scenario

from tests.adapters.checks import COVERED, NOT_COVERED, CalculatorChecks

pytestmark = pytest.mark.awk

FOLDER = "shell"
AWKS = ("mawk", "gawk", "gawk --posix", "busybox awk")


def run_with(awk: str, folder: Path, pack: Path) -> subprocess.CompletedProcess[str]:
    """Runs the adapter with one awk."""
    command = ["sh", str(folder / "answer.sh"), str(pack)]
    environment = {**os.environ, "AWK": awk}
    return subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)


def rows_of(table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table)))


@pytest.fixture(scope="module")
def asked(scenarios: list[Scenario]) -> list[Scenario]:
    """The worked examples of the rulebook that it knows."""
    return [scenario for scenario in scenarios if scenario.rulebook == "2017-08"]


@pytest.fixture(scope="module")
def contents(asked: list[Scenario]) -> Contents:
    """A pack of them, as it is exported."""
    return contents_of(asked_cases(asked, [], "2017-08", ["earnings"]), "2017-08")


@pytest.fixture(scope="module")
def pack(contents: Contents, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of that pack."""
    folder = tmp_path_factory.mktemp("asked") / "pack"
    write_pack(folder, contents.files)
    return folder


@pytest.fixture(scope="module")
def said(folder: Path, pack: Path) -> subprocess.CompletedProcess[str]:
    """What it says to that pack, with the first awk."""
    return run_with(AWKS[0], folder, pack)


@pytest.fixture(scope="module")
def cases(
    said: subprocess.CompletedProcess[str],
    asked: list[Scenario],
    contents: Contents,
    tmp_path_factory: pytest.TempPathFactory,
) -> list[Case]:
    """What became of every worked example, read and judged as an import does it."""
    table = tmp_path_factory.mktemp("answers") / "earnings.csv"
    table.write_text(said.stdout, encoding="utf-8")
    answers = read_answers([table], contents)
    session = RecordedSession(answers, contents, declared(answers, contents, "2017-08", ("earnings",), "shell"))
    assert session.faults == []
    return list(ask_and_judge(session, asked, ["earnings"], explain=False))


class TestShellAdapter(CalculatorChecks):
    """Its promises, and what is particular to answering a pack."""

    refused = Verdict.MISSING

    @pytest.mark.parametrize("awk", AWKS[1:])
    def test_every_awk_says_the_same(
        self, awk: str, said: subprocess.CompletedProcess[str], folder: Path, pack: Path
    ) -> None:
        again = run_with(awk, folder, pack)
        assert (again.stdout, again.stderr, again.returncode) == (said.stdout, said.stderr, 0)

    def test_every_case_is_answered_or_named_as_left_out(
        self, said: subprocess.CompletedProcess[str], contents: Contents
    ) -> None:
        *left_out, count = said.stderr.splitlines()
        answered = {row["case"] for row in rows_of(said.stdout)}
        named = [line.partition(":")[0] for line in left_out]
        assert sorted([*answered, *named]) == sorted(case.id for case in contents.cases)
        assert count == f"{len(answered)} of {len(contents.cases)} cases are answered."
        assert next(line for line in left_out if line.startswith(f"{NOT_COVERED}:")).endswith("no rule for ProgType 2.")

    @pytest.mark.parametrize("awk", AWKS)
    @pytest.mark.parametrize(
        ("price", "planned_end", "month"),
        [("0.00001", "2018-07-31", "0.00000"), ("15000.00000", "2018-07-31", "1000.00000"),
         ("1000.00000", "2018-07-31", "66.66667"), ("0.00003", "2017-08-31", "0.00002"),
         ("0.00005", "2017-09-30", "0.00002"), ("0.00015", "2017-09-30", "0.00006"),
         ("27000.99999", "2020-02-29", "696.80000")],
    )  # fmt: skip
    def test_money_is_exact_and_halves_go_to_the_even_digit(
        self, awk: str, price: str, planned_end: str, month: str, folder: Path, tmp_path: Path
    ) -> None:
        write_one_programme(tmp_path, price, planned_end)
        rows = rows_of(run_with(awk, folder, tmp_path).stdout)
        assert {row["amount"] for row in rows if row["type"] == "on_programme"} == {month}

    @pytest.mark.parametrize("awk", AWKS)
    def test_what_it_could_not_calculate_exactly_it_leaves_out(self, awk: str, folder: Path, tmp_path: Path) -> None:
        write_one_programme(tmp_path, "99999999999.00000", "2018-07-31")
        found = run_with(awk, folder, tmp_path)
        assert rows_of(found.stdout) == []
        assert "no rule for amounts that awk would round" in found.stderr

    @pytest.mark.parametrize("awk", AWKS)
    def test_cells_may_hold_commas_marks_and_lines(self, awk: str, folder: Path, tmp_path: Path) -> None:
        name = 'of "mine", in\ntwo lines'
        write_one_programme(tmp_path, "15000.00000", "2018-07-31", name)
        assert {row["case"] for row in rows_of(run_with(awk, folder, tmp_path).stdout)} == {name}

    def test_a_folder_that_is_no_pack_is_refused(self, folder: Path, tmp_path: Path) -> None:
        found = run_with(AWKS[0], folder, tmp_path)
        assert (found.returncode, found.stdout) == (2, "")
        assert "There is no cases.csv in this folder." in found.stderr

    def test_from_export_to_import(self, folder: Path, tmp_path: Path) -> None:
        """The two commands of its README: all that was asked passes, and the rest was not tested."""
        pack, table, report = tmp_path / "pack", tmp_path / "earnings.csv", tmp_path / "report"
        of = ["--profile", "earnings", "--only", "guide/completion/*"]
        assert CliRunner().invoke(main, ["export", str(pack), *of]).exit_code == 0
        table.write_text(run_with(AWKS[0], folder, pack).stdout, encoding="utf-8")
        imported = CliRunner().invoke(main, ["import", str(pack), str(table), "--report", str(report)])
        assert imported.exit_code == 3, imported.output
        run = read_run_file(report / "run.jsonl")
        assert {case["verdict"] for case in run.cases} <= {"pass", "not-applicable"}
        assert len([case for case in run.cases if case["verdict"] == "pass"]) >= COVERED["guide/completion"]


def write_one_programme(folder: Path, price: str, planned_end: str, name: str = "mine") -> None:
    """The tables of one case: a programme that begins on 1 August 2017, at a band that is its price."""
    of = {"case": name, "collection": "1718-R01", "ukprn": 10000001, "LearnRefNumber": "A1"}
    start = {"LearnAimRef": "ZPROG001", "FundModel": 36, "ProgType": 25, "StdCode": 50, "LearnStartDate": "2017-08-01"}
    record = {"AFinType": "TNP", "AFinCode": 1, "AFinDate": "2017-08-01", "AFinAmount": price}
    aim = {"AimSeqNumber": 1, **start, "LearnPlanEndDate": planned_end, "LearnActEndDate": None, "CompStatus": 1}
    tables: dict[str, dict[str, object]] = {
        "cases": {"case": name, "asked": "earnings", "rulebook": "2017-08", "through": None},
        "courses": {"case": name, "what": "course", "standard_code": 50, "from": "2017-05-01", "amount": price},
        "returns/learners": {**of, "ULN": 1000000001, "DateOfBirth": "1990-01-01"},
        "returns/employment": {**of, "EmpStat": 10},
        "returns/monitoring": {**of, "LearnDelFAMType": "ACT", "LearnDelFAMCode": 2},
        "returns/prices": {**of, **record},
        "returns/aims": {**of, **aim, "OrigLearnStartDate": None},
    }
    (folder / "returns").mkdir()
    for table, row in tables.items():
        (folder / f"{table}.csv").write_bytes(csv_bytes(list(row), [row]))
