"""What all tests share: the folder of published files, where it is at hand, and one fixed profile for Hypothesis."""

from __future__ import annotations

import os
from collections.abc import Iterator
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


@pytest.fixture(scope="session", autouse=True)
def kept_cases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Fresh cases that were drawn are kept in a folder of the tests, and not in the user's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FUNDING_KIT_CACHE", str(tmp_path_factory.mktemp("kept")))
        yield


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
