"""The documentation's extension: what a clause page shows, and that a wrong example stops the build."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from funding_spec.rulebook import editions

pytestmark = pytest.mark.docs

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = Path("examples/scenarios/guide/instalments/planned-to-1-october.yaml")


def build(folder: Path, page: str, example: str) -> subprocess.CompletedProcess[str]:
    """Builds a project of one page with one example, and returns how it went."""
    (folder / "examples").mkdir()
    (folder / "examples" / "example.yaml").write_text(example, encoding="utf-8")
    settings = f"import sys\nsys.path.insert(0, {str(ROOT / 'docs' / '_ext')!r})\n"
    settings += 'extensions = ["executable_spec"]\nspec_examples = "examples"\n'
    (folder / "conf.py").write_text(settings, encoding="utf-8")
    (folder / "index.rst").write_text(f"One page\n========\n\n{page}\n", encoding="utf-8")
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", str(folder), str(folder / "built")]
    environment = {**os.environ, "PYTHONUTF8": "1"}
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment, check=False)


def shown(folder: Path) -> str:
    """The text of the page that was built, as a reader sees it."""
    html = (folder / "built" / "index.html").read_text(encoding="utf-8")
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


@pytest.fixture
def example() -> str:
    return (ROOT / EXAMPLE).read_text(encoding="utf-8")


def test_a_clause_page_shows_words_values_code_figures_and_mistakes(tmp_path: Path, example: str) -> None:
    result = build(tmp_path, ".. clauses:: GUIDE 33-35", example)
    assert result.returncode == 0, result.stderr
    text = shown(tmp_path)
    assert "the last day of a calendar month" in text
    assert "def planned_instalments(start: date, planned_end: date)" in text
    assert "completion_share 20% share" in text
    assert "planned to 1 October 2018" in text
    assert "£923.07692 £923.07692" in text
    assert "max(1, census_dates(2017-09-01, 2018-10-01)) = 13" in text
    assert "planned-end-always-counted" in text
    html = (tmp_path / "built" / "index.html").read_text(encoding="utf-8")
    for anchor in ("clause-GUIDE-35", "rule-planned_instalments", "example-guide-instalments-planned-to-1-october"):
        assert f'id="{anchor}"' in html


def test_a_clause_that_nothing_computes_says_why(tmp_path: Path, example: str) -> None:
    result = build(tmp_path, ".. clauses:: GUIDE 40", example)
    assert result.returncode == 0, result.stderr
    assert "No rule of its own. Points to an example." in shown(tmp_path)


def test_an_example_is_drawn_with_what_the_reference_answers(tmp_path: Path, example: str) -> None:
    picture = ".. life:: guide/instalments/planned-to-1-october"
    result = build(tmp_path, f".. clauses:: GUIDE 35\n\n{picture}\n\n{picture}", example)
    assert result.returncode == 0, result.stderr
    assert "£923.08 a month" in shown(tmp_path)
    html = (tmp_path / "built" / "index.html").read_text(encoding="utf-8")
    ids = re.findall(r' id="(life-[^"]+)"', html)
    assert len(ids) == len(set(ids)) > 4


def test_a_picture_of_no_example_is_an_error(tmp_path: Path, example: str) -> None:
    result = build(tmp_path, ".. life:: guide/instalments/nowhere", example)
    assert "There is no example guide/instalments/nowhere." in result.stderr


def test_a_wrong_example_stops_the_build(tmp_path: Path, example: str) -> None:
    wrong = example.replace('"923.07692"', '"923.07"')
    assert wrong != example
    result = build(tmp_path, ".. clauses:: GUIDE 35", wrong)
    assert result.returncode != 0
    assert "guide/instalments/planned-to-1-october: fail" in result.stderr
    assert "must be 923.07000, the reference answers 923.07692" in result.stderr


def test_a_clause_that_does_not_exist_stops_the_build(tmp_path: Path, example: str) -> None:
    result = build(tmp_path, ".. clauses:: GUIDE 999", example)
    assert result.returncode != 0
    assert "No clause is named by 999" in result.stderr


@pytest.fixture(scope="module")
def documentation(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The folder of the whole documentation, and how its building went."""
    folder = tmp_path_factory.mktemp("documentation")
    docs, built = folder / "docs", folder / "built"
    shutil.copytree(ROOT / "docs", docs, ignore=shutil.ignore_patterns("_build"))
    for beside in (Path("examples", "adapters"), Path("tests", "mutation")):
        shutil.copytree(ROOT / beside, folder / beside)
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", "-b", "html", str(docs), str(built)]
    return built, subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_documentation_builds_without_a_warning(
    documentation: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    _, result = documentation
    assert result.returncode == 0, result.stderr


def test_the_table_of_strength_leads_to_each_clause(
    documentation: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    built, _ = documentation
    html = (built / "known-bad.html").read_text(encoding="utf-8")
    row = r'<td><p><a [^>]*href="([^"]+)"><span class="clause">GUIDE-35</span></a></p></td>\s*<td><p>[0-9]+</p></td>'
    [place] = re.findall(row, html)
    page, _, anchor = place.partition("#")
    assert f'id="{anchor}"' in (built / page).read_text(encoding="utf-8")


def test_each_edition_lists_what_it_changes_and_a_clause_what_later_editions_change(
    tmp_path: Path, example: str
) -> None:
    pages = ".. clauses:: GUIDE 46\n\n.. clauses:: READ EDITION-20*\n\n.. parameters::"
    result = build(tmp_path, pages, example)
    assert result.returncode == 0, result.stderr
    assert "parameter" not in result.stderr
    html = (tmp_path / "built" / "index.html").read_text(encoding="utf-8")
    assert [html.count(f'id="edition-{edition}"') for edition in editions()] == [1] * len(editions())
    changed = html.partition('id="edition-2019-04"')[2].partition('id="edition-')[0]
    assert "employer_share" in changed
    assert "completion_share" not in changed
    text = shown(tmp_path)
    assert "employer_share 10% share from 1 May 2017, by first start 2017-08 GUIDE-46" in text
    assert "employer_share 5% share from 1 April 2019, by first start 2019-04 READ-EDITION-2019-04" in text
