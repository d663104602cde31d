"""The fresh cases of a run: of every clause that its profiles require, whoever is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from funding_spec.register import load_register
from funding_spec.rulebook import load_rulebook

from funding_conformance.fresh.cases import Drawer, FreshCases, Place, draw
from funding_conformance.profiles import PROFILES
from funding_conformance.scenarios import WANTS, Scenario


def drawn_for(
    profiles: Sequence[str],
    rulebook: str,
    examples: Sequence[Scenario],
    seed: int,
    count: int,
    *,
    drawing: Callable[..., FreshCases] = draw,
    progress: Callable[[], None] = lambda: None,
) -> FreshCases:
    """So many cases for these profiles, or for all of them if none is named.

    What an implementation declares has no part in it, so that a pack of files asks the same as a program is asked.

    :param examples: the worked examples of the kit, from which they are drawn
    :param drawing: :func:`draw`, or :func:`drawn_or_kept` where those drawn before will do
    """
    if not count:
        return FreshCases()
    register, chain = load_register(), load_rulebook(rulebook).chain
    judged = [profile for profile in PROFILES if profile.name in profiles or not profiles]
    clauses = {clause.id for profile in judged for clause in profile.required(register, chain)}
    return drawing(_drawer(profiles, rulebook, examples), seed, count, clauses, progress=progress)


def drawn_at(place: Place, profiles: Sequence[str], rulebook: str, examples: Sequence[Scenario]) -> FreshCases:
    """The one case of a place, as it was drawn among others for these profiles."""
    scenario = _drawer(profiles, rulebook, examples).drawn(place)
    return FreshCases((scenario,) if scenario else (), () if scenario else (place.known_bad.name,), 1)


def _drawer(profiles: Sequence[str], rulebook: str, examples: Sequence[Scenario]) -> Drawer:
    wanted = {want for profile in PROFILES if profile.name in profiles or not profiles for want in profile.wants}
    return Drawer(rulebook, [want for want in WANTS if want in wanted], examples)
