"""The qualifying period: how long an apprentice must learn before an aim earns anything (GUIDE-27 to 31)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from funding_reference.apprenticeship import is_completed
from funding_reference.calendar import days_inclusive
from funding_reference.records import LearningDelivery

if TYPE_CHECKING:
    from funding_reference.rules import Rules


def planned_length(start: date, planned_end: date) -> int:
    """The planned length of an aim in days, first and last day included.

    Clauses: GUIDE-27, READ-04.
    """
    return days_inclusive(start, planned_end)


def days_in_learning(start: date, last_day: date) -> int:
    """The days that an apprentice was in learning, first and last day included.

    Clauses: GUIDE-27, READ-04.
    """
    return days_inclusive(start, last_day)


def qualifying_period(rules: Rules, planned_days: int, start: date) -> int:
    """The days in learning that an aim of this planned length asks for.

    Clauses: GUIDE-27, GUIDE-28, GUIDE-29, RULES-179, READ-04.
    """
    table: tuple[tuple[int, int], ...] = rules.value("qualifying_period", start)
    return next(days for at_least, days in table if planned_days >= at_least)


def aim_is_funding_start(rules: Rules, aim: LearningDelivery) -> bool:
    """Whether an aim counts as a start, so that it earns at all.

    One still open, or completed, always does; one that ended otherwise must have met its qualifying period.

    Clauses: GUIDE-27, GUIDE-30, GUIDE-31, READ-04.
    """
    if aim.LearnActEndDate is None or is_completed(aim):
        return True
    planned = rules.planned_length(aim.LearnStartDate, aim.LearnPlanEndDate)
    needed = rules.qualifying_period(rules, planned, aim.LearnStartDate)
    return rules.days_in_learning(aim.LearnStartDate, aim.LearnActEndDate) >= needed
