"""Money moved, run by run: refunds, transfers and payments, each in its turn, and what they leave in the accounts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from attrs import frozen

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
from funding_reference.matching import Service
from funding_reference.money import NO_AMOUNT, NOTHING, Amount
from funding_reference.outstanding import Due, Kind, Outstanding
from funding_reference.payable import Key
from funding_reference.priority import MOVES, PAYMENTS, REFUNDS, REMAINDERS, TRANSFERS
from funding_reference.records import Agreement, Given
from funding_reference.rules import Rules
from funding_reference.statements import Statements

LEVY: Final = "levy"
TRANSFER: Final = "transfer"


@frozen
class Move:
    """Something to do in a run.

    :param what: one of :data:`funding_reference.priority.MOVES`
    :param place: what puts those of one turn in order
    :param make: does it
    """

    what: str
    place: tuple[Any, ...]
    make: Callable[[], None]


class Payments:
    """The payments of all runs so far, and what they leave in the accounts."""

    def __init__(self, rules: Rules, given: Given, statements: Statements, service: Service) -> None:
        self._rules = rules
        self._given = given
        self._service = service
        self._outstanding = Outstanding(rules, given, statements, service)
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
        turns = {what: self._rules.turn_of(what) for what in MOVES}
        moves = self._moves(run, list(self._outstanding.in_run(run)))
        for move in sorted(moves, key=lambda move: (turns[move.what], *move.place)):
            move.make()
        self._outstanding.has_moved(self.rows[before:])

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

    def _moves(self, run: Collection, dues: Sequence[Due]) -> Iterator[Move]:
        """What there is to do about everything that is due.

        Refunds of a month's own payments come before those of negative earnings, month by month. What the provider has
        of a kind bounds both; what this run pays of it counts for the first, so that a payment may move from one key to
        another although a negative earning has taken its money.

        Clauses: READ-51, READ-77.
        """
        coming = _coming(dues)
        order = self._order(run)
        for due in dues:
            if due.is_to_be_paid:
                sent_under = self._sent_under(due)
                if sent_under is not None:
                    place = _transfer_place(due, sent_under)
                    yield Move(TRANSFERS, place, partial(self._send, run, due, sent_under))
                what = PAYMENTS if sent_under is None else REMAINDERS
                place = (*_payment_place(order, due), *due.place_in_agreement)
                yield Move(what, place, partial(self._pay, run, due))
            else:
                make = self._take_back if due.is_negative_earning else partial(self._refund, coming=coming)
                yield Move(REFUNDS, (due.is_negative_earning, due.key.month), partial(make, run, due))

    def _refund(self, run: Collection, due: Due, coming: Mapping[Kind, Amount]) -> None:
        """A refund to the funds that paid the month, in proportion.

        Clauses: GUIDE-152, READ-51.
        """
        mine = due.paid[due.key]
        part = min(-due.amount, due.held + coming.get(due.kind, NO_AMOUNT))
        if part > 0:
            parts = self._rules.refund_by_source(part, mine.sources_of(part))
            self._give_back(run, due, due.key, parts)
            mine.take_back(parts)

    def _take_back(self, run: Collection, due: Due) -> None:
        """A negative earning: what its own month was paid, then what the months before were, the latest first.

        Clauses: GUIDE-152, READ-51, READ-77.
        """
        mine = due.entry()
        wanted = min(-due.amount, due.held)
        for key in due.back_to_august:
            other = due.paid[key]
            part = max(NO_AMOUNT, min(wanted, other.held))
            if not part:
                continue
            wanted -= part
            parts = self._rules.refund_by_source(part, other.sources_of(part))
            self._give_back(run, due, key, parts)
            if other is mine:
                mine.take_back(parts)
            else:
                mine.reach_into(other, parts)

    def _give_back(self, run: Collection, due: Due, paid_under: Key, parts: Mapping[Fund, Amount]) -> None:
        """Rows of a refund, and what goes back into accounts."""
        for (source, payer), amount in parts.items():
            if payer is not None and source in (LEVY, TRANSFER):
                self._accounts[payer].refund(amount, str(due))
            self._add_row(run, due, (source, payer), -amount, due.paid[paid_under].employer)

    def _sent_under(self, due: Due) -> Agreement | None:
        """The agreement under which another employer sends the money for a payment, if one does."""
        agreement = due.agreed.agreement if due.agreed else None
        if agreement is None or not self._rules.is_paid_by_transfer(self._rules, agreement):
            return None
        uses_funds = self._rules.may_use_account(due.key.contract_type, due.key.employer_share == NOTHING)
        return agreement if uses_funds else None

    def _send(self, run: Collection, due: Due, agreement: Agreement) -> None:
        """Pays what another employer sends of an amount.

        Clauses: READ-56, READ-62.
        """
        sender = agreement.sender
        assert sender is not None, "What is paid by transfer has a sender."
        allowance = self._allowance(sender, run.account_month)
        amount = self._rules.transferred(due.amount, allowance, self._accounts[sender].balance)
        if amount > 0:
            self._allowances[sender, run.account_month] = allowance - amount
            self._accounts[sender].spend(amount, TRANSFERRED, str(due))
            self._receive(run, due, {(TRANSFER, sender): amount})
            due.left -= amount

    def _allowance(self, sender: str, month: Month) -> Amount:
        if (sender, month) not in self._allowances:
            employer = self._employers[sender]
            self._allowances[sender, month] = self._rules.transfer_allowance(self._rules, employer, month)
        return self._allowances[sender, month]

    def _pay(self, run: Collection, due: Due) -> None:
        """Pays what is left of an amount: out of the employer's account as far as it goes, the rest by both shares."""
        key = due.key
        account = self._accounts[key.employer] if key.employer else None
        parts: dict[Fund, Amount] = {}
        for source, part in self._rules.out_of_funds(
            self._rules,
            key.type,
            key.contract_type,
            key.employer_share,
            due.left,
            account.balance if account else NO_AMOUNT,
        ):
            if source == LEVY and account:
                account.spend(part, SPENT, str(due))
            parts[source, key.employer] = part
        self._receive(run, due, parts)

    def _receive(self, run: Collection, due: Due, parts: Mapping[Fund, Amount]) -> None:
        """The provider receives an amount, and holds it until it is taken back."""
        paid = due.entry()
        paid.receive(parts)
        for fund, amount in parts.items():
            self._add_row(run, due, fund, amount, paid.employer)

    def _add_row(self, run: Collection, due: Due, fund: Fund, amount: Amount, employer: str | None) -> None:
        source, payer = fund
        is_sent = source == TRANSFER
        self.rows.append(
            Payment(
                collection=run,
                ukprn=due.payee.ukprn,
                uln=due.payee.uln,
                learner=due.payee.learner,
                aim=due.aim,
                contract_type=due.key.contract_type,
                employer=employer if is_sent else payer or employer,
                sender=payer if is_sent else None,
                type=due.key.type,
                month=due.key.month,
                source=source,
                amount=amount,
            )
        )


def _coming(dues: Sequence[Due]) -> Mapping[Kind, Amount]:
    """What a run pays, by what is refunded out of one another's payments."""
    coming: dict[Kind, Amount] = {}
    for due in dues:
        if due.is_to_be_paid:
            coming[due.kind] = coming.get(due.kind, NO_AMOUNT) + due.amount
    return coming


def _payment_place(order: Mapping[str, int], due: Due) -> tuple[str, int]:
    """The account that pays, and the place of the agreement in its order; nothing competes outside an account."""
    agreement = due.agreed.agreement if due.agreed else None
    return (agreement.employer, order[agreement.id]) if agreement else ("", 0)


def _transfer_place(due: Due, agreement: Agreement) -> tuple[Any, ...]:
    """By the day on which the transfer was approved, then by ULN.

    Clauses: READ-62.
    """
    approved = agreement.transfer_approved or agreement.approved_on
    return approved, agreement.uln, agreement.id, *due.place_in_agreement
