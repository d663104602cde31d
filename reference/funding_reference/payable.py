"""What of the earnings can be paid: every earning tested in its own match, with the share that the employer has in it.

A learner's month in which a match fails is protected: it is not paid, and nothing of it is taken back (GUIDE-104).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import attrs
from attrs import define, frozen

from funding_reference.answers import MatchRow
from funding_reference.apprenticeship import Programme
from funding_reference.calendar import Month
from funding_reference.earnings import Earning
from funding_reference.earnings.progress import day_that_rules
from funding_reference.matching import ADDITIONAL_TYPES, COMPLETION_TYPES, NO_AGREEMENT, Agreed, Match, Test
from funding_reference.money import NOTHING, Amount, Money
from funding_reference.redundancy import redundancies_in
from funding_reference.statements import Statement

if TYPE_CHECKING:
    from funding_reference.rules import Rules

EMPLOYERS_OWN: Final = 1
"""The contract type under which payments are matched with the employer's approval."""
NO_COURSE: Final = ""
"""In place of a course, for what no programme was returned with."""
ON_A_DAY_OF_THEIR_OWN: Final = (*COMPLETION_TYPES, *ADDITIONAL_TYPES)
"""Types that are not tested with the month's instalments."""


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
class Owed:
    """What has been earned under one key.

    :param aim: the AimSeqNumber that it is shown under
    :param agreed: the agreement that it is paid under
    """

    programme: Programme | None
    aim: int
    amount: Amount
    agreed: Agreed | None


@frozen
class Tested:
    """An earning with the outcome of its match; None where it needs none.

    :param programme: the programme that it follows; None for English or maths that no programme was returned with
    :param agreed: the agreement that it is paid under: the one that matched, or the last before a redundancy
    :param employer: whose employer it is: the agreement's, or without one the last by EmpId
    """

    row: Earning
    programme: Programme | None
    match: Match | None
    agreed: Agreed | None
    employer: str | None

    @property
    def fails(self) -> bool:
        """Whether it can not be paid for want of a match."""
        return self.match is not None and self.match.agreed is None


@frozen
class Payable:
    """What one provider can be paid for an apprentice in a funding year, by what was known when a run was made.

    :param owed: by key
    :param protected: the months in which a match fails
    """

    owed: dict[Key, Owed]
    protected: frozenset[Month]


NOTHING_PAYABLE = Payable({}, frozenset())


def payable_of(rules: Rules, statement: Statement, year: int, known: Sequence[Agreed]) -> Payable:
    """What of a year's earnings can be paid, added up under the keys of payment.

    Clauses: READ-50, READ-52, READ-53, READ-73, READ-74.
    """
    tested = list(tested_of(rules, statement, year, known))
    protected = frozenset(one.row.month for one in tested if one.fails)
    blocked = rules.blocked_months(tested)
    owed: dict[Key, Owed] = {}
    for one in tested:
        if one.fails or one.row.month in blocked:
            continue
        row, programme = one.row, one.programme
        shared = rules.is_co_invested(row.type)
        share = (
            rules.employer_share(rules, programme, day_that_rules(programme, row.month))
            if programme and shared
            else NOTHING
        )
        course = programme.course.id if programme else NO_COURSE
        key = Key(row.month, row.type, course, row.aim_reference, row.contract_type, share, one.employer)
        if key in owed:
            owed[key].aim, owed[key].amount = row.aim, owed[key].amount + row.amount
        else:
            owed[key] = Owed(programme, row.aim, row.amount, one.agreed)
    return Payable(owed, protected)


def tested_of(rules: Rules, statement: Statement, year: int, known: Sequence[Agreed]) -> Iterator[Tested]:
    """Every earning of a year that has a contract, in its match; outside the employer's own contract there is none.

    Clauses: GUIDE-96, GUIDE-105, READ-53.
    """
    outcomes: dict[tuple[int, date, bool], Match] = {}
    for row in statement.earnings:
        if row.contract_type is None or row.month.funding_year != year:
            continue
        programme = statement.programme_of(row)
        if programme is None:
            unmatched = Match(None, (NO_AGREEMENT,)) if row.contract_type == EMPLOYERS_OWN else None
            yield Tested(row, None, unmatched, None, None)
            continue
        if row.contract_type != EMPLOYERS_OWN:
            yield Tested(row, programme, None, None, None)
            continue
        test = rules.test_of(rules, programme, row.type, row.month)
        key = id(programme), test.day, test.at_census
        if key not in outcomes:
            outcomes[key] = rules.match_on(rules, known, programme, test)
        match = outcomes[key]
        if not rules.needs_no_match(rules, programme, test.day):
            yield Tested(row, programme, match, match.agreed, _employer(match.agreed))
            continue
        last_day = _last_day_of_employment(programme, test.day)
        agreed = match.agreed or rules.match_on(rules, known, programme, Test(last_day, at_census=False)).agreed
        by_number = statement.employer_of(programme.employment_on(last_day))
        yield Tested(row, programme, None, agreed, _employer(agreed) or by_number)


def _employer(agreed: Agreed | None) -> str | None:
    return agreed.agreement.employer if agreed else None


def _last_day_of_employment(programme: Programme, day: date) -> date:
    """The day before the redundancy that a day lies in.

    Clauses: READ-41.
    """
    lost = max(one.began for one in redundancies_in(programme) if one.began <= day)
    return max(programme.start, lost - timedelta(days=1))


def only_what_fails(tested: Sequence[Tested]) -> frozenset[Month]:
    """Each payment stands or falls with its own match; no month is blocked as a whole.

    Clauses: READ-53.
    """
    return frozenset()


def everything_of_the_month(tested: Sequence[Tested]) -> frozenset[Month]:
    """In the official match a price episode that matches nothing in a month blocks every payment of the month.

    Clauses: READ-53.
    """
    by_episode: dict[tuple[Month, int, date], list[Tested]] = {}
    for one in tested:
        if one.row.price_episode is not None:
            by_episode.setdefault((one.row.month, one.row.aim, one.row.price_episode), []).append(one)
    return frozenset(month for (month, *_), group in by_episode.items() if all(one.fails for one in group))


def match_rows(tested: Sequence[Tested]) -> Iterator[MatchRow]:
    """How each price episode was matched month by month; a type of its own where its own day had another outcome.

    Clauses: READ-53.
    """
    groups: dict[tuple[int, date, Month], list[Tested]] = {}
    for one in tested:
        if one.row.contract_type == EMPLOYERS_OWN and one.row.price_episode is not None:
            groups.setdefault((one.row.aim, one.row.price_episode, one.row.month), []).append(one)
    for group in groups.values():
        group.sort(key=lambda one: one.row.type in ON_A_DAY_OF_THEIR_OWN)
        first = _match_row(group[0])
        yield first
        yield from dict.fromkeys(
            attrs.evolve(row, type=one.row.type) for one in group if (row := _match_row(one)) != first
        )


def _match_row(one: Tested) -> MatchRow:
    row, match = one.row, one.match
    assert row.price_episode is not None
    return MatchRow(
        ukprn=row.ukprn,
        uln=row.uln,
        learner=row.learner,
        aim=row.aim,
        price_episode=row.price_episode,
        month=row.month,
        agreement=match.agreed.agreement.id if match and match.agreed else None,
        errors=match.errors if match else (),
    )
