"""Learning support at a fixed monthly rate (GUIDE-121 to 124)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from funding_reference.apprenticeship import census_dates
from funding_reference.calendar import ONE_DAY, Month, month_of, months_between, months_later
from funding_reference.money import Money
from funding_reference.records import LearningDelivery

if TYPE_CHECKING:
    from funding_reference.rules import Rules


def months_of_support(aim: LearningDelivery, last_day: date | None) -> list[Month]:
    """The months of an aim that a learning support record covers, of those whose census it meets within its plan.

    A record covers its first month whatever the day it begins, and each later month whose census it reaches; one
    without an end covers the rest of the aim. An aim planned for less than a calendar month has none.

    :param last_day: the last day of learning that is funded, or None while there is none

    Clauses: GUIDE-121, GUIDE-122, GUIDE-124, READ-32.
    """
    records = [
        (fam.LearnDelFAMDateFrom or aim.LearnStartDate, fam.LearnDelFAMDateTo or date.max)
        for fam in aim.LearningDeliveryFAM
        if fam.LearnDelFAMType == "LSF"
    ]
    if not records or aim.LearnPlanEndDate < months_later(aim.LearnStartDate, 1) - ONE_DAY:
        return []
    until = min(aim.LearnPlanEndDate, last_day or date.max)
    first = month_of(aim.LearnStartDate)
    met = months_between(first, first + (census_dates(aim.LearnStartDate, until) - 1))
    return [month for month in met if any(starts <= month.census <= ends for starts, ends in records)]


def learning_support(rules: Rules, month: Month) -> Money:
    """The monthly rate of learning support.

    Clauses: GUIDE-121, RULES-56, READ-32.
    """
    rate: Money = rules.value("learning_support_a_month", month.census)
    return rate
