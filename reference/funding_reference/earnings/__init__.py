"""What providers earn for an apprentice, kind by kind, month by month (GUIDE-27 to 45, 106 to 124, 125 to 179)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from operator import itemgetter
from typing import TYPE_CHECKING

from funding_reference.apprenticeship import Apprentice, Programme, Qualification
from funding_reference.calendar import LAST_MONTH, Month
from funding_reference.earnings.earning import Earning, Rows
from funding_reference.earnings.ledger import Entry, Ledger
from funding_reference.earnings.plan import EarnedByMonth, Plan
from funding_reference.earnings.progress import Progress

if TYPE_CHECKING:
    from funding_reference.rules import Rules

__all__ = ["Earning", "earned_by", "programme_by_month"]


def earned_by(rules: Rules, apprentice: Apprentice, opening: Month, settled: tuple[Entry, ...]) -> tuple[Earning, ...]:
    """Everything that providers earn for one apprentice from a month on, by what they have returned.

    :param opening: the first month that is worked out: August of the first funding year that is open
    :param settled: what was earned before that month; nothing changes it any more

    Clauses: GUIDE-13, GUIDE-32, GUIDE-134, GUIDE-188, READ-23, READ-64.
    """
    followed = [Progress.of(rules, programme, opening) for programme in apprentice.programmes]
    funded = [progress for progress in followed if progress is not None]
    return (
        *_programme_rows(rules, funded, Ledger(settled)),
        *_english_maths_rows(rules, apprentice, opening),
        *_learning_support_rows(rules, apprentice, funded, opening),
    )


def _programme_rows(rules: Rules, followed: Sequence[Progress], ledger: Ledger) -> list[Earning]:
    """Price by price over all programmes: each stands on what all providers earned before its first month."""
    stretches = [
        (stretch.first, place, stretch) for place, progress in enumerate(followed) for stretch in progress.stretches
    ]
    return [
        row
        for _, place, stretch in sorted(stretches, key=itemgetter(0, 1))
        for row in followed[place].earned_in(rules, ledger, stretch)
    ]


def _funded_qualifications(rules: Rules, apprentice: Apprentice) -> Iterator[Qualification]:
    for qualification in apprentice.qualifications:
        days = qualification.aim.LearnStartDate, qualification.first_start
        funded = all(rules.is_funded_here(rules, day) for day in days)
        if funded and rules.aim_is_funding_start(rules, qualification.aim):
            yield qualification


def _english_maths_rows(rules: Rules, apprentice: Apprentice, opening: Month) -> Iterator[Earning]:
    for qualification in _funded_qualifications(rules, apprentice):
        rows = Rows(rules, qualification)
        for type, earned in rules.english_maths_by_month(rules, rules.plan_english_maths(rules, qualification)):
            for month, pounds in earned:
                if pounds and opening <= month <= LAST_MONTH:
                    yield rows.row(type, month, pounds, qualification.contract_on(month.census))


def _learning_support_rows(
    rules: Rules, apprentice: Apprentice, followed: Sequence[Progress], opening: Month
) -> Iterator[Earning]:
    """Learning support of the programmes and of English and maths, once a learner a month (READ-32)."""
    supported: set[tuple[int, str, Month]] = set()
    owners: list[tuple[Programme | Qualification, date | None, Progress | None]] = [
        *((progress.programme, progress.learning.last_day, progress) for progress in followed),
        *((one, one.aim.LearnActEndDate, None) for one in _funded_qualifications(rules, apprentice)),
    ]
    for owner, last_day, progress in owners:
        rows = Rows(rules, owner)
        for month in rules.months_of_support(owner.aim, last_day):
            key = owner.ukprn, owner.learner.LearnRefNumber, month
            if month >= opening and key not in supported:
                supported.add(key)
                day = month.census
                episode = progress.episode_on(day) if progress else None
                support = rules.learning_support(rules, month)
                yield rows.row("learning_support", month, support, owner.contract_on(day), episode)


def programme_by_month(rules: Rules, plan: Plan) -> EarnedByMonth:
    """What the plan of a price earns, type by type and month by month.

    Clauses: GUIDE-32.
    """
    return [
        ("on_programme", rules.on_programme_by_month(plan)),
        ("completion", rules.completion_by_month(plan)),
        ("balancing", rules.balancing_by_month(rules, plan)),
    ]
