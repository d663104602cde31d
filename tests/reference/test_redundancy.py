"""A job that is lost: when that is a redundancy, and what it means for the funding and the price."""

from datetime import date
from typing import Any

import attrs
import pytest
from funding_reference.apprenticeship import Programme, Returned, apprentice_of
from funding_reference.earnings.plan import learning_of
from funding_reference.prices import price_applies_from
from funding_reference.records import read_given
from funding_reference.redundancy import (
    Redundancy,
    funded_until,
    price_from_its_date,
    price_from_re_employment,
    redundancies_of,
    six_months_before_the_end,
)
from funding_reference.rules import rules_of

from tests.conformance.earned import COURSES, learner, price, programme, returned

RULES = rules_of("2017-08")


def apprentice(*statuses: tuple[int, date], start: date = date(2017, 8, 1), **more: Any) -> Programme:
    """A programme of a year and the learner's employment statuses."""
    recorded = [{"EmpStat": code, "DateEmpStatApp": str(day)} for code, day in statuses]
    one = learner(
        programme(start, LearnPlanEndDate=str(start.replace(year=start.year + 1)), **more),
        LearnerEmploymentStatus=recorded,
    )
    given = read_given({**returned(one), "courses": COURSES[:1]})
    found = apprentice_of(RULES, given, [Returned(10000001, given.submissions[0].learners[0])])
    assert found is not None
    return found.programmes[0]


LOST, FOUND = date(2018, 1, 8), date(2018, 2, 5)
EMPLOYED = (10, date(2017, 7, 1))


@pytest.mark.parametrize(
    ("statuses", "found"),
    [
        ([EMPLOYED], []),
        ([(11, LOST)], []),
        ([(11, LOST), (10, FOUND)], []),
        ([EMPLOYED, (98, LOST)], []),
        ([EMPLOYED, (11, LOST)], [Redundancy(LOST, None)]),
        ([(12, LOST), EMPLOYED], [Redundancy(LOST, None)]),
        ([EMPLOYED, (11, LOST), (12, FOUND)], [Redundancy(LOST, None)]),
        ([EMPLOYED, (11, LOST), (98, date(2018, 1, 9)), (10, FOUND)], [Redundancy(LOST, FOUND)]),
        (
            [EMPLOYED, (11, LOST), (10, FOUND), (12, date(2018, 3, 1))],
            [Redundancy(LOST, FOUND), Redundancy(date(2018, 3, 1), None)],
        ),
    ],
)
def test_a_redundancy_is_the_time_without_employment_after_a_job(
    statuses: list[tuple[int, date]], found: list[Redundancy]
) -> None:
    assert redundancies_of(apprentice(*statuses).learner) == found


@pytest.mark.parametrize(
    ("lost", "until"),
    [
        (date(2017, 5, 9), None),
        (date(2017, 5, 10), date(2017, 8, 1)),
        (date(2017, 5, 11), date(2017, 8, 2)),
    ],
)
def test_the_84_days_may_have_begun_before_the_aim(lost: date, until: date | None) -> None:
    found = apprentice((10, date(2017, 1, 1)), (11, lost), OrigLearnStartDate="2017-05-02")
    assert funded_until(RULES, found) == until


def test_a_job_lost_before_the_apprenticeship_is_no_redundancy_of_it() -> None:
    found = apprentice((10, date(2017, 1, 1)), (11, date(2017, 5, 11)), OrigLearnStartDate="2017-05-12")
    assert funded_until(RULES, found) is None


def test_a_job_lost_on_the_first_day_of_the_apprenticeship_is_one() -> None:
    found = apprentice((10, date(2017, 1, 1)), (11, date(2017, 5, 11)), OrigLearnStartDate="2017-05-11")
    assert funded_until(RULES, found) == date(2017, 8, 2)


def test_a_status_that_is_no_paid_employment_is_no_job() -> None:
    found = apprentice(EMPLOYED, (11, LOST)).learner
    recorded = tuple(
        attrs.evolve(status, EmpStat=9 if status.EmpStat == 10 else status.EmpStat)
        for status in found.LearnerEmploymentStatus
    )
    assert redundancies_of(attrs.evolve(found, LearnerEmploymentStatus=recorded)) == []


@pytest.mark.parametrize(
    ("recorded", "applies_from"),
    [
        (date(2018, 1, 7), date(2018, 1, 7)),
        (date(2018, 1, 20), None),
        (date(2018, 1, 21), date(2018, 1, 20)),
    ],
)
def test_a_price_that_waits_beyond_the_end_never_applies_unless_it_is_dated_after_the_end(
    recorded: date, applies_from: date | None
) -> None:
    prices = [price(1, recorded, 9000)]
    found = apprentice(EMPLOYED, (11, LOST), (10, FOUND), AppFinRecord=prices)
    ended = attrs.evolve(found, aim=attrs.evolve(found.aim, CompStatus=2, LearnActEndDate=date(2018, 1, 20)))
    assert price_applies_from(RULES, ended, ended.prices[0]) == applies_from
    left = attrs.evolve(ended, aim=attrs.evolve(ended.aim, CompStatus=3))
    assert price_applies_from(RULES, left, left.prices[0]) == (applies_from if recorded < LOST else None)


@pytest.mark.parametrize(
    ("ended", "last_day"),
    [
        (None, date(2018, 4, 1)),
        (date(2018, 3, 31), date(2018, 3, 31)),
        (date(2018, 4, 1), date(2018, 4, 1)),
        (date(2018, 4, 2), date(2018, 4, 1)),
    ],
)
def test_learning_ends_on_the_actual_end_or_after_the_twelve_weeks_whichever_is_earlier(
    ended: date | None, last_day: date
) -> None:
    found = apprentice(EMPLOYED, (11, LOST))
    changed = attrs.evolve(found, aim=attrs.evolve(found.aim, LearnActEndDate=ended))
    assert learning_of(RULES, changed).last_day == last_day


def test_a_job_lost_before_the_rules_and_found_again_in_time_is_none() -> None:
    found = apprentice((10, date(2017, 1, 1)), (11, date(2017, 4, 10)), (10, date(2017, 5, 8)))
    assert funded_until(RULES, found) is None


def test_six_months_are_those_of_the_start_where_the_job_was_lost_before_it() -> None:
    found = apprentice(EMPLOYED)
    assert six_months_before_the_end(RULES, found, date(2017, 4, 20)) == date(2018, 2, 2)


@pytest.mark.parametrize(
    ("day", "employed_again", "applies_from"),
    [
        (date(2018, 1, 7), None, date(2018, 1, 7)),
        (LOST, None, None),
        (date(2018, 1, 9), None, None),
        (LOST, FOUND, FOUND),
        (date(2018, 2, 4), FOUND, FOUND),
        (FOUND, FOUND, FOUND),
        (date(2018, 2, 6), FOUND, date(2018, 2, 6)),
    ],
)
def test_a_price_recorded_without_employment_waits_for_the_next(
    day: date, employed_again: date | None, applies_from: date | None
) -> None:
    again = [(10, employed_again)] if employed_again else []
    found = apprentice(EMPLOYED, (11, LOST), *again)
    assert price_from_re_employment(found, day) == applies_from
    assert price_from_its_date(found, day) == day


@pytest.mark.parametrize(("day", "applies_from"), [(date(2018, 1, 9), date(2018, 1, 9)), (date(2018, 1, 10), None)])
def test_the_price_at_the_start_counts_without_employment_too(day: date, applies_from: date | None) -> None:
    found = apprentice(EMPLOYED, (11, LOST), start=date(2018, 1, 9), OrigLearnStartDate="2017-08-01")
    assert price_from_re_employment(found, day) == applies_from


@pytest.mark.parametrize(
    ("ended", "applies_from"),
    [
        (date(2018, 1, 7), date(2018, 1, 20)),
        (LOST, None),
        (date(2018, 1, 9), None),
        (None, None),
    ],
)
def test_a_job_lost_after_the_end_holds_no_price_back(ended: date | None, applies_from: date | None) -> None:
    found = apprentice(EMPLOYED, (11, LOST))
    changed = attrs.evolve(found, aim=attrs.evolve(found.aim, LearnActEndDate=ended))
    assert price_from_re_employment(changed, date(2018, 1, 20)) == applies_from
