"""Mistakes with the qualifying period (GUIDE-27 to 31)."""

from __future__ import annotations

from datetime import date

from funding_reference.records import LearningDelivery
from funding_reference.rules import Rules

from funding_conformance.known_bad import replacing


def one_day_short(start: date, last_day: date) -> int:
    """Counts the days in learning without the first. Breaks: GUIDE-27, READ-04."""
    return (last_day - start).days


def planned_one_day_short(start: date, planned_end: date) -> int:
    """Counts the planned length without the first day. Breaks: GUIDE-27, READ-04."""
    return (planned_end - start).days


def always_42_days(rules: Rules, planned_days: int, start: date) -> int:
    """Asks 42 days of every aim, however short. Breaks: GUIDE-27, GUIDE-28, GUIDE-29, READ-04."""
    return 42


def everyone_qualifies(rules: Rules, aim: LearningDelivery) -> bool:
    """Pays for leavers whatever their time in learning. Breaks: GUIDE-27, GUIDE-30."""
    return True


def completers_must_qualify(rules: Rules, aim: LearningDelivery) -> bool:
    """Asks the qualifying period of those who completed as well. Breaks: GUIDE-31, READ-04."""
    if aim.LearnActEndDate is None:
        return True
    planned = rules.planned_length(aim.LearnStartDate, aim.LearnPlanEndDate)
    needed = rules.qualifying_period(rules, planned, aim.LearnStartDate)
    return rules.days_in_learning(aim.LearnStartDate, aim.LearnActEndDate) >= needed


KNOWN_BAD = {
    "days-in-learning-exclusive": replacing(days_in_learning=one_day_short),
    "planned-length-exclusive": replacing(planned_length=planned_one_day_short),
    "always-42-days": replacing(qualifying_period=always_42_days),
    "everyone-qualifies": replacing(aim_is_funding_start=everyone_qualifies),
    "completers-must-qualify": replacing(aim_is_funding_start=completers_must_qualify),
}
