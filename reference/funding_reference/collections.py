"""A scenario run through its returns, collection by collection: the only place with a loop over time.

Each run reads the returns in force, works out what has been earned, compares it with what has been paid and moves the
difference (GUIDE-76, 93).
"""

from __future__ import annotations

from decimal import localcontext
from typing import Final

import attrs
from attrs import frozen

from funding_reference.answers import Answer, Finding, earnings_in_order, payments_in_order
from funding_reference.calendar import LAST_MONTH, Collection, Month, collection_of, runs_between
from funding_reference.earnings import Earning
from funding_reference.findings import findings_of
from funding_reference.money import EXACT
from funding_reference.payments import Payments
from funding_reference.provider_claims import findings_of_claims
from funding_reference.records import Given
from funding_reference.rules import Rules
from funding_reference.scope import beyond_this_version
from funding_reference.statements import Statement, Statements

ANSWERED: Final = ("earnings", "payments", "findings")
"""What this version answers."""


def answer(rules: Rules, given: Given, wants: tuple[str, ...]) -> Answer:
    """Answers a scenario under the rules of an edition.

    :param wants: any of earnings, payments, findings
    :raises funding_reference.scope.BeyondScope: a fact in it needs a rule that this version does not have
    """
    for beyond in beyond_this_version(given, wants):
        raise beyond.error()
    with localcontext(EXACT):
        statements = Statements(rules, _up_to_the_last_run(given))
        period = _period(given, statements)
        earned = _earned(statements, period)
        payments = Payments(rules, given, statements)
        if "payments" in wants:
            for run in period.runs:
                payments.run(run)
        rows = [row for year in earned for row in year.rows]
        paid = [row for row in payments.rows if row.month is not None and row.month <= period.last_month]
        claims = [claim for claim in given.provider_claims if period.covers(claim.collection)]
        found = findings_of_claims(rules, given.provider_claims, rows, period.covers)
        return Answer(
            earnings=earnings_in_order(rows),
            payments=payments_in_order([*paid, *rules.paid_claims(claims)]) if "payments" in wants else (),
            findings=(*_findings(rules, earned), *found) if "findings" in wants else (),
        )


def _up_to_the_last_run(given: Given) -> Given:
    """The facts without returns that come after the last collection asked for."""
    through = given.through
    if through is None:
        return given
    return attrs.evolve(given, submissions=tuple(s for s in given.submissions if s.collection <= through))


@frozen
class Period:
    """The runs of a scenario in their order, and the last month of delivery that is answered."""

    runs: tuple[Collection, ...]
    last_month: Month

    def covers(self, collection: Collection) -> bool:
        """Whether the last run is that of a collection, or a later one."""
        return bool(self.runs) and collection <= self.runs[-1]


def _period(given: Given, statements: Statements) -> Period:
    """Every run from the first return to the last one asked for, or to the last in which anything can be earned."""
    returns = [submission.collection for submission in statements.submissions]
    claimed = [claim.collection for claim in given.provider_claims]
    if not returns and not claimed:
        return Period((), LAST_MONTH)
    if given.through is not None:
        return Period(
            tuple(runs_between(min(*returns, *claimed, given.through), given.through)), given.through.delivery_month
        )
    last = statements.last_month()
    runs = [*returns, *claimed, *([] if last is None else [collection_of(last)])]
    return Period(tuple(runs_between(min(runs), max(runs))), max(run.delivery_month for run in runs))


@frozen
class YearEarned:
    """What one apprentice earned in a funding year.

    :param is_last: whether no later year's return has the apprentice
    """

    statement: Statement
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
            person.append(YearEarned(statement, rows, is_last=True))
    return [year for years in earned.values() for year in years]


def _findings(rules: Rules, earned: list[YearEarned]) -> list[Finding]:
    """What the calculation found, once each: of the programme from its last return, of a payment with that payment."""
    found = [
        finding
        for year in earned
        for finding in findings_of(rules, year.statement, year.rows, of_programme=year.is_last)
    ]
    return list(dict.fromkeys(found))
