"""The kill matrix: which cases catch which known-bad, and whether one of them decides a clause that it breaks."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen
from funding_spec.errors import FundingError

from funding_conformance.adapters.in_process import InProcessSession
from funding_conformance.judge import Verdict
from funding_conformance.known_bad import KnownBad
from funding_conformance.run import FAILING, ask_and_judge
from funding_conformance.scenarios import WANTS, Scenario
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


def kills_of(known_bad: KnownBad, scenarios: Sequence[Scenario]) -> Kills:
    """Asks every scenario of a known-bad; a failing case catches it."""
    session = InProcessSession(reference_service(known_bad.name, known_bad.change), ("2017-08",), None)
    own: list[str] = []
    others: list[str] = []
    clauses: set[str] = set()
    for case in ask_and_judge(session, scenarios, WANTS, explain=False):
        if "unsupported" in (case.answer or {}):
            continue  # the mistake led beyond what this version computes: that catches nothing
        if case.verdict in (Verdict.CRASH, Verdict.FAULT, Verdict.KIT_ERROR):
            raise BrokenKnownBad(f"{known_bad.name} must answer wrongly, not break: {case.note}", path=case.id)
        if case.verdict in FAILING:
            decided = set(case.decides) & set(known_bad.breaks)
            (own if decided else others).append(case.id)
            clauses |= decided
    return Kills(known_bad, tuple(own), tuple(others), tuple(sorted(clauses)))
