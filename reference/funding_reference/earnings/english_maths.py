"""English and maths up to level 2, funded apart from the programme (GUIDE-38, 116 to 120)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funding_reference.apprenticeship import completed_early, is_completed
from funding_reference.calendar import month_of
from funding_reference.earnings.aim_instalments import balance_of, instalments_of
from funding_reference.earnings.plan import AimPlan, EarnedByMonth
from funding_reference.money import NOTHING, Money

if TYPE_CHECKING:
    from funding_reference.apprenticeship import Qualification
    from funding_reference.rules import Rules

PER_CENT = 100


def english_maths_total(rules: Rules, qualification: Qualification) -> Money:
    """The rate of the qualification, less what prior learning and other adjustments leave out.

    Clauses: GUIDE-118, GUIDE-119, RULES-110, READ-30.
    """
    aim, rate = qualification.aim, qualification.rate
    if rate is None:
        rate = rules.value("english_maths_rate", aim.LearnStartDate)
    return rate * _proportion(aim.PriorLearnFundAdj) * _proportion(aim.OtherFundAdj)


def _proportion(per_cent: int | None) -> Money:
    return Money(1) if per_cent is None else Money(per_cent, PER_CENT)


def plan_english_maths(rules: Rules, qualification: Qualification) -> AimPlan:
    """Equal instalments over the aim's own planned months, with no completion element.

    Clauses: GUIDE-38, GUIDE-118, RULES-118, READ-30.
    """
    aim = qualification.aim
    total = rules.english_maths_total(rules, qualification)
    planned = rules.planned_instalments(aim.LearnStartDate, aim.LearnPlanEndDate)
    completed_in = month_of(aim.LearnActEndDate) if aim.LearnActEndDate and is_completed(aim) else None
    return AimPlan(
        first_month=month_of(aim.LearnStartDate),
        completed_in=completed_in,
        balanced_in=completed_in if completed_early(aim) else None,
        total=total,
        completion=NOTHING,
        instalment=rules.monthly_instalment(total, NOTHING, planned),
        planned=planned,
        earned=rules.instalments_earned(aim.LearnStartDate, aim.LearnActEndDate, planned),
    )


def english_maths_by_month(rules: Rules, plan: AimPlan) -> EarnedByMonth:
    """What each month earns: an instalment, and in the month an aim is completed early the instalments left.

    Clauses: GUIDE-38, GUIDE-116, GUIDE-118, GUIDE-120, READ-30, READ-31.
    """
    return [
        ("english_maths_on_programme", instalments_of(plan)),
        ("english_maths_balancing", balance_of(rules, plan)),
    ]
