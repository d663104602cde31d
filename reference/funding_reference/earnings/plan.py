"""What follows from a programme's price, band and dates before any month is looked at (GUIDE-32 to 35, 127 to 134)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

from attrs import frozen

from funding_reference.apprenticeship import Programme, completed_early
from funding_reference.calendar import Month, month_of
from funding_reference.earnings.ledger import Ledger
from funding_reference.money import NOTHING, Money
from funding_reference.prices import DatedPrice, Price

if TYPE_CHECKING:
    from funding_reference.rules import Rules


EarnedByMonth: TypeAlias = list[tuple[str, list[tuple[Month, Money]]]]
"""What the months of a plan earn, type by type."""


@frozen
class Learning:
    """Which months of a programme count, whatever its price.

    :param first_month: the month of the start
    :param planned: the planned number of instalments from it on
    :param earned: how many of them are earned
    :param last_day: the last day of learning that is funded, or None while there is none
    :param completed_in: the month in which completion is earned; None if the programme is not completed
    :param balanced_in: the same, if it was completed before the planned end
    """

    programme: Programme
    first_month: Month
    planned: int
    earned: int
    last_day: date | None
    completed_in: Month | None
    balanced_in: Month | None

    def __str__(self) -> str:
        return f"{self.earned} of {self.planned} instalments from {self.first_month}"

    def is_met(self, month: Month) -> bool:
        """Whether the apprentice is in learning at the month's census, or completed in that month."""
        return self.last_day is None or month.census <= self.last_day or month == self.completed_in


@frozen
class Ruling:
    """A price that begins to rule, with what it is to be measured against.

    :param price: the price in force from that month on
    :param dated: all prices of the programme, for a residual one to be followed through them
    :param month: the first month of the price
    :param before: the plan that ruled until then, if there was one
    """

    price: Price
    dated: Sequence[DatedPrice]
    month: Month
    before: Plan | None = None

    def __str__(self) -> str:
        return f"{self.price} from {self.month}"


@frozen
class Plan:
    """A price episode: what is left of the price within the band, split into completion and equal instalments.

    :param price: the price in force, total or residual
    :param left: what is left of it after earlier earnings, in pounds
    :param band: the funding band maximum, in pounds
    :param fundable: what is left of the price within what is left of the band, in pounds
    :param completion: the part held back until completion, in pounds
    :param instalment: what one month earns, in pounds, exact
    :param planned: the planned number of instalments from the month of the price on
    :param earned: how many of them are earned
    :param at_once: what the first month earns beside, after the planned end or of a price below what was earned
    :param kept: what is earned as balancing when the programme is completed, after the planned end
    :param first_month: the first month of the price
    """

    programme: Programme
    price: Price
    left: Money
    band: Money
    fundable: Money
    completion: Money
    instalment: Money
    planned: int
    earned: int
    at_once: Money
    kept: Money
    first_month: Month
    completed_in: Month | None
    balanced_in: Month | None

    def __str__(self) -> str:
        sums = f"{self.completion} on completion, {self.planned} instalments of {self.instalment}"
        return f"from {self.first_month}, of {self.price}: {self.fundable} to earn, {sums}"


@frozen
class AimPlan:
    """The same for what is not priced by the employer: a total, a part kept for completion, and equal instalments.

    With no instalment planned any more, what is left beside completion is earned at once or kept for completion.

    :param first_month: the first month that is planned
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
    at_once: Money = NOTHING
    kept: Money = NOTHING

    def __str__(self) -> str:
        return f"{self.planned} instalments from {self.first_month}"


def learning_of(rules: Rules, programme: Programme) -> Learning:
    """The planned instalments of a programme, those that are earned, and the month of its completion.

    Clauses: GUIDE-35, GUIDE-36, GUIDE-43, GUIDE-175, READ-02, READ-41.
    """
    ended, stopped = programme.last_day, rules.funded_until(rules, programme)
    last_day = ended if stopped is None else min(stopped, ended or stopped)
    planned = rules.planned_instalments(programme.start, programme.planned_end)
    completed_in = rules.completion_month(rules, programme)
    if stopped is not None and ended is not None and ended > stopped:
        completed_in = None
    return Learning(
        programme=programme,
        first_month=month_of(programme.start),
        planned=planned,
        earned=rules.instalments_earned(programme.start, last_day, planned),
        last_day=last_day,
        completed_in=completed_in,
        balanced_in=completed_in if completed_early(programme.aim) else None,
    )


def plan_programme(rules: Rules, learning: Learning, ruling: Ruling, band: Money, ledger: Ledger) -> Plan:
    """What is left of a price within the band, split into completion and equal instalments over the months left.

    Clauses: GUIDE-32, GUIDE-33, GUIDE-35, GUIDE-129, GUIDE-131, GUIDE-143, READ-10, READ-16, READ-24.
    """
    programme, price, month = learning.programme, ruling.price, ruling.month
    earned_here, earned_by_all = ledger.earned_of_price(programme, month)
    if price.is_residual:
        recorded = max(part.applies_from for part in price.records)
        left = rules.residual_left(ruling.dated, recorded, ledger.since_the_aim_began(programme, month))
    else:
        left = rules.total_left(price.pounds, earned_here)
    room = rules.room_in_band(band, earned_by_all)
    fundable = rules.fundable_price(left, room)
    passed = month.number - learning.first_month.number
    planned = max(0, learning.planned - passed)
    completion = rules.completion_element(rules, price.pounds - (left - fundable), fundable, programme.first_start)
    if not planned and ruling.before is not None and not price.is_residual:
        completion = rules.completion_after_a_rise(rules, ruling.before, fundable, completion)
    at_once, kept = outside_the_plan(rules, learning, fundable - completion, planned, month)
    return Plan(
        programme=programme,
        price=price,
        left=left,
        band=band,
        fundable=fundable,
        completion=completion,
        instalment=rules.monthly_instalment(fundable, completion, planned) if planned and fundable > 0 else NOTHING,
        planned=planned,
        earned=max(0, learning.earned - passed),
        at_once=at_once,
        kept=kept,
        first_month=month,
        completed_in=learning.completed_in,
        balanced_in=learning.balanced_in,
    )


def outside_the_plan(rules: Rules, learning: Learning, rest: Money, planned: int, month: Month) -> tuple[Money, Money]:
    """What is earned beside instalments and completion: in the month of the price, and on completion."""
    if rest < 0:
        return (rules.shortfall(rest) if learning.is_met(month) else NOTHING), NOTHING
    if planned:
        return NOTHING, NOTHING
    if learning.balanced_in or not learning.is_met(month):
        return NOTHING, rest
    return rules.rise_after_planned_end(rest)
