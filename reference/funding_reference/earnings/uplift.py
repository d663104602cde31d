"""The framework uplift for younger apprentices: 20% of the band, paid like the price (GUIDE-34, 108 to 110)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funding_reference.calendar import Month
from funding_reference.earnings.aim_instalments import balance_of, completion_of, instalments_of
from funding_reference.earnings.ledger import Ledger
from funding_reference.earnings.plan import AimPlan, EarnedByMonth, Learning, outside_the_plan
from funding_reference.money import NOTHING, Money

if TYPE_CHECKING:
    from funding_reference.apprenticeship import Programme
    from funding_reference.rules import Rules


def plan_uplift(rules: Rules, learning: Learning, band: Money, ledger: Ledger, month: Month) -> AimPlan | None:
    """The uplift in instalments with a part kept for completion; None for standards and for other apprentices.

    What was earned before, with any provider and on any pathway, is left out.

    :param month: the first month to plan: of the start, or of 1 August

    Clauses: GUIDE-34, GUIDE-108, GUIDE-109, GUIDE-139, GUIDE-140, GUIDE-142, GUIDE-166, GUIDE-173, READ-33.
    """
    programme = learning.programme
    if not programme.course.is_framework or not rules.is_young(rules, programme):
        return None
    total = rules.uplift_total(rules, programme, band)
    left = rules.uplift_left(total, ledger.of_uplift(programme, month))
    completion = min(rules.value("completion_share", programme.first_start) * total, left)
    passed = month.number - learning.first_month.number
    planned = max(0, learning.planned - passed)
    at_once, kept = outside_the_plan(rules, learning, left - completion, planned, month)
    return AimPlan(
        first_month=month,
        completed_in=learning.completed_in,
        balanced_in=learning.balanced_in,
        total=total,
        completion=completion,
        instalment=rules.monthly_instalment(left, completion, planned) if planned else NOTHING,
        planned=planned,
        earned=max(0, learning.earned - passed),
        at_once=at_once,
        kept=kept,
    )


def uplift_total(rules: Rules, programme: Programme, band: Money) -> Money:
    """The whole uplift: a share of the band, whatever the price.

    Clauses: GUIDE-23, GUIDE-108, GUIDE-141, READ-33.
    """
    share: Money = rules.value("framework_uplift_share", programme.first_start)
    return share * band


def uplift_left(total: Money, earned: Money) -> Money:
    """What is left of the uplift after what was earned of it anywhere; never below nothing.

    Clauses: GUIDE-140, GUIDE-142, GUIDE-173, READ-33, READ-79.
    """
    return max(NOTHING, total - earned)


def uplift_by_month(rules: Rules, plan: AimPlan) -> EarnedByMonth:
    """What each month earns of the uplift: an instalment, and at the end of a completed programme the rest.

    Clauses: GUIDE-109, GUIDE-110, READ-33.
    """
    return [
        ("framework_uplift_on_programme", instalments_of(plan)),
        ("framework_uplift_completion", completion_of(plan)),
        ("framework_uplift_balancing", balance_of(rules, plan)),
    ]
