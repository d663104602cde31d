"""What a provider earns for an apprentice, kind by kind, month by month (GUIDE-27 to 45)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from attrs import frozen

from funding_reference.apprenticeship import Programme
from funding_reference.calendar import Month
from funding_reference.money import NOTHING, Amount, Money

if TYPE_CHECKING:
    from funding_reference.rules import Rules


@frozen
class Plan:
    """What follows for a programme from its price, its band and its dates, before any month is looked at.

    :param fundable: the price within the band, in pounds
    :param completion: the part held back until completion, in pounds
    :param instalment: what one month earns, in pounds, exact
    :param planned: the planned number of instalments
    :param earned: how many of them are earned
    """

    programme: Programme
    price: Money
    band: Money
    fundable: Money
    completion: Money
    instalment: Money
    planned: int
    earned: int

    def __str__(self) -> str:
        return f"plan of {self.programme}"


@frozen
class Earning:
    """One amount that a provider earned for a month's delivery.

    :param aim: the AimSeqNumber
    :param price_episode: the day on which the price episode starts
    :param amount: pounds, five decimals
    """

    ukprn: int
    uln: int
    learner: str
    aim: int
    price_episode: date
    contract_type: int | None
    type: str
    month: Month
    amount: Amount


def plan_programme(rules: Rules, programme: Programme) -> Plan:
    """The price within the band, split into the completion element and equal instalments.

    Clauses: GUIDE-32, GUIDE-33, GUIDE-35, GUIDE-41, READ-10.
    """
    price = rules.price_in_force(programme.prices, programme.start)
    band = rules.band_maximum(programme.course.funding_bands, programme.first_start)
    fundable = rules.fundable_price(price, band)
    completion = rules.completion_element(rules, price, band, programme.first_start)
    planned = rules.planned_instalments(programme.start, programme.planned_end)
    earned = rules.instalments_earned(programme.start, programme.last_day, planned)
    instalment = rules.monthly_instalment(fundable, completion, planned)
    return Plan(programme, price, band, fundable, completion, instalment, planned, earned)


def earns_anything(rules: Rules, programme: Programme) -> bool:
    """Whether the programme is funded by these rules and counts as a start.

    Clauses: GUIDE-2, GUIDE-27, GUIDE-30, READ-28.
    """
    return rules.is_funded_here(rules, programme.first_start) and rules.is_funding_start(rules, programme)


def earnings_in(rules: Rules, plan: Plan, month: Month) -> Iterator[tuple[str, Money]]:
    """What the programme earns for one month, type by type, in exact pounds; types that earn nothing are left out."""
    for kind, exact in (
        ("on_programme", rules.on_programme_in_month(plan, month)),
        ("completion", rules.completion_in_month(plan, month)),
        ("balancing", rules.balancing_in_month(rules, plan, month)),
    ):
        if exact != NOTHING:
            yield kind, exact
