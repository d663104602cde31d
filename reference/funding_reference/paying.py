"""What is due, out of which funds: the account first, then government and employer together (GUIDE-46, 47, 74)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funding_reference.money import NO_AMOUNT, NOTHING, Amount, Money, exactly
from funding_reference.records import AvailableFunds

if TYPE_CHECKING:
    from funding_reference.calendar import Month
    from funding_reference.records import Agreement, Employer
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


def employer_contribution(rules: Rules, left: Amount, share: Money) -> Amount:
    """The employer's share of what the account did not pay; the amounts earned are already within the band.

    :param left: what is left to pay, in pounds

    Clauses: GUIDE-46, GUIDE-47, GUIDE-49, GUIDE-197, RULES-175, READ-11, READ-27.
    """
    return rules.rounded(exactly(left) * share)


def government_contribution(rules: Rules, left: Amount, share: Money) -> Amount:
    """The government's share of what the account did not pay.

    :param share: the employer's share; the government's is the rest

    Clauses: GUIDE-46, GUIDE-47, GUIDE-58, GUIDE-197, RULES-166, READ-11.
    """
    return rules.rounded(exactly(left) * (1 - share))


def out_of_funds(
    rules: Rules,
    type: str,
    contract_type: int | None,
    share: Money,
    amount: Amount,
    balance: Amount | None,
) -> list[tuple[str, Amount]]:
    """An amount due, by the sources that pay it: the account as far as it goes, the rest by both shares.

    What employers never share in the government pays alone, and never from an account. A share of 100% is one row.

    :param share: the employer's share of this payment; nothing if it is waived
    :param balance: what the account holds, in pounds; None if it has no end

    Clauses: GUIDE-46, GUIDE-47, GUIDE-50, GUIDE-74, GUIDE-95, READ-12, READ-13.
    """
    if not rules.is_co_invested(type):
        return [("government", amount)]
    left = amount
    paid: list[tuple[str, Amount]] = []
    if rules.may_use_account(contract_type, share == NOTHING):
        taken = amount if balance is None else rules.from_account(amount, balance)
        paid.append(("levy", taken))
        left -= taken
    paid.append(("government_co_investment", rules.government_contribution(rules, left, share)))
    paid.append(("employer_co_investment", rules.employer_contribution(rules, left, share)))
    return [(source, part) for source, part in paid if part]


def no_transfers(rules: Rules, agreement: Agreement) -> bool:
    """Employers cannot pay for each other's apprentices before 2018.

    Clauses: READ-62.
    """
    return False


def has_sender(rules: Rules, agreement: Agreement) -> bool:
    """Whether another employer pays for an apprenticeship by transfer.

    Clauses: READ-62.
    """
    return agreement.sender is not None


def transfer_allowance(rules: Rules, sender: Employer, month: Month) -> Amount:
    """What an employer may send in a calendar month: the figure of the month, from the month in which transfers began.

    Clauses: READ-62, READ-EDITION-2018-08.
    """
    if not rules.value("transfers_are_made", month.first_day):
        return NO_AMOUNT
    return rules.rounded(AvailableFunds(sender.transfer_allowance).in_month(month))


def transferred(amount: Amount, allowance: Amount, balance: Amount | None) -> Amount:
    """How much of an amount is sent: up to what may still be sent in the month, and what the sender has.

    :param balance: the sender's, in pounds; None if it has no end

    Clauses: READ-62.
    """
    limits = (amount, allowance) if balance is None else (amount, allowance, balance)
    return max(NO_AMOUNT, min(limits))
