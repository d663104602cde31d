"""What a statement says of an apprentice with several programmes or providers."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
from funding_reference.calendar import Collection, Month, month_of
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


def row_of(aim: int | None, reference: str, month: Month) -> Any:
    return SimpleNamespace(aim=aim, aim_reference=reference, month=month)


def test_an_earning_is_of_the_programme_with_its_aim_and_english_of_the_one_beside_it() -> None:
    [found] = statements(submission(10000001, FIRST, SECOND, statuses=[employed("2017-07-01")]))
    first, second = found.programmes
    assert found.programme_of(row_of(1, "ZPROG001", month_of(date(2018, 3, 1)))) is first
    assert found.programme_of(row_of(2, "ZPROG001", month_of(date(2017, 8, 1)))) is second
    months = {date(2017, 7, 1): first, date(2017, 12, 1): first, date(2018, 1, 1): second}
    for day, beside in months.items():
        assert found.programme_of(row_of(7, "50086832", month_of(day))) is beside
    assert attrs.evolve(found, programmes=()).programme_of(row_of(7, "50086832", month_of(date(2018, 1, 1)))) is None


def test_a_programme_counts_from_the_census_on_which_it_starts() -> None:
    later = programme(date(2018, 1, 31), AimSeqNumber=2, StdCode=51)
    [found] = statements(submission(10000001, FIRST, later, statuses=[employed("2017-07-01")]))
    assert found.programme_of(row_of(7, "50086832", month_of(date(2018, 1, 1)))) is found.programmes[1]
    assert found.programme_of(row_of(7, "50086832", month_of(date(2017, 12, 1)))) is found.programmes[0]


def test_an_employer_is_known_by_the_number_of_a_status() -> None:
    [found] = statements(submission(10000001, FIRST, statuses=[{**employed("2017-07-01"), "EmpId": 100000001}]))
    [status] = found.learner.LearnerEmploymentStatus
    named = attrs.evolve(found, employers={100000001: "employer-1"})
    assert named.employer_of(status) == "employer-1"
    assert found.employer_of(status) is None
    assert named.employer_of(None) is None


def test_a_provider_has_returned_from_its_first_return_of_the_year_on() -> None:
    one = submission(10000001, FIRST, statuses=[employed("2017-07-01")])
    found = known({**one, "collection": "1718-R03"}, {**one, "collection": "1819-R02"})
    assert not found.has_returned(10000001, Collection(2017, 2), 2017)
    assert found.has_returned(10000001, Collection(2017, 3), 2017)
    assert not found.has_returned(10000001, Collection(2018, 1), 2018)
    assert not found.has_returned(10000001, Collection(2018, 2), 2016)
    assert not found.has_returned(10000001, Collection(2018, 2), 2019)
    assert not found.has_returned(10000002, Collection(2018, 2), 2017)


def test_what_other_providers_knew_of_the_employment_before_is_kept() -> None:
    began, between, again = programme(date(2017, 8, 6)), programme(date(2017, 10, 9)), programme(date(2018, 1, 8))
    later = [employed("2018-01-01", *SMALL), employed("2018-03-01", *SMALL)]
    found = {
        one.ukprn: one
        for one in statements(
            submission(10000001, began, statuses=[employed("2017-07-01")]),
            submission(10000002, between, statuses=[employed("2017-09-01"), *later], ref="B1"),
            submission(10000003, again, statuses=[employed("2018-01-01"), employed("2018-02-01")], ref="C1"),
        )
    }
    [moved] = found[10000003].programmes
    assert [(one.DateEmpStatApp, len(one.EmploymentStatusMonitoring)) for one in moved.employment] == [
        (date(2017, 7, 1), 0),
        (date(2017, 9, 1), 0),
        (date(2018, 1, 1), 0),
        (date(2018, 2, 1), 0),
    ]


def test_a_provider_is_heard_for_a_year_from_its_first_return_of_that_year_or_one_before() -> None:
    one = submission(10000001, FIRST, statuses=[employed("2017-07-01")])
    found = known({**one, "collection": "1718-R03"}, {**one, "collection": "1819-R02", "ukprn": 10000002})
    assert found.heard(Collection(2017, 2), 2017) == set()
    assert found.heard(Collection(2017, 3), 2017) == {10000001}
    assert found.heard(Collection(2017, 13), 2016) == set()
    assert found.heard(Collection(2018, 2), 2018) == {10000001, 10000002}
    assert found.heard(Collection(2018, 2), 2017) == {10000001}
