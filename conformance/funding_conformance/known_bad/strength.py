"""How strong the examples are: of the known-bads that break a clause, how many a case deciding that clause catches.

A clause with many known-bads, all of them caught, is hard to get wrong unnoticed. A number says nothing about mistakes
that nobody has thought of.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import frozen
from funding_spec.register import Register

from funding_conformance.known_bad.matrix import Kills
from funding_conformance.profiles import PROFILES, Profile, is_required


@frozen
class Strength:
    """The known-bads that break something, and those of them that its cases catch, by name.

    :param of: a clause, or a profile
    """

    of: str
    broken_by: tuple[str, ...]
    caught: tuple[str, ...]

    @property
    def escaping(self) -> tuple[str, ...]:
        """Those that no case of it catches."""
        return tuple(name for name in self.broken_by if name not in self.caught)


def of_clauses(kills: Sequence[Kills], register: Register) -> list[Strength]:
    """The strength for every clause that must be met in some edition, in the order of the register."""
    return [_strength(clause.id, {clause.id}, kills) for clause in register if is_required(clause)]


def of_profiles(kills: Sequence[Kills], register: Register) -> list[Strength]:
    """The strength for every profile that has clauses to meet."""
    found = [_strength(profile.name, _clauses(profile, register), kills) for profile in PROFILES]
    return [one for one in found if one.broken_by]


def _clauses(profile: Profile, register: Register) -> set[str]:
    return {clause.id for clause in register if is_required(clause) and profile.covers(clause.id)}


def _strength(of: str, clauses: Iterable[str], kills: Sequence[Kills]) -> Strength:
    asked = frozenset(clauses)
    broken_by = [kill for kill in kills if asked.intersection(kill.known_bad.breaks)]
    caught = [kill.known_bad.name for kill in broken_by if asked.intersection(kill.clauses)]
    return Strength(of, tuple(kill.known_bad.name for kill in broken_by), tuple(caught))
