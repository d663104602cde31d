"""Mistakes with the employer's share and its waiver (GUIDE-46 to 61)."""

from __future__ import annotations

from datetime import date

from funding_reference.apprenticeship import Programme, in_order
from funding_reference.calendar import AUGUST, month_of
from funding_reference.contribution import SMALL_EMPLOYER, employer_share, is_waived, joined_employer_on
from funding_reference.money import NOTHING, Amount, Money
from funding_reference.records import EmploymentStatusMonitoring
from funding_reference.rules import Rules

from funding_conformance.known_bad import replacing


def share_of_the_uncapped_price(rules: Rules, programme: Programme, day: date) -> Money:
    """Charges the employer 10% of the uncapped price. Breaks: GUIDE-46, GUIDE-49, GUIDE-195, READ-27, RULES-164.3,
    RULES-175.
    """
    price = rules.price_in_force(rules, rules.dated_prices(rules, programme), programme.start)
    band = rules.band_maximum(programme.course.funding_bands, programme.course_start)
    share = employer_share(rules, programme, day)
    return share * max(Money(1), price.pounds / band) if price and band else share


def employer_pays_the_rest(rules: Rules, left: Amount, share: Money) -> Amount:
    """Lets the employer's share make up for the rounding of the other. Breaks: READ-11."""
    return left - rules.government_contribution(rules, left, share)


def five_per_cent(rules: Rules, programme: Programme, day: date) -> Money:
    """Charges 5%, as starts from April 2019 do. Breaks: GUIDE-46, GUIDE-47, RULES-166, RULES-175,
    READ-EDITION-2019-04.
    """
    return NOTHING if rules.is_waived(rules, programme, day) else Money(1, 20)


def everything_is_shared(type: str) -> bool:
    """Shares every type of payment with the employer. Breaks: GUIDE-50, GUIDE-95, GUIDE-116, READ-12, RULES-110,
    RULES-176.1, RULES-176.3.
    """
    return True


def only_instalments_are_shared(type: str) -> bool:
    """Shares only the monthly instalments; completion and balancing are the government's. Breaks: READ-12, GUIDE-46."""
    return type == "on_programme"


def never_waived(rules: Rules, programme: Programme, day: date) -> bool:
    """Asks small employers for their share like all others. Breaks: GUIDE-48, GUIDE-57, GUIDE-58, READ-40,
    RULES-176.2.
    """
    return False


def waived_at_any_age(rules: Rules, programme: Programme, day: date) -> bool:
    """Waives a small employer's share whatever the apprentice's age. Breaks: GUIDE-57, READ-40."""
    return rules.is_small_employer(programme, rules.joined_employer_on(programme, day))


def waived_for_every_employer(rules: Rules, programme: Programme, day: date) -> bool:
    """Waives the share for every young apprentice, however large the employer. Breaks: GUIDE-57, GUIDE-58, READ-40,
    RULES-176.
    """
    return rules.is_young(rules, programme)


def small_at_any_time(programme: Programme, day: date) -> bool:
    """Takes an employer for small that was so marked at any time. Breaks: GUIDE-59, READ-40."""
    marks = [m for s in programme.learner.LearnerEmploymentStatus for m in s.EmploymentStatusMonitoring]
    return any((mark.ESMType, mark.ESMCode) == SMALL_EMPLOYER for mark in marks)


def small_by_the_latest_mark(programme: Programme, day: date) -> bool:
    """Goes by the employer's latest size instead of that at the start. Breaks: GUIDE-59, GUIDE-61, READ-40."""
    statuses = sorted(programme.learner.LearnerEmploymentStatus, key=lambda status: status.DateEmpStatApp)
    marks = statuses[-1].EmploymentStatusMonitoring if statuses else ()
    return any((mark.ESMType, mark.ESMCode) == SMALL_EMPLOYER for mark in marks)


def anew_after_a_break(programme: Programme, day: date) -> date:
    """Asks for size and age anew when an apprentice returns from a break. Breaks: GUIDE-59, READ-40, READ-08."""
    return max(programme.start, joined_employer_on(programme, day))


def anew_each_august(rules: Rules, programme: Programme, day: date) -> bool:
    """Asks for the employer's size anew on each 1 August. Breaks: GUIDE-59, GUIDE-61."""
    joined = rules.joined_employer_on(programme, day)
    august = date(month_of(day).funding_year, AUGUST, 1)
    return rules.is_small_employer(programme, max(joined, august)) and is_waived(rules, programme, day)


def any_mark_with_code_1(programme: Programme, day: date) -> bool:
    """Reads the code of a mark without its type. Breaks: GUIDE-58, READ-40."""
    return any(mark.ESMCode == SMALL_EMPLOYER[1] for mark in _marks_on(programme, day))


def only_the_first_mark(programme: Programme, day: date) -> bool:
    """Reads the first mark of an employment alone. Breaks: GUIDE-58, READ-40."""
    return any((mark.ESMType, mark.ESMCode) == SMALL_EMPLOYER for mark in _marks_on(programme, day)[:1])


def _marks_on(programme: Programme, day: date) -> tuple[EmploymentStatusMonitoring, ...]:
    statuses = (status for status in programme.employment if status.DateEmpStatApp <= day)
    status = max(statuses, key=in_order, default=None)
    return () if status is None else status.EmploymentStatusMonitoring


def until_the_planned_end(rules: Rules, programme: Programme, day: date) -> bool:
    """Waives nothing after the planned end. Breaks: GUIDE-58, GUIDE-59."""
    return day <= programme.planned_end and is_waived(rules, programme, day)


def entitlement_ignored(rules: Rules, programme: Programme) -> bool:
    """Forgets the eligible 19 to 24 year olds. Breaks: GUIDE-57, READ-08, READ-40."""
    limit: int = rules.value("age_of_adults", programme.first_start)
    return rules.age_on(programme.first_start, programme.learner.DateOfBirth) < limit


def everyone_below_25(rules: Rules, programme: Programme) -> bool:
    """Takes every 19 to 24 year old for eligible. Breaks: GUIDE-57, READ-08."""
    limit: int = rules.value("age_above_eligible", programme.first_start)
    return rules.age_on(programme.first_start, programme.learner.DateOfBirth) < limit


def age_by_the_year(day: date, date_of_birth: date) -> int:
    """Takes the age from the years alone. Breaks: READ-08."""
    return day.year - date_of_birth.year


def birthday_not_reached(day: date, date_of_birth: date) -> int:
    """Gets older on the day after the birthday. Breaks: READ-08."""
    return day.year - date_of_birth.year - ((day.month, day.day) <= (date_of_birth.month, date_of_birth.day))


KNOWN_BAD = {
    "share-of-uncapped-price": replacing(employer_share=share_of_the_uncapped_price),
    "employer-pays-the-rounding": replacing(employer_contribution=employer_pays_the_rest),
    "five-per-cent": replacing(employer_share=five_per_cent),
    "everything-shared": replacing(is_co_invested=everything_is_shared),
    "only-instalments-shared": replacing(is_co_invested=only_instalments_are_shared),
    "never-waived": replacing(is_waived=never_waived),
    "waived-at-any-age": replacing(is_waived=waived_at_any_age),
    "waived-for-every-employer": replacing(is_waived=waived_for_every_employer),
    "small-at-any-time": replacing(is_small_employer=small_at_any_time),
    "small-by-the-latest-mark": replacing(is_small_employer=small_by_the_latest_mark),
    "any-mark-is-small": replacing(is_small_employer=any_mark_with_code_1),
    "first-mark-only": replacing(is_small_employer=only_the_first_mark),
    "waived-until-the-planned-end": replacing(is_waived=until_the_planned_end),
    "waived-anew-after-a-break": replacing(joined_employer_on=anew_after_a_break),
    "waived-anew-each-august": replacing(is_waived=anew_each_august),
    "entitlement-ignored": replacing(is_young=entitlement_ignored),
    "everyone-below-25": replacing(is_young=everyone_below_25),
    "age-by-the-year": replacing(age_on=age_by_the_year),
    "older-after-the-birthday": replacing(age_on=birthday_not_reached),
}
