"""The example adapter in JavaScript, which needs Node.js 18 or newer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.adapters.checks import AdapterChecks

pytestmark = pytest.mark.node

FOLDER = "javascript"


@pytest.fixture(scope="module")
def command(folder: Path) -> list[str]:
    """Asked with the ``node`` on the path."""
    return ["node", str(folder / "adapter.mjs")]


class TestJavaScriptAdapter(AdapterChecks):
    """Its promises."""
