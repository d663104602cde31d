"""What is due under a key: how it is named, what is below zero, and whose a payment is that comes back."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import pytest
from funding_reference.calendar import Month
from funding_reference.outstanding import Due, Paid, Payee
from funding_reference.payable import NOTHING_PAYABLE, Key, Owed, Payable

LEVY = ("levy", None)
GOVERNMENT = ("government_co_investment", None)
EMPLOYER = ("employer_co_investment", None)
AUGUST = Month(12 * 2017 + 7)
KEY = Key(AUGUST, "on_programme", "std-50", "ZPROG001", 1, Fraction(1, 10), "employer-1")
A1 = Payee(10000001, 1000000001, "A1")


def due(payee: Payee = A1, owed: Owed | None = None) -> Due:
    return Due(payee, None, KEY, Decimal(-10), 1, owed, NOTHING_PAYABLE, {})


def test_what_is_moved_is_named_by_its_month_and_the_learner() -> None:
    unnamed = Payee(10000001, 1000000001, None)
    assert [str(due()), str(due(unnamed))] == ["on programme 2017-08 of A1", "on programme 2017-08 of 1000000001"]


@pytest.mark.parametrize(
    ("amount", "negative"), [("-2", True), ("-0.50", True), ("0", False), ("0.50", False), ("2", False)]
)
def test_an_earning_is_negative_from_the_first_penny_below_nothing(amount: str, negative: bool) -> None:
    assert due(owed=Owed(None, 1, Decimal(amount), None)).is_negative_earning is negative


@pytest.mark.parametrize(("amount", "paid"), [("-2", False), ("-0.50", False), ("0.50", True), ("2", True)])
def test_an_amount_is_paid_or_taken_back_from_the_first_penny(amount: str, paid: bool) -> None:
    assert attrs.evolve(due(), amount=Decimal(amount)).is_to_be_paid is paid


def test_what_has_not_been_earned_at_all_is_no_negative_earning() -> None:
    assert due().is_negative_earning is False


def test_what_is_paid_back_is_first_the_last_months_that_were_reached_into() -> None:
    august, september, october = (Paid(1, "employer-1", by_fund={LEVY: Decimal(500)}) for _ in range(3))
    october.take_back({LEVY: Decimal(500)})
    october.reach_into(september, {LEVY: Decimal(500)})
    october.reach_into(august, {LEVY: Decimal(100)})
    assert [one.held for one in (august, september, october)] == [400, 0, 0]
    assert [one.total for one in (august, september, october)] == [500, 500, -600]
    october.receive({LEVY: Decimal(250)})
    assert [one.held for one in (august, september, october)] == [500, 150, 0]
    october.receive({LEVY: Decimal(450)})
    assert [one.held for one in (august, september, october)] == [500, 500, 100]
    assert [one.total for one in (august, september, october)] == [500, 500, 100]


def test_each_month_that_was_reached_into_has_its_part_of_every_fund_that_pays_it_back() -> None:
    august, september, october = (Paid(1, "employer-1", by_fund={LEVY: Decimal(500)}) for _ in range(3))
    october.reach_into(september, {LEVY: Decimal(500)})
    october.reach_into(august, {LEVY: Decimal("0.50")})
    october.receive({GOVERNMENT: Decimal("0.45"), EMPLOYER: Decimal("0.05")})
    assert [one.held for one in (august, september, october)] == [500, 0, 500]
    assert august.sources_of(Decimal(500)) == {
        LEVY: Decimal("499.50"),
        GOVERNMENT: Decimal("0.45"),
        EMPLOYER: Decimal("0.05"),
    }
    october.receive({GOVERNMENT: Decimal(540), EMPLOYER: Decimal(60)})
    assert september.sources_of(Decimal(500)) == {GOVERNMENT: 450, EMPLOYER: 50}
    assert october.by_fund == {LEVY: 500, GOVERNMENT: 90, EMPLOYER: 10}


def test_a_refund_of_more_than_is_left_of_a_month_goes_where_the_rest_went() -> None:
    september, october = Paid(1, "employer-1", by_fund={LEVY: Decimal(500)}), Paid(1, "employer-1")
    october.reach_into(september, {LEVY: Decimal(250)})
    for no_more in (249, 250):
        assert september.sources_of(Decimal(no_more)) == {LEVY: 250}
    assert september.sources_of(Decimal(251)) == {LEVY: 500}
    september.take_back({LEVY: Decimal(500)})
    assert september.total == 0
    assert september.held == -250
    assert [september.sources_of(Decimal(amount)) for amount in (-250, -249)] == [{}, {LEVY: 250}]
    october.receive({LEVY: Decimal(250)})
    assert [one.total for one in (september, october)] == [0, 0]
    assert [one.held for one in (september, october)] == [0, 0]
    assert september.sources_of(Decimal(1)) == {}


def test_what_rounding_gives_a_month_beyond_its_part_is_given_once() -> None:
    september, october = Paid(1, "employer-1", by_fund={LEVY: Decimal(500)}), Paid(1, "employer-1")
    october.reach_into(september, {LEVY: Decimal("0.00003")})
    assert september.sources_of(Decimal(500)) == {LEVY: 500}
    october.receive({GOVERNMENT: Decimal(10), EMPLOYER: Decimal(10)})
    october.receive({GOVERNMENT: Decimal(10)})
    given = {GOVERNMENT: Decimal("0.00002"), EMPLOYER: Decimal("0.00002")}
    assert september.sources_of(Decimal(501)) == {LEVY: Decimal("499.99997"), **given}
    assert [one.total for one in (september, october)] == [500, Decimal("29.99997")]


def test_a_negative_earning_goes_back_to_its_own_payments_then_to_the_latest_before() -> None:
    def under(month: Month, **more: Any) -> Key:
        return attrs.evolve(KEY, month=month, **more)

    own, waived, september = under(AUGUST + 2), under(AUGUST + 2, employer_share=Fraction(0)), under(AUGUST + 1)
    later, incentive = under(AUGUST + 3), under(AUGUST + 1, type="first_employer_incentive")
    paid = {
        key: Paid(1, "employer-1", by_fund={LEVY: Decimal(500)})
        for key in (KEY, september, incentive, waived, own, later)
    }
    without = Due(A1, None, own, Decimal(-700), 1, None, NOTHING_PAYABLE, paid)
    assert without.back_to_august == [own, waived, september, KEY]
    protected = attrs.evolve(without, payable=Payable({}, frozenset([AUGUST + 1])))
    assert protected.back_to_august == [own, waived, KEY]
    assert [without.held, protected.held] == [2500, 2000]
