"""What follows from a programme's price, band and dates before any month is looked at (GUIDE-32 to 35)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from attrs import frozen

from funding_reference.apprenticeship import Programme, completed_early
from funding_reference.calendar import Month, month_of
from funding_reference.money import NOTHING, Money

if TYPE_CHECKING:
    from funding_reference.rules import Rules


@frozen
class Plan:
    """A programme's price within its band, split into the completion element and equal instalments.

    :param price: the total price, in pounds
    :param band: the funding band maximum, in pounds; None if the course has none and so funds nothing
    :param fundable: the price within the band, in pounds
    :param completion: the part held back until completion, in pounds
    :param instalment: what one month earns, in pounds, exact
    :param planned: the planned number of instalments
    :param earned: how many of them are earned
    :param due_days: the days on which additional payments are due, if the apprentice is still learning
    :param first_month: the month of the start
    :param completed_in: the month of the actual end of a completed programme; None for all others
    :param balanced_in: the same, if it was completed before the planned end
    """

    programme: Programme
    price: Money
    band: Money | None
    fundable: Money
    completion: Money
    instalment: Money
    planned: int
    earned: int
    due_days: tuple[date, ...]
    first_month: Month
    completed_in: Month | None
    balanced_in: Month | None

    def __str__(self) -> str:
        return f"plan of {self.programme}"


def plan_programme(rules: Rules, programme: Programme) -> Plan:
    """The price within the band, split into the completion element and equal instalments.

    Clauses: GUIDE-32, GUIDE-33, GUIDE-35, GUIDE-41, READ-10.
    """
    price = rules.price_in_force(programme.prices, programme.start)
    band = rules.band_maximum(programme.course.funding_bands, programme.first_start)
    limit = NOTHING if band is None else band
    fundable = rules.fundable_price(price, limit)
    completion = rules.completion_element(rules, price, limit, programme.first_start)
    planned = rules.planned_instalments(programme.start, programme.planned_end)
    earned = rules.instalments_earned(programme.start, programme.last_day, planned)
    instalment = rules.monthly_instalment(fundable, completion, planned)
    due_days = rules.additional_payment_days(rules, programme)
    completed_in = month_of(programme.last_day) if programme.last_day and programme.is_completed else None
    return Plan(
        programme=programme,
        price=price,
        band=band,
        fundable=fundable,
        completion=completion,
        instalment=instalment,
        planned=planned,
        earned=earned,
        due_days=due_days,
        first_month=month_of(programme.start),
        completed_in=completed_in,
        balanced_in=completed_in if completed_early(programme.aim) else None,
    )


@frozen
class AimPlan:
    """The same for what is not priced by the employer: a total, a part kept for completion, and equal instalments.

    :param first_month: the month of the aim's first day
    :param completed_in: the month of the last day of a completed aim, or None
    :param balanced_in: the same, if it was completed before the planned end
    """

    first_month: Month
    completed_in: Month | None
    balanced_in: Month | None
    total: Money
    completion: Money
    instalment: Money
    planned: int
    earned: int

    def __str__(self) -> str:
        return f"{self.planned} instalments from {self.first_month}"
