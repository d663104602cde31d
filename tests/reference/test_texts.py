"""What a working shows of records, prices and plans, in words."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from funding_reference.apprenticeship import Apprentice, Returned, apprentice_of
from funding_reference.calendar import Month, month_of
from funding_reference.earnings.earning import Earning
from funding_reference.earnings.ledger import Entry, Ledger
from funding_reference.earnings.plan import AimPlan, Learning, Plan, Ruling
from funding_reference.earnings.progress import Due
from funding_reference.prices import DatedPrice, Price
from funding_reference.records import read_given
from funding_reference.redundancy import Redundancy
from funding_reference.rules import rules_of
from funding_reference.statements import Statement

from tests.conformance.earned import COURSES, english, learner, programme, returned

GIVEN = read_given(
    {
        **returned(learner(programme(), english())),
        "courses": COURSES[:1],
        "english_maths_aims": [{"aim": "50086832"}],
    }
)
LEARNER = GIVEN.submissions[0].learners[0]
APPRENTICE = apprentice_of(rules_of("2017-08"), GIVEN, [Returned(10000001, LEARNER)])
assert APPRENTICE is not None
[PROGRAMME] = APPRENTICE.programmes
[ENGLISH] = APPRENTICE.qualifications
AUGUST = month_of(date(2017, 8, 6))
TRAINING = DatedPrice(date(2017, 8, 6), date(2017, 8, 6), 1, Fraction(12000))
TOTAL = Price(Fraction(12000), is_residual=False, records=(TRAINING,))
RESIDUAL = Price(Fraction(5000), is_residual=True, records=(TRAINING,))
LEARNING = Learning(PROGRAMME, AUGUST, 12, 3, None, None, None)
PLAN = Plan(
    PROGRAMME, TOTAL, Fraction(12000), Fraction(9000), Fraction(9000), Fraction(1800), Fraction(600), 12, 12,
    Fraction(0), Fraction(0), AUGUST, None, None,
)  # fmt: skip
UPLIFT = AimPlan(AUGUST, None, None, Fraction(1800), Fraction(360), Fraction(120), 12, 12)
ENTRY = Entry(10000001, None, None, "framework_uplift_completion", AUGUST, Fraction(360))
EARNED = Earning(
    10000001, 1000000001, "A1", 1, "ZPROG001", None, 1, "second_employer_incentive", AUGUST, Decimal("500.00000"), ENTRY
)


@pytest.mark.parametrize(
    ("thing", "text"),
    [
        (PROGRAMME, "aim 1 of A1"),
        (ENGLISH, "aim 2 of A1"),
        (Apprentice((PROGRAMME, PROGRAMME)), "aim 1 of A1, aim 1 of A1"),
        (AUGUST, "2017-08"),
        (TRAINING, "TNP1 of 12000 from 2017-08-06"),
        (TOTAL, "12000 in total"),
        (RESIDUAL, "5000 residual"),
        (Redundancy(date(2018, 1, 8), None), "redundant from 2018-01-08"),
        (
            Redundancy(date(2018, 1, 8), date(2018, 2, 1)),
            "redundant from 2018-01-08, employed again from 2018-02-01",
        ),
        (LEARNING, "3 of 12 instalments from 2017-08"),
        (Ruling(TOTAL, (TRAINING,), AUGUST), "12000 in total from 2017-08"),
        (PLAN, "from 2017-08, of 12000 in total: 9000 to earn, 1800 on completion, 12 instalments of 600"),
        (UPLIFT, "12 instalments from 2017-08"),
        (ENTRY, "framework uplift completion 2017-08"),
        (Ledger(()), "what was earned before"),
        (EARNED, "second employer incentive 2017-08 500.00000"),
        (Due("first", date(2017, 11, 3), AUGUST + 3), "first on 2017-11-03"),
        (Statement(10000001, LEARNER, (PROGRAMME,), (EARNED, EARNED)), "2 earnings"),
    ],
)
def test_each_is_shown_in_a_few_words(thing: Any, text: str) -> None:
    assert str(thing) == text


def test_a_month_says_what_it_is_to_programmers_too() -> None:
    assert repr(Month(24211)) == "Month(2017-08)"
