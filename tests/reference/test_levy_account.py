"""What an account remembers of its funds, and edges that no answer shows by itself."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from funding_reference.calendar import Month
from funding_reference.levy_account import SPENT, TRANSFERRED, DerivedAccount, Movement
from funding_reference.records import Adjustment, Declaration, DerivedFunds, OpeningFunds
from funding_reference.rules import rules_of

RULES = rules_of("2017-08")
MAY, JUNE, JULY = (Month(12 * 2017 + place) for place in (4, 5, 6))


def account(**funds: Any) -> DerivedAccount:
    return DerivedAccount(RULES, "employer-1", DerivedFunds(**funds), MAY)


def declared(month: Month, pounds: int) -> Declaration:
    return Declaration(month, Fraction(pounds))


def left_of(found: DerivedAccount) -> list[tuple[Month, Decimal]]:
    """When the funds of an account entered, and what is left of them."""
    return [(one.entered, one.left) for one in found.funds]


def told(movements: list[Movement]) -> list[str]:
    return [
        f"{one.month}: {one.what} {one.amount:.2f} of {one.entered}{f' for {one.purpose}' * bool(one.purpose)}"
        for one in movements
    ]


def test_everything_that_happens_to_funds_is_kept() -> None:
    found = account(
        declarations=(declared(MAY, 100), declared(JUNE, 10)), adjustments=(Adjustment(JULY, Fraction(-20)),)
    )
    found.begin(JUNE)
    found.spend(Decimal(60), SPENT, "A1")
    found.spend(Decimal(20), TRANSFERRED, "B1")
    found.begin(JULY)
    found.refund(Decimal(30), "A1")
    found.begin(MAY + 26)
    assert told(found.movements) == [
        "2017-05: entered 110.00 of 2017-05",
        "2017-06: spent 60.00 of 2017-05 for A1",
        "2017-06: transferred 20.00 of 2017-05 for B1",
        "2017-06: entered 11.00 of 2017-06",
        "2017-07: refunded 20.00 of 2017-05 for A1",
        "2017-07: refunded 10.00 of 2017-05 for A1",
        "2017-07: adjusted 22.00 of 2017-05",
        "2019-05: expired 38.00 of 2017-05",
        "2019-06: expired 11.00 of 2017-06",
    ]
    assert found.funds == []


def test_a_transfer_and_a_payment_stand_in_columns_of_their_own() -> None:
    found = account(declarations=(declared(MAY, 100),))
    found.begin(JUNE)
    found.spend(Decimal(60), SPENT, "")
    found.spend(Decimal(20), TRANSFERRED, "")
    found.begin(JULY)
    assert [row.spent for row in found.rows] == [0, 60]
    assert [row.transferred_out for row in found.rows] == [0, 20]


def test_what_is_used_up_is_gone_at_once() -> None:
    found = account(declarations=(declared(MAY, 100),))
    found.begin(JUNE)
    found.spend(Decimal(110), SPENT, "")
    assert found.funds == []
    assert found.balance == 0


def test_a_refund_of_money_that_was_never_seen_spent_is_new_funds_of_the_month() -> None:
    found = account(opening=(OpeningFunds(MAY, Fraction(100)),))
    found.begin(JUNE)
    found.spend(Decimal(10), SPENT, "A1")
    found.refund(Decimal(15), "A1")
    assert left_of(found) == [(MAY, Decimal(100)), (JUNE, Decimal(5))]


def test_adjustments_below_a_pound_count() -> None:
    pence = [Adjustment(JUNE, Fraction(amount, 2)) for amount in (1, -1, 0)]
    found = account(declarations=(declared(MAY, 100),), adjustments=tuple(pence))
    found.begin(JULY)
    assert told(found.movements)[1:] == ["2017-06: entered 0.55 of 2017-06", "2017-06: adjusted 0.55 of 2017-05"]


def test_a_month_that_has_begun_does_not_begin_again() -> None:
    found = account(declarations=(declared(MAY, 100),))
    found.begin(JULY)
    found.begin(JUNE)
    assert [str(row.month) for row in found.rows] == ["2017-05", "2017-06"]


def test_refunds_one_after_the_other_go_back_to_what_was_spent_before() -> None:
    found = account(declarations=(declared(MAY, 100), declared(JUNE, 100)))
    found.begin(JULY)
    found.spend(Decimal(60), SPENT, "A1")
    found.spend(Decimal(70), SPENT, "B1")
    found.refund(Decimal(10), "B1")
    assert left_of(found) == [(JUNE, Decimal(100))]
    found.refund(Decimal(30), "B1")
    assert left_of(found) == [(MAY, Decimal(20)), (JUNE, Decimal(110))]
    found.refund(Decimal(100), "A1")
    assert left_of(found) == [(MAY, Decimal(110)), (JUNE, Decimal(110)), (JULY, Decimal(10))]


def test_funds_are_named_by_what_is_left_and_when_they_entered() -> None:
    found = account(declarations=(declared(MAY, 100),))
    found.begin(JUNE)
    assert [str(one) for one in found.funds] == ["110.00000 of 2017-05"]
