"""Mistakes with the account, the order of payment and refunds (GUIDE-47, 51, 57, 74, 78 to 94)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import attrs
from funding_reference.due import Fund
from funding_reference.money import NO_AMOUNT, Amount, Money
from funding_reference.payable import EMPLOYERS_OWN
from funding_reference.paying import out_of_funds
from funding_reference.priority import payment_order
from funding_reference.records import SOURCES, Agreement
from funding_reference.rules import Rules

from funding_conformance.known_bad import replacing


def waiver_debits(contract_type: int | None, waived: bool) -> bool:
    """Debits the account although the contribution is waived. Breaks: GUIDE-57, GUIDE-74, READ-40."""
    return contract_type == 1


def account_never_pays(contract_type: int | None, waived: bool) -> bool:
    """Co-invests everything, whatever the account holds. Breaks: GUIDE-51, GUIDE-74, GUIDE-197."""
    return False


def all_or_nothing(amount: Amount, balance: Amount) -> Amount:
    """Leaves the account alone unless it covers the whole amount. Breaks: GUIDE-47, GUIDE-74, READ-13."""
    return amount if balance >= amount else NO_AMOUNT


def overdrawn(amount: Amount, balance: Amount) -> Amount:
    """Takes the whole amount from any account with something in it. Breaks: GUIDE-47, GUIDE-74, READ-13."""
    return amount if balance > 0 else NO_AMOUNT


def below_zero(amount: Amount, balance: Amount) -> Amount:
    """Takes a negative balance for money to share out. Breaks: READ-13."""
    return min(amount, balance)


def hundred_per_cent_as_government(
    rules: Rules,
    type: str,
    contract_type: int | None,
    share: Money,
    amount: Amount,
    balance: Amount | None,
) -> list[tuple[str, Amount]]:
    """Books a waived payment as fully funded instead of co-invested at 100%. Breaks: READ-12, GUIDE-58."""
    paid = out_of_funds(rules, type, contract_type, share, amount, balance)
    waived = share == 0 and rules.is_co_invested(type)
    return [
        ("government" if waived and source == "government_co_investment" else source, part) for source, part in paid
    ]


def both_shares_of_everything(
    rules: Rules,
    type: str,
    contract_type: int | None,
    share: Money,
    amount: Amount,
    balance: Amount | None,
) -> list[tuple[str, Amount]]:
    """Takes the shares of the whole amount, not of what the account left. Breaks: GUIDE-47, GUIDE-94, GUIDE-197."""
    paid = dict(out_of_funds(rules, type, contract_type, share, amount, balance))
    if "levy" in paid and "government_co_investment" in paid:
        paid["government_co_investment"] = rules.government_contribution(rules, amount, share)
        paid["employer_co_investment"] = rules.employer_contribution(rules, amount, share)
    return list(paid.items())


def additional_out_of_what_is_left(
    rules: Rules,
    type: str,
    contract_type: int | None,
    share: Money,
    amount: Amount,
    balance: Amount | None,
) -> list[tuple[str, Amount]]:
    """Uses what is left in an account for additional payments. Breaks: GUIDE-95, READ-12."""
    if not type.endswith("_incentive") or contract_type != EMPLOYERS_OWN or not balance:
        return out_of_funds(rules, type, contract_type, share, amount, balance)
    taken = min(amount, balance)
    return [(source, part) for source, part in (("levy", taken), ("government", amount - taken)) if part]


def by_uln_only(agreements: Sequence[Agreement], provider_order: Sequence[int]) -> list[Agreement]:
    """Pays in the order of ULN alone. Breaks: GUIDE-78, GUIDE-79, GUIDE-82, GUIDE-83, READ-56, READ-75."""
    return sorted(agreements, key=lambda agreement: agreement.uln)


def by_approval_only(agreements: Sequence[Agreement], provider_order: Sequence[int]) -> list[Agreement]:
    """Pays in the order of approval, whoever the provider. Breaks: GUIDE-79, GUIDE-83, READ-56, READ-75."""
    return sorted(agreements, key=lambda agreement: (agreement.approved_on, agreement.uln))


def own_order_ignored(agreements: Sequence[Agreement], provider_order: Sequence[int]) -> list[Agreement]:
    """Ignores the employer's own order of providers. Breaks: GUIDE-79, GUIDE-81, READ-56, READ-75."""
    return payment_order(agreements, ())


def explicit_ignored(agreements: Sequence[Agreement], provider_order: Sequence[int]) -> list[Agreement]:
    """Ignores explicit priorities. Breaks: READ-56, READ-75."""
    return payment_order([attrs.evolve(agreement, priority=None) for agreement in agreements], provider_order)


def zero_is_no_priority(agreements: Sequence[Agreement], provider_order: Sequence[int]) -> list[Agreement]:
    """Takes an explicit priority of 0 for none. Breaks: READ-75."""
    explicit = {one.id for one in agreements if one.priority}
    ordered = payment_order(agreements, provider_order)
    without = payment_order([attrs.evolve(one, priority=None) for one in agreements], provider_order)
    by_id = {one.id: one for one in agreements}
    first = [one.id for one in ordered if one.id in explicit]
    return [by_id[id] for id in (*first, *(one.id for one in without if one.id not in explicit))]


def first_approval_of_the_rest(agreements: Sequence[Agreement], provider_order: Sequence[int]) -> list[Agreement]:
    """Leaves apprentices with an explicit priority out of a provider's first approval. Breaks: READ-56, READ-75."""
    explicit = [one for one in agreements if one.priority is not None]
    rest = [one for one in agreements if one.priority is None]
    return [*payment_order(explicit, provider_order), *payment_order(rest, provider_order)]


def records_as_they_are_listed(agreements: Sequence[Agreement], provider_order: Sequence[int]) -> list[Agreement]:
    """Leaves two records of one apprentice in the order in which they are listed. Breaks: READ-75."""
    listed = {one.id: number for number, one in enumerate(agreements)}
    numbered = [attrs.evolve(one, id=f"{listed[one.id]:09}") for one in agreements]
    return [agreements[int(one.id)] for one in payment_order(numbered, provider_order)]


def refunded_in_order(refund: Amount, paid: Mapping[Fund, Amount]) -> dict[Fund, Amount]:
    """Refunds one source after the other instead of in proportion. Breaks: READ-51."""
    left, parts = refund, {}
    for fund in sorted(paid, key=lambda fund: SOURCES.index(fund[0])):
        parts[fund] = min(left, paid[fund])
        left -= parts[fund]
    return parts


def never_refunded(earned: Amount, paid: Amount) -> Amount:
    """Reclaims nothing. Breaks: GUIDE-30, READ-50, READ-51, RULES-180."""
    return max(NO_AMOUNT, earned - paid)


def pennies_left_alone(earned: Amount, paid: Amount) -> Amount:
    """Leaves differences of less than a penny alone. Breaks: READ-51."""
    difference = earned - paid
    return NO_AMOUNT if abs(difference) < Decimal("0.01") else difference


KNOWN_BAD = {
    "waiver-debits-account": replacing(may_use_account=waiver_debits),
    "account-never-pays": replacing(may_use_account=account_never_pays),
    "all-or-nothing": replacing(from_account=all_or_nothing),
    "account-overdrawn": replacing(from_account=overdrawn),
    "balance-below-zero-shared": replacing(from_account=below_zero),
    "waived-as-fully-funded": replacing(out_of_funds=hundred_per_cent_as_government),
    "shares-of-everything": replacing(out_of_funds=both_shares_of_everything),
    "incentives-out-of-the-account": replacing(out_of_funds=additional_out_of_what_is_left),
    "order-by-uln": replacing(payment_order=by_uln_only),
    "order-by-approval": replacing(payment_order=by_approval_only),
    "own-order-ignored": replacing(payment_order=own_order_ignored),
    "explicit-priority-ignored": replacing(payment_order=explicit_ignored),
    "priority-of-zero-ignored": replacing(payment_order=zero_is_no_priority),
    "first-approval-without-explicit": replacing(payment_order=first_approval_of_the_rest),
    "records-as-listed": replacing(payment_order=records_as_they_are_listed),
    "refunds-in-order-of-sources": replacing(refund_by_source=refunded_in_order),
    "never-refunded": replacing(amount_due=never_refunded),
    "pennies-left-alone": replacing(amount_due=pennies_left_alone),
}
