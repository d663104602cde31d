"""Mistakes with when money moves, and with holding completion back (GUIDE-53, 76)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_FLOOR, Decimal

from funding_reference.apprenticeship import Programme
from funding_reference.calendar import MONTHS_A_YEAR, Collection, Month
from funding_reference.due import employer_contribution_recorded
from funding_reference.money import Amount
from funding_reference.records import AppFinRecord

from funding_conformance.known_bad import replacing


def paid_a_month_late(month: Month, run: Collection) -> bool:
    """Pays two months after the month it was earned in. Breaks: GUIDE-76, READ-50."""
    return run.first_month <= month < run.delivery_month


def only_this_month(month: Month, run: Collection) -> bool:
    """Pays the month of the return alone; what was missed stays unpaid. Breaks: GUIDE-76, READ-50."""
    return month == run.delivery_month


def year_ends_with_r12(month: Month, run: Collection) -> bool:
    """Ignores the returns R13 and R14. Breaks: READ-50, READ-61, GUIDE-190."""
    return run.number <= MONTHS_A_YEAR and run.first_month <= month <= run.delivery_month


def paid_again(earned: Amount, paid: Amount) -> Amount:
    """Pays everything earned again in each run. Breaks: GUIDE-76, READ-50."""
    return earned


def no_records_counted(payments: Sequence[AppFinRecord], run: Collection) -> int:
    """Reads no payment records, so that completion is never released. Breaks: GUIDE-52, GUIDE-53, READ-57."""
    return 0


def never_held(owed: Decimal, recorded: int) -> bool:
    """Pays completion without evidence of the employer's contribution. Breaks: GUIDE-53, RULES-168, READ-57."""
    return False


def held_at_the_exact_amount(owed: Decimal, recorded: int) -> bool:
    """Holds completion back until more than what is owed is recorded. Breaks: READ-57."""
    return recorded <= owed


def owed_with_pennies(shares: Sequence[Amount]) -> Decimal:
    """Asks for the employer's contribution with its pennies. Breaks: READ-57, READ-76."""
    return sum(shares, Decimal(0))


def owed_rounded_in_all(shares: Sequence[Amount]) -> Decimal:
    """Rounds the sum of the shares down instead of each share. Breaks: READ-57, READ-76."""
    return Decimal(int(sum(shares, Decimal(0))))


def training_payments_only(payments: Sequence[AppFinRecord], run: Collection) -> int:
    """Counts only payments for training (PMR 1). Breaks: GUIDE-52, GUIDE-53, READ-57, READ-76."""
    return sum(payment.AFinAmount for payment in payments if payment.AFinCode == 1)


def repayments_ignored(payments: Sequence[AppFinRecord], run: Collection) -> int:
    """Ignores what was repaid to the employer (PMR 3). Breaks: READ-57, READ-76."""
    last_day = date.max if run.number > MONTHS_A_YEAR else run.delivery_month.census
    return sum(payment.AFinAmount for payment in payments if payment.AFinCode != 3 and payment.AFinDate <= last_day)


def payments_to_come_count(payments: Sequence[AppFinRecord], run: Collection) -> int:
    """Counts payments dated after the month of the run. Breaks: READ-76."""
    return sum(-payment.AFinAmount if payment.AFinCode == 3 else payment.AFinAmount for payment in payments)


def nobody_exempt(programme: Programme) -> bool:
    """Asks for evidence of the provider's own employees as well. Breaks: READ-57."""
    return False


def exempt_by_361(programme: Programme) -> bool:
    """Exempts LDM 361 too, which this edition does not. Breaks: READ-57."""
    return programme.has("LDM", "356", "361")


def refunds_rounded_away_from_zero(shares: Sequence[Amount]) -> Decimal:
    """Lowers what is owed by a whole pound for the pence of a refund. Breaks: READ-76."""
    return sum((share.to_integral_value(ROUND_FLOOR) for share in shares), Decimal(0))


def repayments_to_come_count(payments: Sequence[AppFinRecord], run: Collection) -> int:
    """Counts what will be repaid to the employer after the month of the run. Breaks: READ-76."""
    repaid = sum(payment.AFinAmount for payment in payments if payment.AFinCode == 3)
    return employer_contribution_recorded([payment for payment in payments if payment.AFinCode != 3], run) - repaid


def r13_counts_to_its_month(payments: Sequence[AppFinRecord], run: Collection) -> int:
    """Counts records up to the month in which R13 or R14 is made. Breaks: READ-76."""
    until = run.delivery_month if run.number <= MONTHS_A_YEAR else run.account_month
    return employer_contribution_recorded([one for one in payments if one.AFinDate <= until.census], run)


KNOWN_BAD = {
    "paid-a-month-late": replacing(is_payable=paid_a_month_late),
    "missed-months-never-paid": replacing(is_payable=only_this_month),
    "no-r13-r14": replacing(is_payable=year_ends_with_r12),
    "paid-again": replacing(amount_due=paid_again),
    "never-held-back": replacing(is_held_back=never_held),
    "held-at-the-exact-amount": replacing(is_held_back=held_at_the_exact_amount),
    "hold-back-with-pennies": replacing(employer_contribution_owed=owed_with_pennies),
    "hold-back-rounded-in-all": replacing(employer_contribution_owed=owed_rounded_in_all),
    "payment-records-not-read": replacing(employer_contribution_recorded=no_records_counted),
    "hold-back-training-only": replacing(employer_contribution_recorded=training_payments_only),
    "hold-back-without-repayments": replacing(employer_contribution_recorded=repayments_ignored),
    "hold-back-counts-the-future": replacing(employer_contribution_recorded=payments_to_come_count),
    "hold-back-refunds-rounded-up": replacing(employer_contribution_owed=refunds_rounded_away_from_zero),
    "hold-back-repayments-to-come": replacing(employer_contribution_recorded=repayments_to_come_count),
    "hold-back-r13-by-its-month": replacing(employer_contribution_recorded=r13_counts_to_its_month),
    "own-employees-held-back": replacing(is_exempt_from_hold_back=nobody_exempt),
    "exempt-by-361": replacing(is_exempt_from_hold_back=exempt_by_361),
}
