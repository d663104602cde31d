"""Completion and balancing (GUIDE-33, 41 to 44)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from funding_reference.calendar import ONE_DAY, Month, months_later
from funding_reference.money import NOTHING, Money

if TYPE_CHECKING:
    from funding_reference.apprenticeship import Programme
    from funding_reference.earnings.plan import Plan
    from funding_reference.rules import Rules


def completion_element(rules: Rules, price: Money, band: Money, first_start: date) -> Money:
    """The part of the price that is held back until the apprentice completes.

    Clauses: GUIDE-33, GUIDE-41, READ-15.
    """
    share: Money = rules.value("completion_share", first_start)
    return share * min(price, band)


def completion_in_month(plan: Plan, month: Month) -> Money:
    """The completion element, in the month of the actual end of a completed programme.

    Clauses: GUIDE-41, GUIDE-43, GUIDE-198, READ-15.
    """
    return plan.completion if month == plan.completed_in else NOTHING


def balancing_in_month(rules: Rules, plan: Plan, month: Month) -> Money:
    """On completion before the planned end: all instalments not yet earned, in the month of the actual end.

    Clauses: GUIDE-44, READ-22.
    """
    return rules.balance(plan.instalment, plan.planned, plan.earned) if month == plan.balanced_in else NOTHING


def balance(instalment: Money, planned: int, earned: int) -> Money:
    """What the instalments not yet earned would have been.

    Clauses: GUIDE-44, READ-22.
    """
    return instalment * (planned - earned)


def meets_minimum_duration(rules: Rules, programme: Programme, last_day: date) -> bool:
    """Whether the programme lasted as long as an apprenticeship must; if not, its balancing payment is a finding.

    Clauses: GUIDE-44, RULES-34, READ-22.
    """
    months: int = rules.value("minimum_duration", programme.first_start)
    return last_day >= months_later(programme.first_start, months) - ONE_DAY
