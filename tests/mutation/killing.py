"""What must notice a mutant: the suite (worked examples, fresh cases, a few draws of each property), then the tests.

Each mutant gets a process of its own, forked from one in which everything that does not depend on the reference is
loaded already. There the reference is imported afresh, the mutated module from memory: no file is ever changed. The
judge and what it expects stay those of the parent, so that a mistake in a month or an amount is not made on both sides.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import linecache
import os
import resource
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest
from attrs import frozen
from funding_conformance import USUAL_CASES, protocol
from funding_conformance.adapters.in_process import InProcessSession
from funding_conformance.command_run import cases_to_ask
from funding_conformance.fresh.cases import PREFIX
from funding_conformance.judge import Verdict, asked_for
from funding_conformance.protocol import Question
from funding_conformance.run import judged
from funding_conformance.scenarios import WANTS, Scenario, examples_folder, load_folder
from funding_conformance.service import reference_service

from tests.mutation.mutants import Mutant

SLOW_TESTS: Final = ("test_ilr.py", "test_reading.py")
NOT_ABOUT_RULES: Final = "not cites"
PLUGINS_LEFT_OUT: Final = ("cacheprovider", "xdist", "hypothesispytest")
ALREADY_IMPORTED: Final = "ignore::pytest.PytestAssertRewriteWarning"
RULEBOOK: Final = "2017-08"
DRAWS: Final = 5
SECONDS_FOR_CASES: Final = 20
SECONDS_FOR_THE_REST: Final = 120
MOST_MEMORY: Final = 3 << 30


@frozen
class Asked:
    """A worked example or a fresh case as it is asked."""

    scenario: Scenario
    wants: tuple[str, ...]
    question: Question


def all_asked() -> list[Asked]:
    """Every worked example that the reference answers, and the fresh cases of a usual run."""
    declaration = InProcessSession(reference_service(), (RULEBOOK,)).declaration
    found = []
    _, fresh = cases_to_ask((), (), RULEBOOK, None, 0, USUAL_CASES)
    for number, scenario in enumerate([*load_folder(examples_folder()), *fresh.scenarios]):
        wants = asked_for(scenario, declaration, WANTS)
        if wants:
            question = Question(str(number), protocol.answer(scenario.question(), wants))
            found.append(Asked(scenario, wants, question))
    return found


class _Mutated(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds one module with the mistake in it; all others are found as ever."""

    def __init__(self, name: str, mutant: Mutant) -> None:
        self.name = name
        self.mutant = mutant
        self.loaded = False

    def find_spec(self, name: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if name != self.name:
            return None
        found = importlib.machinery.PathFinder.find_spec(name, path)
        assert found is not None
        return importlib.util.spec_from_file_location(
            name, found.origin, loader=self, submodule_search_locations=found.submodule_search_locations
        )

    def exec_module(self, module: ModuleType) -> None:
        self.loaded = True
        source, file = self.mutant.source, module.__file__ or self.name
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)  # workings show the source
        exec(compile(source, file, "exec"), module.__dict__)


def killer_of(mutant: Mutant, asked: Sequence[Asked], say: int, *, suite_only: bool) -> None:
    """In a process of its own: writes what notices a mutant, or nothing, to a pipe, and ends the process."""
    gc.disable()
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(SECONDS_FOR_CASES)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    how, what = "", ""
    try:
        how, what = next(_noticing(mutant, asked, suite_only), (how, what))
    except BaseException as error:
        how, what = "import", f"{type(error).__name__}: {error}"
    with contextlib.suppress(OSError):
        os.write(say, json.dumps([how, what[:500]]).encode())
    os._exit(0)


def _noticing(mutant: Mutant, asked: Sequence[Asked], suite_only: bool) -> Iterator[tuple[str, str]]:
    name = ".".join(("funding_reference", *Path(mutant.module).with_suffix("").parts)).removesuffix(".__init__")
    finder = _Mutated(name, mutant)
    sys.meta_path.insert(0, finder)
    _forget("funding_reference", "funding_conformance.service")
    service = importlib.import_module("funding_conformance.service")
    assert finder.loaded, f"The mutated {name} is not what is used."
    yield from _cases(service.reference_service(), asked)
    signal.alarm(SECONDS_FOR_THE_REST)
    _forget("funding_reference", "funding_conformance", "tests.reference", "tests.conftest")
    yield from _properties()
    if not suite_only:
        yield from _tests()


def _forget(*packages: str) -> None:
    for name in list(sys.modules):
        if any(name == package or name.startswith(f"{package}.") for package in packages):
            del sys.modules[name]


def _cases(service: Any, asked: Sequence[Asked]) -> Iterator[tuple[str, str]]:
    session = InProcessSession(service, (RULEBOOK,))
    for one in asked:
        [reply] = session.ask([one.question])
        case = judged(one.scenario, one.wants, reply, session.declaration, explain=False)
        if case.verdict is not Verdict.PASS:
            yield "fresh" if one.scenario.id.startswith(PREFIX) else "example", one.scenario.id


class _First:
    """Remembers the first test that failed."""

    def __init__(self) -> None:
        self.failed = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed = self.failed or report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.failed = self.failed or report.nodeid


def _tests() -> Iterator[tuple[str, str]]:
    folder = Path(__file__).parents[1] / "reference"
    files = [str(file) for file in sorted(folder.glob("test_*.py")) if file.name not in SLOW_TESTS]
    first = _First()
    without = [part for name in PLUGINS_LEFT_OUT for part in ("-p", f"no:{name}")]
    options = ["-x", "-q", *without, "-k", NOT_ABOUT_RULES, "-W", ALREADY_IMPORTED]
    if pytest.main([*options, *files], plugins=[first]):
        yield "test", first.failed


def _properties() -> Iterator[tuple[str, str]]:
    properties = importlib.import_module("funding_conformance.properties")
    known = importlib.import_module("funding_conformance.properties.invariants").PROPERTIES
    adapters = importlib.import_module("funding_conformance.adapters.in_process")
    service = importlib.import_module("funding_conformance.service").reference_service()
    session = adapters.InProcessSession(service, (RULEBOOK,))
    with tempfile.TemporaryDirectory() as folder:
        for property in known:
            cases = properties.ask_properties(
                session, RULEBOOK, WANTS, tries=DRAWS, seed=0, folder=Path(folder), properties=[property]
            )
            for case in cases:
                if case.verdict.value != "pass":
                    yield "property", property.name
