"""Asks an example adapter every worked example once, as the process that a vendor would start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from funding_conformance.adapters import Limits
from funding_conformance.adapters.stdio import StdioSession
from funding_conformance.run import Case, ask_and_judge
from funding_conformance.scenarios import Scenario, load_folder

pytest.register_assert_rewrite("tests.adapters.checks")


@pytest.fixture(scope="session")
def scenarios(examples: Path) -> list[Scenario]:
    """Every worked example."""
    return load_folder(examples)


@pytest.fixture(scope="module")
def folder(request: pytest.FixtureRequest, examples: Path) -> Path:
    """The folder of the adapter that the module of the tests names."""
    found: Path = examples.parent / "adapters" / request.module.FOLDER
    return found


@pytest.fixture(scope="module")
def session(command: list[str]) -> Iterator[StdioSession]:
    """The adapter, started and greeted."""
    session = StdioSession(command, ("2017-08",), Limits())
    yield session
    session.close()


@pytest.fixture(scope="module")
def cases(session: StdioSession, scenarios: list[Scenario]) -> list[Case]:
    """What became of every worked example, asked and judged for its earnings."""
    return list(ask_and_judge(session, scenarios, ["earnings"], explain=False))
