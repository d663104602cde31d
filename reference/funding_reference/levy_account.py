"""An employer's levy account: funds in, payments out of the oldest, expiry and adjustments (GUIDE-62 to 72).

In a calendar month the payments of its runs come first, each run's refunds before them; then funds enter, adjustments
are applied, and what is over its 24 months expires (READ-63). Everything that happens to a pound is kept: when it
entered, what it paid, when it expired.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from attrs import define, frozen

from funding_reference.calendar import Month
from funding_reference.money import NO_AMOUNT, Amount, Money, rounded
from funding_reference.records import Adjustment, Ample, AvailableFunds, Declaration, DerivedFunds, Employer

if TYPE_CHECKING:
    from funding_reference.rules import Rules

ENTERED: Final = "entered"
SPENT: Final = "spent"
TRANSFERRED: Final = "transferred"
REFUNDED: Final = "refunded"
ADJUSTED: Final = "adjusted"
EXPIRED: Final = "expired"

_Entered = TypeVar("_Entered", Declaration, Adjustment)


@define
class Funds:
    """What is left of the funds that entered in one month, in pounds."""

    entered: Month
    left: Amount

    def __str__(self) -> str:
        return f"{self.left} of {self.entered}"


@frozen
class Movement:
    """What happened to funds of one month: they entered, paid for something, came back, were adjusted or expired.

    :param month: when it happened
    :param entered: when the funds had entered
    :param amount: pounds, above zero
    :param purpose: what was paid or refunded; empty for the rest
    """

    month: Month
    entered: Month
    what: str
    amount: Amount
    purpose: str


@define
class AccountMonth:
    """One account in one calendar month, in the order in which things happen, in pounds."""

    employer: str
    month: Month
    opening: Amount = NO_AMOUNT
    refunded_in: Amount = NO_AMOUNT
    spent: Amount = NO_AMOUNT
    transferred_out: Amount = NO_AMOUNT
    levy: Amount = NO_AMOUNT
    top_up: Amount = NO_AMOUNT
    adjustment: Amount = NO_AMOUNT
    expired: Amount = NO_AMOUNT
    closing: Amount = NO_AMOUNT


class Account(Protocol):
    """What payments need of an account, whatever is known of it."""

    @property
    def balance(self) -> Amount | None:
        """Pounds in it now; None for an account without end."""

    def begin(self, month: Month) -> None:
        """Everything up to the first payments of a calendar month has happened."""

    def spend(self, amount: Amount, what: str, purpose: str) -> None:
        """Takes no more than the balance, for its own apprentices (spent) or another employer's (transferred)."""

    def refund(self, amount: Amount, purpose: str) -> None:
        """Gives back what had been spent."""


class EndlessAccount:
    """An account that always has enough."""

    balance: Amount | None = None

    def begin(self, month: Month) -> None:
        """Nothing to do."""

    def spend(self, amount: Amount, what: str, purpose: str) -> None:
        """Nothing to count."""

    def refund(self, amount: Amount, purpose: str) -> None:
        """Nothing to count."""


@define
class GivenAccount:
    """An account whose balance is given afresh for each calendar month; what that month's runs move is counted."""

    funds: AvailableFunds
    month: Month | None = None
    balance: Amount = NO_AMOUNT

    def begin(self, month: Month) -> None:
        """The month's own figure, unless the month has begun already.

        Clauses: GUIDE-191, READ-78.
        """
        if month != self.month:
            self.month, self.balance = month, rounded(self.funds.in_month(month))

    def spend(self, amount: Amount, what: str, purpose: str) -> None:
        """Less is left for the later payments of the month."""
        self.balance -= amount

    def refund(self, amount: Amount, purpose: str) -> None:
        """The later payments of the month find it."""
        self.balance += amount


class DerivedAccount:
    """An account that follows from what was declared, month by month.

    :ivar funds: what is left, by the month in which it entered, oldest first
    :ivar movements: everything that happened to them, in order
    :ivar rows: one for each month that is over, from the first movement on
    """

    def __init__(self, rules: Rules, employer: str, funds: DerivedFunds, first_payments: Month) -> None:
        self._rules = rules
        self._employer = employer
        self._declared = _by_month_of_entry(rules, funds.declarations)
        self._adjusted = _by_month_of_entry(rules, funds.adjustments)
        self._spent: list[Funds] = []
        expiries = (rules.month_of_expiry(rules, opening.entered) for opening in funds.opening)
        self._month = min([first_payments, *self._declared, *self._adjusted, *expiries])
        self._row = AccountMonth(employer, self._month)
        self.funds: list[Funds] = []
        self.movements: list[Movement] = []
        self.rows: list[AccountMonth] = []
        for opening in funds.opening:
            self._enter(opening.entered, rounded(opening.amount))
        self._row.opening = self.balance

    @property
    def balance(self) -> Amount:
        """Pounds that are left."""
        return sum((funds.left for funds in self.funds), NO_AMOUNT)

    def begin(self, month: Month) -> None:
        """Closes every month before it."""
        while self._month < month:
            self.close()

    def spend(self, amount: Amount, what: str, purpose: str) -> None:
        """Takes from the funds that entered first.

        Clauses: GUIDE-71, READ-59.
        """
        for funds, part in self._parts(self._rules.order_of_spending(self.funds), amount):
            funds.left -= part
            self._spent.append(Funds(funds.entered, part))
            self._note(funds.entered, what, part, purpose)
        if what == TRANSFERRED:
            self._row.transferred_out += amount
        else:
            self._row.spent += amount
        self._leave_out_what_is_used_up()

    def refund(self, amount: Amount, purpose: str) -> None:
        """Undoes the spending; what was never seen spent becomes funds of this month.

        Clauses: READ-63.
        """
        left = amount
        for funds, part in self._parts(self._rules.order_of_restoring(self._spent), amount):
            funds.left -= part
            left -= part
            self._enter(funds.entered, part, REFUNDED, purpose)
        while self._spent and not self._spent[-1].left:
            self._spent.pop()
        self._enter(self._month, left, REFUNDED, purpose)
        self._row.refunded_in += amount

    def close(self) -> None:
        """The rest of the month after its payments: funds enter, adjustments are applied, funds expire.

        Clauses: GUIDE-62, GUIDE-68, GUIDE-69, GUIDE-70, READ-63.
        """
        row, month = self._row, self._month
        for declaration in self._declared.get(month, ()):
            levy, top_up = self._rules.funds_of_declaration(self._rules, declaration)
            row.levy += levy
            row.top_up += top_up
            self._enter(month, levy + top_up)
        self._adjust()
        for funds in self.funds:
            if self._rules.month_of_expiry(self._rules, funds.entered) <= month:
                row.expired += funds.left
                self._note(funds.entered, EXPIRED, funds.left)
                funds.left = NO_AMOUNT
        self._leave_out_what_is_used_up()
        row.closing = self.balance
        if self.rows or _has_movement(row):
            self.rows.append(row)
        self._month = month + 1
        self._row = AccountMonth(self._employer, self._month, opening=row.closing)

    def _adjust(self) -> None:
        """Adjustments of the month: what is added is new funds, what is taken away comes from what is left.

        Clauses: GUIDE-69, GUIDE-72, READ-58, READ-60.
        """
        amounts = [self._rules.adjustment_with_top_up(self._rules, one) for one in self._adjusted.get(self._month, ())]
        for amount in amounts:
            if amount > 0:
                self._enter(self._month, amount)
                self._row.adjustment += amount
        for amount in amounts:
            if amount < 0:
                for funds, part in self._parts(self._rules.order_of_adjustment(self.funds), -amount):
                    funds.left -= part
                    self._row.adjustment -= part
                    self._note(funds.entered, ADJUSTED, part)

    def _parts(self, order: Iterable[Funds], amount: Amount) -> Iterator[tuple[Funds, Amount]]:
        """An amount as parts of the funds in their order; what exceeds them is in no part."""
        for funds in order:
            if not amount:
                return
            part = min(funds.left, amount)
            if part:
                amount -= part
                yield funds, part

    def _enter(self, entered: Month, amount: Amount, what: str = ENTERED, purpose: str = "") -> None:
        if not amount:
            return
        known = next((funds for funds in self.funds if funds.entered == entered), None)
        if known is None:
            self.funds.append(Funds(entered, amount))
            self.funds.sort(key=lambda funds: funds.entered)
        else:
            known.left += amount
        self._note(entered, what, amount, purpose)

    def _note(self, entered: Month, what: str, amount: Amount, purpose: str = "") -> None:
        self.movements.append(Movement(self._month, entered, what, amount, purpose))

    def _leave_out_what_is_used_up(self) -> None:
        if any(not funds.left for funds in self.funds):
            self.funds = [funds for funds in self.funds if funds.left]


def account_of(
    rules: Rules, employer: Employer, first_payments: Month
) -> EndlessAccount | GivenAccount | DerivedAccount:
    """An employer's account as it is given: without end, with nothing in it, by balances, or derived."""
    funds = employer.levy_funds
    if funds is Ample.UNLIMITED:
        return EndlessAccount()
    if isinstance(funds, DerivedFunds):
        return DerivedAccount(rules, employer.id, funds, first_payments)
    return GivenAccount(funds if isinstance(funds, AvailableFunds) else AvailableFunds(()))


def funds_of_declaration(rules: Rules, declaration: Declaration) -> tuple[Amount, Amount]:
    """What a declaration brings in: the levy times the share for England, and the government's top-up on it.

    A share that is not known yet counts as the whole.

    Clauses: GUIDE-63, GUIDE-65, GUIDE-66, GUIDE-67, READ-58, READ-78.
    """
    share = Money(1) if declaration.english_fraction is None else declaration.english_fraction
    english = declaration.levy * share
    top_up = rules.value("levy_top_up", declaration.month.first_day)
    return rules.rounded(english), rules.rounded(english * top_up)


def adjustment_with_top_up(rules: Rules, adjustment: Adjustment) -> Amount:
    """An adjustment with its share of the top-up, in pounds.

    Clauses: GUIDE-69, READ-58, READ-78.
    """
    top_up = rules.value("levy_top_up", adjustment.month.first_day)
    return rules.rounded(adjustment.amount) + rules.rounded(adjustment.amount * top_up)


def month_of_entry(month: Month) -> Month:
    """What is declared or corrected in a month enters the account in it: after its 22nd day, and so after its payments.

    Clauses: GUIDE-62, GUIDE-68, GUIDE-69, READ-58, READ-63.
    """
    return month


def month_of_expiry(rules: Rules, entered: Month) -> Month:
    """The month after whose payments funds expire: 24 months after they entered.

    Clauses: GUIDE-70, READ-59.
    """
    months: int = rules.value("funds_expire_after", entered.first_day)
    return entered + months


def oldest_first(funds: Sequence[Funds]) -> Sequence[Funds]:
    """Payments use the funds that entered first.

    Clauses: GUIDE-71, READ-59.
    """
    return funds


def latest_spent_first(spent: Sequence[Funds]) -> Iterable[Funds]:
    """A refund restores the funds that were spent last.

    :param spent: the parts of funds that payments have used, in the order of the payments

    Clauses: READ-63.
    """
    return reversed(spent)


def against_earliest(funds: Sequence[Funds]) -> Sequence[Funds]:
    """A negative adjustment is set against the earliest funds that are left.

    Clauses: GUIDE-72, READ-60.
    """
    return funds


def against_latest(funds: Sequence[Funds]) -> Sequence[Funds]:
    """The official accounts set it against the latest.

    Clauses: READ-60.
    """
    return funds[::-1]


def _by_month_of_entry(rules: Rules, rows: Sequence[_Entered]) -> dict[Month, list[_Entered]]:
    found: dict[Month, list[_Entered]] = {}
    for row in rows:
        found.setdefault(rules.month_of_entry(row.month), []).append(row)
    return found


def _has_movement(row: AccountMonth) -> bool:
    return any((row.refunded_in, row.spent, row.transferred_out, row.levy, row.top_up, row.adjustment, row.expired))
