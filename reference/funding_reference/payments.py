"""Money moved, run by run: what is due of every apprentice, refunds first, then payments in their order (GUIDE-76).

Keeps what earlier runs paid, what they left in the accounts, and what the employers should have contributed.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import Factory, define, frozen

from funding_reference.answers import Payment
from funding_reference.apprenticeship import Programme
from funding_reference.calendar import Collection, Month
from funding_reference.money import NO_AMOUNT, NOTHING, Amount, Money, rounded
from funding_reference.records import TYPES, Ample, AvailableFunds, Given
from funding_reference.rules import Rules
from funding_reference.statements import Statement, Statements


@frozen(cache_hash=True)
class Key:
    """What must be the same for a payment and what was paid before to be set against each other.

    Clauses: READ-50, READ-74.
    """

    month: Month
    type: str
    course: str
    aim_reference: str
    contract_type: int | None
    employer_share: Money
    employer: str | None


@define
class Paid:
    """What has been paid under one key, by source.

    :param aim: the AimSeqNumber it is shown under
    """

    aim: int
    by_source: dict[str, Amount] = Factory(dict)

    @property
    def total(self) -> Amount:
        return sum(self.by_source.values(), NO_AMOUNT)


@define
class Account:
    """The balance of an employer's account in one calendar month; None has no end."""

    month: Month
    balance: Amount | None


@frozen
class Due:
    """An amount to move in a run, and for whom."""

    statement: Statement
    key: Key
    aim: int
    amount: Amount


class Payments:
    """The payments of all runs so far, what they leave in the accounts, and what each apprentice has been paid."""

    def __init__(self, rules: Rules, given: Given, statements: Statements) -> None:
        self._rules = rules
        self._given = given
        self._statements = statements
        self._paid: dict[tuple[int, str, int], dict[Key, Paid]] = {}
        self._earned: dict[tuple[int, int], dict[Key, tuple[int, Amount]]] = {}
        self._instalment_shares: dict[tuple[int, str], list[Amount]] = {}
        self._learners: dict[int, dict[str, Statement]] = {}
        self._accounts: dict[str, Account] = {}
        self._agreements = {agreement.uln: agreement for agreement in given.agreements}
        self._place = self._places()
        self.rows: list[Payment] = []

    def _places(self) -> dict[str, tuple[str, int]]:
        places: dict[str, tuple[str, int]] = {}
        for employer in self._given.employers:
            own = [agreement for agreement in self._given.agreements if agreement.employer == employer.id]
            for place, agreement in enumerate(self._rules.payment_order(own, employer.provider_priority)):
                places[agreement.id] = employer.id, place
        return places

    def run(self, run: Collection) -> None:
        """One run: what is due of every apprentice, refunds first, then payments in their order."""
        before = len(self.rows)
        dues = [due for ukprn in self._statements.providers for due in self._due(run, ukprn)]
        for due in dues:
            if due.amount < 0:
                self._refund(run, due)
        for due in sorted((due for due in dues if due.amount > 0), key=self._order):
            self._pay(run, due)
        for row in self.rows[before:]:
            if row.type == "on_programme" and row.source == "employer_co_investment" and row.learner is not None:
                self._instalment_shares.setdefault((row.ukprn, row.learner), []).append(row.amount)

    def _due(self, run: Collection, ukprn: int) -> Iterator[Due]:
        returned = self._statements.of_year(run, run.funding_year)
        now = {statement.learner.LearnRefNumber: statement for statement in returned if statement.ukprn == ukprn}
        known = self._learners.setdefault(ukprn, {})
        known.update(now)
        for learner, statement in known.items():
            earned = self._earned_by_key(statement, run.funding_year) if learner in now else {}
            paid = self._paid.setdefault((ukprn, learner, run.funding_year), {})
            for key in (*earned, *(key for key in paid if key not in earned)):
                if not self._rules.is_payable(key.month, run):
                    continue
                so_far = paid[key].total if key in paid else NO_AMOUNT
                amount = self._rules.amount_due(earned[key][1] if key in earned else NO_AMOUNT, so_far)
                if amount < 0 and not so_far:
                    continue
                if amount and not (amount > 0 and self._waits(run, statement, key)):
                    aim = earned[key][0] if key in earned else paid[key].aim
                    yield Due(statement, key, aim, amount)

    def _earned_by_key(self, statement: Statement, year: int) -> dict[Key, tuple[int, Amount]]:
        """What a year earned that can be paid, by key, with the AimSeqNumber that earned it.

        Without a contract, or without an agreement that matches, nothing is paid.
        """
        known = self._earned.get((id(statement), year))
        if known is not None:
            return known
        programme = statement.programme
        agreement = self._agreements.get(statement.learner.ULN)
        earned: dict[Key, tuple[int, Amount]] = {}
        for row in statement.earnings:
            unmatched = row.contract_type == 1 and agreement is None
            if unmatched or row.contract_type is None or row.month.funding_year != year:
                continue
            employer = agreement.employer if agreement and row.contract_type == 1 else None
            share = statement.employer_share if self._rules.is_co_invested(row.type) else NOTHING
            key = Key(row.month, row.type, programme.course.id, row.aim_reference, row.contract_type, share, employer)
            _, so_far = earned.get(key, (row.aim, NO_AMOUNT))
            earned[key] = row.aim, so_far + row.amount
        self._earned[id(statement), year] = earned
        return earned

    def _waits(self, run: Collection, statement: Statement, key: Key) -> bool:
        """Whether a completion payment waits until the employer's contribution is recorded (READ-57)."""
        programme = statement.programme
        shares = self._instalment_shares.get((programme.ukprn, programme.learner.LearnRefNumber), [])
        if key.type != "completion" or not shares or key.employer_share == NOTHING:
            return False
        if self._rules.is_exempt_from_hold_back(programme):
            return False
        recorded = self._rules.employer_contribution_recorded(programme.payments_by_employer, run)
        return self._rules.is_held_back(self._rules.employer_contribution_owed(shares), recorded)

    def _order(self, due: Due) -> tuple[object, ...]:
        agreement = self._agreements.get(due.statement.learner.ULN) if due.key.contract_type == 1 else None
        place = self._place[agreement.id] if agreement else ("", 0)
        return (*place, due.key.month, TYPES.index(due.key.type))

    # moving money

    def _paid_to(self, due: Due, run: Collection) -> dict[Key, Paid]:
        programme = due.statement.programme
        return self._paid[programme.ukprn, programme.learner.LearnRefNumber, run.funding_year]

    def _refund(self, run: Collection, due: Due) -> None:
        paid = self._paid_to(due, run)[due.key]
        for source, amount in self._rules.refund_by_source(-due.amount, paid.by_source).items():
            if source == "levy" and due.key.employer:
                account = self._account(due.key.employer, run)
                if account.balance is not None:
                    account.balance += amount
            self._move(run, due, source, -amount)

    def _pay(self, run: Collection, due: Due) -> None:
        key = due.key
        account = self._account(key.employer, run) if key.employer else None
        balance = account.balance if account else NO_AMOUNT
        for source, amount in self._rules.out_of_funds(
            self._rules, key.type, key.contract_type, key.employer_share, due.amount, balance
        ):
            if source == "levy" and account and account.balance is not None:
                account.balance -= amount
            self._move(run, due, source, amount)

    def _account(self, employer: str, run: Collection) -> Account:
        """The employer's account as this run finds it: given afresh each calendar month."""
        account = self._accounts.get(employer)
        if account is None or account.month != run.account_month:
            funds = self._given.employer(employer).levy_funds
            balance: Amount | None = NO_AMOUNT
            if funds is Ample.UNLIMITED:
                balance = None
            elif isinstance(funds, AvailableFunds):
                balance = rounded(funds.in_month(run.account_month))
            account = self._accounts[employer] = Account(run.account_month, balance)
        return account

    def _move(self, run: Collection, due: Due, source: str, amount: Amount) -> None:
        if not amount:
            return
        programme = due.statement.programme
        paid = self._paid_to(due, run).setdefault(due.key, Paid(due.aim))
        paid.by_source[source] = paid.by_source.get(source, NO_AMOUNT) + amount
        self.rows.append(
            Payment(
                collection=run,
                ukprn=programme.ukprn,
                uln=programme.learner.ULN,
                learner=programme.learner.LearnRefNumber,
                aim=due.aim,
                contract_type=due.key.contract_type,
                employer=due.key.employer or self._employer_by_identifier(programme, due.key.month),
                type=due.key.type,
                month=due.key.month,
                source=source,
                amount=amount,
            )
        )

    def _employer_by_identifier(self, programme: Programme, month: Month) -> str | None:
        """Under the agency's contract the employer is known by its EmpId on the census (READ-74)."""
        status = programme.employment_on(min(month.census, programme.last_day or month.census))
        identifier = None if status is None else status.EmpId
        if identifier is None:
            return None
        return next((employer.id for employer in self._given.employers if employer.identifier == identifier), None)
