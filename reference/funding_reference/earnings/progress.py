"""One programme followed month by month: which price rules a month, and what the month earns under it.

The price on the census date rules the whole month, in the month of completion the price on the last day (READ-07). A
month with a new price begins a new plan; so does the first month that is worked out, on what was earned before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import attrs
from attrs import define, frozen

from funding_reference.apprenticeship import Programme
from funding_reference.calendar import LAST_MONTH, Month, augusts_between, month_of, months_between
from funding_reference.earnings.additional import CARE_LEAVER_BURSARY
from funding_reference.earnings.ledger import Entry, Ledger
from funding_reference.earnings.plan import AimPlan, Learning, Plan, Ruling
from funding_reference.money import Money
from funding_reference.prices import DatedPrice, Price

if TYPE_CHECKING:
    from funding_reference.rules import Rules


@frozen
class Due:
    """A payment that falls due on a day in learning: first or second, or the care leaver's bursary."""

    which: str
    day: date

    def __str__(self) -> str:
        return f"{self.which} on {self.day}"


@define
class Progress:
    """A programme that is funded, with everything that is known before the months are gone through.

    :param months: the months that can earn anything
    :param dated: every price record by the day from which it applies
    :param prices: the price that begins to rule in a month, by the number of the month
    :param due: what falls due in a month, likewise
    :param episodes: the days on which a price episode begins, in order
    :param plan: the plan of the price that rules at present; None before the first price
    """

    programme: Programme
    learning: Learning
    band: Money
    months: Sequence[Month]
    dated: tuple[DatedPrice, ...]
    prices: Mapping[int, Price]
    due: Mapping[int, Sequence[Due]]
    episodes: Sequence[date]
    plan: Plan | None = None
    uplift: AimPlan | None = None

    @classmethod
    def of(cls, rules: Rules, programme: Programme, opening: Month) -> Progress | None:
        """The progress of a programme from a month on; None if it is not funded at all.

        Clauses: GUIDE-2, GUIDE-27, GUIDE-30, READ-04, READ-18, READ-28.
        """
        if not rules.is_funded_here(rules, programme.first_start):
            return None
        band = rules.band_maximum(programme.course.funding_bands, programme.course_start)
        if band is None or not rules.aim_is_funding_start(rules, programme.aim):
            return None
        learning = rules.learning_of(rules, programme)
        dated = rules.dated_prices(rules, programme)
        prices = _prices_by_month(rules, learning, dated, opening)
        due = _due_by_month(rules, learning)
        last = _last_month(learning, prices, due)
        months = months_between(max(opening, learning.first_month), last)
        episodes = rules.episode_starts(programme, dated, last)
        return cls(programme, learning, band, months, dated, prices, due, episodes)

    def earned_in(self, rules: Rules, ledger: Ledger, month: Month) -> list[tuple[Entry, date]]:
        """What a month earns, entered in the ledger, each with the day whose contract and price episode it belongs to.

        Clauses: GUIDE-32, READ-25.
        """
        if month.number in self.prices:
            self.plan = self._planned(rules, ledger, self.learning, month)
        if month == self.months[0]:
            self.uplift = rules.plan_uplift(rules, self.learning, self.band, ledger, month)
        day = day_that_rules(self.programme, month)
        late = month == self.learning.completed_in and month.number + 1 in self.prices
        plan = _without_completion(self.plan) if late and self.plan else self.plan
        monthly = rules.programme_month(rules, plan, self.uplift, month)
        entered = [(self._enter(ledger, type, month, pounds), day) for type, pounds in monthly if pounds]
        if late:
            after = self._planned(rules, ledger, _as_if_completed_in(self.learning, month + 1), month + 1)
            for type, pounds in rules.programme_month(rules, after, None, month + 1):
                if pounds:
                    entered.append((self._enter(ledger, type, month, pounds), day))
        for due in self.due.get(month.number, ()):
            for type, pounds in rules.additional_on(rules, self.programme, due.which, due.day):
                if pounds and rules.is_outstanding(ledger, self.programme, type, month):
                    entered.append((self._enter(ledger, type, month, pounds), due.day))
        return entered

    def _planned(self, rules: Rules, ledger: Ledger, learning: Learning, month: Month) -> Plan:
        ruling = Ruling(self.prices[month.number], self.dated, month, self.plan)
        return rules.plan_programme(rules, learning, ruling, self.band, ledger)

    def _enter(self, ledger: Ledger, type: str, month: Month, pounds: Money) -> Entry:
        programme = self.programme
        course = programme.course
        entry = Entry(
            programme.ukprn,
            course.id,
            course.apprenticeship,
            type,
            month,
            pounds,
            programme.start,
            programme.first_start,
        )
        ledger.entries.append(entry)
        return entry

    def episode_on(self, day: date) -> date:
        """The first day of the price episode that a day lies in."""
        return next((begins for begins in reversed(self.episodes) if begins <= day), self.programme.start)


def _without_completion(plan: Plan) -> Plan:
    """The plan of a price that another one replaces after the actual end: it earns its last instalment only."""
    return attrs.evolve(plan, completed_in=None, balanced_in=None)


def _as_if_completed_in(learning: Learning, month: Month) -> Learning:
    """The learning for a price dated after an end on a census, whose month is over (READ-25)."""
    return attrs.evolve(learning, completed_in=month, balanced_in=month if learning.balanced_in else None)


def day_that_rules(programme: Programme, month: Month) -> date:
    """The day whose price, contract type and employer a month takes: the census, on completion the actual end.

    Clauses: GUIDE-35, GUIDE-43, READ-07, READ-44.
    """
    ended = programme.last_day
    if ended is not None and programme.is_completed and month >= month_of(ended):
        return ended
    return month.census


def _prices_by_month(rules: Rules, learning: Learning, dated: Sequence[DatedPrice], opening: Month) -> dict[int, Price]:
    """Every price that begins to rule in a month, the one that rules the first month included."""
    first = max(opening, learning.first_month)
    found: dict[int, Price] = {}
    ruling: Price | None = None
    for month in sorted({first, *(month_of(price.applies_from) for price in dated)}):
        if month < first:
            continue
        ended = learning.programme.last_day
        over = ended is not None and month > month_of(ended)
        day = month.census if over else day_that_rules(learning.programme, month)
        price = rules.price_in_force(rules, dated, day)
        if price is not None and price != ruling:
            found[month.number] = ruling = price
    return found


def _due_by_month(rules: Rules, learning: Learning) -> dict[int, list[Due]]:
    programme = learning.programme
    days = zip(("first", "second"), rules.additional_payment_days(rules, programme), strict=True)
    found: dict[int, list[Due]] = {}
    for which, day in (*days, (CARE_LEAVER_BURSARY, rules.care_leaver_bursary_day(rules, programme))):
        followed = programme.followed_from is not None and day is not None and day >= programme.followed_from
        if day is not None and not followed and rules.still_learning_on(learning.last_day, day):
            found.setdefault(month_of(day).number, []).append(Due(which, day))
    return found


def _last_month(learning: Learning, prices: Mapping[int, Price], due: Mapping[int, Sequence[Due]]) -> Month:
    """The last month that can earn anything: of the plan, a price, a due day or the completion."""
    ends = [learning.first_month + (max(learning.planned, learning.earned) - 1), *map(Month, prices), *map(Month, due)]
    if learning.last_day is not None:
        ends = [min(end, month_of(learning.last_day)) for end in ends]
    if learning.completed_in is not None:
        ends.append(learning.completed_in)
    return min(max(ends), LAST_MONTH)


def episode_starts(programme: Programme, dated: Sequence[DatedPrice], last: Month) -> list[date]:
    """The days on which a price episode begins: of each price, each contract record and each 1 August, in order.

    With one price all that matters is the first.

    :param last: the last month that can earn anything

    Clauses: GUIDE-132, GUIDE-133, GUIDE-134, READ-23.
    """
    prices = {price.applies_from for price in dated}
    if len(prices) < 2:
        return [programme.start]
    contracts = (day for day in programme.contract_starts if day > programme.start)
    return sorted({programme.start, *prices, *contracts, *augusts_between(programme.start, last.census)})
