"""The framework uplift for younger apprentices: 20% of the band, paid like the price (GUIDE-34, 108 to 110)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funding_reference.calendar import Month
from funding_reference.earnings.aim_instalments import instalment_of, on_completion
from funding_reference.earnings.plan import AimPlan, Plan
from funding_reference.money import NOTHING, Money

if TYPE_CHECKING:
    from funding_reference.rules import Rules


def plan_uplift(rules: Rules, plan: Plan) -> AimPlan | None:
    """The uplift in instalments with a part kept for completion; None for standards and for other apprentices.

    Clauses: GUIDE-34, GUIDE-108, GUIDE-109, READ-33.
    """
    programme = plan.programme
    if not programme.course.is_framework or not rules.is_young(rules, programme):
        return None
    total = rules.uplift_total(rules, plan)
    completion = rules.value("completion_share", programme.first_start) * total
    return AimPlan(
        first_month=plan.first_month,
        completed_in=plan.completed_in,
        balanced_in=plan.balanced_in,
        total=total,
        completion=completion,
        instalment=rules.monthly_instalment(total, completion, plan.planned),
        planned=plan.planned,
        earned=plan.earned,
    )


def uplift_total(rules: Rules, plan: Plan) -> Money:
    """The whole uplift: a share of the band, whatever the price.

    Clauses: GUIDE-23, GUIDE-108, READ-33.
    """
    share: Money = rules.value("framework_uplift_share", plan.programme.first_start)
    return share * (plan.band or NOTHING)


def uplift_in_month(rules: Rules, plan: AimPlan, month: Month) -> list[tuple[str, Money]]:
    """What a month earns of the uplift: an instalment, and at the end of a completed programme the rest.

    Clauses: GUIDE-109, GUIDE-110, READ-33.
    """
    completion, rest = on_completion(rules, plan, month)
    return [
        ("framework_uplift_on_programme", instalment_of(plan, month)),
        ("framework_uplift_completion", completion),
        ("framework_uplift_balancing", rest),
    ]
