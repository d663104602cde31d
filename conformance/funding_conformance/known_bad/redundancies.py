"""Mistakes with apprentices who lose their job (GUIDE-147 to 150, 174 to 179)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import attrs
from funding_reference.apprenticeship import Programme, Qualification
from funding_reference.calendar import ONE_DAY, Month, days_later, months_later
from funding_reference.earnings.additional import additional_on, has_employer
from funding_reference.earnings.completion import completion_month
from funding_reference.earnings.english_maths import plan_english_maths
from funding_reference.earnings.plan import AimPlan
from funding_reference.money import Money
from funding_reference.records import IN_PAID_EMPLOYMENT, LearnerEmploymentStatus
from funding_reference.redundancy import (
    Redundancy,
    funded_until,
    price_from_its_date,
    redundancies_in,
    six_months_before_the_end,
    six_months_or_a_quarter,
)
from funding_reference.rules import Rules

from funding_conformance.known_bad import replacing


def a_day_more(rules: Rules, programme: Programme) -> date | None:
    """Funds 84 days after the day of redundancy. Breaks: GUIDE-175, READ-41."""
    last_day = funded_until(rules, programme)
    return last_day and days_later(last_day, 1)


def a_day_less(rules: Rules, programme: Programme) -> date | None:
    """Funds 83 days. Breaks: GUIDE-174, GUIDE-176, READ-41."""
    last_day = funded_until(rules, programme)
    return last_day and last_day - ONE_DAY


def three_months(rules: Rules, programme: Programme) -> date | None:
    """Takes twelve weeks for three months. Breaks: GUIDE-175, READ-41."""
    return _ended_early(rules, programme, lambda redundancy: months_later(redundancy.began, 3) - ONE_DAY)


def stops_at_once(rules: Rules, programme: Programme) -> date | None:
    """Stops with the day of redundancy. Breaks: GUIDE-174, GUIDE-176, READ-41."""
    return _ended_early(rules, programme, lambda redundancy: redundancy.began - ONE_DAY)


def _ended_early(rules: Rules, programme: Programme, last_day: Callable[[Redundancy], date]) -> date | None:
    """Another last day for the redundancy after which funding ends."""
    until = funded_until(rules, programme)
    before = [one for one in redundancies_in(programme) if until is not None and one.began <= until]
    return last_day(before[-1]) if before else None


def never_stops(rules: Rules, programme: Programme) -> None:
    """Goes on after the twelve weeks. Breaks: GUIDE-174, GUIDE-175, RULES-200.3, READ-41."""


def resumes_after_the_twelve_weeks(rules: Rules, programme: Programme) -> date | None:
    """Funds the aim again from a new job that came too late. Breaks: GUIDE-175, READ-41."""
    found_a_job = any(redundancy.ended for redundancy in redundancies_in(programme))
    return None if found_a_job else funded_until(rules, programme)


def stops_in_spite_of_a_new_job(rules: Rules, programme: Programme) -> date | None:
    """Stops after twelve weeks although a new job was found in time. Breaks: GUIDE-149, GUIDE-174, READ-41."""
    redundancies = redundancies_in(programme)
    if not redundancies:
        return None
    began = redundancies[0].began
    return funded_until(rules, _with_statuses(programme, lambda status: status.DateEmpStatApp <= began))


def not_seeking_work_is_no_redundancy(rules: Rules, programme: Programme) -> date | None:
    """Overlooks an apprentice who is not looking for work (EmpStat 12). Breaks: RULES-200.2, READ-41."""
    return funded_until(rules, _with_statuses(programme, lambda status: status.EmpStat != 12))


def _with_statuses(programme: Programme, is_kept: Callable[[LearnerEmploymentStatus], bool]) -> Programme:
    learner = programme.learner
    statuses = tuple(status for status in learner.LearnerEmploymentStatus if is_kept(status))
    return attrs.evolve(programme, learner=attrs.evolve(learner, LearnerEmploymentStatus=statuses))


def a_day_late(rules: Rules, programme: Programme, redundant: date) -> date:
    """Funds to the end only from the day after the boundary. Breaks: GUIDE-177, READ-41."""
    return _boundary(rules, programme, redundant) + ONE_DAY


def six_months_from_the_planned_end(rules: Rules, programme: Programme, redundant: date) -> date:
    """Counts the six months from the planned end instead of the day after it. Breaks: RULES-200.3, READ-41."""
    return six_months_before_the_end(rules, programme, redundant) - ONE_DAY


def never_to_the_end(rules: Rules, programme: Programme, redundant: date) -> date:
    """Stops after twelve weeks within the last six months too. Breaks: GUIDE-177, GUIDE-178, RULES-201, RULES-201.2,
    READ-41.
    """
    return date.max


def stops_past_the_planned_end(rules: Rules, programme: Programme, redundant: date) -> date:
    """Forgets who is made redundant past the planned end. Breaks: GUIDE-177, READ-41."""
    return date.max if redundant > programme.planned_end else _boundary(rules, programme, redundant)


def _boundary(rules: Rules, programme: Programme, redundant: date) -> date:
    """The right day under every edition."""
    asks_a_quarter = "share_of_planned_days_left" in rules.rulebook.entries
    right = six_months_or_a_quarter if asks_a_quarter else six_months_before_the_end
    return right(rules, programme, redundant)


def prices_from_their_date(programme: Programme, day: date) -> date:
    """Applies a price recorded without employment at once. Breaks: GUIDE-148, GUIDE-178, READ-41."""
    return price_from_its_date(programme, day)


def prices_never_again(programme: Programme, day: date) -> date | None:
    """Keeps the price of the lost job in a new one. Breaks: GUIDE-149, READ-41."""
    lost = [one.began for one in redundancies_in(programme) if one.began > programme.start]
    return None if lost and day >= min(lost) else day


def nothing_without_an_employer(rules: Rules, programme: Programme, which: str, day: date) -> list[tuple[str, Money]]:
    """Pays the provider's half no more without an employer. Breaks: GUIDE-150, GUIDE-176, GUIDE-179, READ-06."""
    return additional_on(rules, programme, which, day) if has_employer(programme, day) else []


def no_completion_without_an_employer(rules: Rules, programme: Programme) -> Month | None:
    """Pays no completion to those who complete without a job. Breaks: GUIDE-178, RULES-201.2, READ-41."""
    status = programme.employment_on(programme.last_day) if programme.last_day else None
    has_none = status is not None and status.EmpStat != IN_PAID_EMPLOYMENT
    return None if has_none else completion_month(rules, programme)


def english_stops_too(rules: Rules, qualification: Qualification) -> AimPlan:
    """Ends English and maths with the twelve weeks. Breaks: RULES-118, READ-30."""
    right = plan_english_maths(rules, qualification)
    aim = qualification.aim
    stops = [rules.funded_until(rules, programme) for programme in qualification.programmes]
    until = min((day for day in stops if day is not None and day >= aim.LearnStartDate), default=None)
    if until is None:
        return right
    last_day = min(until, aim.LearnActEndDate or until)
    return attrs.evolve(right, earned=rules.instalments_earned(aim.LearnStartDate, last_day, right.planned))


def redundancies_before_an_aim_are_over(rules: Rules, programme: Programme) -> date | None:
    """Forgets with the return from a break that the job is lost. Breaks: GUIDE-175, READ-41."""
    start = programme.start
    return funded_until(
        rules,
        _with_statuses(
            programme, lambda status: status.EmpStat == IN_PAID_EMPLOYMENT or status.DateEmpStatApp >= start
        ),
    )


def unknown_status_is_a_redundancy(rules: Rules, programme: Programme) -> date | None:
    """Takes an employment status that is not known (98) for a redundancy. Breaks: READ-41."""
    statuses = tuple(
        attrs.evolve(status, EmpStat=11) if status.EmpStat == 98 else status
        for status in programme.learner.LearnerEmploymentStatus
    )
    learner = attrs.evolve(programme.learner, LearnerEmploymentStatus=statuses)
    return funded_until(rules, attrs.evolve(programme, learner=learner))


KNOWN_BAD = {
    "redundancy-85-days": replacing(funded_until=a_day_more),
    "redundancy-83-days": replacing(funded_until=a_day_less),
    "redundancy-three-months": replacing(funded_until=three_months),
    "redundancy-stops-at-once": replacing(funded_until=stops_at_once),
    "redundancy-never-stops": replacing(funded_until=never_stops),
    "redundancy-resumes-late": replacing(funded_until=resumes_after_the_twelve_weeks),
    "redundancy-stops-in-spite-of-a-job": replacing(funded_until=stops_in_spite_of_a_new_job),
    "not-seeking-work-overlooked": replacing(funded_until=not_seeking_work_is_no_redundancy),
    "redundancy-boundary-a-day-late": replacing(funded_to_the_end_from=a_day_late),
    "redundancy-boundary-from-the-planned-end": replacing(funded_to_the_end_from=six_months_from_the_planned_end),
    "redundancy-never-to-the-end": replacing(funded_to_the_end_from=never_to_the_end),
    "redundancy-past-the-planned-end": replacing(funded_to_the_end_from=stops_past_the_planned_end),
    "redundancy-prices-from-their-date": replacing(price_after_redundancy=prices_from_their_date),
    "redundancy-price-in-a-new-job": replacing(price_after_redundancy=prices_never_again),
    "nothing-without-an-employer": replacing(additional_on=nothing_without_an_employer),
    "no-completion-without-an-employer": replacing(completion_month=no_completion_without_an_employer),
    "redundancy-ends-english": replacing(plan_english_maths=english_stops_too),
    "redundancy-before-the-return": replacing(funded_until=redundancies_before_an_aim_are_over),
    "unknown-status-is-redundancy": replacing(funded_until=unknown_status_is_a_redundancy),
}
