"""What a statement says of an apprentice with several programmes or providers."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from funding_reference.calendar import Collection
from funding_reference.records import read_given
from funding_reference.rules import rules_of
from funding_reference.statements import Statement, Statements

from tests.conformance.earned import COURSES, learner, price, programme, returned

SMALL = [{"ESMType": "SEM", "ESMCode": 1}]
OTHER_COURSE = {**COURSES[0], "id": "std-51", "standard_code": 51}


def employed(day: str, *marks: dict[str, Any]) -> dict[str, Any]:
    return {"EmpStat": 10, "DateEmpStatApp": day, "EmploymentStatusMonitoring": list(marks)}


def known(*submissions: dict[str, Any]) -> Statements:
    given = read_given({"courses": [COURSES[0], OTHER_COURSE], "submissions": list(submissions)})
    return Statements(rules_of("2017-08"), given)


def statements(*submissions: dict[str, Any]) -> list[Statement]:
    return known(*submissions).of_year(Collection(2017, 14), 2017)


def submission(ukprn: int, *aims: dict[str, Any], statuses: list[dict[str, Any]], ref: str = "A1") -> dict[str, Any]:
    one = learner(*aims, LearnRefNumber=ref, DateOfBirth="2000-01-01", LearnerEmploymentStatus=statuses)
    [found] = returned(one, ukprn=ukprn)["submissions"]
    return dict(found)


FIRST = programme(date(2017, 8, 6), LearnActEndDate="2017-12-20", CompStatus=3)
SECOND = programme(date(2018, 1, 8), AimSeqNumber=2, StdCode=51)


def test_a_learner_has_all_programmes_in_their_order() -> None:
    statuses = [employed("2017-07-01", *SMALL), employed("2018-01-01")]
    [found] = statements(submission(10000001, FIRST, SECOND, statuses=statuses))
    assert [programme.start for programme in found.programmes] == [date(2017, 8, 6), date(2018, 1, 8)]


def test_each_provider_has_its_own_programmes() -> None:
    first = submission(10000001, FIRST, statuses=[employed("2017-07-01", *SMALL)])
    second = submission(10000002, SECOND, statuses=[employed("2017-07-01")], ref="B1")
    found = {one.ukprn: one for one in statements(first, second)}
    assert {ukprn: [one.start for one in by.programmes] for ukprn, by in found.items()} == {
        10000001: [date(2017, 8, 6)],
        10000002: [date(2018, 1, 8)],
    }


def test_providers_that_return_the_very_same_record_have_a_programme_each() -> None:
    both = [submission(ukprn, FIRST, statuses=[employed("2017-07-01")]) for ukprn in (10000001, 10000002)]
    assert [[one.ukprn for one in found.programmes] for found in statements(*both)] == [[10000001], [10000002]]


def test_a_learner_is_shown_as_last_returned_without_an_aim_that_is_left_out() -> None:
    old = submission(10000001, FIRST, statuses=[employed("2017-07-01")])
    new = {**submission(10000001, SECOND, statuses=[employed("2017-07-01")]), "collection": "1819-R01"}
    [found] = known(old, new).of_year(Collection(2018, 1), 2018)
    assert [aim.AimSeqNumber for aim in found.learner.LearningDelivery] == [2]
    assert [one.aim.AimSeqNumber for one in found.programmes] == [1, 2]


def test_what_another_aim_earned_keeps_its_months_when_the_year_is_over() -> None:
    """A residual price of £6,000 from February, of which the new aim earned 6 x £266.67 and the old one 5 x £800."""
    old = programme(date(2017, 8, 1), LearnPlanEndDate="2018-07-31", AppFinRecord=[price(1, date(2017, 8, 1), 12000)])
    day = date(2018, 2, 1)
    new = programme(day, AimSeqNumber=2, LearnPlanEndDate="2019-07-31", AppFinRecord=[price(3, day, 6000)])
    before = submission(10000001, old, new, statuses=[employed("2017-07-01")])
    after = submission(10000001, old, new, statuses=[employed("2017-07-01"), employed("2018-08-01")])
    found = known(before, {**after, "collection": "1819-R01"}).of_year(Collection(2018, 1), 2018)
    assert [row for one in found for row in one.earnings if row.month >= 12 * 2018 + 7] == []


@pytest.mark.parametrize(
    ("planned_end", "last"), [("2018-12-19", "2018-12"), ("2018-01-31", "2018-01"), ("2101-01-15", "2100-07")]
)
def test_the_last_month_is_that_of_the_plan_but_never_after_the_calendar(planned_end: str, last: str) -> None:
    aim = {**FIRST, "LearnPlanEndDate": planned_end}
    assert str(known(submission(10000001, aim, statuses=[employed("2017-07-01")])).last_month()) == last
