"""What a statement says of an apprentice with several programmes or providers."""

from __future__ import annotations

from datetime import date
from typing import Any

from funding_reference.calendar import Collection
from funding_reference.records import read_given
from funding_reference.rules import rules_of
from funding_reference.statements import Statement, Statements

from tests.conformance.earned import COURSES, learner, programme, returned

SMALL = [{"ESMType": "SEM", "ESMCode": 1}]
OTHER_COURSE = {**COURSES[0], "id": "std-51", "standard_code": 51}


def employed(day: str, *marks: dict[str, Any]) -> dict[str, Any]:
    return {"EmpStat": 10, "DateEmpStatApp": day, "EmploymentStatusMonitoring": list(marks)}


def statements(*submissions: dict[str, Any]) -> list[Statement]:
    given = read_given({"courses": [COURSES[0], OTHER_COURSE], "submissions": list(submissions)})
    return Statements(rules_of("2017-08"), given).of_year(Collection(2017, 14), 2017)


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
