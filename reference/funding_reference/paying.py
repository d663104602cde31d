"""What is due, out of which funds: the account first, then government and employer together (GUIDE-46, 47, 74)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funding_reference.money import NO_AMOUNT, Amount, Money, exactly

if TYPE_CHECKING:
    from funding_reference.earnings import Plan
    from funding_reference.rules import Rules


def may_use_account(contract_type: int | None, waived: bool) -> bool:
    """Whether the employer's account pays: under the employer's own contract, unless its contribution is waived.

    Clauses: GUIDE-51, GUIDE-57, GUIDE-74, READ-40.
    """
    return contract_type == 1 and not waived


def from_account(amount: Amount, balance: Amount) -> Amount:
    """As much as the account holds, up to the whole amount.

    Clauses: GUIDE-47, GUIDE-74, GUIDE-94, READ-13.
    """
    return max(NO_AMOUNT, min(amount, balance))


def employer_contribution(rules: Rules, plan: Plan, left: Amount, share: Money) -> Amount:
    """The employer's share of what the account did not pay; the plan's price is already within the band.

    :param left: what is left to pay, in pounds

    Clauses: GUIDE-46, GUIDE-47, GUIDE-49, GUIDE-197, READ-11, READ-27.
    """
    return rules.rounded(exactly(left) * share)


def government_contribution(rules: Rules, left: Amount, share: Money) -> Amount:
    """The government's share of what the account did not pay.

    :param share: the employer's share; the government's is the rest

    Clauses: GUIDE-46, GUIDE-47, GUIDE-58, GUIDE-197, READ-11.
    """
    return rules.rounded(exactly(left) * (1 - share))
