"""What a provider earns for an apprentice, kind by kind, month by month (GUIDE-27 to 45, 106 to 124)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from attrs import frozen

from funding_reference.apprenticeship import Programme
from funding_reference.calendar import LAST_MONTH, Month, month_of, months_between
from funding_reference.earnings.plan import AimPlan, Plan
from funding_reference.money import NOTHING, Amount, Money
from funding_reference.records import LearningDelivery

if TYPE_CHECKING:
    from funding_reference.rules import Rules


@frozen
class Earning:
    """One amount that a provider earned for a month's delivery.

    :param aim: the AimSeqNumber
    :param aim_reference: the LearnAimRef
    :param price_episode: the day on which the price episode starts; None for English and maths
    :param amount: pounds, five decimals
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


@frozen
class Statement:
    """What one return says of one apprentice: everything earned in every month, and what payments of it rest on.

    :param plan: None for a programme that started before these rules
    :param employer_share: the employer's share of what no account pays
    """

    programme: Programme
    plan: Plan | None = None
    earnings: tuple[Earning, ...] = ()
    employer_share: Money = NOTHING

    @property
    def last_month(self) -> Month:
        """The last month in which anything is or can still be earned."""
        months = [row.month for row in self.earnings]
        return max([*months, last_month_of_interest(self.plan) if self.plan else month_of(self.programme.start)])

    def __str__(self) -> str:
        return f"{len(self.earnings)} earnings"


def earned_by(rules: Rules, programme: Programme) -> Statement:
    """Everything that a provider earns for one apprentice, by one return.

    Clauses: GUIDE-13, GUIDE-32.
    """
    if not rules.is_funded_here(rules, programme.first_start):
        return Statement(programme)
    plan = rules.plan_programme(rules, programme)
    rows = list(_programme_rows(rules, plan))
    english_maths = [aim for aim in programme.english_maths if rules.is_funded_here(rules, aim.LearnStartDate)]
    for aim in english_maths:
        rows.extend(_english_maths_rows(rules, programme, aim))
    supported = english_maths if plan.band is None else [programme.aim, *english_maths]
    rows.extend(_learning_support_rows(rules, programme, supported))
    return Statement(programme, plan, tuple(rows), rules.employer_share(rules, programme))


def _programme_rows(rules: Rules, plan: Plan) -> Iterator[Earning]:
    programme = plan.programme
    if plan.band is None or not rules.aim_is_funding_start(rules, programme.aim):
        return
    uplift = rules.plan_uplift(rules, plan)
    due = {month_of(day): (which, day) for which, day in zip(("first", "second"), plan.due_days, strict=True)}
    row = _rows_of(programme, programme.aim, programme.start)
    for month in months_between(month_of(programme.start), last_month_of_interest(plan)):
        for type, amount in rules.programme_month(rules, plan, uplift, due.get(month), month):
            yield row(type=type, month=month, amount=amount)


def _english_maths_rows(rules: Rules, programme: Programme, aim: LearningDelivery) -> Iterator[Earning]:
    if rules.aim_is_funding_start(rules, aim):
        plan = rules.plan_english_maths(rules, programme, aim)
        row = _rows_of(programme, aim, None)
        last = min(month_of(max(aim.LearnPlanEndDate, aim.LearnActEndDate or aim.LearnPlanEndDate)), LAST_MONTH)
        for month in months_between(month_of(aim.LearnStartDate), last):
            for type, amount in rules.english_maths_month(rules, plan, month):
                yield row(type=type, month=month, amount=amount)


def _rows_of(programme: Programme, aim: LearningDelivery, price_episode: date | None) -> Callable[..., Earning]:
    """Makes the rows of one aim: all but type, month and amount is the same in each."""
    return partial(
        Earning,
        ukprn=programme.ukprn,
        uln=programme.learner.ULN,
        learner=programme.learner.LearnRefNumber,
        aim=aim.AimSeqNumber,
        aim_reference=aim.LearnAimRef,
        price_episode=price_episode,
        contract_type=programme.contract_type,
    )


def _learning_support_rows(rules: Rules, programme: Programme, aims: Sequence[LearningDelivery]) -> Iterator[Earning]:
    """Learning support of the programme and of English and maths, once a learner a month (READ-32)."""
    supported: set[Month] = set()
    for aim in aims:
        if not rules.aim_is_funding_start(rules, aim):
            continue
        row = _rows_of(programme, aim, None)
        for month in rules.months_of_support(aim):
            if month not in supported:
                supported.add(month)
                yield row(type="learning_support", month=month, amount=rules.learning_support(rules, month))


def last_month_of_interest(plan: Plan) -> Month:
    """The last month in which the programme can earn anything: of its planned or actual end, or of its last due day."""
    programme = plan.programme
    days = plan.due_days if programme.last_day is None else (programme.last_day,)
    return min(month_of(max(programme.planned_end, *days)), LAST_MONTH)


def programme_month(
    rules: Rules, plan: Plan, uplift: AimPlan | None, due: tuple[str, date] | None, month: Month
) -> list[tuple[str, Amount]]:
    """What the programme earns for one month, type by type, each rounded once to five decimals.

    :param due: which additional payments are due in this month, and on what day

    Clauses: GUIDE-32, READ-10.
    """
    exact: list[tuple[str, Money]] = [
        ("on_programme", rules.on_programme_in_month(plan, month)),
        ("completion", rules.completion_in_month(plan, month)),
        ("balancing", rules.balancing_in_month(rules, plan, month)),
    ]
    if due is not None:
        exact += rules.additional_on(rules, plan.programme, *due)
    if uplift is not None:
        exact += rules.uplift_in_month(rules, uplift, month)
    return [(type, rules.rounded(pounds)) for type, pounds in exact if pounds]


def english_maths_month(rules: Rules, plan: AimPlan, month: Month) -> list[tuple[str, Amount]]:
    """What an English or maths aim earns for one month, type by type, each rounded once to five decimals.

    Clauses: GUIDE-118, READ-10, READ-30.
    """
    exact = rules.english_maths_in_month(rules, plan, month)
    return [(type, rules.rounded(pounds)) for type, pounds in exact if pounds]
