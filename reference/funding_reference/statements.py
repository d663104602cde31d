"""What the returns say: for each return the statement of every apprentice, worked out once, and which a run reads.

Closed funding years (READ-64) are not computed yet: a later return that changes what an earlier year's own return says
is refused, as long as anything is still earned after it.
"""

from __future__ import annotations

from collections.abc import Iterator

from funding_reference.apprenticeship import programme_of
from funding_reference.calendar import LAST_COLLECTION, Collection, Month
from funding_reference.earnings import Statement
from funding_reference.money import Amount
from funding_reference.records import Given, Learner, Submission
from funding_reference.rules import Rules
from funding_reference.scope import Beyond


class Statements:
    """The statements of all returns of a scenario."""

    def __init__(self, rules: Rules, given: Given) -> None:
        self._rules = rules
        self._given = given
        self._known: dict[int, Statement | None] = {}
        self._agreeing: set[tuple[int, int, int, bool]] = set()
        self.submissions = given.submissions
        self.providers = sorted({submission.ukprn for submission in given.submissions})
        self._returns = {
            ukprn: sorted((s for s in given.submissions if s.ukprn == ukprn), key=lambda s: s.collection)
            for ukprn in self.providers
        }

    def __iter__(self) -> Iterator[Statement]:
        for returns in self._returns.values():
            for submission in returns:
                yield from self._statements_of(submission)

    def read_by(self, run: Collection, ukprn: int) -> list[Statement]:
        """What a run reads of a provider: its last return of the run's year, or if there is none, of the year before.

        :raises funding_reference.scope.BeyondScope: it changes what an earlier year's own return says

        Clauses: READ-70.
        """
        statements = self._last_return(run, run.funding_year, ukprn)
        for year in range(self._first_year(statements, ukprn), run.funding_year):
            returned = {
                statement.programme.learner.LearnRefNumber: statement
                for statement in self._last_return(min(run, Collection(year, LAST_COLLECTION)), year, ukprn)
            }
            is_closed = run > Collection(year, LAST_COLLECTION)
            for statement in statements:
                self._check_year(year, is_closed, returned.get(statement.programme.learner.LearnRefNumber), statement)
        return statements

    def _last_return(self, run: Collection, year: int, ukprn: int) -> list[Statement]:
        """What a provider had last returned at a run, of a funding year or those before it."""
        so_far = [s for s in self._returns[ukprn] if s.collection <= run and s.collection.funding_year <= year]
        last = max(so_far, key=lambda s: (s.collection.funding_year, s.collection.number), default=None)
        return self._statements_of(last) if last else []

    def _statements_of(self, submission: Submission) -> list[Statement]:
        found = (self._statement_of(submission.ukprn, learner) for learner in submission.learners)
        return [statement for statement in found if statement is not None]

    def _statement_of(self, ukprn: int, learner: Learner) -> Statement | None:
        if id(learner) not in self._known:
            programme = programme_of(self._given, ukprn, learner)
            self._known[id(learner)] = self._rules.earned_by(self._rules, programme) if programme else None
        return self._known[id(learner)]

    def _first_year(self, statements: list[Statement], ukprn: int) -> int:
        earned = (row.month.funding_year for statement in statements for row in statement.earnings)
        return min([*earned, *(submission.collection.funding_year for submission in self._returns[ukprn])])

    def _check_year(self, year: int, is_closed: bool, returned: Statement | None, now: Statement) -> None:
        """Refuses a return that differs from an earlier year's own, if anything later rests on the difference."""
        pair = (id(returned), id(now), year, is_closed)
        if returned is now or pair in self._agreeing:
            return
        was = _amounts_in(returned, year) if returned else set()
        goes_on = any(row.month.funding_year > year for row in now.earnings)
        if (goes_on or (is_closed and now.programme.is_completed)) and was != _amounts_in(now, year):
            learner = now.programme.learner.LearnRefNumber
            raise Beyond("A change in a closed funding year", "READ-64", f"learner {learner}").error()
        self._agreeing.add(pair)


def _amounts_in(statement: Statement, year: int) -> set[tuple[str, Month, Amount]]:
    return {(row.type, row.month, row.amount) for row in statement.earnings if row.month.funding_year == year}
