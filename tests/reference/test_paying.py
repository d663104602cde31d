"""Whose funds pay, where no answer shows it by itself."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from funding_reference.paying import may_use_account, out_of_funds
from funding_reference.rules import rules_of

RULES = rules_of("2017-08")


@pytest.mark.parametrize(
    ("contract_type", "waived", "may"),
    [(1, False, True), (1, True, False), (2, False, False), (None, False, False)],
)
def test_the_account_pays_under_the_employers_own_contract_alone(
    contract_type: int | None, waived: bool, may: bool
) -> None:
    assert may_use_account(contract_type, waived) is may


def test_a_source_that_pays_nothing_is_left_out() -> None:
    paid = out_of_funds(RULES, "on_programme", 1, Fraction(1, 10), Decimal(500), Decimal(0))
    assert paid == [("government_co_investment", Decimal(450)), ("employer_co_investment", Decimal(50))]
