"""Instalments, completion and balance of a planned total: shared by the framework uplift and English and maths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funding_reference.calendar import Month
from funding_reference.earnings.plan import AimPlan
from funding_reference.money import NOTHING, Money

if TYPE_CHECKING:
    from funding_reference.rules import Rules


def instalments_of(plan: AimPlan) -> list[tuple[Month, Money]]:
    """The instalment of each month that is earned; without any, what is earned at once."""
    if plan.at_once:
        return [(plan.first_month, plan.at_once)]
    return [(plan.first_month + place, plan.instalment) for place in range(plan.earned)]


def completion_of(plan: AimPlan) -> list[tuple[Month, Money]]:
    """The part kept for completion, in the month a completed aim ends."""
    return [] if plan.completed_in is None else [(plan.completed_in, plan.completion)]


def balance_of(rules: Rules, plan: AimPlan) -> list[tuple[Month, Money]]:
    """The instalments not yet earned, in the month an aim is completed early, and what was kept until then."""
    if plan.completed_in is None:
        return []
    early = plan.balanced_in is not None
    outstanding = rules.balance(plan.instalment, plan.planned, plan.earned) if early else NOTHING
    return [(plan.completed_in, plan.kept + outstanding)]
