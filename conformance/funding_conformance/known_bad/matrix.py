"""The kill matrix: which cases catch which known-bad, and whether one of them decides a clause that it breaks."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial

from attrs import frozen
from funding_spec.errors import FundingError
from funding_spec.rulebook import editions

from funding_conformance.adapters.in_process import InProcessSession
from funding_conformance.judge import Verdict
from funding_conformance.known_bad import KnownBad, known_bad_named, known_bads
from funding_conformance.known_bad.used import noting
from funding_conformance.run import FAILING, ask_and_judge
from funding_conformance.scenarios import WANTS, Scenario, examples_folder, load_folder
from funding_conformance.service import reference_service


class BrokenKnownBad(FundingError):
    """A known-bad does not answer at all, so that catching it would prove nothing."""


@frozen
class Kills:
    """One known-bad and the cases that catch it.

    :param by_own: those that decide a clause it breaks
    :param by_others: the rest
    """

    known_bad: KnownBad
    by_own: tuple[str, ...]
    by_others: tuple[str, ...]
    clauses: tuple[str, ...]


def all_kills(*, own_cases_only: bool = False) -> list[Kills]:
    """Every known-bad asked every worked example, in as many processes as there are processors.

    :param own_cases_only: whether each is only asked what decides a clause that it breaks, which is far quicker
    :raises BrokenKnownBad: one of them does not answer
    """
    known = {mistake.name: mistake for mistake in known_bads()}
    with ProcessPoolExecutor() as pool:
        found = pool.map(partial(_caught_by, own_cases_only), known, chunksize=4)
        return [Kills(mistake, *caught) for mistake, caught in zip(known.values(), found, strict=True)]


def _caught_by(own_cases_only: bool, name: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The kills of a known-bad by its name, since a process is told no functions."""
    known_bad = known_bad_named(name)
    breaks = set(known_bad.breaks)
    asked = [scenario for scenario, used in _worked_examples() if used & known_bad.rules]
    kills = kills_of(known_bad, [one for one in asked if not own_cases_only or breaks.intersection(one.decides)])
    return kills.by_own, kills.by_others, kills.clauses


@cache
def _worked_examples() -> list[tuple[Scenario, frozenset[str]]]:
    """The worked examples, each with the rules that the reference asks: a mistake in any other changes nothing."""
    used: set[str] = set()

    session = InProcessSession(noting(used), editions(), None)
    found = []
    for scenario in load_folder(examples_folder()):
        used.clear()
        list(ask_and_judge(session, [scenario], WANTS, explain=False))
        found.append((scenario, frozenset(used)))
    return found


def kills_of(known_bad: KnownBad, scenarios: Sequence[Scenario]) -> Kills:
    """Asks every scenario of a known-bad, each under its own rulebook; a failing case catches it."""
    session = InProcessSession(reference_service(known_bad.name, known_bad.change), editions(), None)
    own: list[str] = []
    others: list[str] = []
    clauses: set[str] = set()
    for case in ask_and_judge(session, scenarios, WANTS, explain=False):
        if case.verdict in (Verdict.CRASH, Verdict.FAULT, Verdict.KIT_ERROR):
            raise BrokenKnownBad(f"{known_bad.name} must answer wrongly, not break: {case.note}", path=case.id)
        if case.verdict in FAILING:
            decided = set(case.decides) & set(known_bad.breaks)
            (own if decided else others).append(case.id)
            clauses |= decided
    return Kills(known_bad, tuple(own), tuple(others), tuple(sorted(clauses)))
