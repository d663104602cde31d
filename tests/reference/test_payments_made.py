"""Under which key a payment belongs that was made before the first return."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import attrs
import pytest
from funding_reference.apprenticeship import Programme, Returned, apprentice_of
from funding_reference.calendar import Collection, Month
from funding_reference.payable import Key, Owed, Payable
from funding_reference.payments_made import PaymentsMade
from funding_reference.records import Given, PaymentMade, read_given
from funding_reference.rules import rules_of
from funding_reference.statements import Statement, Statements

from tests.conformance.earned import COURSES, learner, programme, returned

RULES = rules_of("2017-08")
AUGUST = Month(12 * 2017 + 7)
SHARE = Fraction(1, 10)
KEY = Key(AUGUST, "on_programme", "std-50", "ZPROG001", 1, SHARE, "employer-1")
MADE = PaymentMade(
    ukprn=10000001,
    type="on_programme",
    month=AUGUST,
    amount=Fraction(800),
    uln=1000000001,
    collection=Collection(2017, 1),
    source="levy",
    contract_type=1,
    employer="employer-1",
)


def given() -> Given:
    one = learner(programme(), ULN=1000000001, LearnRefNumber="A1")
    return read_given({**returned(one), "courses": COURSES[:1]})


def the_programme() -> Programme:
    found = apprentice_of(RULES, given(), [Returned(10000001, given().submissions[0].learners[0])])
    assert found is not None
    return found.programmes[0]


def statement() -> Statement:
    one = the_programme()
    return Statement(10000001, one.learner, (one,), ())


def payable(*keys: Key, protected: Month | None = None) -> Payable:
    owed = {key: Owed(the_programme(), 1, RULES.rounded(Fraction(800)), None) for key in keys}
    return Payable(owed, frozenset([protected] if protected else []))


def key_of(row: PaymentMade, *keys: Key) -> Key:
    [(key, same)] = PaymentsMade([row]).of(RULES, statement(), 2017, payable(*keys))
    assert same is row
    return key


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"course": "std-50"},
        {"aim_reference": "ZPROG001"},
        {"government_share": Fraction(9, 10)},
        {"contract_type": None, "employer": None},
        {"employer": None},
        {"learner": "A1", "uln": None},
    ],
)
def test_what_a_row_leaves_open_agrees_with_what_is_earned(more: dict[str, Any]) -> None:
    assert key_of(attrs.evolve(MADE, **more), KEY) is KEY


def test_of_several_keys_it_is_the_one_that_agrees() -> None:
    other = attrs.evolve(KEY, month=AUGUST + 1)
    uplift = attrs.evolve(KEY, type="framework_uplift_on_programme")
    assert key_of(MADE, other, uplift, KEY) is KEY


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({"course": "std-51"}, {"course": "std-51"}),
        ({"aim_reference": "50086832"}, {"aim_reference": "50086832"}),
        ({"government_share": Fraction(1)}, {"employer_share": Fraction(0)}),
        ({"contract_type": 2}, {"contract_type": 2, "employer": None}),
        ({"employer": "employer-2"}, {"employer": "employer-2"}),
        ({"type": "completion"}, {"type": "completion"}),
        ({"type": "learning_support"}, {"type": "learning_support", "employer_share": Fraction(0)}),
        ({"month": AUGUST + 1}, {"month": AUGUST + 1}),
    ],
)
def test_what_agrees_with_nothing_has_a_key_of_its_own(more: dict[str, Any], key: dict[str, Any]) -> None:
    assert key_of(attrs.evolve(MADE, **more), KEY) == attrs.evolve(KEY, **key)


def test_without_a_contract_type_the_employer_is_no_part_of_the_key() -> None:
    assert key_of(attrs.evolve(MADE, contract_type=None)) == attrs.evolve(KEY, contract_type=None, employer=None)


def test_without_a_programme_nothing_is_known_of_course_and_share() -> None:
    alone = attrs.evolve(statement(), programmes=())
    [(key, _)] = PaymentsMade([MADE]).of(RULES, alone, 2017, payable())
    assert key == attrs.evolve(KEY, course="", employer_share=Fraction(0))


@pytest.mark.parametrize(
    "more",
    [
        *({"ukprn": number} for number in (9999999, 10000002)),
        *({"uln": number} for number in (999999999, 1000000002)),
        *({"learner": reference} for reference in ("A0", "B1")),
        *({"month": month} for month in (AUGUST - 1, AUGUST + 12)),
    ],
)
def test_what_is_of_another_learner_or_year_is_left(more: dict[str, Any]) -> None:
    row = attrs.evolve(MADE, **more)
    assert list(PaymentsMade([row]).of(RULES, statement(), 2017, payable(KEY))) == []


def test_each_is_remembered_once_and_waits_while_the_match_fails() -> None:
    made = PaymentsMade([MADE])
    assert list(made.of(RULES, statement(), 2017, payable(protected=AUGUST))) == []
    assert [key for key, _ in made.of(RULES, statement(), 2017, payable(KEY, protected=AUGUST))] == [KEY]
    assert list(made.of(RULES, statement(), 2017, payable(KEY))) == []


def test_what_waits_keeps_nothing_else_waiting() -> None:
    later = attrs.evolve(MADE, month=AUGUST + 1)
    found = PaymentsMade([MADE, later]).of(RULES, statement(), 2017, payable(protected=AUGUST))
    assert [row for _, row in found] == [later]


def test_of_several_programmes_the_last_says_what_a_row_leaves_open() -> None:
    last = attrs.evolve(the_programme(), course=attrs.evolve(the_programme().course, id="std-51"))
    both = attrs.evolve(statement(), programmes=(the_programme(), last))
    [(key, _)] = PaymentsMade([MADE]).of(RULES, both, 2017, payable())
    assert key.course == "std-51"


def test_the_employers_shares_in_instalments_count_for_the_hold_back() -> None:
    shares = [
        attrs.evolve(MADE, source="employer_co_investment", amount=Fraction(80)),
        attrs.evolve(MADE, source="employer_co_investment", amount=Fraction(-5)),
        attrs.evolve(MADE, source="employer_co_investment", type="completion"),
        attrs.evolve(MADE, source="employer_co_investment", uln=1000000002),
        MADE,
    ]
    assert PaymentsMade(shares).shares(statement()) == [80, -5]


def test_a_learner_in_no_return_of_the_year_is_nobody() -> None:
    statements = Statements(RULES, given())
    made = PaymentsMade(
        [
            MADE,
            attrs.evolve(MADE, uln=1000000009),
            attrs.evolve(MADE, uln=1000000009, month=AUGUST - 12),
            attrs.evolve(MADE, uln=1000000009, month=AUGUST + 12),
            attrs.evolve(MADE, uln=1000000009, ukprn=10000002),
        ]
    )
    run = Collection(2017, 12)
    found = list(made.of_nobody(statements, run, [statement()]))
    assert [(key, row.uln) for key, row in found] == [
        (attrs.evolve(KEY, course="", employer_share=Fraction(0)), 1000000009)
    ]
    assert list(made.of_nobody(statements, run, [statement()])) == []
