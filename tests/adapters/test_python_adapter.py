"""The example adapter in Python."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.adapters.checks import AdapterChecks

FOLDER = "python"


@pytest.fixture(scope="module")
def command(folder: Path) -> list[str]:
    """Asked with the Python that runs the tests."""
    return [sys.executable, str(folder / "adapter.py")]


class TestPythonAdapter(AdapterChecks):
    """Its promises."""
