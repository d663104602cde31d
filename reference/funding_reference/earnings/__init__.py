"""What providers earn for an apprentice, kind by kind, month by month (GUIDE-27 to 45, 106 to 124, 125 to 179)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from attrs import frozen

from funding_reference.apprenticeship import Apprentice, Programme, Qualification
from funding_reference.calendar import LAST_MONTH, Month, month_of, months_between
from funding_reference.earnings.ledger import Entry, Ledger
from funding_reference.earnings.plan import AimPlan, Plan
from funding_reference.earnings.progress import Progress
from funding_reference.money import Amount, Money

if TYPE_CHECKING:
    from funding_reference.rules import Rules


@frozen
class Earning:
    """One amount that a provider earned for a month's delivery.

    :param aim: the AimSeqNumber
    :param aim_reference: the LearnAimRef
    :param price_episode: the day on which the price episode starts; None for English and maths
    :param amount: pounds, five decimals
    :param entry: the same before it was rounded, for what is earned later to stand on
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
    entry: Entry

    def __str__(self) -> str:
        return f"{self.type.replace('_', ' ')} {self.month} {self.amount}"


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


def _programme_rows(rules: Rules, followed: Sequence[Progress], ledger: Ledger) -> Iterator[Earning]:
    """Month by month over all programmes: each month stands on what all providers earned before it."""
    months = [(month.number, place, month) for place, progress in enumerate(followed) for month in progress.months]
    for _, place, month in sorted(months) if len(followed) > 1 else months:
        progress = followed[place]
        for entry, day in progress.earned_in(rules, ledger, month):
            yield _row(rules, progress.programme, entry, day, progress.episode_on(day))


def _funded_qualifications(rules: Rules, apprentice: Apprentice) -> Iterator[Qualification]:
    for qualification in apprentice.qualifications:
        days = qualification.aim.LearnStartDate, qualification.first_start
        funded = all(rules.is_funded_here(rules, day) for day in days)
        if funded and rules.aim_is_funding_start(rules, qualification.aim):
            yield qualification


def _english_maths_rows(rules: Rules, apprentice: Apprentice, opening: Month) -> Iterator[Earning]:
    for qualification in _funded_qualifications(rules, apprentice):
        aim = qualification.aim
        plan = rules.plan_english_maths(rules, qualification)
        last = min(month_of(max(aim.LearnPlanEndDate, aim.LearnActEndDate or aim.LearnPlanEndDate)), LAST_MONTH)
        for month in months_between(max(opening, plan.first_month), last):
            for type, pounds in rules.english_maths_in_month(rules, plan, month):
                if pounds:
                    entry = Entry(qualification.ukprn, None, None, type, month, pounds)
                    yield _row(rules, qualification, entry, month.census, None)


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
        for month in rules.months_of_support(owner.aim, last_day):
            key = owner.ukprn, owner.learner.LearnRefNumber, month
            if month >= opening and key not in supported:
                supported.add(key)
                entry = Entry(owner.ukprn, None, None, "learning_support", month, rules.learning_support(rules, month))
                yield _row(rules, owner, entry, month.census, progress.episode_on(month.census) if progress else None)


def _row(
    rules: Rules, owner: Programme | Qualification, entry: Entry, day: date, price_episode: date | None
) -> Earning:
    """One earning, rounded once (READ-10), under the contract type of a day."""
    return Earning(
        ukprn=entry.ukprn,
        uln=owner.learner.ULN,
        learner=owner.learner.LearnRefNumber,
        aim=owner.aim.AimSeqNumber,
        aim_reference=owner.aim.LearnAimRef,
        price_episode=price_episode,
        contract_type=owner.contract_on(day),
        type=entry.type,
        month=entry.month,
        amount=rules.rounded(entry.pounds),
        entry=entry,
    )


def programme_month(rules: Rules, plan: Plan | None, uplift: AimPlan | None, month: Month) -> list[tuple[str, Money]]:
    """What the programme earns for one month, type by type, apart from what falls due on a day.

    :param plan: the plan of the price that rules the month; None before the first price

    Clauses: GUIDE-32.
    """
    earned: list[tuple[str, Money]] = []
    if plan is not None:
        earned = [
            ("on_programme", rules.on_programme_in_month(plan, month)),
            ("completion", rules.completion_in_month(plan, month)),
            ("balancing", rules.balancing_in_month(rules, plan, month)),
        ]
    return earned if uplift is None else earned + rules.uplift_in_month(rules, uplift, month)
