"""Additional payments at day 90 and day 365: for younger apprentices, and for disadvantage (GUIDE-106 to 114)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from funding_reference.calendar import days_later
from funding_reference.money import NOTHING, Money
from funding_reference.records import IN_PAID_EMPLOYMENT

if TYPE_CHECKING:
    from funding_reference.apprenticeship import Programme
    from funding_reference.rules import Rules


def additional_payment_days(rules: Rules, programme: Programme) -> tuple[date, ...]:
    """The days on which an apprentice has been in learning for 90 and for 365 days, the first day being day 1.

    Clauses: GUIDE-107, GUIDE-113, READ-05.
    """
    return tuple(
        days_later(programme.start, days - 1) for days in rules.value("additional_payment_days", programme.first_start)
    )


def still_learning_on(programme: Programme, day: date) -> bool:
    """Whether the apprentice is in learning on a day; the last day of learning counts.

    Clauses: GUIDE-107, GUIDE-113, READ-05.
    """
    return programme.last_day is None or programme.last_day >= day


def has_employer(programme: Programme, day: date) -> bool:
    """Whether the apprentice is in paid employment on a day, so that there is an employer to pay.

    Clauses: READ-06.
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

    Clauses: GUIDE-111, GUIDE-112, GUIDE-113, GUIDE-114, READ-34.
    """
    if not programme.course.is_framework:
        return NOTHING
    whole: Money = rules.value("disadvantage_payment", programme.first_start)[programme.deprivation]
    return whole / len(rules.value("additional_payment_days", programme.first_start))


def additional_on(rules: Rules, programme: Programme, which: str, day: date) -> list[tuple[str, Money]]:
    """The additional payments of one of the two days, if the apprentice is still learning on it.

    :param which: first or second

    Clauses: GUIDE-107, GUIDE-113, READ-05, READ-06.
    """
    if not rules.still_learning_on(programme, day):
        return []
    half = rules.young_apprentice_payment(rules, programme)
    return [
        (f"{which}_employer_incentive", half if rules.has_employer(programme, day) else NOTHING),
        (f"{which}_provider_incentive", half),
        (f"{which}_disadvantage", rules.disadvantage_payment(rules, programme)),
    ]
