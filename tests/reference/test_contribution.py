"""Who counts as a small employer, and who as young."""

from datetime import date

import pytest
from funding_reference.apprenticeship import Programme, Returned, apprentice_of
from funding_reference.contribution import age_on, is_small_employer, is_young
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
