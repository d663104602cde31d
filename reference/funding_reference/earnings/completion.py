"""Completion and balancing (GUIDE-33, 41 to 44)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from funding_reference.calendar import ONE_DAY, Month, days_later, month_of, months_later
from funding_reference.money import NOTHING, Money

if TYPE_CHECKING:
    from funding_reference.apprenticeship import Programme
    from funding_reference.earnings.plan import Plan
    from funding_reference.rules import Rules


def completion_element(rules: Rules, price: Money, fundable: Money, first_start: date) -> Money:
    """The part of the price that is held back until the apprentice completes.

    :param price: the price in force, less what the band cuts off, in pounds
    :param fundable: what is left to earn, in pounds, which is the most that can be held back

    Clauses: GUIDE-33, GUIDE-41, GUIDE-129, GUIDE-131, GUIDE-152, GUIDE-154, RULES-165, READ-15, READ-17, READ-21,
    READ-24.
    """
    share: Money = rules.value("completion_share", first_start)
    return max(NOTHING, min(share * price, fundable))


def completion_after_a_rise(rules: Rules, before: Plan, fundable: Money, completion: Money) -> Money:
    """After the planned end, 20% of a rise is added to the completion element as it stands.

    :param before: the plan until then: what it had still to earn, and the rise is what is left beyond that
    :param completion: the completion element without a rise

    Clauses: GUIDE-153, READ-20.
    """
    rise = fundable - before.completion - before.kept
    share: Money = rules.value("completion_share", before.programme.first_start)
    return before.completion + share * rise if rise >= 0 else completion


def completion_month(rules: Rules, programme: Programme) -> Month | None:
    """The month in which completion is earned: that of the actual end of a completed programme.

    Clauses: GUIDE-43, READ-07.
    """
    return month_of(programme.last_day) if programme.last_day and programme.is_completed else None


def month_of_achievement(rules: Rules, programme: Programme) -> Month | None:
    """For standards whose learning ends late enough: the month of the achievement date, once that is recorded.

    Never before the month of the actual end.

    Clauses: READ-EDITION-2019-08.
    """
    ended = programme.last_day
    if programme.course.is_framework or ended is None or not rules.value("completion_on_achievement", ended):
        return completion_month(rules, programme)
    achieved = programme.aim.AchDate
    return month_of(max(achieved, ended)) if achieved and programme.is_completed else None


def completion_by_month(plan: Plan) -> list[tuple[Month, Money]]:
    """The completion element, in the month in which a completed programme earns it.

    Clauses: GUIDE-41, GUIDE-43, GUIDE-198, READ-15.
    """
    return [] if plan.completed_in is None else [(plan.completed_in, plan.completion)]


def balancing_by_month(rules: Rules, plan: Plan) -> list[tuple[Month, Money]]:
    """On completion before the planned end: all instalments not yet earned, in the month of the completion.

    Clauses: GUIDE-44, READ-22.
    """
    if plan.completed_in is None:
        return []
    early = plan.balanced_in is not None
    outstanding = rules.balance(plan.instalment, plan.planned, plan.earned) if early else NOTHING
    return [(plan.completed_in, plan.kept + outstanding)]


def balance(instalment: Money, planned: int, earned: int) -> Money:
    """What the instalments not yet earned would have been.

    Clauses: GUIDE-44, READ-22.
    """
    return instalment * (planned - earned)


def meets_minimum_duration(rules: Rules, programme: Programme, last_day: date) -> bool:
    """Whether the apprenticeship lasted as long as it must, breaks left out; if not, its balancing is a finding.

    Clauses: GUIDE-44, RULES-34, RULES-38, RULES-38.1, RULES-38.2, READ-22.
    """
    months: int = rules.value("minimum_duration", programme.first_start)
    breaks = (programme.start - programme.first_start).days - programme.days_before if programme.days_before else 0
    return last_day >= days_later(months_later(programme.first_start, months) - ONE_DAY, breaks)
