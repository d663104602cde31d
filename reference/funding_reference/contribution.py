"""Who must contribute what: the employer's share, and when it is waived (GUIDE-46 to 61)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from funding_reference.money import NOTHING, Money

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
    status = programme.employment_on(day)
    marks = () if status is None else status.EmploymentStatusMonitoring
    return any((mark.ESMType, mark.ESMCode) == SMALL_EMPLOYER for mark in marks)


def is_waived(rules: Rules, programme: Programme) -> bool:
    """Whether the employer need not contribute: a small employer, at the start, of a young apprentice.

    A later change of the employer's size changes nothing.

    Clauses: GUIDE-48, GUIDE-57, GUIDE-59, GUIDE-61, RULES-176, RULES-176.2, READ-40.
    """
    return rules.is_small_employer(programme, programme.start) and rules.is_young(rules, programme)


def employer_share(rules: Rules, programme: Programme) -> Money:
    """The employer's share of what is not paid from an account.

    Clauses: GUIDE-46, GUIDE-48, GUIDE-58, RULES-175, READ-40, READ-EDITION-2019-04.
    """
    if rules.is_waived(rules, programme):
        return NOTHING
    share: Money = rules.value("employer_share", programme.first_start)
    return share
