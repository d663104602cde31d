"""Money moved, run by run: what is due of every apprentice, refunds first, then transfers, then payments (GUIDE-76).

Keeps what earlier runs paid, what they left in the accounts, and what the employers should have contributed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from attrs import Factory, define, frozen

from funding_reference.answers import FundsRow, Payment, PriorityRow
from funding_reference.calendar import Collection, Month
from funding_reference.due import Fund
from funding_reference.levy_account import (
    SPENT,
    TRANSFERRED,
    AccountMonth,
    DerivedAccount,
    EndlessAccount,
    GivenAccount,
    account_of,
)
from funding_reference.matching import Agreed, Service
from funding_reference.money import NO_AMOUNT, NOTHING, Amount, rounded
from funding_reference.payable import EMPLOYERS_OWN, NOTHING_PAYABLE, Key, Owed, Payable
from funding_reference.payments_made import PaymentsMade
from funding_reference.records import TYPES, Agreement, Given, PaymentMade
from funding_reference.rules import Rules
from funding_reference.statements import Statement, Statements

Kind = tuple[int, str, str, str]

LEVY: Final = "levy"
TRANSFER: Final = "transfer"


@frozen
class Payee:
    """For whom an amount is moved: a learner as one provider knows it."""

    ukprn: int
    uln: int | None
    learner: str | None

    def __str__(self) -> str:
        return str(self.learner or self.uln)


@define
class Paid:
    """What has been paid under one key.

    :param aim: the AimSeqNumber it is shown under
    :param employer: the employer it is shown with
    :param agreed: the agreement that it was last paid under
    :param by_fund: what was paid and taken back for the month itself, by the fund it came from, in pounds
    :param drawn: what of it negative earnings of other months have taken back, in pounds
    :param reached: what a negative earning of this month took back out of other months, in pounds, below zero
    """

    aim: int | None
    employer: str | None
    agreed: Agreed | None = None
    by_fund: dict[Fund, Amount] = Factory(dict)
    drawn: Amount = NO_AMOUNT
    reached: Amount = NO_AMOUNT

    @property
    def total(self) -> Amount:
        """What the rows under the key come to."""
        return sum(self.by_fund.values(), self.reached)

    @property
    def held(self) -> Amount:
        """What the provider still has of the month's own payments."""
        return sum(self.by_fund.values(), NO_AMOUNT) - self.drawn

    def take_back(self, parts: Mapping[Fund, Amount]) -> None:
        """So much of the month's own payments has gone back to the funds."""
        for fund, amount in parts.items():
            self.by_fund[fund] -= amount


@frozen
class Due:
    """An amount to move in a run, and for whom.

    :param statement: what was returned of the learner; None if nothing ever was
    :param owed: what is earned under the key, if anything still is
    :param paid: what has been paid so far for the learner's year, by key
    """

    payee: Payee
    statement: Statement | None
    key: Key
    amount: Amount
    aim: int | None
    owed: Owed | None
    payable: Payable
    paid: dict[Key, Paid]

    @property
    def agreed(self) -> Agreed | None:
        """The agreement under which it is paid, or was when it was last paid."""
        if self.owed is not None:
            return self.owed.agreed
        return self.paid[self.key].agreed if self.key in self.paid else None

    @property
    def kind(self) -> Kind:
        """What is refunded out of one another's payments: a learner's year, the course, the aim and the type."""
        return id(self.paid), self.key.course, self.key.aim_reference, self.key.type

    @property
    def is_negative_earning(self) -> bool:
        """Whether what is earned is itself below zero, so that the months before it have to give the rest."""
        return self.owed is not None and self.owed.amount < 0

    @property
    def others(self) -> list[Key]:
        """The other payments of the kind, without months whose match fails.

        Clauses: READ-52.
        """
        mine = self.key
        return [
            key
            for key in self.paid
            if (key.course, key.aim_reference, key.type) == (mine.course, mine.aim_reference, mine.type)
            and key != mine
            and key.month not in self.payable.protected
        ]

    @property
    def months_before(self) -> list[Key]:
        """Those of the same month and of the months before, the latest first, back to August of the year."""
        before = (key for key in self.others if key.month <= self.key.month)
        return sorted(before, key=lambda key: key.month, reverse=True)

    @property
    def place_in_agreement(self) -> tuple[Month, int]:
        """What puts the payments under one agreement in order: the month, then on programme before completion."""
        return self.key.month, TYPES.index(self.key.type)

    def __str__(self) -> str:
        return f"{self.key.type.replace('_', ' ')} {self.key.month} of {self.payee}"


class Payments:
    """The payments of all runs so far, what they leave in the accounts, and what each apprentice has been paid."""

    def __init__(self, rules: Rules, given: Given, statements: Statements, service: Service) -> None:
        self._rules = rules
        self._given = given
        self._statements = statements
        self._service = service
        self._made = PaymentsMade(given.payments_made)
        self._paid: dict[tuple[int, str | int | None, int], dict[Key, Paid]] = {}
        self._payable: dict[tuple[int, int, int], Payable] = {}
        self._shares: dict[tuple[int, str], list[Amount]] = {}
        self._learners: dict[tuple[int, str], Statement] = {}
        self._accounts: dict[str, EndlessAccount | GivenAccount | DerivedAccount] = {}
        self._allowances: dict[tuple[str, Month], Amount] = {}
        self._employers = {employer.id: employer for employer in given.employers}
        self.rows: list[Payment] = []

    def run(self, run: Collection) -> None:
        """One run: refunds first, then transfers, then payments in their order.

        Clauses: GUIDE-76, GUIDE-93, READ-56, READ-63.
        """
        before = len(self.rows)
        self._begin(run.account_month)
        dues = list(self._due(run))
        self._refund_all(run, dues)
        owing = self._transfer(run, [due for due in dues if due.amount > 0])
        order = self._order(run)
        for due, amount in sorted(owing, key=lambda one: (*_place(order, one[0]), *one[0].place_in_agreement)):
            self._pay(run, due, amount)
        for row in self.rows[before:]:
            if row.type == "on_programme" and row.source == "employer_co_investment" and row.learner is not None:
                self._shares.setdefault((row.ukprn, row.learner), []).append(row.amount)

    def accounts(self, last_month: Month) -> Iterator[AccountMonth]:
        """The months of every account that is derived, up to a calendar month, that month included."""
        self._begin(last_month + 1)
        for _, account in sorted(self._accounts.items()):
            if isinstance(account, DerivedAccount):
                yield from account.rows

    def movements(self, last_month: Month) -> Iterator[FundsRow]:
        """What happened to the funds of every account that is derived, up to a calendar month, that month included."""
        self._begin(last_month + 1)
        for id, account in sorted(self._accounts.items()):
            if isinstance(account, DerivedAccount):
                yield from (FundsRow(id, movement) for movement in account.movements)

    def priority(self, run: Collection) -> Iterator[PriorityRow]:
        """The order of payment of every account in a run: of what was approved by the end of its delivery month.

        Clauses: GUIDE-78, GUIDE-93, READ-75.
        """
        agreements = [agreed.agreement for agreed in self._service.everything(run)]
        for employer in sorted(self._employers.values(), key=lambda employer: employer.id):
            own = [one for one in agreements if one.employer == employer.id and self._rules.is_listed(one, run)]
            if own:
                order = self._rules.payment_order(own, self._rules.provider_order(employer, run))
                yield PriorityRow(employer.id, run, tuple(one.id for one in order))

    def _begin(self, month: Month) -> None:
        for employer in self._given.employers:
            if employer.id not in self._accounts:
                self._accounts[employer.id] = account_of(self._rules, employer, month)
            self._accounts[employer.id].begin(month)

    def _order(self, run: Collection) -> dict[str, int]:
        """The place of every agreement in the order of its employer's account."""
        of_employer: dict[str, list[Agreement]] = {}
        for agreed in self._service.everything(run):
            of_employer.setdefault(agreed.agreement.employer, []).append(agreed.agreement)
        places: dict[str, int] = {}
        for id, own in of_employer.items():
            order = self._rules.payment_order(own, self._rules.provider_order(self._employers[id], run))
            places.update((agreement.id, place) for place, agreement in enumerate(order))
        return places

    # what is due

    def _due(self, run: Collection) -> Iterator[Due]:
        year = run.funding_year
        now = {statement.reference: statement for statement in self._statements.of_year(run, year)}
        self._learners.update(now)
        for reference, statement in self._learners.items():
            paid = self._paid.setdefault((*reference, year), {})
            payable = self._payable_now(run, statement) if reference in now else NOTHING_PAYABLE
            for key, row in self._made.of(self._rules, statement, year, payable):
                _remember(paid, key, row)
            payee = Payee(statement.ukprn, statement.learner.ULN, statement.learner.LearnRefNumber)
            for key in (*payable.owed, *(key for key in paid if key not in payable.owed)):
                if self._rules.is_payable(key.month, run):
                    yield from self._due_under(run, statement, payee, key, payable, paid)
        yield from self._due_of_nobody(run)

    def _due_of_nobody(self, run: Collection) -> Iterator[Due]:
        """What was paid before for learners whom their provider has never returned."""
        gone: dict[tuple[int, int | None, str | None], list[Key]] = {}
        for key, row in self._made.of_nobody(self._statements, run, self._learners.values()):
            _remember(self._paid.setdefault((row.ukprn, row.learner or row.uln, run.funding_year), {}), key, row)
            gone.setdefault((row.ukprn, row.uln, row.learner), []).append(key)
        for (ukprn, uln, learner), keys in gone.items():
            paid = self._paid[ukprn, learner or uln, run.funding_year]
            for key in dict.fromkeys(keys):
                yield from self._due_under(run, None, Payee(ukprn, uln, learner), key, NOTHING_PAYABLE, paid)

    def _due_under(
        self,
        run: Collection,
        statement: Statement | None,
        payee: Payee,
        key: Key,
        payable: Payable,
        paid: dict[Key, Paid],
    ) -> Iterator[Due]:
        """What is due under one key: earned less paid, if it can be moved now.

        Clauses: READ-50, READ-52, READ-57, READ-73.
        """
        owed, before = payable.owed.get(key), paid.get(key)
        amount = self._rules.amount_due(owed.amount if owed else NO_AMOUNT, before.total if before else NO_AMOUNT)
        fails = self._rules.is_protected(key.month, payable.protected)
        if not amount or (fails and (amount < 0 or owed is None)):
            return
        if amount > 0 and owed and statement and self._waits(run, statement, key, owed):
            return
        aim = owed.aim if owed else before.aim if before else None
        yield Due(payee, statement, key, amount, aim, owed, payable, paid)

    def _payable_now(self, run: Collection, statement: Statement) -> Payable:
        """What can be paid of the statement's year; worked out once for each state of what is known."""
        known = self._service.known(statement.learner.ULN, run)
        key = id(statement), run.funding_year, id(known)
        if key not in self._payable:
            self._payable[key] = self._rules.payable_of(self._rules, statement, run.funding_year, known)
        return self._payable[key]

    def _waits(self, run: Collection, statement: Statement, key: Key, owed: Owed) -> bool:
        """Whether a completion payment waits until the employer's contribution is recorded.

        Clauses: GUIDE-53, READ-57, READ-76.
        """
        programme = owed.programme
        if key.type != "completion" or key.employer_share == NOTHING or programme is None:
            return False
        shares = [*self._made.shares(statement), *self._shares.get(statement.reference, ())]
        if not shares or self._rules.is_exempt_from_hold_back(programme):
            return False
        if self._rules.was_without_employment(programme):
            return False
        payments = [record for one in statement.programmes for record in one.payments_by_employer]
        recorded = self._rules.employer_contribution_recorded(payments, run)
        return self._rules.is_held_back(self._rules.employer_contribution_owed(shares), recorded)

    # moving money

    def _refund_all(self, run: Collection, dues: Sequence[Due]) -> None:
        """Every refund: those of a month's own payments first, then those of negative earnings, month by month.

        What the provider has of a kind bounds both; what this run pays of it counts for the first, so that a payment
        may move from one key to another although a negative earning has taken its money.

        Clauses: READ-51, READ-77.
        """
        coming: dict[Kind, Amount] = {}
        for due in dues:
            if due.amount > 0:
                coming[due.kind] = coming.get(due.kind, NO_AMOUNT) + due.amount
        refunds = [due for due in dues if due.amount < 0]
        for due in sorted(refunds, key=lambda due: (due.is_negative_earning, due.key.month)):
            if due.is_negative_earning:
                self._take_back(run, due)
            else:
                self._refund(run, due, coming.get(due.kind, NO_AMOUNT))

    def _refund(self, run: Collection, due: Due, coming: Amount) -> None:
        """A refund to the funds that paid the month, in proportion.

        Clauses: GUIDE-152, READ-51.
        """
        mine = due.paid[due.key]
        part = min(-due.amount, sum((due.paid[key].held for key in (due.key, *due.others)), coming))
        if part > 0:
            parts = self._rules.refund_by_source(part, mine.by_fund)
            self._give_back(run, due, due.key, parts)
            mine.take_back(parts)

    def _take_back(self, run: Collection, due: Due) -> None:
        """A negative earning: what its own month was paid, then what the months before were, the latest first.

        Clauses: GUIDE-152, READ-51, READ-77.
        """
        mine = due.paid.setdefault(due.key, self._nothing_paid(due))
        wanted = min(-due.amount, sum((due.paid[key].held for key in (due.key, *due.others)), NO_AMOUNT))
        for key in (due.key, *due.months_before):
            other = due.paid[key]
            part = min(wanted, other.held)
            if part <= 0:
                continue
            wanted -= part
            parts = self._rules.refund_by_source(part, other.by_fund)
            self._give_back(run, due, key, parts)
            if other is mine:
                mine.take_back(parts)
            else:
                whole = sum(parts.values(), NO_AMOUNT)
                other.drawn += whole
                mine.reached -= whole

    def _give_back(self, run: Collection, due: Due, paid_under: Key, parts: Mapping[Fund, Amount]) -> None:
        """Rows of a refund, and what goes back into accounts."""
        for (source, sender), amount in parts.items():
            account = sender if source == TRANSFER else paid_under.employer if source == LEVY else None
            if account is not None:
                self._accounts[account].refund(amount, str(due))
            self._move(run, due, (source, sender), -amount, due.paid[paid_under].employer)

    def _transfer(self, run: Collection, dues: Sequence[Due]) -> list[tuple[Due, Amount]]:
        """Pays what other employers send, and says what is left to pay of every amount due.

        Clauses: READ-56, READ-62.
        """
        left = [due.amount for due in dues]
        senders = [self._sender(due) for due in dues]
        sent = [place for place, sender in enumerate(senders) if sender is not None]
        for place in sorted(sent, key=lambda place: _transfer_order(dues[place])):
            due, sender = dues[place], senders[place]
            assert sender is not None
            allowance = self._allowance(sender, run.account_month)
            amount = self._rules.transferred(due.amount, allowance, self._accounts[sender].balance)
            if amount > 0:
                self._allowances[sender, run.account_month] = allowance - amount
                self._accounts[sender].spend(amount, TRANSFERRED, str(due))
                self._receive(run, due, (TRANSFER, sender), amount)
                left[place] -= amount
        return [(due, amount) for due, amount in zip(dues, left, strict=True) if amount]

    def _sender(self, due: Due) -> str | None:
        """The employer who sends the money for a payment, if one does."""
        if due.agreed is None or not self._rules.is_paid_by_transfer(self._rules, due.agreed.agreement):
            return None
        uses_funds = self._rules.is_co_invested(due.key.type) and self._rules.may_use_account(
            due.key.contract_type, due.key.employer_share == NOTHING
        )
        return due.agreed.agreement.sender if uses_funds else None

    def _allowance(self, sender: str, month: Month) -> Amount:
        if (sender, month) not in self._allowances:
            employer = self._employers[sender]
            self._allowances[sender, month] = self._rules.transfer_allowance(self._rules, employer, month)
        return self._allowances[sender, month]

    def _pay(self, run: Collection, due: Due, amount: Amount) -> None:
        """Pays an amount out of the employer's account as far as it goes, and the rest by both shares."""
        key = due.key
        account = self._accounts[key.employer] if key.employer else None
        for source, part in self._rules.out_of_funds(
            self._rules,
            key.type,
            key.contract_type,
            key.employer_share,
            amount,
            account.balance if account else NO_AMOUNT,
        ):
            if source == LEVY and account:
                account.spend(part, SPENT, str(due))
            self._receive(run, due, (source, None), part)

    def _receive(self, run: Collection, due: Due, fund: Fund, amount: Amount) -> None:
        """The provider receives an amount, and holds it until it is taken back."""
        paid = due.paid.setdefault(due.key, self._nothing_paid(due))
        paid.agreed = due.agreed
        paid.by_fund[fund] = paid.by_fund.get(fund, NO_AMOUNT) + amount
        self._move(run, due, fund, amount, paid.employer)

    def _move(self, run: Collection, due: Due, fund: Fund, amount: Amount, employer: str | None) -> None:
        source, sender = fund
        self.rows.append(
            Payment(
                collection=run,
                ukprn=due.payee.ukprn,
                uln=due.payee.uln,
                learner=due.payee.learner,
                aim=due.aim,
                contract_type=due.key.contract_type,
                employer=employer,
                sender=sender,
                type=due.key.type,
                month=due.key.month,
                source=source,
                amount=amount,
            )
        )

    def _nothing_paid(self, due: Due) -> Paid:
        """What has been paid under a key before its first payment, with the employer that it is shown with.

        Under the agency's contract that is the employer of the EmpId on the census.

        Clauses: READ-74.
        """
        programme = due.owed.programme if due.owed else None
        employer = due.key.employer
        if due.key.contract_type != EMPLOYERS_OWN and programme is not None:
            month = due.key.month
            status = programme.employment_on(min(month.census, programme.last_day or month.census))
            employer = due.statement.employer_of(status) if due.statement else None
        return Paid(due.aim, employer, due.agreed)


def _remember(paid: dict[Key, Paid], key: Key, row: PaymentMade) -> None:
    """Enters a payment that was made before the first return."""
    made = paid.setdefault(key, Paid(row.aim, row.employer))
    fund = row.source, row.sender
    made.by_fund[fund] = made.by_fund.get(fund, NO_AMOUNT) + rounded(row.amount)


def _place(order: Mapping[str, int], due: Due) -> tuple[str, int]:
    """The account that pays, and the place of the agreement in its order; nothing competes outside an account."""
    agreement = due.agreed.agreement if due.agreed else None
    return (agreement.employer, order[agreement.id]) if agreement else ("", 0)


def _transfer_order(due: Due) -> tuple[object, ...]:
    """By the day on which the transfer was approved, then by ULN.

    Clauses: READ-62.
    """
    agreement = due.agreed.agreement if due.agreed else None
    approved = (agreement.transfer_approved or agreement.approved_on) if agreement else date.min
    return approved, due.payee.uln or 0, agreement.id if agreement else "", *due.place_in_agreement
