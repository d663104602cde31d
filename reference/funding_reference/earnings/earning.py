"""One amount that a provider earned for a month's delivery, and how it is made of what was entered in the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from attrs import frozen

from funding_reference.apprenticeship import Programme, Qualification
from funding_reference.calendar import Month
from funding_reference.earnings.ledger import Entry
from funding_reference.money import Amount, Money

if TYPE_CHECKING:
    from funding_reference.rules import Rules


@frozen(slots=False)  # made in two thirds of the time, and nothing is made as often
class Earning:
    """One amount that a provider earned for a month's delivery.

    :param aim: the AimSeqNumber
    :param aim_reference: the LearnAimRef
    :param price_episode: the day on which the price episode starts; None for English and maths
    :param amount: pounds, five decimals
    :param entry: the same in the ledger, before it was rounded; None for what nothing later stands on
    """

    ukprn: int
    uln: int
    learner: str
    aim: int
    aim_reference: str
    price_episode: date | None
    contract_type: int | None
    type: str
    month: Month
    amount: Amount
    entry: Entry | None = None

    def __str__(self) -> str:
        return f"{self.type.replace('_', ' ')} {self.month} {self.amount}"


class Rows:
    """Makes the earnings of one aim, each amount rounded once (READ-10)."""

    def __init__(self, rules: Rules, owner: Programme | Qualification) -> None:
        self._rules = rules
        self._earning = partial(
            Earning,
            owner.ukprn,
            owner.learner.ULN,
            owner.learner.LearnRefNumber,
            owner.aim.AimSeqNumber,
            owner.aim.LearnAimRef,
        )
        self._exact: Money | None = None
        self._amount: Amount | None = None

    def row(
        self,
        type: str,
        month: Month,
        pounds: Money,
        contract_type: int | None,
        price_episode: date | None = None,
        entry: Entry | None = None,
    ) -> Earning:
        """An earning of the aim in one month."""
        [row] = self.of_months(type, [month], pounds, contract_type, price_episode, entry)
        return row

    def of_months(
        self,
        type: str,
        months: Iterable[Month],
        pounds: Money,
        contract_type: int | None,
        price_episode: date | None = None,
        entry: Entry | None = None,
    ) -> list[Earning]:
        """The same earning in each month; equal amounts that follow each other are rounded once."""
        if pounds is not self._exact or self._amount is None:
            self._exact, self._amount = pounds, self._rules.rounded(pounds)
        amount, earning = self._amount, self._earning
        return [earning(price_episode, contract_type, type, month, amount, entry) for month in months]
