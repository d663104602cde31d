"""What is outstanding in a run: earned so far less paid so far, for every apprentice under every key (GUIDE-76).

Keeps what earlier runs paid, key by key, and what the employers should have contributed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from attrs import Factory, define, frozen

from funding_reference.answers import Payment
from funding_reference.calendar import Collection, Month
from funding_reference.due import Fund, is_left_alone, refund_by_source
from funding_reference.matching import Agreed, Service
from funding_reference.money import NO_AMOUNT, NOTHING, Amount, rounded
from funding_reference.payable import EMPLOYERS_OWN, NOTHING_PAYABLE, Key, Owed, Payable
from funding_reference.payments_made import PaymentsMade
from funding_reference.records import TYPES, Given, PaymentMade
from funding_reference.rules import Rules
from funding_reference.statements import Statement, Statements

Kind = tuple[int, str, str, str]


@frozen
class Payee:
    """For whom an amount is moved: a learner as one provider knows it."""

    ukprn: int
    uln: int | None
    learner: str | None

    def __str__(self) -> str:
        return str(self.learner or self.uln)


@define
class Drawn:
    """What a negative earning took out of another month.

    :param by_fund: the funds that it went back to, in pounds
    :param amount: what of it has not been paid back, in pounds
    """

    by_fund: Mapping[Fund, Amount]
    amount: Amount = Factory(lambda self: sum(self.by_fund.values(), NO_AMOUNT), takes_self=True)


@define
class Paid:
    """What has been paid under one key.

    :param aim: the AimSeqNumber it is shown under
    :param employer: the employer it is shown with
    :param agreed: the agreement that it was first paid under
    :param by_fund: what the provider still has of the month's own payments, by the fund it came from, in pounds
    :param drawn: what negative earnings of other months have taken back of them
    :param reached: what a negative earning of this month took back out of other months
    """

    aim: int | None
    employer: str | None
    agreed: Agreed | None = None
    by_fund: dict[Fund, Amount] = Factory(dict)
    drawn: list[Drawn] = Factory(list)
    reached: list[tuple[Paid, Drawn]] = Factory(list)

    @property
    def total(self) -> Amount:
        """What the rows under the key come to."""
        return self.held + sum(one.amount for one in self.drawn) - sum(one.amount for _, one in self.reached)

    @property
    def held(self) -> Amount:
        """What the provider still has of the month's own payments."""
        return sum(self.by_fund.values(), NO_AMOUNT)

    def sources_of(self, amount: Amount) -> Mapping[Fund, Amount]:
        """Whose money a refund takes: what the provider still has of the month, by fund.

        Of more than that, the rest has gone back for a negative earning, and is paid again in the same run.
        """
        sources = {fund: part for fund, part in self.by_fund.items() if part > 0}
        if amount > self.held:
            for one in self.drawn:
                if one.amount > 0:
                    _add(sources, one.by_fund)
        return sources

    def take_back(self, parts: Mapping[Fund, Amount]) -> None:
        """So much of the month's own payments has gone back to the funds."""
        for fund, amount in parts.items():
            self.by_fund[fund] = self.by_fund.get(fund, NO_AMOUNT) - amount

    def reach_into(self, other: Paid, parts: Mapping[Fund, Amount]) -> None:
        """So much of another month's payments has gone back for a negative earning of this one."""
        other.take_back(parts)
        drawn = Drawn(parts)
        other.drawn.append(drawn)
        self.reached.append((other, drawn))

    def receive(self, parts: Mapping[Fund, Amount]) -> None:
        """A payment: what had been taken out of other months is theirs again, the last first; the rest is its own.

        Each has its part of every fund that pays it now, which need not be the funds that it had gone back to.

        Clauses: READ-51, READ-77.
        """
        left = dict(parts)
        for other, one in reversed(self.reached):
            part = min(one.amount, sum(left.values(), NO_AMOUNT))
            if part > 0:
                again = refund_by_source(part, left)
                one.amount -= sum(again.values(), NO_AMOUNT)
                _add(other.by_fund, again)
                left = {fund: amount - again.get(fund, NO_AMOUNT) for fund, amount in left.items()}
        _add(self.by_fund, left)


@define
class Due:
    """An amount to move in a run, and for whom.

    :param statement: what was returned of the learner; None if nothing ever was
    :param amount: pounds; below zero it is to be taken back
    :param owed: what is earned under the key, if anything still is
    :param paid: what has been paid so far for the learner's year, by key
    :param left: what of the amount no other employer has sent
    """

    payee: Payee
    statement: Statement | None
    key: Key
    amount: Amount
    aim: int | None
    owed: Owed | None
    payable: Payable
    paid: dict[Key, Paid]
    left: Amount = Factory(lambda self: self.amount, takes_self=True)

    def entry(self) -> Paid:
        """What has been paid under its key, with the employer that it is shown with from the first payment on.

        Under the agency's contract that is the employer of the EmpId on the census.

        Clauses: READ-74.
        """
        if self.key in self.paid:
            return self.paid[self.key]
        programme = self.owed.programme if self.owed else None
        employer = self.key.employer
        if self.key.contract_type != EMPLOYERS_OWN and programme is not None:
            month = self.key.month
            status = programme.employment_on(min(month.census, programme.last_day or month.census))
            employer = self.statement.employer_of(status) if self.statement else None
        return self.paid.setdefault(self.key, Paid(self.aim, employer, self.agreed))

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
    def is_to_be_paid(self) -> bool:
        """Whether the provider is to receive it; if not, it is to be taken back."""
        return self.amount > 0

    @property
    def is_negative_earning(self) -> bool:
        """Whether what is earned is itself below zero, so that the months before it have to give the rest."""
        return self.owed is not None and self.owed.amount < 0

    @property
    def of_kind(self) -> list[Key]:
        """The payments of the kind, its own among them, without months whose match fails.

        Clauses: READ-52.
        """
        mine = self.key
        return [
            key
            for key in self.paid
            if (key.course, key.aim_reference, key.type) == (mine.course, mine.aim_reference, mine.type)
            and key.month not in self.payable.protected
        ]

    @property
    def held(self) -> Amount:
        """What the provider still has of the kind."""
        return sum((self.paid[key].held for key in self.of_kind), NO_AMOUNT)

    @property
    def back_to_august(self) -> list[Key]:
        """What a negative earning goes back to: its own payments, then the latest before, back to August."""
        until = (key for key in self.of_kind if key.month <= self.key.month)
        return sorted(until, key=lambda key: (key.month, key == self.key), reverse=True)

    @property
    def place_in_agreement(self) -> tuple[Month, int]:
        """What puts the payments under one agreement in order: the month, then on programme before completion."""
        return self.key.month, TYPES.index(self.key.type)

    def __str__(self) -> str:
        return f"{self.key.type.replace('_', ' ')} {self.key.month} of {self.payee}"


class Outstanding:
    """What is outstanding run by run, and what each apprentice has been paid so far."""

    def __init__(self, rules: Rules, given: Given, statements: Statements, service: Service) -> None:
        self._rules = rules
        self._statements = statements
        self._service = service
        self._made = PaymentsMade(given.payments_made)
        self._paid: dict[tuple[int, str | int | None, int], dict[Key, Paid]] = {}
        self._payable: dict[tuple[int, int, int], Payable] = {}
        self._shares: dict[tuple[int, str], list[Amount]] = {}
        self._learners: dict[tuple[int, str], Statement] = {}

    def in_run(self, run: Collection) -> Iterator[Due]:
        """What is due in a run, of every apprentice who is or has been returned, or paid before and never returned.

        Nothing is due of a year for which no return of the provider speaks, such as one that was over at its first.

        Clauses: READ-70.
        """
        year = run.funding_year
        now = {statement.reference: statement for statement in self._statements.of_year(run, year)}
        self._learners.update(now)
        heard = self._statements.heard(run, year)
        for reference, statement in self._learners.items():
            if statement.ukprn not in heard:
                continue
            paid = self._paid.setdefault((*reference, year), {})
            payable = self._payable_now(run, statement) if reference in now else NOTHING_PAYABLE
            for key, row in self._made.of(self._rules, statement, year, payable):
                _remember(paid, key, row)
            payee = Payee(statement.ukprn, statement.learner.ULN, statement.learner.LearnRefNumber)
            for key in (*payable.owed, *(key for key in paid if key not in payable.owed)):
                if self._rules.is_payable(key.month, run):
                    yield from self._due_under(run, statement, payee, key, payable, paid)
        yield from self._due_of_nobody(run)

    def has_moved(self, rows: Sequence[Payment]) -> None:
        """A run is over: what it asked of employers for instalments counts for the completion payments of later runs.

        Clauses: READ-76.
        """
        for row in rows:
            if row.type == "on_programme" and row.source == "employer_co_investment" and row.learner is not None:
                self._shares.setdefault((row.ukprn, row.learner), []).append(row.amount)

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
        if not amount:
            return
        if self._rules.is_protected(key.month, payable.protected) and is_left_alone(amount, owed is not None):
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


def _remember(paid: dict[Key, Paid], key: Key, row: PaymentMade) -> None:
    """Enters a payment that was made before the first return."""
    made = paid.setdefault(key, Paid(row.aim, row.employer))
    _add(made.by_fund, {(row.source, row.sender or key.employer): rounded(row.amount)})


def _add(by_fund: dict[Fund, Amount], parts: Mapping[Fund, Amount]) -> None:
    for fund, amount in parts.items():
        by_fund[fund] = by_fund.get(fund, NO_AMOUNT) + amount
