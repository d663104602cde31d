"""What is due in a run: earned so far less paid so far, and whether a completion must wait (GUIDE-53, 76)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_DOWN, Decimal
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from funding_reference.apprenticeship import in_order
from funding_reference.calendar import MONTHS_A_YEAR, Collection, Month
from funding_reference.money import NO_AMOUNT, Amount, exactly, hundred_thousandths, rounded
from funding_reference.records import AppFinRecord
from funding_reference.redundancy import NOT_IN_PAID_EMPLOYMENT

if TYPE_CHECKING:
    from funding_reference.apprenticeship import Programme

Fund = tuple[str, str | None]
"""Whose money: the source, and the employer whose account or share it is of; of a transfer the one who sends it."""

TOLERANCE: Final = hundred_thousandths(1)
REPAID_TO_EMPLOYER: Final = 3
OWN_EMPLOYEES: Final = "356"
NO_RECORD_NEEDED: Final = "361"


def is_payable(month: Month, run: Collection) -> bool:
    """Whether a month's delivery is paid by this run: a month of its funding year that its return covers.

    What is earned in a month is paid in the next.

    Clauses: GUIDE-76, GUIDE-190, READ-50, READ-61.
    """
    return run.first_month <= month <= run.delivery_month


def amount_due(earned: Amount, paid: Amount) -> Amount:
    """What is still to pay, or below zero what is to be paid back; a difference from rounding alone is nothing.

    Clauses: GUIDE-30, GUIDE-76, RULES-180, READ-50, READ-51.
    """
    difference = earned - paid
    return NO_AMOUNT if abs(difference) <= TOLERANCE else difference


def is_protected(month: Month, protected: frozenset[Month]) -> bool:
    """Whether nothing of a month is taken back: while its match fails.

    Clauses: GUIDE-104, READ-52, READ-73.
    """
    return month in protected


def is_left_alone(amount: Amount, is_earned: bool) -> bool:
    """What is not moved while the month's match fails: what would be taken back, and what nothing is earned for.

    What matches on a day of its own is still paid.

    Clauses: GUIDE-104, READ-52, READ-73.
    """
    return amount < 0 or not is_earned


def refund_by_source(refund: Amount, paid: Mapping[Fund, Amount]) -> dict[Fund, Amount]:
    """How much of a refund goes back to each source: in proportion to what each has paid, and never more.

    :param refund: pounds, above zero
    :param paid: what each source has paid for the delivery month, in pounds, as far as it has not been given back

    Clauses: RULES-204, READ-51.
    """
    total = sum(paid.values(), NO_AMOUNT)
    whole = min(refund, total)
    parts = {fund: rounded(exactly(whole) * exactly(amount) / exactly(total)) for fund, amount in paid.items()}
    return {fund: part for fund, part in parts.items() if part}


def employer_contribution_owed(shares: Sequence[Amount]) -> Decimal:
    """What the employer should have paid so far, in whole pounds: each share without its pennies.

    :param shares: the employer's shares in instalments of earlier runs, refunds below zero

    Clauses: GUIDE-53, RULES-168, READ-57, READ-76.
    """
    return sum((share.to_integral_value(ROUND_DOWN) for share in shares), Decimal(0))


def employer_contribution_recorded(payments: Sequence[AppFinRecord], run: Collection) -> int:
    """What the employer has paid by the records of the return, in pounds, less what was repaid.

    :param payments: the PMR records of the aim; those dated after the run's delivery month do not count yet

    Clauses: GUIDE-52, GUIDE-53, RULES-168, READ-57, READ-76.
    """
    last_day = date.max if run.number > MONTHS_A_YEAR else run.delivery_month.census
    counted = [payment for payment in payments if payment.AFinDate <= last_day]
    return sum(
        -payment.AFinAmount if payment.AFinCode == REPAID_TO_EMPLOYER else payment.AFinAmount for payment in counted
    )


def is_exempt_from_hold_back(programme: Programme) -> bool:
    """Whether no evidence of the employer's contribution is asked for: the provider's own employee.

    Clauses: READ-57.
    """
    return programme.has("LDM", OWN_EMPLOYEES)


def is_exempt_by_either_mark(programme: Programme) -> bool:
    """The official payments also exempted an apprentice marked as needing no payment record.

    Clauses: READ-57.
    """
    return programme.has("LDM", OWN_EMPLOYEES, NO_RECORD_NEEDED)


def was_without_employment(programme: Programme) -> bool:
    """Whether an apprentice was without employment at any time before the end, so that no evidence is asked for.

    Clauses: READ-57, READ-76.
    """
    ended = programme.last_day or date.max
    statuses = sorted(programme.employment, key=in_order)
    return any(
        status.EmpStat in NOT_IN_PAID_EMPLOYMENT
        and status.DateEmpStatApp < ended
        and (following is None or programme.first_start < following.DateEmpStatApp)
        for status, following in zip_longest(statuses, statuses[1:])
    )


def is_held_back(owed: Decimal, recorded: int) -> bool:
    """Whether the completion payment waits for evidence that the employer has contributed.

    Clauses: GUIDE-53, RULES-168, READ-57.
    """
    return recorded < owed
