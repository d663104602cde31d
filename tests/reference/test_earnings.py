"""What is earned where no worked example looks: nothing at all, the end of the calendar, contradicting marks."""

from datetime import date
from fractions import Fraction
from typing import Any

import attrs
import pytest
from funding_conformance import protocol
from funding_conformance.service import reference_service
from funding_reference.apprenticeship import Programme, Returned, apprentice_of
from funding_reference.calendar import month_of
from funding_reference.earnings.additional import (
    care_leaver_bursary,
    disadvantage_payment,
    has_employer,
    young_apprentice_payment,
)
from funding_reference.earnings.completion import completion_month, meets_minimum_duration, month_of_achievement
from funding_reference.records import read_given
from funding_reference.rules import rules_of

from tests.conformance.earned import COURSES, english, learner, price, programme, returned

FRAMEWORK = {
    "id": "fwk-403",
    "framework_code": 403,
    "programme_type": 2,
    "pathway_code": 1,
    "funding_bands": [{"from": "2017-05-01", "maximum": 9000}],
}
EMPLOYED = {"EmpStat": 10, "DateEmpStatApp": "2017-07-01"}
RULES = rules_of("2017-08")


FRAMEWORK_COURSE = read_given({**returned(), "courses": [FRAMEWORK]}).courses[0]


def earnings(*learners: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    """The rows of an answer, those with nothing in them included."""
    facts = {**returned(*learners), "courses": [COURSES[0], FRAMEWORK], **more}
    question = {"id": "q", "rulebook": "2017-08", "given": facts}
    found: list[dict[str, Any]] = reference_service()({"id": "1", **protocol.answer(question, ("earnings",))})["ok"][
        "earnings"
    ]
    return found


def programme_of(**more: Any) -> Programme:
    one = learner(programme(**more), LearnerEmploymentStatus=[EMPLOYED])
    given = read_given({**returned(one), "courses": [COURSES[0], FRAMEWORK]})
    found = apprentice_of(RULES, given, [Returned(10000001, given.submissions[0].learners[0])])
    assert found is not None
    return found.programmes[0]


def test_nothing_is_no_row() -> None:
    free = programme(AppFinRecord=[price(1, date(2017, 8, 6), 0)])
    nothing_left = english(PriorLearnFundAdj=0, LearnActEndDate="2018-03-10", CompStatus=2)
    adult = learner(free, nothing_left, LearnerEmploymentStatus=[EMPLOYED])
    assert earnings(adult, english_maths_aims=[{"aim": "50086832"}]) == []


def test_nothing_is_earned_after_the_calendar_of_the_rules() -> None:
    start = date(2098, 8, 6)
    ends = {"LearnPlanEndDate": "2102-08-05"}
    long = learner(
        programme(start, **ends), english(start, **ends), LearnerEmploymentStatus=[EMPLOYED], DateOfBirth="2081-01-01"
    )
    rows = earnings(long, english_maths_aims=[{"aim": "50086832"}])
    last = {row["type"]: max(one["month"] for one in rows if one["type"] == row["type"]) for row in rows}
    assert last["on_programme"] == last["english_maths_on_programme"] == "2100-07"


def test_nobody_is_paid_nothing_rather_than_none() -> None:
    adult = programme_of()
    assert young_apprentice_payment(RULES, adult) == disadvantage_payment(RULES, adult) == Fraction(0)
    assert care_leaver_bursary(rules_of("2018-08"), adult) == Fraction(0)


def test_halves_of_an_odd_sum_are_exact() -> None:
    values = {"disadvantage_payment": {"1-10": Fraction(601)}, "additional_payment_days": (90, 365)}
    odd = attrs.evolve(RULES, value=lambda name, day: values[name])
    framework = attrs.evolve(programme_of(), course=FRAMEWORK_COURSE, deprivation="1-10")
    assert disadvantage_payment(odd, framework) == Fraction(601, 2)


@pytest.mark.parametrize(("status", "employed"), [(10, True), (9, False), (11, False)])
def test_only_paid_employment_is_an_employer(status: int, employed: bool) -> None:
    found = programme_of()
    [recorded] = found.learner.LearnerEmploymentStatus
    changed = attrs.evolve(found.learner, LearnerEmploymentStatus=(attrs.evolve(recorded, EmpStat=status),))
    assert has_employer(attrs.evolve(found, learner=changed), date(2017, 8, 6)) is employed


@pytest.mark.parametrize(
    ("status", "achieved", "month"),
    [
        (2, date(2019, 11, 15), date(2019, 11, 1)),
        (2, None, None),
        (1, date(2019, 11, 15), None),
    ],
)
def test_achievement_counts_for_a_completed_programme_alone(status: int, achieved: date | None, month: date) -> None:
    found = programme_of()
    ended = attrs.evolve(found.aim, CompStatus=status, LearnActEndDate=date(2019, 8, 31), AchDate=achieved)
    changed = attrs.evolve(found, aim=ended)
    assert month_of_achievement(rules_of("2019-08"), changed) == (month_of(month) if month else None)
    assert completion_month(RULES, changed) == (month_of(date(2019, 8, 31)) if status == 2 else None)


@pytest.mark.parametrize(("last_day", "met"), [(date(2019, 2, 27), False), (date(2019, 2, 28), True)])
def test_a_long_break_after_a_few_days_is_left_out_of_the_minimum_duration(last_day: date, met: bool) -> None:
    first = date(2017, 8, 6)
    back = attrs.evolve(programme_of(), first_start=first, days_before=10)
    again = attrs.evolve(back.aim, LearnStartDate=date(2018, 3, 11))
    assert (again.LearnStartDate - first).days - 10 == 207
    assert meets_minimum_duration(RULES, attrs.evolve(back, aim=again), last_day) is met
