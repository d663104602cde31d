"""Payments that were made before the first return of a scenario, set under the keys that they belong to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from funding_reference.calendar import Collection
from funding_reference.money import NOTHING, Amount, Money, rounded
from funding_reference.payable import EMPLOYERS_OWN, NO_COURSE, Key, Payable
from funding_reference.records import PaymentMade
from funding_reference.statements import Statement, Statements

if TYPE_CHECKING:
    from funding_reference.rules import Rules

PROGRAMME_REFERENCE: Final = "ZPROG001"


class PaymentsMade:
    """What was paid before, by the learner it was paid for, until it is known what it is set against."""

    def __init__(self, rows: Sequence[PaymentMade]) -> None:
        self._rows = list(rows)
        self._waiting = list(rows)

    def shares(self, statement: Statement) -> list[Amount]:
        """The employer's shares in instalments for one learner, refunds below zero."""
        return [
            rounded(row.amount)
            for row in self._rows
            if (row.type, row.source) == ("on_programme", "employer_co_investment") and _is_for(row, statement)
        ]

    def of(self, rules: Rules, statement: Statement, year: int, payable: Payable) -> Iterator[tuple[Key, PaymentMade]]:
        """What was paid for a learner's year, each once: under the key of what is earned, or under one of its own.

        While the month's match fails it waits, since nothing of it can be moved.
        """
        programme = statement.programmes[-1] if statement.programmes else None
        mine = [row for row in self._waiting if row.month.funding_year == year and _is_for(row, statement)]
        for row in mine:
            key = next((key for key in payable.owed if _is_under(row, key)), None)
            if key is None and row.month in payable.protected:
                continue
            self._waiting.remove(row)
            shared = rules.is_co_invested(row.type)
            share = rules.employer_share(rules, programme, row.month.census) if programme and shared else NOTHING
            yield key or _key_of(row, programme.course.id if programme else NO_COURSE, share), row

    def of_nobody(
        self, statements: Statements, run: Collection, learners: Iterable[Statement]
    ) -> Iterator[tuple[Key, PaymentMade]]:
        """What was paid in the run's year for learners whom their provider has returned the year without.

        :param learners: everyone who has been returned
        """
        for row in list(self._waiting):
            year = run.funding_year
            returned = row.month.funding_year == year and statements.has_returned(row.ukprn, run, year)
            if returned and not any(_is_for(row, statement) for statement in learners):
                self._waiting.remove(row)
                yield _key_of(row, NO_COURSE, NOTHING), row


def _is_for(row: PaymentMade, statement: Statement) -> bool:
    if row.ukprn != statement.ukprn:
        return False
    if row.learner is not None:
        return row.learner == statement.learner.LearnRefNumber
    return row.uln == statement.learner.ULN


def _is_under(row: PaymentMade, key: Key) -> bool:
    """Whether what was paid can be of the same key; what a row leaves open agrees with anything."""
    share = None if row.government_share is None else 1 - row.government_share
    own = row.contract_type == EMPLOYERS_OWN
    given = (
        (row.contract_type, key.contract_type),
        (row.course, key.course),
        (row.aim_reference, key.aim_reference),
        (row.employer if own else None, key.employer),
        (share, key.employer_share),
    )
    same = (row.month, row.type) == (key.month, key.type)
    return same and all(said is None or said == known for said, known in given)


def _key_of(row: PaymentMade, course: str, share: Money) -> Key:
    """A key of its own for what agrees with nothing that is earned."""
    return Key(
        row.month,
        row.type,
        row.course or course,
        row.aim_reference or PROGRAMME_REFERENCE,
        row.contract_type,
        share if row.government_share is None else 1 - row.government_share,
        row.employer if row.contract_type == EMPLOYERS_OWN else None,
    )
