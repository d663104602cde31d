"""What the returns say: for each return the statement of every apprentice, worked out once, and which a run reads.

Closed funding years (READ-64) are not computed yet: a later return that changes what an earlier year's own return says
is refused, as long as anything is still earned after it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from funding_reference.apprenticeship import programme_of
from funding_reference.calendar import LAST_COLLECTION, Collection, Month
from funding_reference.earnings import Earning, Statement
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

        :raises funding_reference.scope.BeyondScope: see :meth:`known_at`

        Clauses: READ-70.
        """
        return self.known_at(run, run.funding_year, ukprn)

    def known_at(self, run: Collection, year: int, ukprn: int) -> list[Statement]:
        """What a provider had last returned for a funding year when a run was made.

        :raises funding_reference.scope.BeyondScope: it differs from what an earlier year's own returns say, and
            something later rests on the difference
        """
        statements = self._last_return(run, year, ukprn)
        for earlier in range(self._first_year(statements, ukprn), year):
            returned = {
                statement.programme.learner.LearnRefNumber: statement
                for statement in self._last_return(min(run, Collection(earlier, LAST_COLLECTION)), earlier, ukprn)
            }
            is_closed = run > Collection(earlier, LAST_COLLECTION)
            for statement in statements:
                learner = statement.programme.learner.LearnRefNumber
                self._check_year(earlier, is_closed, returned.get(learner), statement)
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
        was, is_now = _amounts_in(returned, year), _amounts_in(now, year)
        rests = {_spread(row) for row in now.earnings if row.month.funding_year > year}
        if is_closed and now.programme.is_completed:
            rests.add((now.programme.aim.LearnAimRef, "price"))
        if any(part and was.get(part) != is_now.get(part) for part in rests):
            learner = now.programme.learner.LearnRefNumber
            raise Beyond("A change in a closed funding year", "READ-64", f"learner {learner}").error()
        self._agreeing.add(pair)


_SPREADS: Final = {
    "on_programme": "price",
    "completion": "price",
    "balancing": "price",
    "framework_uplift_on_programme": "uplift",
    "framework_uplift_completion": "uplift",
    "framework_uplift_balancing": "uplift",
    "english_maths_on_programme": "english_maths",
    "english_maths_balancing": "english_maths",
}
"""The types whose later amounts rest on what was earned before; all others stand by themselves."""


def _spread(row: Earning) -> tuple[str, str] | None:
    kind = _SPREADS.get(row.type)
    return (row.aim_reference, kind) if kind else None


def _amounts_in(statement: Statement | None, year: int) -> dict[tuple[str, str], set[tuple[str, Month, Amount]]]:
    """What a return says of a year, for each amount that is spread over months."""
    found: dict[tuple[str, str], set[tuple[str, Month, Amount]]] = {}
    for row in statement.earnings if statement else ():
        part = _spread(row)
        if part and row.month.funding_year == year:
            found.setdefault(part, set()).add((row.type, row.month, row.amount))
    return found
