"""Additional payments at day 90 and day 365: for younger apprentices, and for disadvantage (GUIDE-106 to 114)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from funding_reference.calendar import days_later
from funding_reference.money import NOTHING, Money
from funding_reference.records import IN_PAID_EMPLOYMENT

if TYPE_CHECKING:
    from funding_reference.apprenticeship import Programme
    from funding_reference.rules import Rules

CARE_LEAVER: Final = "4"
CARE_LEAVER_BURSARY: Final = "care_leaver_bursary"


def additional_payment_days(rules: Rules, programme: Programme) -> tuple[date | None, ...]:
    """The days of this aim on which the apprentice has been in learning for 90 and for 365 days; None if before it.

    The first day of learning is day 1; days with other providers and employers count, days in a break do not.

    Clauses: GUIDE-107, GUIDE-113, GUIDE-136, GUIDE-138, GUIDE-162, GUIDE-167, GUIDE-170, GUIDE-172, RULES-74.1,
    RULES-74.2, RULES-199, READ-05.
    """
    return tuple(
        rules.day_in_learning(programme, days) for days in rules.value("additional_payment_days", programme.first_start)
    )


def day_in_learning(programme: Programme, number: int) -> date | None:
    """The day on which the apprentice has been in learning for so many days; None if that was before this aim.

    Clauses: GUIDE-136, GUIDE-167, GUIDE-172, RULES-199, READ-05.
    """
    left = number - programme.days_before
    return days_later(programme.start, left - 1) if left > 0 else None


def still_learning_on(last_day: date | None, day: date) -> bool:
    """Whether the apprentice is in learning on a day; the last day of learning counts.

    :param last_day: the last day of learning that is funded, or None while there is none

    Clauses: GUIDE-107, GUIDE-113, RULES-202, READ-05.
    """
    return last_day is None or last_day >= day


def has_employer(programme: Programme, day: date) -> bool:
    """Whether the apprentice is in paid employment on a day, so that there is an employer to pay.

    Clauses: GUIDE-150, GUIDE-176, GUIDE-179, READ-06, READ-79.
    """
    status = programme.employment_on(day)
    return status is not None and status.EmpStat == IN_PAID_EMPLOYMENT


def young_apprentice_payment(rules: Rules, programme: Programme) -> Money:
    """What provider and employer each earn on each of the two days for a 16 to 18 or eligible 19 to 24 year old.

    Clauses: GUIDE-106, GUIDE-107, READ-08.
    """
    if not rules.is_young(rules, programme):
        return NOTHING
    amount: Money = rules.value("additional_payment", programme.first_start)
    return amount


def disadvantage_payment(rules: Rules, programme: Programme) -> Money:
    """What the provider of a framework earns on each of the two days for an apprentice from a deprived area.

    Clauses: GUIDE-111, GUIDE-112, GUIDE-113, GUIDE-114, RULES-70.3, READ-34.
    """
    if not programme.course.is_framework:
        return NOTHING
    whole: Money = rules.value("disadvantage_payment", programme.first_start)[programme.deprivation]
    return whole / len(rules.value("additional_payment_days", programme.first_start))


def additional_on(rules: Rules, programme: Programme, which: str, day: date) -> list[tuple[str, Money]]:
    """The additional payments of a day on which the apprentice is still learning.

    :param which: first or second, for the two days of every apprenticeship, or care_leaver_bursary

    Clauses: GUIDE-107, GUIDE-113, GUIDE-150, READ-05, READ-06.
    """
    if which == CARE_LEAVER_BURSARY:
        return [(CARE_LEAVER_BURSARY, rules.care_leaver_bursary(rules, programme))]
    half = rules.young_apprentice_payment(rules, programme)
    return [
        (f"{which}_employer_incentive", half if rules.has_employer(programme, day) else NOTHING),
        (f"{which}_provider_incentive", half),
        (f"{which}_disadvantage", rules.disadvantage_payment(rules, programme)),
    ]


def no_bursary(rules: Rules, programme: Programme) -> date | None:
    """There is no bursary for care leavers before 2018.

    Clauses: GUIDE-106.
    """
    return None


def day_of_the_bursary(rules: Rules, programme: Programme) -> date | None:
    """The day in learning on which a care leaver's bursary is earned.

    Clauses: READ-EDITION-2018-08.
    """
    return rules.day_in_learning(programme, rules.value("care_leaver_bursary_day", programme.first_start))


def care_leaver_bursary(rules: Rules, programme: Programme) -> Money:
    """What is earned once for an apprentice of 16 to 24 who was in care (EEF 4).

    Clauses: READ-EDITION-2018-08.
    """
    if not programme.has_entitlement(CARE_LEAVER) or not rules.is_young(rules, programme):
        return NOTHING
    amount: Money = rules.value("care_leaver_bursary", programme.first_start)
    return amount
