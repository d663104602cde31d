"""Who must contribute what: the employer's share, and when it is waived (GUIDE-46 to 61)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from funding_reference.apprenticeship import in_order
from funding_reference.money import NOTHING, Money
from funding_reference.records import IN_PAID_EMPLOYMENT, LearnerEmploymentStatus
from funding_reference.redundancy import redundancies_in

if TYPE_CHECKING:
    from funding_reference.apprenticeship import Programme
    from funding_reference.rules import Rules

CO_INVESTED_TYPES: Final = ("on_programme", "completion", "balancing")
ENTITLED_19_TO_24: Final = ("2", "4")
SMALL_EMPLOYER: Final = ("SEM", 1)


def is_co_invested(type: str) -> bool:
    """Whether employer and government share this type of payment; every other type the government pays in full.

    Clauses: GUIDE-50, GUIDE-95, RULES-110, RULES-176.1, RULES-176.3, READ-12.
    """
    return type in CO_INVESTED_TYPES


def age_on(day: date, date_of_birth: date) -> int:
    """Age in whole years on a day.

    Clauses: READ-08.
    """
    had_birthday = (day.month, day.day) >= (date_of_birth.month, date_of_birth.day)
    return day.year - date_of_birth.year - (not had_birthday)


def is_young(rules: Rules, programme: Programme) -> bool:
    """Whether the apprentice counts as 16 to 18, or as 19 to 24 with an entitlement recorded (EEF 2 or 4).

    Clauses: GUIDE-57, GUIDE-139, GUIDE-166, GUIDE-173, RULES-70, READ-08.
    """
    start = programme.first_start
    age = rules.age_on(start, programme.learner.DateOfBirth)
    if age < rules.value("age_of_adults", start):
        return True
    return bool(age < rules.value("age_above_eligible", start)) and programme.has_entitlement(*ENTITLED_19_TO_24)


def is_small_employer(programme: Programme, day: date) -> bool:
    """Whether the employer on that day is marked as small: fewer than 50 employees.

    Clauses: GUIDE-57, GUIDE-58, READ-40.
    """
    status = _employment_on(programme, day)
    marks = () if status is None else status.EmploymentStatusMonitoring
    return any((mark.ESMType, mark.ESMCode) == SMALL_EMPLOYER for mark in marks)


def joined_employer_on(programme: Programme, day: date) -> date:
    """The day on which the apprentice came to the employer of a day: the first start, or a move to another employer.

    Coming back to work after a redundancy is a move too, whoever the employer is.

    Clauses: GUIDE-59, GUIDE-60, READ-40.
    """
    joined, here, lost = programme.first_start, _employment_on(programme, programme.first_start), False
    for status in sorted(programme.employment, key=in_order):
        if not programme.first_start < status.DateEmpStatApp <= day:
            continue
        if status.EmpStat != IN_PAID_EMPLOYMENT:
            lost = True
        elif lost or here is None or status.EmpId != here.EmpId:
            joined, here, lost = status.DateEmpStatApp, status, False
    return joined


def is_young_on_the_move(rules: Rules, programme: Programme, day: date) -> bool:
    """Whether the apprentice is 16 to 18, or 19 to 24 with an entitlement, on the day of coming to an employer.

    Clauses: GUIDE-60, READ-40.
    """
    age = rules.age_on(day, programme.learner.DateOfBirth)
    if age < rules.value("age_of_adults", programme.first_start):
        return True
    eligible = age < rules.value("age_above_eligible", programme.first_start)
    return bool(eligible) and programme.has_entitlement(*ENTITLED_19_TO_24)


def is_young_at_the_first_start(rules: Rules, programme: Programme, day: date) -> bool:
    """The official calculators went by the age at the first start, whenever the apprentice moved.

    Clauses: READ-40.
    """
    return rules.is_young(rules, programme)


def _employment_on(programme: Programme, day: date) -> LearnerEmploymentStatus | None:
    """The employment of a day, with whichever provider the apprentice was then."""
    return max((status for status in programme.employment if status.DateEmpStatApp <= day), key=in_order, default=None)


def is_waived(rules: Rules, programme: Programme, day: date) -> bool:
    """Whether the employer of a day need not contribute: small when the apprentice came, and the apprentice young.

    A later change of the same employer's size changes nothing.

    Clauses: GUIDE-48, GUIDE-57, GUIDE-59, GUIDE-60, GUIDE-61, RULES-176, RULES-176.2, READ-40.
    """
    joined = rules.joined_employer_on(programme, day)
    return rules.is_small_employer(programme, joined) and rules.is_young_on_the_move(rules, programme, joined)


def is_without_employment(programme: Programme, day: date) -> bool:
    """Whether the apprentice has lost the job and has no other on a day.

    Clauses: GUIDE-147, GUIDE-148, GUIDE-174, GUIDE-178, RULES-201.2, READ-41.
    """
    return any(one.began <= day and (one.ended is None or day < one.ended) for one in redundancies_in(programme))


def employer_share(rules: Rules, programme: Programme, day: date) -> Money:
    """The employer's share of what is not paid from an account, on the day that rules a payment.

    Nothing if it is waived, and nothing while there is no employer.

    Clauses: GUIDE-46, GUIDE-48, GUIDE-58, GUIDE-148, RULES-175, RULES-201.2, READ-07, READ-40, READ-41,
    READ-EDITION-2019-04.
    """
    if rules.is_without_employment(programme, day) or rules.is_waived(rules, programme, day):
        return NOTHING
    share: Money = rules.value("employer_share", programme.first_start)
    return share
