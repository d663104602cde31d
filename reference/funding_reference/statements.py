"""What the returns say: which of them speak for a funding year, and what each apprentice earns by them.

A year's earnings come from the returns of that year alone, the last one up to its R14; they are then the ground on
which the next year stands (GUIDE-134, 188, READ-64). While a provider has returned nothing in a year, its last return
before goes on standing (READ-70).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import attrs
from attrs import frozen

from funding_reference.apprenticeship import Programme, Qualification, Returned, apprentice_of, reference
from funding_reference.calendar import LAST_COLLECTION, LAST_MONTH, Collection, Month, month_of
from funding_reference.earnings import Earning
from funding_reference.earnings.ledger import Entry
from funding_reference.records import (
    TEMPORARY_ULN,
    EarningMade,
    Given,
    Learner,
    LearnerEmploymentStatus,
    LearningDelivery,
    Submission,
)

if TYPE_CHECKING:
    from funding_reference.rules import Rules

Reference = tuple[int, str]
"""A learner as one provider knows it: UKPRN and LearnRefNumber."""
Person = int | Reference
"""An apprentice: the latest ULN, or the provider's reference while there is none (READ-50)."""


@frozen
class Statement:
    """What one provider's return says of one apprentice, and what is earned by it.

    :param programmes: the programme aims in the order of their starts
    :param earnings: from the beginning of the funding year on for which the return speaks
    :param employers: the ids of the employers that are given, by their EmpId
    """

    ukprn: int
    learner: Learner
    programmes: tuple[Programme, ...]
    earnings: tuple[Earning, ...]
    employers: Mapping[int, str] = attrs.field(factory=dict, repr=False)

    def employer_of(self, status: LearnerEmploymentStatus | None) -> str | None:
        """The employer whose number (EmpId) an employment status names, if that employer is given."""
        return None if status is None or status.EmpId is None else self.employers.get(status.EmpId)

    def programme_of(self, row: Earning) -> Programme | None:
        """The programme that an earning is of; for English and maths the one beside them, or None without any."""
        own = [
            one
            for one in self.programmes
            if (one.aim.AimSeqNumber, one.aim.LearnAimRef) == (row.aim, row.aim_reference)
        ]
        candidates = own or self.programmes
        begun = [one for one in candidates if one.start <= row.month.census] or candidates[:1]
        return begun[-1] if begun else None

    @property
    def reference(self) -> Reference:
        """The provider and its reference for the learner."""
        return self.ukprn, self.learner.LearnRefNumber

    def __str__(self) -> str:
        return f"{len(self.earnings)} earnings"


@frozen
class Life:
    """One apprentice with all providers, as known for a funding year.

    :param returned: what the returns that speak for the year hold
    :param past: the same with aims that ended before the year and are returned no more; they still lend their days
    :param settled: what was earned before the year
    :param statements: what is earned from the year on
    """

    returned: tuple[Returned, ...]
    past: tuple[Returned, ...]
    settled: tuple[Entry, ...]
    statements: tuple[Statement, ...]

    @property
    def references(self) -> set[Reference]:
        """The references under which the apprentice was returned, this year or before."""
        known = {reference(one) for one in (*self.returned, *self.past)}
        return known | {(entry.ukprn, entry.learner) for entry in self.settled if entry.learner is not None}


class Statements:
    """The statements of all returns of a scenario."""

    def __init__(self, rules: Rules, given: Given) -> None:
        self._rules = rules
        self._given = given
        self._known: dict[tuple[object, ...], dict[Person, Life]] = {}
        self._ulns: dict[int, dict[Reference, int]] = {}
        self._chosen: dict[tuple[int, int, int], Collection | None] = {}
        self.submissions = given.submissions
        self.providers = sorted({submission.ukprn for submission in given.submissions})
        self._returns = {
            ukprn: sorted((s for s in given.submissions if s.ukprn == ukprn), key=lambda s: s.collection)
            for ukprn in self.providers
        }
        self._employers = {one.identifier: one.id for one in reversed(given.employers) if one.identifier is not None}
        self._first_year = min((s.collection.funding_year for s in given.submissions), default=date.max.year)
        self._first_months = {ukprn: returns[0].collection.first_month for ukprn, returns in self._returns.items()}
        self._history = [(row, _entry_of(given, row)) for row in given.earnings_history]

    def of_year(self, run: Collection, year: int) -> list[Statement]:
        """What all providers had returned for a funding year when a run was made, and what is earned by it.

        Clauses: GUIDE-134, GUIDE-188, READ-64, READ-70.
        """
        return [statement for life in self._lives(run, year).values() for statement in life.statements]

    def has_returned(self, ukprn: int, run: Collection, year: int) -> bool:
        """Whether a provider has made a return of a funding year by the time of a run."""
        returns = self._returns.get(ukprn, ())
        return any(s.collection.funding_year == year and s.collection <= run for s in returns)

    def heard(self, run: Collection, year: int) -> set[int]:
        """The providers of whom a return speaks for a funding year at a run."""
        return {submission.ukprn for submission in self._speaking(run, year)}

    def last_month(self) -> Month | None:
        """The last month in which anything that was returned can still be earned; None if there is no apprentice."""
        returns = (s for returns in self._returns.values() for s in returns)
        everyone = [Returned(s.ukprn, learner) for s in returns for learner in s.learners]
        days = [day for one in everyone for day in self._last_days(one)]
        return min(month_of(max(days)), LAST_MONTH) if days else None

    def _last_days(self, one: Returned) -> Iterator[date]:
        apprentice = apprentice_of(self._rules, self._given, [one])
        if apprentice is None:
            return
        owners: list[Programme | Qualification] = [*apprentice.programmes, *apprentice.qualifications]
        for aim in (owner.aim for owner in owners):
            yield max(aim.LearnPlanEndDate, aim.LearnActEndDate or date.min, aim.AchDate or date.min)
        for programme in apprentice.programmes:
            if programme.last_day is None and self._rules.is_funded_here(self._rules, programme.first_start):
                yield from (day for day in self._rules.additional_payment_days(self._rules, programme) if day)
                yield from (record.AFinDate for record in programme.prices)

    # which return speaks

    def _speaking(self, run: Collection, year: int) -> list[Submission]:
        """For each provider its return that speaks for a year at a run."""
        found = []
        for ukprn, returns in self._returns.items():
            made = tuple(s.collection for s in returns if s.collection <= run)
            key = ukprn, year, len(made)
            if key not in self._chosen:
                self._chosen[key] = self._rules.speaking_return(made, year)
            found += [s for s in returns if s.collection == self._chosen[key]]
        return found

    def _people(self, run: Collection, speaking: Sequence[Submission]) -> dict[Person, list[Returned]]:
        """Who is returned, by the latest ULN known for each reference."""
        latest = self._latest_ulns(run)
        people: dict[Person, list[Returned]] = {}
        for submission in speaking:
            for learner in submission.learners:
                one = Returned(submission.ukprn, learner)
                people.setdefault(_person(latest, reference(one)), []).append(one)
        return people

    def _latest_ulns(self, run: Collection) -> dict[Reference, int]:
        made = sum(submission.collection <= run for submission in self.submissions)
        if made not in self._ulns:
            self._ulns[made] = {
                (ukprn, learner.LearnRefNumber): learner.ULN
                for ukprn, returns in self._returns.items()
                for submission in returns
                if submission.collection <= run
                for learner in submission.learners
            }
        return self._ulns[made]

    # what is earned

    def _lives(self, run: Collection, year: int) -> dict[Person, Life]:
        """Every apprentice as known for a year at a run, on the ground of the years before it."""
        at = min(run, Collection(year, LAST_COLLECTION))
        speaking = self._speaking(run, year)
        before = self._lives(run, year - 1) if year > self._first_year else {}
        latest = self._latest_ulns(at)
        key = (year, id(before) if before else None, id(latest), *map(id, speaking))
        if key not in self._known:
            earlier: dict[Person, list[Life]] = {}
            for life in before.values():
                for person, part in _by_person(life, latest):
                    earlier.setdefault(person, []).append(part)
            people = self._people(at, speaking)
            self._known[key] = {
                person: self._life(person, year, tuple(people.get(person, ())), earlier.get(person, []))
                for person in dict.fromkeys((*people, *earlier))
            }
        return self._known[key]

    def _life(self, person: Person, year: int, returned: tuple[Returned, ...], earlier: Sequence[Life]) -> Life:
        """One apprentice in a year: what is settled, what has ended before, and what is earned from August on."""
        opening = Collection(year, 1).first_month
        settled = tuple(entry for life in earlier for entry in self._settled_by(life, opening))
        if [life.returned for life in earlier] == [returned]:
            return attrs.evolve(earlier[0], settled=settled)
        past = tuple(_ended_before(opening, earlier, returned))
        everything = _with_past(returned, past)
        history = tuple(self._history_of(person, everything))
        statements = self._statements_by(everything, opening, (*history, *settled))
        here = {reference(one): one.learner for one in returned}
        speaking = (
            attrs.evolve(statement, learner=here.get(statement.reference, statement.learner))
            for statement in statements
            if statement.earnings or statement.reference in here
        )
        return Life(returned, past, settled, tuple(speaking))

    def _settled_by(self, life: Life, opening: Month) -> Iterator[Entry]:
        yield from life.settled
        for statement in life.statements:
            for row in statement.earnings:
                if row.entry is not None and row.month.funding_year == opening.funding_year - 1:
                    yield attrs.evolve(row.entry, month=row.month, months=1)

    def _statements_by(
        self, everything: Sequence[Returned], opening: Month, settled: tuple[Entry, ...]
    ) -> Iterator[Statement]:
        apprentice = apprentice_of(self._rules, self._given, everything)
        if apprentice is None:
            return
        rows = self._rules.earned_by(self._rules, apprentice, opening, settled)
        for one in everything:
            programmes = tuple(programme for programme in apprentice.programmes if programme.learner is one.learner)
            mine = tuple(row for row in rows if (row.ukprn, row.learner) == reference(one))
            if programmes or mine:
                yield Statement(one.ukprn, one.learner, programmes, mine, self._employers)

    def _history_of(self, person: Person, everything: Sequence[Returned]) -> Iterator[Entry]:
        """Earnings from returns that are not given: of other providers all, of those given what lies before."""
        references = {reference(one) for one in everything}
        for row, entry in self._history:
            is_theirs = row.uln in (None, person) and (row.learner is None or (row.ukprn, row.learner) in references)
            first_month = self._first_months.get(row.ukprn)
            if is_theirs and (first_month is None or row.month < first_month):
                yield entry


def speaking_return(made: Sequence[Collection], year: int) -> Collection | None:
    """Which of a provider's returns speaks for a funding year: the last one of that year, up to its R14.

    While it has made none for that year, its last one before; no return of a later year speaks for it.

    :param made: the provider's returns up to a run

    Clauses: GUIDE-188, GUIDE-189, READ-64, READ-70.
    """
    so_far = [collection for collection in made if collection.funding_year <= year]
    return max(so_far, key=lambda collection: (collection.funding_year, collection.number), default=None)


def _person(latest: dict[Reference, int], reference: Reference) -> Person:
    """Who a learner is: the latest ULN under the provider's reference, which links providers.

    Clauses: GUIDE-144, READ-50.
    """
    uln = latest.get(reference, TEMPORARY_ULN)
    return reference if uln == TEMPORARY_ULN else uln


def _by_person(life: Life, latest: dict[Reference, int]) -> Iterator[tuple[Person, Life]]:
    """An earlier year's apprentice by who each reference turns out to be: what it earned stays with the reference."""
    people: dict[Person, set[Reference]] = {}
    for known in sorted(life.references):
        people.setdefault(_person(latest, known), set()).add(known)
    for person, references in people.items():
        yield person, _part_of(life, references)


def _part_of(life: Life, references: set[Reference]) -> Life:
    return Life(
        returned=tuple(one for one in life.returned if reference(one) in references),
        past=tuple(one for one in life.past if reference(one) in references),
        settled=tuple(entry for entry in life.settled if (entry.ukprn, entry.learner) in references),
        statements=tuple(s for s in life.statements if s.reference in references),
    )


def _ended_before(opening: Month, earlier: Sequence[Life], returned: Sequence[Returned]) -> Iterator[Returned]:
    """Aims that ended before a year and are missing from its returns, which has no effect (READ-70)."""
    known = {reference(one): {_aim_key(aim) for aim in one.learner.LearningDelivery} for one in returned}
    for life in earlier:
        for one in _with_past(life.returned, life.past):
            aims = tuple(
                aim
                for aim in one.learner.LearningDelivery
                if aim.LearnActEndDate is not None
                and month_of(aim.LearnActEndDate) < opening
                and _aim_key(aim) not in known.get(reference(one), set())
            )
            if aims:
                yield Returned(one.ukprn, attrs.evolve(one.learner, LearningDelivery=aims))


def _aim_key(aim: LearningDelivery) -> tuple[object, ...]:
    return aim.LearnAimRef, aim.LearnStartDate, aim.ProgType, aim.StdCode, aim.FworkCode, aim.PwayCode


def _with_past(returned: Sequence[Returned], past: Sequence[Returned]) -> list[Returned]:
    """The returns, each with its learner's past aims after its own."""
    left = {reference(one): one for one in past}
    found = []
    for one in returned:
        gone = left.pop(reference(one), None)
        if gone is None:
            found.append(one)
        else:
            aims = (*one.learner.LearningDelivery, *gone.learner.LearningDelivery)
            found.append(Returned(one.ukprn, attrs.evolve(one.learner, LearningDelivery=aims)))
    return [*found, *left.values()]


def _entry_of(given: Given, row: EarningMade) -> Entry:
    course = next((course for course in given.courses if course.id == row.course), None)
    return Entry(
        ukprn=row.ukprn,
        course=row.course,
        apprenticeship=course.apprenticeship if course else None,
        type=row.type,
        month=row.month,
        pounds=row.amount,
    )
