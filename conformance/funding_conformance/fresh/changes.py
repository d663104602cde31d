"""Making another scenario out of one: the changes that there are, and how many of them a draw makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from funding_conformance.fresh.amounts import other_amounts
from funding_conformance.fresh.dates import other_days, other_months
from funding_conformance.fresh.facts import Facts, ulns
from funding_conformance.fresh.identities import other_identities
from funding_conformance.fresh.people import (
    another_age,
    another_area,
    another_contract,
    another_size,
    one_more,
    other_funds,
    support,
)
from funding_conformance.fresh.source import RandomSource

Changing = Callable[[Facts, RandomSource], Facts]

SOMETIMES: Final[tuple[Changing, ...]] = (
    other_months, other_days, one_more, another_age, another_area, another_size, support, other_funds, another_contract,
)  # fmt: skip

BOLD: Final = 3
"""Of six: how often each of these is made in the first attempts; later ones are more careful."""
CAREFUL: Final = 1
TIMID: Final = 0
"""None of those is made, and every amount changes by the same share."""


def another(facts: Facts, source: RandomSource, *, boldness: int = BOLD) -> Facts:
    """The facts of another scenario of the same kind; amounts and numbers are never as published.

    :param boldness: how often of six each of the changes is made that there are beside amounts and numbers
    """
    found = facts
    for change in SOMETIMES:
        part = source.part(change.__name__)
        if part.happens(boldness, 6) and ulns(found):
            found = change(found, part)
    found = other_amounts(found, source.part("amounts"), evenly=boldness == TIMID)
    return other_identities(found, source.part("identities"))
