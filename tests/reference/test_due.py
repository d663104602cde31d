"""Amounts too small for an answer to show, and who was without employment before the end."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from funding_reference.apprenticeship import Programme, Returned, apprentice_of
from funding_reference.due import amount_due, is_left_alone, refund_by_source, was_without_employment
from funding_reference.records import read_given
from funding_reference.rules import rules_of

from tests.conformance.earned import COURSES, learner, programme, returned

RULES = rules_of("2017-08")


@pytest.mark.parametrize(
    ("difference", "due"),
    [("0.00000", "0"), ("0.00001", "0"), ("-0.00001", "0"), ("0.00002", "0.00002"), ("-0.00002", "-0.00002")],
)
def test_a_hundred_thousandth_of_a_pound_is_not_moved(difference: str, due: str) -> None:
    assert amount_due(Decimal("500.00000") + Decimal(difference), Decimal("500.00000")) == Decimal(due)


@pytest.mark.parametrize(
    ("amount", "is_earned", "left"),
    [
        ("0.50", True, False),
        ("2", True, False),
        ("0", True, False),
        ("-0.50", True, True),
        ("-2", True, True),
        ("0.50", False, True),
    ],
)
def test_while_a_match_fails_only_what_is_earned_is_moved_and_nothing_back(
    amount: str, is_earned: bool, left: bool
) -> None:
    assert is_left_alone(Decimal(amount), is_earned) is left


def test_a_source_that_gets_nothing_back_has_no_part_in_a_refund() -> None:
    levy, government = ("levy", None), ("government_co_investment", None)
    paid: dict[tuple[str, str | None], Decimal] = {levy: Decimal(0), government: Decimal(450)}
    assert refund_by_source(Decimal(90), paid) == {government: Decimal(90)}


def programme_of(*statuses: tuple[int, str], **aim: Any) -> Programme:
    recorded = [{"EmpStat": code, "DateEmpStatApp": day} for code, day in statuses]
    one = learner(programme(date(2017, 8, 1), **aim), LearnerEmploymentStatus=recorded)
    given = read_given({**returned(one), "courses": COURSES[:1]})
    found = apprentice_of(RULES, given, [Returned(10000001, given.submissions[0].learners[0])])
    assert found is not None
    return found.programmes[0]


@pytest.mark.parametrize(
    ("statuses", "was"),
    [
        ([(10, "2017-07-01")], False),
        ([(10, "2017-07-01"), (11, "2018-05-14")], True),
        ([(10, "2017-07-01"), (11, "2018-05-15")], False),
        ([(11, "2017-07-01"), (10, "2017-07-15")], False),
        ([(11, "2017-07-01"), (10, "2017-08-01")], False),
        ([(11, "2017-07-01"), (10, "2017-08-02")], True),
        ([(10, "2017-07-01"), (11, "2017-09-01"), (10, "2017-10-01"), (10, "2017-11-01")], True),
        ([(11, "2017-06-01"), (11, "2017-06-15"), (10, "2017-07-01"), (10, "2017-09-01")], False),
    ],
)
def test_only_days_of_the_apprenticeship_without_employment_count(statuses: list[tuple[int, str]], was: bool) -> None:
    completed = programme_of(*statuses, CompStatus=2, LearnActEndDate="2018-05-15")
    assert was_without_employment(completed) is was
    assert was_without_employment(programme_of(*statuses, CompStatus=1)) is (was or statuses[-1][0] == 11)
