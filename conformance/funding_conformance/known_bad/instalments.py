"""Mistakes with monthly instalments (GUIDE-32 to 37)."""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal

from funding_reference.apprenticeship import census_dates
from funding_reference.calendar import Month, month_of
from funding_reference.earnings.on_programme import on_programme_by_month
from funding_reference.earnings.plan import Plan
from funding_reference.money import Amount, Money, hundred_thousandths

from funding_conformance.known_bad import replacing


def planned_end_month_counts(start: date, planned_end: date) -> int:
    """Counts the month of the planned end even where it does not reach its census. Breaks: GUIDE-35, READ-01."""
    return month_of(planned_end).number - month_of(start).number + 1


def planned_end_month_never_counts(start: date, planned_end: date) -> int:
    """Never counts the month of the planned end, not even to its last day. Breaks: GUIDE-35, READ-01."""
    return max(1, month_of(planned_end).number - month_of(start).number)


def no_instalment_at_all(start: date, planned_end: date) -> int:
    """Plans by days: one instalment for each 30 of them. Breaks: GUIDE-35, READ-01."""
    return max(1, (planned_end - start).days // 30)


def census_on_the_first(start: date, last_day: date | None, planned: int) -> int:
    """Takes the first day of the month for the census. Breaks: GUIDE-35, GUIDE-36, READ-02, READ-42, READ-44."""
    return planned if last_day is None else min(planned, month_of(last_day).number - month_of(start).number + 1)


def leaving_on_the_census_loses_it(start: date, last_day: date | None, planned: int) -> int:
    """Asks that learning goes on after the census. Breaks: GUIDE-35, READ-02, READ-07, READ-42, READ-44."""
    return planned if last_day is None else min(planned, month_of(last_day).number - month_of(start).number)


def instalments_after_the_plan(start: date, last_day: date | None, planned: int) -> int:
    """Goes on paying instalments after the planned end until learning ends. Breaks: GUIDE-35, READ-02."""
    return planned if last_day is None else census_dates(start, last_day)


def instalments_after_leaving(start: date, last_day: date | None, planned: int) -> int:
    """Goes on paying after an apprentice has left. Breaks: GUIDE-36, READ-02, READ-42."""
    return planned


def one_at_least(start: date, last_day: date | None, planned: int) -> int:
    """Pays the start month even if learning ended before its census. Breaks: READ-02, READ-03."""
    return planned if last_day is None else max(1, min(planned, census_dates(start, last_day)))


def double_first_month(plan: Plan) -> list[tuple[Month, Money]]:
    """Pays double in the first month and spreads over one month more, as before May 2017. Breaks: GUIDE-37."""
    earned = on_programme_by_month(plan)
    return [(month, amount * 2 if month == plan.first_month else amount) for month, amount in earned]


def one_month_more(fundable: Money, completion: Money, planned: int) -> Money:
    """The instalment that goes with a double first month."""
    return (fundable - completion) / (planned + 1)


def whole_price_in_instalments(fundable: Money, completion: Money, planned: int) -> Money:
    """Spreads the whole price and pays completion on top. Breaks: GUIDE-33, GUIDE-35, GUIDE-32, GUIDE-196, RULES-165,
    RULES-166.
    """
    return fundable / planned


def everything_in_the_first_month(plan: Plan) -> list[tuple[Month, Money]]:
    """Pays all instalments of a plan at once in the first month. Breaks: GUIDE-32, GUIDE-35."""
    return [(plan.first_month, plan.instalment * plan.planned)]


def by_days(plan: Plan) -> list[tuple[Month, Money]]:
    """Pays the first month by its days. Breaks: READ-10, GUIDE-35."""
    start = plan.programme.start

    def share(month: Month) -> Money:
        days = (month.census - start).days + 1 if month == month_of(start) else month.census.day
        return Money(days, month.census.day)

    return [(month, amount * share(month)) for month, amount in on_programme_by_month(plan)]


def to_the_penny(exact: Money) -> Amount:
    """Rounds every earning to pennies. Breaks: READ-10, READ-11."""
    return Decimal(round(exact * 100)).scaleb(-2).quantize(Decimal("0.00001"))


def cut_off(exact: Money) -> Amount:
    """Cuts an earning off after five decimals instead of rounding it. Breaks: READ-10."""
    return hundred_thousandths(int(exact * 100000))


def half_up(exact: Money) -> Amount:
    """Rounds halves up instead of to the even digit. Breaks: READ-10, READ-11."""
    return hundred_thousandths(math.floor(exact * 100000 + Money(1, 2)))


def last_absorbs(plan: Plan) -> list[tuple[Month, Money]]:
    """Rounds instalments to pennies and lets the last one absorb the difference. Breaks: READ-10."""
    pennies = Money(int(plan.instalment * 100), 100)
    last = plan.instalment * plan.planned - pennies * (plan.planned - 1)
    return [
        (month, last if month == plan.first_month + (plan.planned - 1) else pennies)
        for month, _ in on_programme_by_month(plan)
    ]


KNOWN_BAD = {
    "planned-end-always-counted": replacing(planned_instalments=planned_end_month_counts),
    "planned-end-never-counted": replacing(planned_instalments=planned_end_month_never_counts),
    "instalments-by-thirty-days": replacing(planned_instalments=no_instalment_at_all),
    "census-on-the-first": replacing(instalments_earned=census_on_the_first),
    "census-day-excluded": replacing(instalments_earned=leaving_on_the_census_loses_it),
    "paid-after-planned-end": replacing(instalments_earned=instalments_after_the_plan),
    "paid-after-leaving": replacing(instalments_earned=instalments_after_leaving),
    "first-month-always-paid": replacing(instalments_earned=one_at_least),
    "double-first-payment": replacing(on_programme_by_month=double_first_month, monthly_instalment=one_month_more),
    "completion-on-top": replacing(monthly_instalment=whole_price_in_instalments),
    "all-at-once": replacing(on_programme_by_month=everything_in_the_first_month),
    "first-month-by-days": replacing(on_programme_by_month=by_days),
    "rounded-to-pennies": replacing(rounded=to_the_penny),
    "cut-off-decimals": replacing(rounded=cut_off),
    "halves-up": replacing(rounded=half_up),
    "last-instalment-absorbs": replacing(on_programme_by_month=last_absorbs),
}
