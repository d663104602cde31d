"""Profiles: what an implementation may claim, what it must answer for it, and the clauses that are judged."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from attrs import frozen
from funding_spec.register import Clause, Register

EARNINGS_PARAGRAPHS: Final = ((1, 45), (106, 146), (151, 179))
CO_INVESTMENT_PARAGRAPHS: Final = ((46, 61), (147, 150), (194, 198))
FUNDS_PARAGRAPHS: Final = ((62, 74), (76, 95))
MATCHING_PARAGRAPHS: Final = ((75, 75), (96, 105))
YEAR_END_PARAGRAPHS: Final = ((152, 158), (184, 193))

EARNINGS_READINGS: Final = ((1, 10), (14, 34), (42, 44), (64, 64))
CO_INVESTMENT_READINGS: Final = ((11, 13), (40, 41), (50, 51), (57, 57), (76, 76))
FUNDS_READINGS: Final = ((13, 13), (56, 63), (75, 75), (78, 78))
MATCHING_READINGS: Final = ((52, 55), (71, 74))
YEAR_END_READINGS: Final = ((50, 51), (61, 61), (64, 64), (70, 70), (77, 77), (79, 79))

Ranges = tuple[tuple[int, int], ...]


@frozen
class Profile:
    """A claim that can be judged.

    :param wants: what an implementation must answer to claim it
    :param paragraphs: of GUIDE, as first and last numbers
    :param readings: by number, likewise
    """

    name: str
    wants: tuple[str, ...]
    paragraphs: Ranges
    readings: Ranges
    everything: bool = False

    def covers(self, clause: str) -> bool:
        """Whether a clause belongs to this profile."""
        if self.everything:
            return True
        found = re.match(r"(GUIDE|READ)-(\d+)$", clause)
        if found is None:
            return False
        ranges = self.paragraphs if found[1] == "GUIDE" else self.readings
        return any(first <= int(found[2]) <= last for first, last in ranges)

    def counts(self, wants: Iterable[str], clauses: Iterable[str]) -> bool:
        """Whether a case counts for it that was asked for these parts of an answer and stands for these clauses."""
        return bool(set(wants) & set(self.wants)) and any(self.covers(clause) for clause in clauses)

    def required(self, register: Register, rulebook: tuple[str, ...]) -> list[Clause]:
        """The clauses that must be met: every MUST rule of the edition that this version computes.

        :param rulebook: the edition and those it extends, newest first
        """
        return [
            clause
            for clause in register
            if self.covers(clause.id) and is_required(clause) and holds_in(clause, rulebook)
        ]


def is_required(clause: Clause) -> bool:
    """Whether a clause is a MUST rule that this version computes."""
    return clause.kind == "rule" and clause.level == "MUST" and clause.not_computed is None


def holds_in(clause: Clause, rulebook: tuple[str, ...]) -> bool:
    """Whether a clause holds in an edition: it names it, or it goes on in the editions that extend one it names."""
    named = [edition for edition in clause.editions if edition != "..."]
    goes_on = "..." in clause.editions
    return rulebook[0] in named or (goes_on and any(edition in named for edition in rulebook))


_EARNINGS: Final = Profile("earnings", ("earnings",), EARNINGS_PARAGRAPHS, EARNINGS_READINGS)
PROFILES: Final = (
    _EARNINGS,
    Profile(
        "co-investment",
        ("earnings", "payments"),
        EARNINGS_PARAGRAPHS + CO_INVESTMENT_PARAGRAPHS + ((74, 76), (79, 83), (94, 95)),
        EARNINGS_READINGS + CO_INVESTMENT_READINGS + ((56, 56), (75, 75)),
    ),
    Profile("matching", ("matches", "payments"), MATCHING_PARAGRAPHS, MATCHING_READINGS),
    Profile("levy-account", ("levy_accounts", "priority", "payments"), FUNDS_PARAGRAPHS, FUNDS_READINGS),
    Profile(
        "payments",
        ("earnings", "payments", "matches", "priority", "levy_accounts"),
        ((1, 198),),
        ((1, 79),),
    ),
    Profile("recording", ("findings",), (), ()),
    Profile(
        "full",
        ("earnings", "payments", "levy_accounts", "priority", "matches", "findings"),
        (),
        (),
        everything=True,
    ),
)


def profile_named(name: str) -> Profile | None:
    """The profile of that name."""
    return next((profile for profile in PROFILES if profile.name == name), None)
