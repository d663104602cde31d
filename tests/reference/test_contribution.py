"""Who counts as a small employer, and who as young."""

from datetime import date

import pytest
from funding_reference.apprenticeship import Programme, Returned, apprentice_of
from funding_reference.contribution import (
    age_on,
    is_small_employer,
    is_young,
    is_young_on_the_move,
    joined_employer_on,
)
from funding_reference.records import read_given
from funding_reference.rules import rules_of

from tests.conformance.earned import COURSES, contract, learner, programme, returned

RULES = rules_of("2017-08")


def programme_of(born: str, *marks: tuple[str, int], code: str = "4") -> Programme:
    monitored = [{"ESMType": type, "ESMCode": number} for type, number in marks]
    employed = {"EmpStat": 10, "DateEmpStatApp": "2017-07-01", "EmploymentStatusMonitoring": monitored}
    records = [contract(1, date(2017, 8, 6)), {"LearnDelFAMType": "EEF", "LearnDelFAMCode": code}]
    one = learner(programme(LearningDeliveryFAM=records), DateOfBirth=born, LearnerEmploymentStatus=[employed])
    given = read_given({**returned(one), "courses": COURSES[:1]})
    found = apprentice_of(RULES, given, [Returned(10000001, given.submissions[0].learners[0])])
    assert found is not None
    return found.programmes[0]


@pytest.mark.parametrize(
    ("marks", "small"),
    [
        ([], False),
        ([("SEM", 1)], True),
        ([("LOE", 1), ("SEM", 1)], True),
        ([("LOE", 1)], False),
        ([("SEM", 2)], False),
        ([("SEM", 0)], False),
        ([("BSI", 1)], False),
    ],
)
def test_only_the_mark_sem_1_makes_an_employer_small(marks: list[tuple[str, int]], small: bool) -> None:
    assert is_small_employer(programme_of("1992-07-03", *marks), date(2017, 8, 6)) is small


@pytest.mark.parametrize(
    ("born", "code", "young"),
    [
        ("1998-08-07", "1", True),
        ("1998-08-06", "1", False),
        ("1998-08-06", "2", True),
        ("1992-08-07", "4", True),
        ("1992-08-06", "4", False),
        ("1980-08-06", "4", False),
    ],
)
def test_young_is_under_19_or_under_25_with_an_entitlement(born: str, code: str, young: bool) -> None:
    assert is_young(RULES, programme_of(born, code=code)) is young


def test_a_birthday_is_the_day_from_which_an_age_holds() -> None:
    born = date(1998, 8, 6)
    assert [age_on(date(2017, 8, day), born) for day in (5, 6, 7)] == [18, 19, 19]
    assert [age_on(date(2017, month, 6), born) for month in (7, 9)] == [18, 19]


def test_on_a_move_the_age_of_that_day_counts() -> None:
    ages = [is_young_on_the_move(RULES, programme_of("1993-03-01"), date(2018, month, 28)) for month in (2, 3)]
    assert [*ages, is_young_on_the_move(RULES, programme_of("1980-03-01"), date(2018, 2, 28))] == [True, False, False]


def moved(*statuses: tuple[int, str, int | None]) -> Programme:
    recorded = [
        {"EmpStat": code, "DateEmpStatApp": day, **({"EmpId": number} if number else {})}
        for code, day, number in statuses
    ]
    given = read_given({**returned(learner(programme(), LearnerEmploymentStatus=recorded)), "courses": COURSES[:1]})
    found = apprentice_of(RULES, given, [Returned(10000001, given.submissions[0].learners[0])])
    assert found is not None
    return found.programmes[0]


@pytest.mark.parametrize(
    ("statuses", "joined"),
    [
        ([], "2017-08-06"),
        ([(10, "2017-07-01", 5)], "2017-08-06"),
        ([(10, "2017-07-01", 5), (10, "2017-09-01", 5)], "2017-08-06"),
        ([(10, "2017-07-01", 5), (10, "2017-09-01", 7)], "2017-09-01"),
        ([(10, "2017-07-01", 5), (10, "2017-09-01", 3)], "2017-09-01"),
        ([(10, "2017-07-01", 5), (10, "2017-09-30", 7)], "2017-09-30"),
        ([(10, "2017-07-01", 5), (10, "2017-10-01", 7)], "2017-08-06"),
        ([(10, "2017-09-01", 5)], "2017-09-01"),
        ([(11, "2017-07-01", None), (10, "2017-07-15", 5)], "2017-08-06"),
        ([(11, "2017-07-01", None), (10, "2017-08-06", 5)], "2017-08-06"),
        ([(10, "2017-07-01", 5), (11, "2017-09-01", None)], "2017-08-06"),
        ([(10, "2017-07-01", 5), (11, "2017-09-01", 5), (10, "2017-09-15", 5)], "2017-09-15"),
    ],
)
def test_the_employer_of_a_day_is_joined_on_the_first_day_or_by_a_move(
    statuses: list[tuple[int, str, int | None]], joined: str
) -> None:
    assert joined_employer_on(moved(*statuses), date(2017, 9, 30)) == date.fromisoformat(joined)
    assert is_small_employer(moved(*statuses), date(2017, 9, 30)) is False
