"""The HTML report in a real browser: it opens from a file, its script runs, and it fits a phone."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from funding_conformance.cli import main

pytestmark = pytest.mark.browser

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    known_bad = "python:tests.browser.test_report:uncapped"
    arguments = ["run", "--implementation", known_bad, "--only", "guide/band/*", "--report", str(folder)]
    assert CliRunner().invoke(main, arguments).exit_code == 1
    return folder / "index.html"


def uncapped(message: dict[str, object]) -> dict[str, object]:
    """A known-bad as a function, so that the report has something to show."""
    from funding_conformance.serving import service_named

    return service_named("uncapped-price")(message)


def rendered(page: str, profile: Path, *flags: str) -> str:
    browser = next(filter(None, map(shutil.which, BROWSERS)))
    command = [browser, *FLAGS, f"--user-data-dir={profile}", *flags, "--dump-dom", page]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


def test_the_report_opens_and_shows_failures_first(report: Path, tmp_path: Path) -> None:
    page = rendered(report.as_uri(), tmp_path)
    assert "Not conformant" in page
    assert page.index("guide/band/a-pound-over") < page.index("guide/band/at-the-maximum")
    assert re.search(r'<input[^>]*type="search"', page)


def test_the_page_is_no_wider_than_a_phone(report: Path, tmp_path: Path) -> None:
    probe = tmp_path / "probe.html"
    probe.write_text(
        f'<iframe id="page" src="{report.as_uri()}" width="360" height="800"></iframe><p id="wide"></p>'
        "<script>page.onload = () => { const d = page.contentDocument;"
        "wide.textContent = d ? d.documentElement.scrollWidth : 'no'; }</script>",
        encoding="utf-8",
    )
    page = rendered(
        probe.as_uri(), tmp_path / "profile", "--allow-file-access-from-files", "--virtual-time-budget=5000"
    )
    width = re.search(r'id="wide">(\d+)<', page)
    assert width, page
    assert int(width[1]) <= 360


def test_a_phone_shows_what_was_expected_and_answered_without_scrolling_sideways(report: Path, tmp_path: Path) -> None:
    probe = tmp_path / "probe.html"
    probe.write_text(
        f'<iframe id="page" src="{report.as_uri()}" width="390" height="800"></iframe><p id="cut"></p>'
        "<script>page.onload = () => { const d = page.contentDocument;"
        "const cells = [...d.querySelectorAll('article .stacking td, #profiles ~ .scroll td')];"
        "const out = cells.filter((one) => one.getBoundingClientRect().right > 390);"
        "cut.textContent = out.length + ' of ' + cells.length; }</script>",
        encoding="utf-8",
    )
    page = rendered(
        probe.as_uri(), tmp_path / "profile", "--allow-file-access-from-files", "--virtual-time-budget=5000"
    )
    found = re.search(r'id="cut">(\d+) of (\d+)<', page)
    assert found, page
    assert int(found[2]) > 20
    assert int(found[1]) == 0


def test_cases_can_be_chosen_by_their_clause(report: Path, tmp_path: Path) -> None:
    probe = tmp_path / "probe.html"
    probe.write_text(
        f'<iframe id="page" src="{report.as_uri()}" width="1000" height="800"></iframe><p id="shown"></p>'
        "<script>page.onload = () => { const d = page.contentDocument, one = d.getElementById('find-clause');"
        "const shown = () => [...d.querySelectorAll('article')].filter((a) => !a.hidden).length;"
        "const before = shown(); one.value = 'READ-15'; one.dispatchEvent(new Event('input'));"
        "const says = d.querySelector('#find output').value;"
        "document.getElementById('shown').textContent = [before, shown(), says].join(' ');"
        "}</script>",
        encoding="utf-8",
    )
    page = rendered(
        probe.as_uri(), tmp_path / "profile", "--allow-file-access-from-files", "--virtual-time-budget=5000"
    )
    found = re.search(r'id="shown">(\d+) (\d+) Shown: (\d+) of (\d+) that did not pass', page)
    assert found, page
    before, after, shown, of = map(int, found.groups())
    assert (after, before) == (shown, of)
    assert 0 < after < before
