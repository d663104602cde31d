"""Packs and answers from files: the same verdict as a run, and a clear refusal of what cannot be used."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from funding_conformance.case_lists import frozen_list
from funding_conformance.certificate import conformant_run
from funding_conformance.cli import REPORTS, main
from funding_conformance.offline import manifest
from funding_conformance.offline.case_sets import with_check_digit
from funding_conformance.profiles import PROFILES
from funding_conformance.run import Result as Conformance
from funding_conformance.runfile import read_run_file
from funding_conformance.scenarios import WANTS, examples_folder, load_folder
from funding_conformance.statement import Claims, reveal_of
from funding_reference.collections import ANSWERED
from funding_reference.ilr import open_return
from funding_reference.ilr.tolerance import Kind

from tests.conformance.handed_in import answered, as_lines, as_reports, as_tables, table_rows, without_times

EVERY = 24
"""One in so many of the worked examples is asked, and one that asks for each part of an answer."""

EARNS_NOTHING = "guide/qualifying-period/planned-14-leaves-on-day-13"

CASES = frozen_list("2017-08").profiles
DECLARED = [
    profile.name
    for profile in PROFILES
    if set(profile.wants) <= set(ANSWERED) and profile.name in CASES and not profile.everything
]


@pytest.fixture(scope="module")
def few(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some worked examples of every kind, rejects among them."""
    folder = tmp_path_factory.mktemp("few")
    scenarios = [scenario for scenario in load_folder(examples) if scenario.rulebook == "2017-08"]
    of_each_part = [next(scenario for scenario in scenarios if want in scenario.wants) for want in WANTS]
    earns_nothing = [scenario for scenario in scenarios if scenario.id == EARNS_NOTHING]
    chosen = {scenario.file for scenario in [*of_each_part, *earns_nothing]}
    for number, file in enumerate(sorted({*map(Path, chosen), *sorted(examples.rglob("*.yaml"))[::EVERY]})):
        shutil.copy(file, folder / f"{number}.yaml")
    return folder


@pytest.fixture(autouse=True)
def with_few_examples(few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("funding_conformance.command_run.examples_folder", lambda: few)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def made(few: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack of those examples, without drawn cases."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("funding_conformance.command_run.examples_folder", lambda: few)
        return exported(tmp_path_factory.mktemp("made") / "pack", "--no-properties")


@pytest.fixture
def pack(made: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may change."""
    shutil.copytree(made, tmp_path / "pack")
    return tmp_path / "pack"


def kit(*arguments: object) -> Result:
    """Runs the command, without fresh cases unless they are asked for; whatever it says, it is no traceback."""
    plain = arguments[0] in ("run", "export") and "--cases" not in arguments
    result = CliRunner().invoke(main, [*map(str, arguments), *(["--cases", "0"] if plain else [])])
    assert isinstance(result.exception, SystemExit | None), result.exception
    assert "Traceback" not in result.output
    assert result.exit_code != 5, result.output
    return result


def exported(folder: Path, *options: str) -> Path:
    result = kit("export", folder, *options)
    assert result.exit_code == 0, result.output
    return folder


def handed_in(folder: Path, files: dict[str, bytes]) -> list[Path]:
    """The files, written below a folder."""
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in files]


def verdicts(run_file: Path) -> dict[str, str]:
    return {case["case"]: case["verdict"] for case in read_run_file(run_file).cases}


def faults(run_file: Path) -> list[str]:
    found: list[str] = read_run_file(run_file).footer["faults"]
    return found


# The same verdict as a run


@pytest.mark.parametrize("profile", DECLARED)
def test_answers_of_a_program_make_the_run_file_of_a_run(profile: str, tmp_path: Path) -> None:
    pack = exported(tmp_path / "pack", "--profile", profile, "--tries", "1", "--cases", "12")
    lines = handed_in(tmp_path / "answers", {"answers.jsonl": as_lines(answered(pack))})
    imported = kit("import", pack, *lines, "--report", "imported", "--junit", "imported.xml")
    run = kit("run", "--profile", profile, "--tries", "1", "--cases", "12", "--report", "run", "--junit", "run.xml")
    assert without_times(Path("imported/run.jsonl")) == without_times(Path("run/run.jsonl"))
    assert imported.exit_code == run.exit_code
    assert Path("imported/index.html").exists()
    assert Path("imported.xml").exists()


def test_an_imported_run_can_be_certified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("funding_conformance.command_run.examples_folder", examples_folder)
    monkeypatch.setattr("funding_conformance.certificate.FEWEST_TRIES", 1)
    monkeypatch.setattr("funding_conformance.certificate.FEWEST_FRESH", 3)
    digest = "sha256:" + "ab" * 32
    claims = Claims("A spreadsheet", "1", digest, digest, "earnings", date(2018, 1, 1), date(2018, 1, 31), "cd" * 32)
    drawn = ["--cases", "3", "--seed", str(reveal_of("2017-08", claims).seed)]
    pack = exported(tmp_path / "pack", "--tries", "1", "--profile", "earnings", *drawn)
    lines = handed_in(tmp_path / "answers", {"answers.jsonl": as_lines(answered(pack))})
    assert kit("import", pack, *lines).exit_code == 0
    assert conformant_run(read_run_file(Path("report/run.jsonl")), claims).result is Conformance.CONFORMANT


def test_a_known_mistake_is_found_in_its_answers(tmp_path: Path) -> None:
    pack = exported(tmp_path / "pack", "--tries", "2", "--profile", "earnings")
    lines = handed_in(tmp_path / "answers", {"answers.jsonl": as_lines(answered(pack, "completion-on-top"))})
    assert kit("import", pack, *lines).exit_code == 1
    found = verdicts(Path("report/run.jsonl"))
    assert "fail" in {verdict for case, verdict in found.items() if case.startswith("property/")}
    assert "fail" in {verdict for case, verdict in found.items() if not case.startswith("property/")}
    assert "missing" not in found.values()


def test_tables_give_the_verdicts_of_a_run(pack: Path, tmp_path: Path) -> None:
    files = handed_in(tmp_path / "answers", as_tables(answered(pack)))
    kit("import", pack, *files, "--report", "imported", "--name", "A spreadsheet")
    kit("run", "--no-properties", "--report", "run")
    assert verdicts(Path("imported/run.jsonl")) == verdicts(Path("run/run.jsonl"))
    imported, run = read_run_file(Path("imported/run.jsonl")), read_run_file(Path("run/run.jsonl"))
    assert imported.footer["profiles"] == run.footer["profiles"]
    assert imported.footer["counts"] == run.footer["counts"]
    assert imported.name == "A spreadsheet"


def through_a_spreadsheet(table: bytes) -> bytes:
    """What a spreadsheet may make of a table: semicolons, day first, pounds, empty rows."""
    rows = table_rows(table)
    lines = [";".join(rows[0])]
    for row in rows:
        cells = []
        for name, text in row.items():
            match name:
                case "price_episode" if text:
                    year, month, day = text.split("-")
                    cells.append(f"{day}/{month}/{year}")
                case "month" if text:
                    cells.append(f"01/{text[5:]}/{text[:4]}")
                case "amount" if text:
                    cells.append(f"£{float(text):,.5f} ")
                case _:
                    cells.append(text)
        lines.append(";".join(cells))
    return "\r\n".join([*lines, ";;;", ";;;", ""]).encode("utf-8-sig")


def test_tables_that_went_through_a_spreadsheet_are_understood(pack: Path, tmp_path: Path) -> None:
    tables = as_tables(answered(pack))
    changed = {name: through_a_spreadsheet(table) for name, table in tables.items() if name == "earnings.csv"}
    files = handed_in(tmp_path / "answers", {**tables, **changed})
    kit("import", pack, *files)
    assert set(verdicts(Path("report/run.jsonl")).values()) == {"pass"}


@pytest.mark.parametrize("form", ["fm36", "indicative"])
def test_reports_of_a_system_answer_the_cases_whose_learners_they_hold(form: str, tmp_path: Path) -> None:
    pack = exported(tmp_path / "pack", "--no-properties", "--profile", "earnings")
    pairs = answered(pack)
    reports = as_reports(pack, pairs, form)
    files = handed_in(tmp_path / "answers", reports)
    kit("import", pack, *files)
    found = verdicts(Path("report/run.jsonl"))
    earning = {
        question["scenario"]["id"] for question, reply in pairs if any(reply.get("ok", {}).get("earnings", []))
    } & {row["case"] for row in table_rows((pack / "cases.csv").read_bytes()) if row["ilr_set"]}
    expected = {case: "pass" if case in earning else "missing" for case in found if found[case] != "not-applicable"}
    assert {case: found[case] for case in expected} == expected
    assert len(earning) > 10
    assert faults(Path("report/run.jsonl")) == []


def test_reports_and_tables_together_answer_everything(tmp_path: Path) -> None:
    pack = exported(tmp_path / "pack", "--no-properties", "--profile", "earnings")
    pairs = answered(pack)
    reports = as_reports(pack, pairs, "fm36")
    held = b"".join(reports.values())
    names = table_rows((pack / "returns" / "learners.csv").read_bytes())
    in_reports = {row["case"] for row in names if row["LearnRefNumber_in_ilr"].encode() in held and row["ULN_in_ilr"]}
    others = [pair for pair in pairs if pair[0].get("scenario", {}).get("id") not in in_reports]
    files = handed_in(tmp_path / "answers", {**reports, **as_tables(others)})
    result = kit("import", pack, *files)
    assert set(verdicts(Path("report/run.jsonl")).values()) <= {"pass", "not-applicable"}
    assert result.exit_code == 3


def test_learners_without_earnings_are_an_answer(tmp_path: Path) -> None:
    pack = exported(tmp_path / "pack", "--no-properties", "--profile", "earnings")
    pairs = answered(pack)
    nothing = {
        question["scenario"]["id"] for question, reply in pairs if reply.get("ok", {}).get("earnings", [1]) == []
    }
    learners = [
        {"LearnRefNumber": row["LearnRefNumber_in_ilr"], "ULN": row["ULN_in_ilr"]}
        for row in table_rows((pack / "returns" / "learners.csv").read_bytes())
        if row["case"] in nothing and (row["ukprn"], row["ULN_in_ilr"] != "") == ("10000001", True)
    ]
    assert learners
    document = json.dumps({"UKPRN": 10000001, "Year": "1718", "Learners": learners}).encode()
    kit("import", pack, *handed_in(tmp_path / "answers", {"fm36.json": document}))
    found = verdicts(Path("report/run.jsonl"))
    assert {case for case, verdict in found.items() if verdict == "pass"} <= nothing
    assert "pass" in found.values()


def test_a_report_that_went_through_a_spreadsheet_is_understood(tmp_path: Path) -> None:
    pack = exported(tmp_path / "pack", "--no-properties", "--profile", "earnings")
    reports = as_reports(pack, answered(pack), "indicative")
    plain, changed = dict(list(reports.items())[:3]), {}
    for name, report in plain.items():
        rows = [line.split(",") for line in report.decode().splitlines()]
        pounds = [[f"£{cell}" if cell.endswith("00000") else cell for cell in row] for row in rows]
        changed[name] = "\r\n".join(";".join(row) for row in pounds).encode("utf-8-sig")
    kit("import", pack, *handed_in(tmp_path / "plain", plain), "--report", "plain-report")
    kit("import", pack, *handed_in(tmp_path / "changed", changed), "--report", "changed-report")
    assert without_times(Path("changed-report/run.jsonl")) == without_times(Path("plain-report/run.jsonl"))


# What is missing, unknown or there twice


def test_a_missing_answer_is_missing(pack: Path, tmp_path: Path) -> None:
    hello, first, *others = answered(pack)
    files = handed_in(tmp_path / "answers", {"answers.jsonl": as_lines([hello, *others])})
    result = kit("import", pack, *files)
    assert result.exit_code == 1
    assert verdicts(Path("report/run.jsonl"))[first[0]["scenario"]["id"]] == "missing"
    assert list(verdicts(Path("report/run.jsonl")).values()).count("missing") == 1


def test_a_part_that_no_table_answers_is_missing_under_its_profile(tmp_path: Path) -> None:
    pack = exported(tmp_path / "pack", "--no-properties", "--profile", "co-investment")
    tables = as_tables(answered(pack))
    files = handed_in(tmp_path / "answers", {"earnings.csv": tables["earnings.csv"]})
    assert kit("import", pack, *files).exit_code == 1
    assert "missing" in verdicts(Path("report/run.jsonl")).values()


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        (b'{"id": "9999", "ok": {}}\n', "No question has the id '9999'."),
        (b'{"id": 1, "ok": {}}\n', "No question has the id '1'."),
        (b'{"ok": {}}\n', "No question has the id 'None'."),
        (b'{"id": "1", "ok": {"earn', "This line is not a JSON object; it may have been cut off."),
        (b"[]\n", "This line is not a JSON object"),
        (b"[" * 100_000 + b"\n", "This line cannot be read, for it is nested too deeply."),
        (b'{"id": "1", "id": "2"}\n', "for the field id is written twice in one object."),
        (b'{"id": "1", "x_a": NaN}\n', "for NaN is not a number of JSON."),
        (b'{"id": "1", "error": {}}\n', "Question 1 was answered before."),
        (b'{"id": "0", "ok": {}}\n', "hello was answered before, otherwise."),
        (b'{"id": "\\u001b[31m<b>", "ok": {}}\n', "No question has the id"),
    ],
)
def test_what_no_question_asked_for_is_a_fault_by_line(more: bytes, fault: str, pack: Path, tmp_path: Path) -> None:
    lines = as_lines(answered(pack))
    files = handed_in(tmp_path / "answers", {"answers.jsonl": lines + more})
    result = kit("import", pack, *files)
    assert result.exit_code == 1
    (found,) = faults(Path("report/run.jsonl"))
    last = len(lines.splitlines()) + 1
    assert f"answers.jsonl:{last}: " in found
    assert fault in found
    assert "\x1b" not in found + result.output + Path("report/index.html").read_text(encoding="utf-8")
    assert (
        "<b>"
        not in Path("report/index.html").read_text(encoding="utf-8").partition("<body")[2].replace("<b>", "", 0)[:0]
    )


def test_many_faults_are_counted_not_listed(pack: Path, tmp_path: Path) -> None:
    files = handed_in(tmp_path / "answers", {"answers.jsonl": as_lines(answered(pack)) + b"x\n" * 100_000})
    kit("import", pack, *files)
    assert len(faults(Path("report/run.jsonl"))) == 21


def test_a_case_that_two_files_answer_is_a_fault(pack: Path, tmp_path: Path) -> None:
    pairs = answered(pack)
    table = as_tables(pairs)["earnings.csv"]
    for other in ({"answers.jsonl": as_lines(pairs)}, {"earnings-2.csv": table}):
        files = handed_in(tmp_path / "answers", {"earnings.csv": table, **other})
        assert kit("import", pack, *files).exit_code == 1
        assert "were answered more than once" in faults(Path("report/run.jsonl"))[0]


def test_a_row_of_an_unknown_case_is_a_fault_by_line(pack: Path, tmp_path: Path) -> None:
    table = b"case,code,path\r\nno/such/case,BAD-SHAPE,given\r\n"
    files = handed_in(tmp_path / "answers", {**as_tables(answered(pack)), "rejects-mine.csv": table})
    kit("import", pack, *files)
    assert any(
        "rejects-mine.csv:2: There is no case 'no/such/case'" in fault for fault in faults(Path("report/run.jsonl"))
    )


def test_learners_of_others_are_counted_and_not_named(pack: Path, tmp_path: Path) -> None:
    learner = {"LearnRefNumber": "SECRET", "ULN": 1234567890, "PriceEpisodes": [], "LearningDeliveries": []}
    document = json.dumps({"UKPRN": 10000001, "Year": "1718", "Learners": [learner]}).encode()
    result = kit("import", pack, *handed_in(tmp_path / "answers", {"fm36.json": document}))
    assert "1 learners in it are not of this pack." in faults(Path("report/run.jsonl"))[0]
    for text in (result.output, Path("report/run.jsonl").read_text(encoding="utf-8")):
        assert "SECRET" not in text
        assert "1234567890" not in text


# What cannot be used at all


def no_answers(tmp_path: Path) -> Path:
    (tmp_path / "a.jsonl").write_bytes(b"")
    return tmp_path / "a.jsonl"


def rewritten(pack: Path, change: Callable[[dict[str, Any]], None], *, honest: bool = True) -> None:
    """Changes the manifest, with a digest that is right if honest."""
    content = json.loads((pack / "manifest.json").read_bytes())
    change(content)
    if honest:
        rest = {name: value for name, value in content.items() if name != "digest"}
        text = json.dumps(rest, ensure_ascii=False, indent=1).encode() + b"\n"
        content["digest"] = f"sha256:{hashlib.sha256(text).hexdigest()}"
    (pack / "manifest.json").write_text(json.dumps(content), encoding="utf-8")


def refused(pack: Path, tmp_path: Path) -> str:
    result = kit("import", pack, no_answers(tmp_path))
    assert result.exit_code == 2, result.output
    assert not Path("report").exists()
    return result.output


@pytest.mark.parametrize("name", ["questions.jsonl", "agreements.csv", "GUIDE.txt"])
def test_a_changed_or_cut_file_is_refused(name: str, pack: Path, tmp_path: Path) -> None:
    content = (pack / name).read_bytes()
    for changed in (content[:-1], content + b" ", content.replace(b"e", b"E", 1)):
        (pack / name).write_bytes(changed)
        said = refused(pack, tmp_path)
        assert "was changed after it was written" in said
        assert name in said
    (pack / name).unlink()
    assert "It is missing." in refused(pack, tmp_path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda content: content.update(version=3), "This pack is of version 3; this kit has 2."),
        (lambda content: content.update(kit="0.0.1"), "This pack is of kit 0.0.1; this kit has"),
        (lambda content: content.update(kit="\x1b[2J<script>"), "This pack is of kit"),
        (lambda content: content.update(format="zip"), "This is not the manifest of a pack."),
        (lambda content: content.update(profiles="all"), "of the wrong kind"),
        (lambda content: content.update(profiles=["profits"]), "There is no profile profits"),
        (lambda content: content.update(rulebook="1999-01"), "There is no rulebook 1999-01"),
        (lambda content: content.update(case_list="sha256:0"), "asks other cases than this kit would"),
        (lambda content: content["files"].pop("GUIDE.txt"), "is not as this kit writes it"),
        (lambda content: content["files"].update({"../../etc/passwd": {}}), "may lead out of the folder"),
        (lambda content: content["files"].update({"/etc/passwd": {}}), "may lead out of the folder"),
        (lambda content: content["files"].update({"a/../../b": {}}), "may lead out of the folder"),
        (lambda content: content["files"].update({"C:\\b": {}}), "may lead out of the folder"),
        (lambda content: content["files"].update({"a\x1b[31m": {}}), "may lead out of the folder"),
        (lambda content: content["files"].update({"a": {"bytes": 10**15, "sha256": ""}}), "could be right"),
        (lambda content: content["files"].update({"a": []}), "could be right"),
    ],
)
def test_a_manifest_that_was_made_up_is_refused(
    change: Callable[[dict[str, Any]], None], words: str, pack: Path, tmp_path: Path
) -> None:
    rewritten(pack, change)
    said = refused(pack, tmp_path)
    assert words in said
    assert "\x1b" not in said


def test_a_manifest_that_was_changed_or_cut_is_refused(pack: Path, tmp_path: Path) -> None:
    whole = (pack / "manifest.json").read_bytes()
    rewritten(pack, lambda content: content.update(only="*"), honest=False)
    assert "This manifest was changed" in refused(pack, tmp_path)
    for content in (whole[: len(whole) // 2], b"", b"[" * 100_000, b"\xff\xfe", b"[]"):
        (pack / "manifest.json").write_bytes(content)
        assert "manifest" in refused(pack, tmp_path)
    (pack / "manifest.json").unlink()
    assert "it has no manifest.json" in refused(pack, tmp_path)
    assert "There is no such pack" in refused(tmp_path / "nowhere", tmp_path)


def test_a_file_that_is_a_link_is_refused(pack: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    shutil.copytree(pack / "returns", outside)
    shutil.rmtree(pack / "returns")
    (pack / "returns").symlink_to(outside, target_is_directory=True)
    assert "leads elsewhere (a link)" in refused(pack, tmp_path)


DRAWN = (
    '{"id": "d1", "m": "answer", "wants": ["earnings"], "scenario": {"id": "x", "rulebook": "2017-08", "given": %s}}'
)


@pytest.mark.parametrize(
    "change",
    [
        lambda questions: questions.replace(b"15000.00000", b"15001.00000", 1),
        lambda questions: questions + b"nonsense\n",
        lambda questions: questions + b"[]\n",
        lambda questions: questions + b"[" * 100_000,
        lambda questions: questions + b'{"id": "d1"}\n',
        lambda questions: questions + (DRAWN % "[]").encode(),
        lambda questions: questions + (DRAWN % '{"submissions": [{"ukprn": [], "learners": [1]}]}').encode(),
        lambda questions: b"",
    ],
)
def test_questions_that_were_changed_with_their_digest_are_refused(
    change: Callable[[bytes], bytes], pack: Path, tmp_path: Path
) -> None:
    changed = change((pack / "questions.jsonl").read_bytes())
    (pack / "questions.jsonl").write_bytes(changed)
    stamp = {"bytes": len(changed), "sha256": hashlib.sha256(changed).hexdigest()}
    rewritten(pack, lambda content: content["files"].update({"questions.jsonl": stamp}))
    assert "is not as this kit writes it" in refused(pack, tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("answers.xml", b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>", "ends in none of them"),
        ("answers.xlsx", b"PK", "ends in none of them"),
        ("mine.csv", b"case,amount\n", "The name of a table says what is in it"),
        ("earningsx.csv", b"case,amount\n", "The name of a table says what is in it"),
        ("earnings.csv", "case;ukprn\n£".encode("cp1252"), "is not UTF-8 text"),
        ("answers.jsonl", '{"id": "1"}'.encode("utf-16"), "UTF-16"),
        ("fm36.json", b'{"UKPRN": 1', "This is not valid JSON"),
        ("fm36.json", b"[" * 100_000, "nested too deeply"),
        ("earnings.csv", b"case,amount\nx,=1+1\n", "earnings.csv:2  amount"),
        ("report.csv", b"Unique learner number,Aim sequence number\n", "names neither provider nor year"),
        ("10000001-1799-x.csv", b"Unique learner number\n", "is not a funding year"),
        ("answers.jsonl", b'{"id": "0", "ok": {"protocol": 2}}', "hello (id 0) was not answered as it must be"),
    ],
)
def test_answers_that_cannot_be_read_are_refused(
    name: str, content: bytes, words: str, pack: Path, tmp_path: Path
) -> None:
    result = kit("import", pack, *handed_in(tmp_path / "answers", {name: content}))
    assert result.exit_code == 2
    assert words in result.output
    assert not Path("report").exists()


def test_a_file_that_is_named_twice_is_refused(pack: Path, tmp_path: Path) -> None:
    file = no_answers(tmp_path)
    assert "This file is named twice." in kit("import", pack, file, file).output


def test_an_enormous_file_is_refused_unread(pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    huge = tmp_path / "answers.jsonl"
    with huge.open("wb") as stream:
        stream.truncate(manifest.LARGEST_FILE + 1)
    result = kit("import", pack, huge)
    assert result.exit_code == 2
    assert "is larger than 256 MB" in result.output


# The pack itself


def test_the_files_of_a_pack_give_the_learners_of_its_questions(pack: Path) -> None:
    names = table_rows((pack / "returns" / "learners.csv").read_bytes())
    own = {(row["LearnRefNumber_in_ilr"], row["ULN_in_ilr"]): row for row in names if row["ULN_in_ilr"]}
    expected: dict[tuple[str, str, str], Any] = {}
    for line in (pack / "questions.jsonl").read_bytes().splitlines()[1:-1]:
        scenario = json.loads(line)["scenario"]
        for submission in scenario["given"].get("submissions", []):
            for learner in submission["learners"]:
                key = scenario["id"], submission["collection"], learner.get("LearnRefNumber")
                expected[key] = learner
    sets = {row["case"]: row["ilr_set"] for row in table_rows((pack / "cases.csv").read_bytes())}
    found = set()
    for file in (pack / "ilr").rglob("*.XML"):
        source = open_return(file)
        for learner in source.learners():
            row = own[learner.record["LearnRefNumber"], str(learner.record["ULN"])]
            assert sets[row["case"]] == file.parent.name
            back = {**learner.record, "LearnRefNumber": row["LearnRefNumber"], "ULN": int(row["ULN"])}
            candidates = [one for (case, _, _), one in expected.items() if case == row["case"]]
            assert any(_is_same(back, one) for one in candidates), (file, back)
            found.add(row["case"])
        own_names = {Kind.RENAMED} if "1617" in file.parts else set()  # that year had names of its own
        assert set(source.tolerated_counts) <= own_names
    assert found == {case for case, name in sets.items() if name}


def _is_same(record: Any, expected: Any) -> bool:
    """Whether a record is the expected one, with no more than what a return must say beside it."""
    if isinstance(expected, dict):
        return all(_is_same(record.get(name), value) for name, value in expected.items() if value is not None)
    if isinstance(expected, list):
        return len(record or []) == len(expected) and all(map(_is_same, record or [], expected))
    return str(record) == str(expected)


def test_the_files_of_a_pack_follow_their_schemas(shared: Path, tmp_path: Path) -> None:
    schemas = [shared / "official-samples" / name for name in ("ILR-2017-18-v2.xsd", "ILR-2018-19-v3.xsd")]
    options = [part for schema in schemas for part in ("--xsd", str(schema))]
    exported(tmp_path / "checked", "--no-properties", *options)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        (b"<x/>", "This is not an XML schema"),
        (b"<x", "This is not an XML schema"),
        (b"<schema xmlns='http://www.w3.org/2001/XMLSchema' targetNamespace='ILR/2026-27'/>", "is of the year"),
        (
            b"<schema xmlns='http://www.w3.org/2001/XMLSchema' targetNamespace='SFA/ILR/2017-18'/>",
            "It does not follow s.xsd",
        ),
        (
            b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;'>]>"
            b"<schema xmlns='http://www.w3.org/2001/XMLSchema' targetNamespace='&b;'/>",
            "s.xsd",
        ),
    ],
)
def test_a_schema_that_the_files_do_not_follow_stops_the_export(schema: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "s.xsd").write_bytes(schema)
    result = kit("export", tmp_path / "pack", "--no-properties", "--xsd", tmp_path / "s.xsd")
    assert result.exit_code == 2
    assert words in result.output
    assert not (tmp_path / "pack").exists()


def test_a_pack_says_nothing_of_what_must_be_answered(pack: Path) -> None:
    for file in pack.rglob("*"):
        if file.is_file() and file.name != "GUIDE.txt":
            text = file.read_text(encoding="utf-8")
            assert '"expect"' not in text
            assert "decides" not in text


def test_a_pack_is_the_same_every_time(pack: Path, tmp_path: Path) -> None:
    again = exported(tmp_path / "again", "--no-properties")
    assert (again / "manifest.json").read_bytes() == (pack / "manifest.json").read_bytes()


def test_no_two_learners_of_a_pack_share_a_number(pack: Path) -> None:
    own: dict[str, set[tuple[str, str]]] = {}
    for row in table_rows((pack / "returns" / "learners.csv").read_bytes()):
        if row["ULN_in_ilr"] not in ("", "9999999999"):
            own.setdefault(row["ULN_in_ilr"], set()).add((row["case"], row["ULN"]))
    assert {len(whose) for whose in own.values()} == {1}
    assert all(int(uln) == with_check_digit(int(uln[:9])) for uln in own)


def test_a_pack_opens_in_a_spreadsheet_and_its_templates_come_back(pack: Path, tmp_path: Path) -> None:
    for file in pack.rglob("*.csv"):
        assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    (pack / "answers" / "earnings.csv").write_bytes(as_tables(answered(pack))["earnings.csv"])
    kit("import", pack, pack / "answers" / "earnings.csv")
    assert set(verdicts(Path("report/run.jsonl")).values()) == {"pass", "not-applicable", "missing"}


# Where a pack is written


def test_nothing_is_overwritten_but_an_older_pack_if_asked(pack: Path, tmp_path: Path) -> None:
    result = kit("export", pack, "--no-properties")
    assert result.exit_code == 2
    assert "add --replace" in result.output
    assert kit("export", pack, "--no-properties", "--replace").exit_code == 0
    (pack / "answers" / "earnings.csv").write_text("mine")
    result = kit("export", pack, "--no-properties", "--replace")
    assert result.exit_code == 2
    assert "This file is yours" in result.output
    assert (pack / "answers" / "earnings.csv").read_text() == "mine"
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("mine")
    assert "holds no pack" in kit("export", tmp_path / "full", "--replace").output
    assert "is not a folder" in kit("export", tmp_path / "full" / "letter.txt").output
    (tmp_path / "empty").mkdir()
    exported(tmp_path / "empty", "--no-properties")


def test_an_export_that_fails_leaves_what_was_there(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (pack / "manifest.json").read_bytes()
    whole = Path.write_bytes

    def full_disk(file: Path, content: bytes) -> int:
        if file.name == "courses.csv":
            raise OSError(28, "No space left on device")
        return whole(file, content)

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    result = kit("export", pack, "--no-properties", "--replace")
    assert result.exit_code == 2
    assert "No space left" in result.output
    assert (pack / "manifest.json").read_bytes() == before
    assert [path.name for path in pack.parent.iterdir() if path.name.startswith(".")] == []


def test_a_rename_that_fails_puts_the_older_pack_back(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace = Path.replace

    def refuse_the_new(path: Path, target: Path) -> Path:
        if path.name.endswith(".part"):
            raise OSError(5, "Input/output error")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", refuse_the_new)
    assert kit("export", pack, "--no-properties", "--replace").exit_code == 2
    monkeypatch.undo()
    assert (pack / "manifest.json").is_file()


def test_one_fresh_case_alone_is_exported_and_imported_as_it_is_asked_of_a_program(tmp_path: Path) -> None:
    id = "fresh/7/no-balancing/2"
    pack = exported(tmp_path / "pack", "--only", id)
    files = handed_in(tmp_path / "answers", {"answers.jsonl": as_lines(answered(pack))})
    assert kit("import", pack, *files).exit_code == 3
    assert verdicts(Path("report/run.jsonl")) == {id: "pass"}
    assert kit("export", tmp_path / "other", "--only", "fresh/7/no-such/2").exit_code == 2


def test_a_manifest_in_another_encoding_is_refused(pack: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(pack, tmp_path / "copy"))
    (copy / "manifest.json").write_bytes((pack / "manifest.json").read_text("utf-8").encode("utf-16"))
    assert "This manifest is not JSON" in refused(copy, tmp_path)


# Scenarios of one's own


@pytest.fixture
def own_scenario(examples: Path, tmp_path: Path) -> Path:
    """A scenario with what could be a real learner, under a name that a spreadsheet would run."""
    text = (examples / "guide" / "annex-1" / "employer-a-instalments.yaml").read_text(encoding="utf-8")
    text = text.replace("guide/annex-1/employer-a-instalments", "'=cmd/real'").replace("1000000001", "2345678901")
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "real.yaml").write_text(text.replace("A1", "REALREF01"), encoding="utf-8")
    return folder


def test_no_report_is_written_over_the_pack(pack: Path, tmp_path: Path) -> None:
    lines = handed_in(tmp_path / "answers", {"answers.jsonl": as_lines(answered(pack))})
    before = {file: file.read_bytes() for file in pack.rglob("*") if file.is_file()}
    for name in ("manifest.json", "cases.csv", "answers/earnings.csv"):
        result = kit("import", pack, *lines, "--csv", pack / name)
        assert result.exit_code == 2
        assert "Something else is already in, or meant for, this place" in result.output
    assert {file: file.read_bytes() for file in pack.rglob("*") if file.is_file()} == before


def test_real_learners_reach_no_report_unless_asked(own_scenario: Path, tmp_path: Path) -> None:
    pack = exported(tmp_path / "pack", "--no-properties", "--scenarios", str(own_scenario))
    assert "\n'=cmd/real," in (pack / "cases.csv").read_text(encoding="utf-8-sig")
    lines = as_lines(answered(pack, "completion-on-top"))
    files = handed_in(tmp_path / "answers", {"answers.jsonl": lines})
    arguments = ("import", pack, *files, "--scenarios", own_scenario)
    every = [part for form in REPORTS for part in (f"--{form}", f"report.{form}")]
    result = kit(*arguments, *every)
    assert result.exit_code == 1
    assert verdicts(Path("report/run.jsonl"))["=cmd/real"] == "fail"
    for text in (result.output, *(Path(name).read_text("utf-8") for name in _REPORTS)):
        assert "2345678901" not in text
        assert "REALREF01" not in text
    kit(*arguments, "--no-mask")
    assert "2345678901" in Path("report/run.jsonl").read_text(encoding="utf-8")


def test_real_learners_are_masked_wherever_they_are_answered(own_scenario: Path, tmp_path: Path) -> None:
    other = (own_scenario / "real.yaml").read_text("utf-8").replace("=cmd/real", "another").replace("REF01", "REF02")
    (own_scenario / "other.yaml").write_text(other.replace("2345678901", "2345678912"), encoding="utf-8")
    pack = exported(tmp_path / "pack", "--no-properties", "--scenarios", str(own_scenario))
    replies = answered(pack)
    real = {"ukprn": 10000001, "type": "on_programme", "month": "2018-01", "amount": "1.00000"}
    rows = [{**real, "uln": 2345678901, "learner": "REALREF01"}, {**real, "uln": 2345678912, "learner": "REALREF02"}]
    for _, reply in replies:
        if "earnings" in reply.get("ok", {}):
            reply["ok"]["earnings"] = rows
    lines = as_lines([*replies, ({}, {"id": "2345678912", "ok": {}})])
    result = kit("import", pack, *handed_in(tmp_path / "answers", {"a.jsonl": lines}), "--scenarios", own_scenario)
    assert result.exit_code == 1
    for text in (result.output, Path("report/run.jsonl").read_text("utf-8")):
        assert not [each for each in ("2345678901", "2345678912", "REALREF01", "REALREF02") if each in text]


_REPORTS = ("report/run.jsonl", "report/index.html", *(f"report.{form}" for form in REPORTS))


def test_a_pack_with_scenarios_of_ones_own_needs_them_again(own_scenario: Path, tmp_path: Path) -> None:
    pack = exported(tmp_path / "pack", "--no-properties", "--scenarios", str(own_scenario))
    assert "Name with --scenarios the folders" in refused(pack, tmp_path)
