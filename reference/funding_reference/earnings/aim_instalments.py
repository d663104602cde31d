"""Instalments, completion and balance of a planned total: shared by the framework uplift and English and maths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funding_reference.calendar import Month
from funding_reference.earnings.plan import AimPlan
from funding_reference.money import NOTHING, Money

if TYPE_CHECKING:
    from funding_reference.rules import Rules


def instalment_of(plan: AimPlan, month: Month) -> Money:
    """The instalment of a month, if it is one of those earned."""
    place = month.number - plan.first_month.number
    return plan.instalment if 0 <= place < plan.earned else NOTHING


def on_completion(rules: Rules, plan: AimPlan, month: Month) -> tuple[Money, Money]:
    """The completion part and the balance of instalments not yet earned, in the month a completed aim ends."""
    rest = rules.balance(plan.instalment, plan.planned, plan.earned) if month == plan.balanced_in else NOTHING
    return (plan.completion if month == plan.completed_in else NOTHING), rest
