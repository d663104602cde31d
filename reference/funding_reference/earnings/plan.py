"""What follows from a programme's price, band and dates before any month is looked at (GUIDE-32 to 35)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from attrs import frozen

from funding_reference.apprenticeship import Programme
from funding_reference.money import Money

if TYPE_CHECKING:
    from funding_reference.rules import Rules


@frozen
class Plan:
    """A programme's price within its band, split into the completion element and equal instalments.

    :param price: the total price, in pounds
    :param band: the funding band maximum, in pounds
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


@frozen
class AimPlan:
    """The same for what is not priced by the employer: a total, a part kept for completion, and equal instalments.

    :param start: the aim's first day
    :param completed_on: the last day of a completed aim, or None
    """

    start: date
    completed_on: date | None
    total: Money
    completion: Money
    instalment: Money
    planned: int
    earned: int

    def __str__(self) -> str:
        return f"{self.planned} instalments from {self.start}"
