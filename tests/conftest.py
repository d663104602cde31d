"""What all tests share: the folder of published files, where it is at hand, and one fixed profile for Hypothesis."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("FUNDING_SHARED", ROOT.parent / "shared"))

settings.register_profile("fixed", derandomize=True, deadline=None, database=None, max_examples=50)
settings.register_profile("deep", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the sources, the published scenarios and the official samples."""
    return SHARED


@pytest.fixture(scope="session")
def examples() -> Path:
    """The worked examples of the repository."""
    return ROOT / "examples" / "scenarios"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out the tests that read published files where those are not at hand."""
    if SHARED.is_dir():
        return
    needing = [item for item in items if "shared" in getattr(item, "fixturenames", ())]
    config.hook.pytest_deselected(items=needing)
    items[:] = [item for item in items if item not in needing]
