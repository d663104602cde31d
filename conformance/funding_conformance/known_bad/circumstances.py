"""Mistakes with breaks, moves and changes of course (GUIDE-136 to 142, 159 to 173)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

import attrs
from funding_reference.apprenticeship import Programme, Qualification, census_dates, continued, days_lent
from funding_reference.calendar import Month, days_inclusive, days_later, month_of, months_between
from funding_reference.contribution import ENTITLED_19_TO_24, is_young
from funding_reference.earnings.additional import additional_on
from funding_reference.earnings.completion import balancing_by_month, meets_minimum_duration
from funding_reference.earnings.english_maths import plan_english_maths
from funding_reference.earnings.ledger import Entry, Ledger
from funding_reference.earnings.on_programme import on_programme_by_month
from funding_reference.earnings.plan import AimPlan, Learning, Plan, Ruling, learning_of, plan_programme
from funding_reference.earnings.uplift import plan_uplift
from funding_reference.money import Money
from funding_reference.prices import DatedPrice, dated_prices
from funding_reference.qualifying import aim_is_funding_start
from funding_reference.records import IN_PAID_EMPLOYMENT, LearningDelivery
from funding_reference.rules import Rules

from funding_conformance.known_bad import replacing
from funding_conformance.known_bad.price_episodes import with_entries

WITHDRAWN = 3
IN_A_BREAK = 6
A_YEAR = 365

# Days in learning, and payments that are made once


def days_of_the_break_count(programme: Programme, number: int) -> date | None:
    """Counts the days of a break as days in learning. Breaks: GUIDE-172, RULES-199, READ-05."""
    day = days_later(programme.first_start, number - 1)
    return day if day >= programme.start else None


def days_begin_anew(programme: Programme, number: int) -> date:
    """Counts days in learning anew with each aim. Breaks: GUIDE-136, GUIDE-138, GUIDE-162, GUIDE-167, GUIDE-172,
    RULES-199, READ-05.
    """
    return days_later(programme.start, number - 1)


def days_begin_with_the_employer(programme: Programme, number: int) -> date | None:
    """Counts days in learning anew with each employer. Breaks: GUIDE-136, GUIDE-170."""
    statuses = sorted(programme.learner.LearnerEmploymentStatus, key=lambda status: status.DateEmpStatApp)
    jobs = [status for status in statuses if status.EmpStat == IN_PAID_EMPLOYMENT]
    moves = [new.DateEmpStatApp for old, new in pairwise(jobs) if new.EmpId != old.EmpId]
    if not moves or moves[-1] <= programme.start:
        left = number - programme.days_before
        return days_later(programme.start, left - 1) if left > 0 else None
    return days_later(moves[-1], number - 1)


def paid_with_each_aim(programme: Programme, number: int) -> date:
    """Pays what is paid once again with each aim. Breaks: GUIDE-136, GUIDE-167, GUIDE-172, READ-79."""
    return days_later(programme.start, number - 1)


def always_outstanding(ledger: Ledger, programme: Programme, type: str, month: Month) -> bool:
    """What goes with it."""
    return True


def failed_aims_lend_no_days(earlier: Sequence[Programme], until: date) -> int:
    """Leaves out the days of an aim that failed its qualifying period. Breaks: GUIDE-167, READ-05."""
    return days_lent([one for one in earlier if one.last_day is None or one.is_completed or _lasted(one)], until)


def _lasted(programme: Programme) -> bool:
    return programme.last_day is None or days_inclusive(programme.start, programme.last_day) >= 42


def nothing_after_a_move(rules: Rules, programme: Programme, which: str, day: date) -> list[tuple[str, Money]]:
    """Ends additional payments with the first aim. Breaks: GUIDE-136, GUIDE-138, GUIDE-167, GUIDE-172."""
    return additional_on(rules, programme, which, day) if programme.start == programme.first_start else []


# Age, entitlement and postcode


def age_at_each_start(rules: Rules, programme: Programme) -> bool:
    """Takes the age on the day an aim began, after a break or a move too. Breaks: GUIDE-139, GUIDE-166, GUIDE-172,
    GUIDE-173, READ-08.
    """
    return is_young(rules, attrs.evolve(programme, first_start=programme.start))


def entitlement_not_inherited(rules: Rules, programme: Programme) -> bool:
    """Forgets an entitlement that is not recorded again with each aim. Breaks: GUIDE-166."""
    here = tuple(code for code in ENTITLED_19_TO_24 if programme.has("EEF", code))
    return is_young(rules, attrs.evolve(programme, entitlements=here))


def postcode_of_each_aim(earlier: Sequence[Programme], programme: Programme) -> str:
    """Goes by the postcode that the provider of each aim recorded. Breaks: READ-34."""
    return programme.deprivation


# The framework uplift


def uplift_begins_anew(total: Money, earned: Money) -> Money:
    """Earns the whole uplift again after a break or a move. Breaks: GUIDE-140, GUIDE-142, GUIDE-173, READ-33,
    READ-79.
    """
    return total


def uplift_clawed_back(total: Money, earned: Money) -> Money:
    """Takes back uplift that is more than a new pathway's. Breaks: GUIDE-142, READ-33."""
    return total - earned


def uplift_by_provider(rules: Rules, learning: Learning, band: Money, ledger: Ledger, month: Month) -> AimPlan | None:
    """Deducts only the provider's own uplift. Breaks: GUIDE-139, GUIDE-140."""
    ukprn = learning.programme.ukprn
    own = with_entries(ledger, lambda entry: entry if entry.ukprn == ukprn else None)
    return plan_uplift(rules, learning, band, own, month)


def uplift_by_pathway(rules: Rules, learning: Learning, band: Money, ledger: Ledger, month: Month) -> AimPlan | None:
    """Does not deduct the uplift of an earlier pathway. Breaks: GUIDE-142, READ-33."""
    course = learning.programme.course.id
    own = with_entries(ledger, lambda entry: entry if entry.course == course else None)
    return plan_uplift(rules, learning, band, own, month)


def uplift_completion_of_what_is_left(
    rules: Rules, learning: Learning, band: Money, ledger: Ledger, month: Month
) -> AimPlan | None:
    """Keeps 20% of what is left of the uplift for completion. Breaks: GUIDE-173, READ-33."""
    right = plan_uplift(rules, learning, band, ledger, month)
    if right is None or not right.planned:
        return right
    left = right.completion + right.instalment * right.planned
    kept = left * right.completion / right.total if right.total and left < right.total else right.completion
    kept = left / 5 if left < right.total else kept
    return attrs.evolve(right, completion=kept, instalment=(left - kept) / right.planned)


def uplift_ends_with_the_first_aim(
    rules: Rules, learning: Learning, band: Money, ledger: Ledger, month: Month
) -> AimPlan | None:
    """Pays no uplift after a break. Breaks: GUIDE-139, GUIDE-140, GUIDE-173, READ-33."""
    programme = learning.programme
    return plan_uplift(rules, learning, band, ledger, month) if programme.start == programme.first_start else None


# Another course, another pathway, an apprenticeship that was completed


def another_course_goes_on(before: Sequence[Programme], programme: Programme) -> Sequence[Programme]:
    """Takes another course for the same apprenticeship. Breaks: GUIDE-137, GUIDE-141, GUIDE-161, READ-43,
    RULES-38.2.
    """
    return list(before)


def another_pathway_is_new(before: Sequence[Programme], programme: Programme) -> Sequence[Programme]:
    """Takes another pathway for a new apprenticeship. Breaks: GUIDE-138, GUIDE-162."""
    return [one for one in continued(before, programme) if one.course.id == programme.course.id]


def completed_goes_on(before: Sequence[Programme], programme: Programme) -> Sequence[Programme]:
    """Takes what follows a completed apprenticeship for the same one. Breaks: GUIDE-163, READ-43."""
    return [one for one in before if one.course.apprenticeship == programme.course.apprenticeship]


def only_one_provider(before: Sequence[Programme], programme: Programme) -> Sequence[Programme]:
    """Begins everything anew with each provider. Breaks: GUIDE-136, GUIDE-139, GUIDE-166, GUIDE-167, READ-34."""
    return [one for one in continued(before, programme) if one.ukprn == programme.ukprn]


def any_course_is_deducted(rules: Rules, learning: Learning, ruling: Ruling, band: Money, ledger: Ledger) -> Plan:
    """Deducts what was earned on another standard or framework. Breaks: GUIDE-22, GUIDE-161, READ-18, READ-43."""
    return plan_programme(rules, learning, ruling, band, with_entries(ledger, _of_any_course))


def _of_any_course(entry: Entry) -> Entry:
    return attrs.evolve(entry, course=None)


def any_pathway_is_deducted(rules: Rules, learning: Learning, ruling: Ruling, band: Money, ledger: Ledger) -> Plan:
    """Goes on with price and band after a change of pathway. Breaks: GUIDE-22, READ-43."""
    course = learning.programme.course

    def same_framework(entry: Entry) -> Entry:
        return attrs.evolve(entry, course=course.id) if entry.apprenticeship == course.apprenticeship else entry

    return plan_programme(rules, learning, ruling, band, with_entries(ledger, same_framework))


# Breaks


def breaks_are_not_read(rules: Rules, programme: Programme) -> Learning:
    """Goes on paying through a break as if learning went on. Breaks: RULES-197, READ-42."""
    if programme.aim.CompStatus != IN_A_BREAK:
        return learning_of(rules, programme)
    return learning_of(rules, attrs.evolve(programme, aim=attrs.evolve(programme.aim, LearnActEndDate=None)))


def duration_of_each_aim(rules: Rules, programme: Programme, last_day: date) -> bool:
    """Counts the minimum duration anew after a break or a move. Breaks: RULES-38.1, RULES-38.2."""
    alone = attrs.evolve(programme, first_start=programme.start, days_before=0)
    return meets_minimum_duration(rules, alone, last_day)


def duration_with_the_break(rules: Rules, programme: Programme, last_day: date) -> bool:
    """Counts a break towards the minimum duration. Breaks: RULES-38.1."""
    return meets_minimum_duration(rules, attrs.evolve(programme, days_before=0), last_day)


def returns_always_qualify(rules: Rules, aim: LearningDelivery) -> bool:
    """Asks no qualifying period after a break. Breaks: GUIDE-28, READ-04, READ-42."""
    return aim.OrigLearnStartDate is not None or aim_is_funding_start(rules, aim)


def return_begins_next_month(plan: Plan) -> list[tuple[Month, Money]]:
    """Earns nothing for the month of a return. Breaks: READ-42."""
    programme = plan.programme
    lost = month_of(programme.start) if programme.days_before and programme.start.day > 1 else None
    return [(month, amount) for month, amount in on_programme_by_month(plan) if month != lost]


def support_in_parts_of_a_month(aim: LearningDelivery, last_day: date | None) -> list[Month]:
    """Pays learning support for aims of less than a month. Breaks: GUIDE-122, READ-32."""
    until = min(aim.LearnPlanEndDate, last_day or date.max)
    first = month_of(aim.LearnStartDate)
    met = months_between(first, first + (census_dates(aim.LearnStartDate, until) - 1))
    records = [
        (fam.LearnDelFAMDateFrom or aim.LearnStartDate, fam.LearnDelFAMDateTo or date.max)
        for fam in aim.LearningDeliveryFAM
        if fam.LearnDelFAMType == "LSF"
    ]
    return [month for month in met if any(starts <= month.census <= ends for starts, ends in records)]


def another_level_goes_on(before: Sequence[Programme], programme: Programme) -> Sequence[Programme]:
    """Takes another level of the framework for the same apprenticeship. Breaks: GUIDE-138, GUIDE-142, GUIDE-161,
    READ-43.
    """
    course = programme.course
    if not course.is_framework:
        return continued(before, programme)
    levels = [
        attrs.evolve(one, course=attrs.evolve(one.course, programme_type=course.programme_type)) for one in before
    ]
    return continued(levels, programme)


def a_return_to_a_course_is_new(before: Sequence[Programme], programme: Programme) -> Sequence[Programme]:
    """Begins anew with an apprentice who comes back to a standard after another one. Breaks: GUIDE-144, READ-18."""
    others = [one.start for one in before if one.course.apprenticeship != programme.course.apprenticeship]
    return [one for one in continued(before, programme) if one.start > max(others, default=date.min)]


def a_long_break_is_an_end(before: Sequence[Programme], programme: Programme) -> Sequence[Programme]:
    """Takes a return after more than a year for a new start. Breaks: GUIDE-172, READ-42."""
    same = continued(before, programme)
    ended = max((one.last_day or date.max for one in same), default=date.max)
    return [] if days_later(ended, A_YEAR) < programme.start else same


def over_only_with_one_provider(before: Sequence[Programme], programme: Programme) -> Sequence[Programme]:
    """Goes on with what was completed with another provider. Breaks: GUIDE-163, READ-43."""
    others = [
        one if one.ukprn == programme.ukprn else attrs.evolve(one, aim=attrs.evolve(one.aim, CompStatus=WITHDRAWN))
        for one in before
    ]
    return continued(others, programme)


def pathway_and_provider_are_new(before: Sequence[Programme], programme: Programme) -> Sequence[Programme]:
    """Takes a change of pathway and provider at once for a new apprenticeship. Breaks: GUIDE-138, GUIDE-142, GUIDE-136,
    GUIDE-167.
    """
    return [
        one
        for one in continued(before, programme)
        if one.course.id == programme.course.id or one.ukprn == programme.ukprn
    ]


def pathway_after_a_break_is_new(before: Sequence[Programme], programme: Programme) -> Sequence[Programme]:
    """Takes a return on another pathway for a new apprenticeship. Breaks: GUIDE-162, GUIDE-172."""
    return [
        one
        for one in continued(before, programme)
        if one.course.id == programme.course.id or one.aim.CompStatus != IN_A_BREAK
    ]


def prices_of_the_return_only(rules: Rules, programme: Programme) -> tuple[DatedPrice, ...]:
    """Reads after a break only what is dated from the return on, if anything is. Breaks: READ-14, GUIDE-171."""
    found = dated_prices(rules, programme)
    if programme.start == programme.first_start:
        return found
    return tuple(price for price in found if price.recorded >= programme.start) or found


def no_balance_after_a_break(rules: Rules, plan: Plan) -> list[tuple[Month, Money]]:
    """Pays no balance to those who were in a break. Breaks: GUIDE-44, READ-42, RULES-38.1."""
    return [] if plan.programme.days_before else balancing_by_month(rules, plan)


def english_ends_with_a_break(rules: Rules, qualification: Qualification) -> AimPlan:
    """Ends English and maths when the programme goes into a break. Breaks: READ-30."""
    right = plan_english_maths(rules, qualification)
    aim = qualification.aim
    breaks = [one.last_day for one in qualification.programmes if one.aim.CompStatus == IN_A_BREAK]
    until = min((day for day in breaks if day is not None and day >= aim.LearnStartDate), default=None)
    if until is None:
        return right
    last_day = min(until, aim.LearnActEndDate or until)
    return attrs.evolve(right, earned=rules.instalments_earned(aim.LearnStartDate, last_day, right.planned))


KNOWN_BAD = {
    "break-days-count": replacing(day_in_learning=days_of_the_break_count),
    "days-begin-anew": replacing(day_in_learning=days_begin_anew),
    "days-begin-with-the-employer": replacing(day_in_learning=days_begin_with_the_employer),
    "paid-with-each-aim": replacing(day_in_learning=paid_with_each_aim, is_outstanding=always_outstanding),
    "failed-aim-lends-no-days": replacing(days_lent=failed_aims_lend_no_days),
    "no-additional-payments-after-a-move": replacing(additional_on=nothing_after_a_move),
    "age-at-each-start": replacing(is_young=age_at_each_start),
    "entitlement-not-inherited": replacing(is_young=entitlement_not_inherited),
    "postcode-of-each-aim": replacing(deprivation_inherited=postcode_of_each_aim),
    "uplift-begins-anew": replacing(uplift_left=uplift_begins_anew),
    "uplift-clawed-back": replacing(uplift_left=uplift_clawed_back),
    "uplift-by-provider": replacing(plan_uplift=uplift_by_provider),
    "uplift-by-pathway": replacing(plan_uplift=uplift_by_pathway),
    "uplift-completion-of-what-is-left": replacing(plan_uplift=uplift_completion_of_what_is_left),
    "uplift-ends-with-the-first-aim": replacing(plan_uplift=uplift_ends_with_the_first_aim),
    "another-course-goes-on": replacing(continued=another_course_goes_on),
    "another-pathway-is-new": replacing(continued=another_pathway_is_new),
    "completed-goes-on": replacing(continued=completed_goes_on),
    "each-provider-anew": replacing(continued=only_one_provider),
    "another-course-deducted": replacing(plan_programme=any_course_is_deducted),
    "another-pathway-deducted": replacing(plan_programme=any_pathway_is_deducted),
    "paid-through-the-break": replacing(learning_of=breaks_are_not_read),
    "duration-of-each-aim": replacing(meets_minimum_duration=duration_of_each_aim),
    "duration-with-the-break": replacing(meets_minimum_duration=duration_with_the_break),
    "returns-always-qualify": replacing(aim_is_funding_start=returns_always_qualify),
    "month-of-return-lost": replacing(on_programme_by_month=return_begins_next_month),
    "support-in-parts-of-a-month": replacing(months_of_support=support_in_parts_of_a_month),
    "another-level-goes-on": replacing(continued=another_level_goes_on),
    "back-to-a-course-is-new": replacing(continued=a_return_to_a_course_is_new),
    "long-break-is-an-end": replacing(continued=a_long_break_is_an_end),
    "completed-elsewhere-goes-on": replacing(continued=over_only_with_one_provider),
    "pathway-and-provider-are-new": replacing(continued=pathway_and_provider_are_new),
    "pathway-after-a-break-is-new": replacing(continued=pathway_after_a_break_is_new),
    "prices-of-the-return-only": replacing(dated_prices=prices_of_the_return_only),
    "no-balancing-after-a-break": replacing(balancing_by_month=no_balance_after_a_break),
    "break-ends-english": replacing(plan_english_maths=english_ends_with_a_break),
}
