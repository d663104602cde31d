"""Monthly instalments (GUIDE-32 to 37)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from funding_reference.apprenticeship import census_dates
from funding_reference.calendar import Month, months_between
from funding_reference.money import NOTHING, Money

if TYPE_CHECKING:
    from funding_reference.earnings.plan import Plan


def planned_instalments(start: date, planned_end: date) -> int:
    """How many census dates the plan has: the start month always counts, the last one if the plan ends on its last day.

    Never fewer than one.

    Clauses: GUIDE-35, READ-01.
    """
    return max(1, census_dates(start, planned_end))


def instalments_earned(start: date, last_day: date | None, planned: int) -> int:
    """How many planned instalments are earned: those whose census falls within learning, and none after the plan.

    :param last_day: the last day of learning, or None while the apprentice is still learning

    Clauses: GUIDE-35, GUIDE-36, RULES-197, RULES-202, READ-02, READ-03, READ-07, READ-42, READ-44.
    """
    return planned if last_day is None else min(planned, census_dates(start, last_day))


def one_in_the_start_month(start: date, last_day: date | None, planned: int) -> int:
    """The official calculators paid one instalment where learning starts and ends before the first census.

    Clauses: READ-03.
    """
    return max(1, instalments_earned(start, last_day, planned))


def monthly_instalment(fundable: Money, completion: Money, planned: int) -> Money:
    """What is left of the price after the completion element, spread equally over the planned months.

    :param fundable: the price within the band, in pounds

    Clauses: GUIDE-32, GUIDE-33, GUIDE-35, GUIDE-196, RULES-165, RULES-166, READ-10.
    """
    return (fundable - completion) / planned


def shortfall(fundable: Money) -> Money:
    """What is taken back in the first month of a price that is below what has been earned.

    Clauses: GUIDE-152, GUIDE-154, READ-19, READ-21.
    """
    return fundable


def earned_in_the_month_of_the_change(rest: Money) -> tuple[Money, Money]:
    """After the planned end, what a new price leaves beside completion is earned in the month of that price.

    :returns: what that month earns, and what waits for completion

    Clauses: GUIDE-153, READ-20.
    """
    return rest, NOTHING


def earned_on_completion(rest: Money) -> tuple[Money, Money]:
    """The official calculators kept it for completion.

    Clauses: READ-20.
    """
    return NOTHING, rest


def on_programme_by_month(plan: Plan) -> list[tuple[Month, Money]]:
    """What each month earns: the same instalment in each that is earned, the first one included.

    A price below what was earned, or after the planned end, has no instalments: what it earns falls in its first month.

    Clauses: GUIDE-32, GUIDE-36, GUIDE-37, READ-02, READ-10, READ-19, READ-20.
    """
    if plan.at_once:
        return [(plan.first_month, plan.at_once)]
    last = plan.first_month + (plan.earned - 1)
    return [(month, plan.instalment) for month in months_between(plan.first_month, last)]
