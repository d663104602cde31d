"""A scenario run through its returns, collection by collection: the only place with a loop over time.

Each run reads the returns in force, works out what has been earned, compares it with what has been paid and moves the
difference (GUIDE-76, 93).
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import localcontext
from typing import Final

import attrs
from attrs import frozen

from funding_reference.answers import Answer, Finding, MatchRow, earnings_in_order, payments_in_order
from funding_reference.calendar import LAST_MONTH, Collection, Month, collection_of, runs_between
from funding_reference.earnings import Earning
from funding_reference.findings import findings_of
from funding_reference.matching import Service
from funding_reference.money import EXACT
from funding_reference.payable import match_rows, tested_of
from funding_reference.payments import Payments
from funding_reference.provider_claims import findings_of_claims
from funding_reference.records import Given
from funding_reference.rules import Rules
from funding_reference.statements import Statement, Statements

ANSWERED: Final = ("earnings", "payments", "levy_accounts", "priority", "matches", "findings")
"""What can be asked."""


def answer(rules: Rules, given: Given, wants: tuple[str, ...]) -> Answer:
    """Answers a scenario under the rules of an edition.

    :param wants: any of :data:`ANSWERED`; also funds, for what happened to the funds of accounts that are derived
    """
    with localcontext(EXACT), _collector_at_rest():
        statements = Statements(rules, given)
        period = _period(given, statements)
        earned = _earned(statements, period)
        service = Service(rules, given)
        payments = Payments(rules, given, statements, service)
        if {"payments", "levy_accounts", "funds"} & set(wants):
            for run in period.runs:
                payments.run(run)
        rows = [row for year in earned for row in year.rows]
        claims = [claim for claim in given.provider_claims if period.covers(claim.collection)]
        found = findings_of_claims(rules, given.provider_claims, rows, period.covers)
        until = period.last_payments
        return Answer(
            earnings=earnings_in_order(rows),
            payments=payments_in_order([*payments.rows, *rules.paid_claims(claims)]) if "payments" in wants else (),
            findings=(*_findings(rules, earned), *found) if "findings" in wants else (),
            levy_accounts=tuple(payments.accounts(until)) if until and "levy_accounts" in wants else (),
            priority=tuple(row for run in period.runs for row in payments.priority(run)) if "priority" in wants else (),
            matches=tuple(_matches(rules, service, earned, period)) if "matches" in wants else (),
            funds=tuple(payments.movements(until)) if until and "funds" in wants else (),
        )


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Without the search for records that refer to each other in circles: there are none to find, however many."""
    was_at_work = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_at_work:
            gc.enable()


@frozen
class Period:
    """The runs of a scenario in their order, and how far it is answered.

    :param runs: none if nothing was returned or claimed by the last collection asked for
    :param last_month: the last month of delivery
    :param last_payments: the calendar month of the last payments; None if nothing says when they end
    """

    runs: tuple[Collection, ...]
    last_month: Month
    last_payments: Month | None

    def covers(self, collection: Collection) -> bool:
        """Whether the last run is that of a collection, or a later one."""
        return collection in self.runs


def _period(given: Given, statements: Statements) -> Period:
    """Every run from the first return to the last one asked for, or to the last in which anything can be earned.

    Clauses: READ-78.
    """
    returned = [submission.collection for submission in statements.submissions]
    returned += [claim.collection for claim in given.provider_claims]
    if (through := given.through) is not None:
        runs = runs_between(min(returned), through) if returned else []
        return Period(tuple(runs), through.delivery_month, through.account_month)
    if not returned:
        return Period((), LAST_MONTH, None)
    last = statements.last_month()
    ends = [*returned, *([] if last is None else [collection_of(last)])]
    runs = runs_between(min(returned), max(ends))
    return Period(tuple(runs), max(run.delivery_month for run in runs), runs[-1].account_month)


@frozen
class YearEarned:
    """What one apprentice earned in a funding year.

    :param year: the calendar year in which the funding year began
    :param is_last: whether no later year's return has the apprentice
    """

    statement: Statement
    year: int
    rows: tuple[Earning, ...]
    is_last: bool


def _earned(statements: Statements, period: Period) -> list[YearEarned]:
    """The earnings of each funding year, up to the last month that is answered: as at its R14, or as last returned.

    Clauses: READ-50, READ-64.
    """
    earned: dict[tuple[int, str], list[YearEarned]] = {}
    for year in sorted({run.funding_year for run in period.runs}):
        for statement in statements.of_year(period.runs[-1], year):
            of_year = (row for row in statement.earnings if row.month.funding_year == year)
            rows = tuple(row for row in of_year if row.month <= period.last_month)
            person = earned.setdefault((statement.ukprn, statement.learner.LearnRefNumber), [])
            person[:] = [attrs.evolve(before, is_last=False) for before in person]
            person.append(YearEarned(statement, year, rows, is_last=True))
    return [year for years in earned.values() for year in years]


def _matches(rules: Rules, service: Service, earned: list[YearEarned], period: Period) -> Iterator[MatchRow]:
    """The match of each price episode and month, as the last run of its year found it.

    Clauses: READ-52, READ-53.
    """
    last_runs = {run.funding_year: run for run in period.runs}
    for of_year in earned:
        statement = of_year.statement
        known = service.known(statement.learner.ULN, last_runs[of_year.year])
        tested = [one for one in tested_of(rules, statement, of_year.year, known) if one.row.month <= period.last_month]
        yield from match_rows(tested)


def _findings(rules: Rules, earned: list[YearEarned]) -> list[Finding]:
    """What the calculation found, once each: of the programme from its last return, of a payment with that payment."""
    found = [
        finding
        for year in earned
        for finding in findings_of(rules, year.statement, year.rows, of_programme=year.is_last)
    ]
    return list(dict.fromkeys(found))
