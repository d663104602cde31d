"""The tutorial, followed literally: every command is run as it stands, and prints what the page says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = [pytest.mark.docs, pytest.mark.skipif(os.name != "posix", reason="Its commands are for a POSIX shell.")]

ROOT = Path(__file__).resolve().parents[2]
SET_UP_BEFORE = "from funding_conformance.cli import main\n\nmain()\n"
"""What stands for ``kit.py`` here, where everything is installed already."""


def commands() -> Iterator[tuple[str, list[str]]]:
    """Each command of the page, with the lines that must come of it."""
    page = (ROOT / "docs" / "tutorial.rst").read_text(encoding="utf-8")
    for block in re.findall(r"^\.\. code-block:: console\n\n((?:   .*\n|\n)+)", page, re.MULTILINE):
        command, said = "", list[str]()
        for line in block.splitlines():
            text = line[3:]
            if text.startswith("$ "):
                if command:
                    yield command, said
                command, said = text[2:], []
            elif text.startswith("> "):
                command += f"\n{text[2:]}"
            elif text:
                said.append(text)
        yield command, said


def missing(said: list[str], printed: list[str]) -> str:
    """The first line of the page that was not printed, in the order of the page; a line may end with an ellipsis."""
    left = iter(printed)
    for line in said:
        begins = line.removesuffix("…").rstrip()
        whole = line == begins
        if line != "…" and not any(found == line if whole else found.startswith(begins) for found in left):
            return line
    return ""


def test_every_command_prints_what_the_page_says(tmp_path: Path) -> None:
    (tmp_path / "kit.py").write_text(SET_UP_BEFORE, encoding="utf-8")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    for name in ("README.md", "errata.yaml"):
        (tmp_path / name).symlink_to(ROOT / name)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    variables = tmp_path / "variables"
    found = list(commands())
    assert len(found) > 10
    for command, said in found:
        script = (
            f"set -a; [ -f {variables} ] && . {variables}\n{command}\nset | grep -E '^(NONCE|SEED)=' > {variables}; :"
        )
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=tmp_path,
            env={**os.environ, "PATH": path, "PYTHONUTF8": "1"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        printed = [line.rstrip() for line in [*done.stdout.splitlines(), *done.stderr.splitlines()]]
        assert "Traceback" not in done.stderr
        assert not (lost := missing(said, printed)), f"{command}\n{lost}\n{done.stdout}{done.stderr}"
