"""How a match is named in a working, and when a stop counts."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import attrs
from funding_reference.calendar import Collection
from funding_reference.matching import Agreed, Match, stop_counts
from funding_reference.records import Agreement, Ample, Employer

AGREEMENT = Agreement(
    id="7",
    employer="employer-1",
    ukprn=10000001,
    uln=1000000001,
    course="std-50",
    start=date(2017, 8, 1),
    price=Fraction(15000),
)
EMPLOYER = Employer(id="employer-1", identifier=100000001, levy_payer=True, levy_funds=Ample.UNLIMITED)


def test_a_match_is_named_by_its_agreement_or_by_the_codes_of_what_differs() -> None:
    agreed = Agreed(AGREEMENT, EMPLOYER, (), None)
    assert [str(Match(agreed)), str(Match(None, ("DLOCK_03", "DLOCK_07")))] == [
        "agreement 7 matches",
        "DLOCK_03, DLOCK_07",
    ]


def test_a_stop_counts_if_it_is_known_by_the_r14_of_its_year() -> None:
    stopped = attrs.evolve(AGREEMENT, stopped_on=date(2018, 7, 31))
    known = [attrs.evolve(stopped, stop_known_from=Collection(year, 14)) for year in (2017, 2018)]
    assert [stop_counts(one) for one in (stopped, *known)] == [True, True, False]
