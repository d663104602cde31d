"""An apprentice who loses the job: how long there is funding, and at which price (GUIDE-147 to 150, 174 to 179)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from attrs import frozen

from funding_reference.apprenticeship import in_order
from funding_reference.calendar import days_inclusive, days_later, months_later
from funding_reference.records import IN_PAID_EMPLOYMENT, Learner

if TYPE_CHECKING:
    from funding_reference.apprenticeship import Programme
    from funding_reference.rules import Rules

NOT_IN_PAID_EMPLOYMENT: Final = (11, 12)
DAYS_A_WEEK: Final = 7


@frozen
class Redundancy:
    """The time without employment after a job was lost.

    :param began: the first day without employment
    :param ended: the day from which the apprentice is employed again, or None
    """

    began: date
    ended: date | None

    def __str__(self) -> str:
        return f"redundant from {self.began}" + (f", employed again from {self.ended}" if self.ended else "")


def redundancies_in(programme: Programme) -> list[Redundancy]:
    """Every redundancy since the apprenticeship first started; a job lost before was not its own.

    Clauses: GUIDE-147.
    """
    return [one for one in redundancies_of(programme.learner) if one.began >= programme.first_start]


def redundancies_of(learner: Learner) -> list[Redundancy]:
    """Every time without employment that follows a job, in order.

    Clauses: GUIDE-147, RULES-200, RULES-200.2, READ-41.
    """
    if len(learner.LearnerEmploymentStatus) < 2:
        return []  # the usual case, asked for every payment
    found: list[Redundancy] = []
    was_employed, began = False, None
    for status in sorted(learner.LearnerEmploymentStatus, key=in_order):
        if status.EmpStat == IN_PAID_EMPLOYMENT:
            if began is not None:
                found.append(Redundancy(began, status.DateEmpStatApp))
            was_employed, began = True, None
        elif status.EmpStat in NOT_IN_PAID_EMPLOYMENT and was_employed:
            was_employed, began = False, status.DateEmpStatApp
    return found if began is None else [*found, Redundancy(began, None)]


def funded_until(rules: Rules, programme: Programme) -> date | None:
    """The last day that is funded after a redundancy for which no new employer was found in time; None without one.

    It is the last day of the twelve weeks, the day of redundancy included. After it the aim earns nothing more,
    even if the apprentice is employed again.

    Clauses: GUIDE-149, GUIDE-174, GUIDE-175, RULES-200, RULES-200.3, READ-41.
    """
    for redundancy in redundancies_in(programme):
        weeks = rules.value("weeks_after_redundancy", max(redundancy.began, programme.first_start))
        last_day = days_later(redundancy.began, weeks * DAYS_A_WEEK - 1)
        in_time = redundancy.ended is not None and redundancy.ended <= last_day
        if last_day < programme.start or in_time or redundancy.began > (programme.last_day or date.max):
            continue
        if redundancy.began < rules.funded_to_the_end_from(rules, programme, redundancy.began):
            return last_day
    return None


def six_months_before_the_end(rules: Rules, programme: Programme, redundant: date) -> date:
    """The first day on which an apprentice made redundant is funded to the end: six months before the planned end.

    Clauses: GUIDE-177, GUIDE-178, RULES-201, READ-41.
    """
    months = rules.value("months_before_planned_end", max(redundant, programme.first_start))
    return months_later(days_later(programme.planned_end, 1), -months)


def six_months_or_a_quarter(rules: Rules, programme: Programme, redundant: date) -> date:
    """The same, or the day on which a quarter of the planned days is left, whichever comes first.

    A redundancy before that rule came into force still asks for six months.

    Clauses: READ-EDITION-2020-10.
    """
    boundary = six_months_before_the_end(rules, programme, redundant)
    share = rules.value("share_of_planned_days_left", redundant)
    days_left = int(share * days_inclusive(programme.start, programme.planned_end))
    return min(boundary, days_later(programme.planned_end, 1) - timedelta(days=days_left))


def price_from_re_employment(programme: Programme, day: date) -> date | None:
    """When a price recorded without employment applies: from the next employment on, or never without one.

    The price at the start of an aim always counts, and so does one after a job lost after the end.

    Clauses: GUIDE-148, GUIDE-174, GUIDE-178, READ-41.
    """
    if day <= programme.start:
        return day
    for redundancy in redundancies_in(programme):
        in_it = redundancy.began <= day and (redundancy.ended is None or day < redundancy.ended)
        if in_it and redundancy.began <= (programme.last_day or date.max):
            return redundancy.ended
    return day


def price_from_its_date(programme: Programme, day: date) -> date:
    """The official calculators applied a price recorded without employment from its own date.

    Clauses: READ-41.
    """
    return day
