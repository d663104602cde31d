"""Monthly instalments (GUIDE-32 to 37)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from funding_reference.apprenticeship import census_dates
from funding_reference.calendar import Month
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

    Clauses: GUIDE-35, GUIDE-36, READ-02, READ-03, READ-07.
    """
    return planned if last_day is None else min(planned, census_dates(start, last_day))


def monthly_instalment(fundable: Money, completion: Money, planned: int) -> Money:
    """What is left of the price after the completion element, spread equally over the planned months.

    :param fundable: the price within the band, in pounds

    Clauses: GUIDE-32, GUIDE-33, GUIDE-35, GUIDE-196, READ-10.
    """
    return (fundable - completion) / planned


def on_programme_in_month(plan: Plan, month: Month) -> Money:
    """The instalment of a month: the same in each month that is earned, the first one included.

    Clauses: GUIDE-32, GUIDE-36, GUIDE-37, READ-02, READ-10.
    """
    place = month.number - plan.first_month.number
    return plan.instalment if 0 <= place < plan.earned else NOTHING
