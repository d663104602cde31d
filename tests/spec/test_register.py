"""The register: what is there loads, and a slip of whoever edits it is answered with file and line."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from funding_spec.errors import FundingError
from funding_spec.register import RegisterError, UnknownClause, check, check_digests, load_register
from funding_spec.sources import read_sources

DIGEST = "sha256:" + "0123456789abcdef" * 4
RULE = f"""\
- id: GUIDE-35
  place: "Monthly instalments, paragraph 35"
  says: >
    The instalments are equal.
  kind: rule
  level: MUST
  editions: [2017-08, ...]
  read_from: {DIGEST}
  read_as: [READ-01]
"""
INFORMATION = f"""\
- id: GUIDE-40
  place: "Monthly instalments, paragraph 40"
  says: Points to an example.
  kind: information
  editions: [2017-08, ...]
  read_from: {DIGEST}
  not_computed: "Points to an example."
"""


def written(folder: Path, text: str, name: str = "guide.yaml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_every_paragraph_of_the_sources_has_an_entry() -> None:
    register = load_register()
    prefix = "READ-EDITION-"
    editions = [clause.id.removeprefix(prefix) for clause in register if clause.id.startswith(prefix)]
    assert check(register, editions) == []


def test_a_clause_knows_the_line_on_which_it_stands() -> None:
    lines = (files("funding_spec") / "clauses" / "guide.yaml").read_text(encoding="utf-8").splitlines()
    for clause in load_register().by_source("GUIDE"):
        assert lines[clause.line - 1] == f"- id: {clause.id}"
        assert clause.file == "clauses/guide.yaml"


def test_every_entry_was_written_from_the_source_as_it_stands(shared: Path) -> None:
    assert check_digests(load_register(), read_sources(shared / "sources")) == []


def test_all_fields_of_an_entry_are_kept(tmp_path: Path) -> None:
    register = load_register(written(tmp_path, RULE + INFORMATION))
    assert [clause.id for clause in register] == ["GUIDE-35", "GUIDE-40"]
    rule, information = register
    assert (rule.kind, rule.level, rule.not_computed) == ("rule", "MUST", None)
    assert (rule.editions, rule.read_as) == (("2017-08", "..."), ("READ-01",))
    assert rule.says == "The instalments are equal."
    assert (information.level, information.read_as, information.line) == (None, (), 10)


@pytest.mark.parametrize(
    ("text", "line", "id", "reason"),
    [
        (RULE.replace("level:", "levle:"), 6, "GUIDE-35", "“levle” is no field"),
        (RULE.replace("  level: MUST\n", ""), 5, "GUIDE-35", "“level” is missing"),
        (RULE.replace("  kind: rule\n", ""), 1, "GUIDE-35", "“kind” is missing"),
        (RULE.replace("kind: rule", "kind: role"), 5, "GUIDE-35", "“role” is no kind"),
        (RULE.replace("MUST", "must"), 6, "GUIDE-35", "“must” is no level"),
        (RULE.replace("[2017-08, ...]", "2017-08"), 7, "GUIDE-35", "“editions” must be a list"),
        (RULE.replace("[2017-08, ...]", "[..., 2017-08]"), 7, "GUIDE-35", "“...” comes last"),
        (RULE.replace("[2017-08, ...]", "[...]"), 7, "GUIDE-35", "“...” comes last"),
        (RULE.replace("[2017-08, ...]", "[]"), 7, "GUIDE-35", "“editions” must be a list"),
        (RULE.replace("[2017-08, ...]", "[2017]"), 7, "GUIDE-35", "“editions” must be a list of texts"),
        (RULE.replace("sha256:0", "sha256:"), 8, "GUIDE-35", "“read_from” must be sha256:"),
        (RULE.replace("[READ-01]", "READ-01"), 9, "GUIDE-35", "“read_as” must be a list"),
        (RULE.replace("[READ-01]", "[GUIDE-34]"), 9, "GUIDE-35", "“GUIDE-34” is no reading"),
        (RULE.replace("GUIDE-35", "RULES-35"), 1, "RULES-35", "Is no id of GUIDE"),
        (RULE.replace("GUIDE-35", "35"), 1, "35", "“id” must be a text"),
        (RULE.replace('"Monthly instalments, paragraph 35"', '" "'), 2, "GUIDE-35", "“place” must be a text"),
        (RULE + INFORMATION.replace("Points to an example.", "", 1), 12, "GUIDE-40", "“says” must be a text"),
        (RULE + "  not_computed:\n", 10, "GUIDE-35", "“not_computed” must be a text"),
        (INFORMATION + "  level: MAY\n", 8, "GUIDE-40", "Only a rule has a level"),
        (INFORMATION.rpartition("  not_computed")[0], 4, "GUIDE-40", "“not_computed” is missing"),
        (RULE + INFORMATION + RULE, 17, "GUIDE-35", "Has an entry already"),
        (INFORMATION + RULE, 8, "GUIDE-35", "Stands after an entry that follows it"),
        (RULE.replace("GUIDE-35", "GUIDE-151") + RULE.replace("GUIDE-35", "GUIDE-SCENARIO-A"),
         10, "GUIDE-SCENARIO-A", "Stands after an entry that follows it"),
        (RULE + "- GUIDE-36\n", 10, None, "Is not a clause"),
        (RULE + "  kind: rule\n", 10, None, "Is not valid YAML"),
        (RULE.replace('35"', "35"), 2, None, "the quotation mark that opens here is not closed"),
        ("GUIDE-35: rule\n", 1, None, "Must be a list of clauses"),
        ("", 1, None, "Must be a list of clauses"),
    ],
)  # fmt: skip
def test_a_mistake_is_answered_with_its_place(
    tmp_path: Path, text: str, line: int, id: str | None, reason: str
) -> None:
    with pytest.raises(RegisterError) as raised:
        load_register(written(tmp_path, text))
    mistake = raised.value.mistakes[0]
    assert (mistake.file, mistake.line, mistake.id) == (f"{tmp_path}/guide.yaml", line, id)
    assert reason in mistake.reason
    assert str(raised.value).startswith(f"{tmp_path}/guide.yaml:{line}  ")


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    written(tmp_path, RULE.replace("MUST", "must") + INFORMATION.replace("editions", "edition"))
    written(tmp_path, RULE, "rules.yaml")
    written(tmp_path, "[]", "notes.yaml")
    with pytest.raises(FundingError) as raised:
        load_register(tmp_path)
    report = str(raised.value).splitlines()
    assert [line.split("  ")[0].rpartition("/")[2] for line in report] == [
        "notes.yaml:1", "guide.yaml:6", "guide.yaml:10", "guide.yaml:14", "rules.yaml:1",
    ]  # fmt: skip


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "guide.yaml").write_bytes(b"- id: \xff\n")
    with pytest.raises(RegisterError, match=r"guide\.yaml:1  Is not UTF-8"):
        load_register(tmp_path)


def test_a_folder_without_clauses_is_named(tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match="nowhere:1  Holds no files of clauses"):
        load_register(tmp_path / "nowhere")


def test_an_unknown_clause_is_named(tmp_path: Path) -> None:
    register = load_register(written(tmp_path, RULE))
    assert register.get("GUIDE-35").at == f"{tmp_path}/guide.yaml:1  GUIDE-35"
    with pytest.raises(UnknownClause, match="GUIDE-36"):
        register.get("GUIDE-36")


def test_what_the_register_lacks_as_a_whole_is_found(tmp_path: Path) -> None:
    messages = check(load_register(written(tmp_path, RULE)), ["2018-08"])
    assert f"{tmp_path}/guide.yaml:1  GUIDE-35  2017-08 is no edition. Editions are: 2018-08." in messages
    assert any("GUIDE-35  read_as cites READ-01, which is no clause" in message for message in messages)
    missing = [message.split("  ")[1] for message in messages if "Is missing" in message]
    assert "GUIDE-35" not in missing
    assert {"GUIDE-198", "GUIDE-SCENARIO-H", "GUIDE-ANNEX-1", "RULES-168.2", "READ-79"} < set(missing)
    assert "READ-EDITION-2018-08" in missing


def test_an_entry_for_another_text_or_for_none_is_found(tmp_path: Path) -> None:
    reading = RULE.replace("GUIDE-35", "READ-01")
    written(tmp_path, reading + RULE.replace("GUIDE-35", "READ-02"), "readings.yaml")
    changed, unknown = check_digests(load_register(tmp_path), {"READINGS": "- **READ-01** New text.", "SERVICE": ""})
    assert "READ-01  The source has changed since this was written" in changed
    assert "READ-02  The source has no such paragraph" in unknown
