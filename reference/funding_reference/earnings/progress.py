"""One programme followed month by month: which price rules a month, and what the month earns under it.

The price on the census date rules the whole month, in the month of completion the price on the last day (READ-07). A
month with a new price begins a new plan; so does the first month that is worked out, on what was earned before it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby, pairwise
from operator import itemgetter
from typing import TYPE_CHECKING

import attrs
from attrs import define, frozen

from funding_reference.apprenticeship import Programme
from funding_reference.calendar import LAST_MONTH, Month, augusts_between, month_of
from funding_reference.earnings.additional import CARE_LEAVER_BURSARY
from funding_reference.earnings.earning import Earning, Rows
from funding_reference.earnings.ledger import Entry, Ledger
from funding_reference.earnings.plan import EarnedByMonth, Learning, Plan, Ruling
from funding_reference.money import Money
from funding_reference.prices import DatedPrice, Price

if TYPE_CHECKING:
    from funding_reference.rules import Rules


@frozen
class Due:
    """A payment that falls due on a day in learning: first or second, or the care leaver's bursary."""

    which: str
    day: date
    month: Month

    def __str__(self) -> str:
        return f"{self.which} on {self.day}"


@frozen
class Stretch:
    """The months from the first of one price to the last before the next.

    :param price: None before the first price
    """

    first: Month
    last: Month
    price: Price | None


@define
class Progress:
    """A programme that is funded, with everything that is known before the months are gone through.

    :param stretches: the months that can earn anything, price by price
    :param dated: every price record by the day from which it applies
    :param before: the price that ruled when the months begin, if another begins with them
    :param late: the price dated after an end on a census, which counts when that month is over (READ-25)
    :param due: what falls due on a day
    :param episodes: the days on which a price episode begins, in order
    :param changes: the months in which one begins, or a contract begins or has ended, in order
    :param rows: what makes the earnings of its aim
    :param plan: the plan of the price that rules at present; None before the first price
    """

    programme: Programme
    learning: Learning
    band: Money
    stretches: Sequence[Stretch]
    dated: tuple[DatedPrice, ...]
    before: Price | None
    late: Price | None
    due: Sequence[Due]
    episodes: Sequence[date]
    changes: Sequence[Month]
    rows: Rows
    plan: Plan | None = None

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
        before = rules.price_in_force(rules, dated, (opening - 1).census) if opening > learning.first_month else None
        due = _due_days(rules, learning)
        last = _last_month(learning, prices, due)
        stretches = _stretches(max(opening, learning.first_month), last, prices)
        late = prices.get(learning.completed_in + 1) if learning.completed_in is not None else None
        episodes = rules.episode_starts(programme, dated, last)
        changes = sorted({month_of(day) for day in (*episodes, *programme.contract_changes)})
        rows = Rows(rules, programme)
        return cls(programme, learning, band, stretches, dated, before, late, due, episodes, changes, rows)

    def earned_in(self, rules: Rules, ledger: Ledger, stretch: Stretch) -> list[Earning]:
        """What the months of one price earn, entered in the ledger.

        Clauses: GUIDE-32, READ-07, READ-25.
        """
        earned: list[Earning] = []
        if stretch is self.stretches[0]:
            uplift = rules.plan_uplift(rules, self.learning, self.band, ledger, stretch.first)
            earned += self._entered(ledger, rules.uplift_by_month(rules, uplift) if uplift else [])
        if stretch.price is not None:
            if stretch is self.stretches[0] and self.before is not None and self.before != stretch.price:
                self._planned(rules, ledger, self.learning, self.before, stretch.first)
            plan = self._planned(rules, ledger, self.learning, stretch.price, stretch.first)
            is_last = stretch is self.stretches[-1]
            if is_last and self.late is not None:
                plan = attrs.evolve(plan, completed_in=None, balanced_in=None)
            last = LAST_MONTH if is_last else stretch.last
            earned += self._entered(ledger, rules.programme_by_month(rules, plan), last)
            if is_last and self.late is not None:
                earned += self._entered(ledger, self._earned_by_the_late_price(rules, ledger, self.late))
        for due in self.due:
            if stretch.first <= due.month <= stretch.last:
                earned += self._earned_on(rules, ledger, due)
        return earned

    def _entered(self, ledger: Ledger, earned: EarnedByMonth, last: Month = LAST_MONTH) -> list[Earning]:
        """The earnings of the months up to the last; equal amounts that follow each other are one entry."""
        found: list[Earning] = []
        for type, by_month in earned:
            for pounds, run in groupby(by_month, key=itemgetter(1)):
                months = [month for month, _ in run if month <= last]
                if pounds and months:
                    entry = ledger.enter(self.programme, type, months[0], pounds, len(months))
                    found += self._rows(months, entry)
        return found

    def _rows(self, months: Sequence[Month], entry: Entry) -> list[Earning]:
        """The earnings of an entry, under the contract and the price episode that rule each month."""
        found: list[Earning] = []
        cuts = [bisect_left(months, change) for change in self.changes]
        for first, after in pairwise([0, *cuts, len(months)]):
            if alike := months[first:after]:
                day = day_that_rules(self.programme, alike[0])
                contract, episode = self.programme.contract_on(day), self.episode_on(day)
                found += self.rows.of_months(entry.type, alike, entry.pounds, contract, episode, entry)
        return found

    def _earned_by_the_late_price(self, rules: Rules, ledger: Ledger, price: Price) -> EarnedByMonth:
        """What a price dated after the end earns beside: as if the programme were completed a month later."""
        learning = _completed_a_month_later(self.learning)
        if learning.completed_in is None:
            return []
        plan = self._planned(rules, ledger, learning, price, learning.completed_in)
        return [
            (type, [(month - 1, pounds) for month, pounds in by_month])
            for type, by_month in rules.programme_by_month(rules, plan)
        ]

    def _earned_on(self, rules: Rules, ledger: Ledger, due: Due) -> Iterator[Earning]:
        """What falls due on a day, under the contract and the price episode of that day."""
        day, month = due.day, due.month
        for type, pounds in rules.additional_on(rules, self.programme, due.which, day):
            if pounds and rules.is_outstanding(ledger, self.programme, type, month):
                entry = ledger.enter(self.programme, type, month, pounds)
                yield self.rows.row(type, month, pounds, self.programme.contract_on(day), self.episode_on(day), entry)

    def _planned(self, rules: Rules, ledger: Ledger, learning: Learning, price: Price, month: Month) -> Plan:
        ruling = Ruling(price, self.dated, month, self.plan)
        self.plan = rules.plan_programme(rules, learning, ruling, self.band, ledger)
        return self.plan

    def episode_on(self, day: date) -> date:
        """The first day of the price episode that a day lies in."""
        return self.episodes[max(bisect_right(self.episodes, day) - 1, 0)]


def _completed_a_month_later(learning: Learning) -> Learning:
    """The learning for a price dated after an end on a census, whose month is over (READ-25)."""
    later = None if learning.completed_in is None else learning.completed_in + 1
    return attrs.evolve(learning, completed_in=later, balanced_in=later if learning.balanced_in else None)


def _stretches(first: Month, last: Month, prices: Mapping[Month, Price]) -> list[Stretch]:
    """The months from the first to the last, cut where a price begins."""
    if last < first:
        return []
    begins = [month for month in prices if first < month <= last]
    return [Stretch(month, after - 1, prices.get(month)) for month, after in pairwise([first, *begins, last + 1])]


def day_that_rules(programme: Programme, month: Month) -> date:
    """The day whose price, contract type and employer a month takes: the census, but no day after the actual end.

    Clauses: GUIDE-35, GUIDE-43, READ-07, READ-44.
    """
    ended = programme.last_day
    return month.census if ended is None else min(month.census, ended)


def _prices_by_month(
    rules: Rules, learning: Learning, dated: Sequence[DatedPrice], opening: Month
) -> dict[Month, Price]:
    """Every price that begins to rule in a month, the one that rules the first month included."""
    first = max(opening, learning.first_month)
    found: dict[Month, Price] = {}
    ruling: Price | None = None
    ended = learning.programme.last_day
    for month in sorted({first, *(max(first, month_of(price.applies_from)) for price in dated)}):
        over = ended is not None and month > month_of(ended)
        day = month.census if over else day_that_rules(learning.programme, month)
        price = rules.price_in_force(rules, dated, day)
        if price is not None and price != ruling:
            found[month] = ruling = price
    return found


def _due_days(rules: Rules, learning: Learning) -> list[Due]:
    """What falls due while the apprentice is learning, and the apprenticeship has not gone on in another aim.

    Clauses: GUIDE-136.
    """
    programme = learning.programme
    days = [
        *zip(("first", "second"), rules.additional_payment_days(rules, programme), strict=True),
        (CARE_LEAVER_BURSARY, rules.care_leaver_bursary_day(rules, programme)),
    ]
    followed_from = programme.followed_from or date.max
    return [
        Due(which, day, month_of(day))
        for which, day in days
        if day is not None and day < followed_from and rules.still_learning_on(learning.last_day, day)
    ]


def _last_month(learning: Learning, prices: Mapping[Month, Price], due: Sequence[Due]) -> Month:
    """The last month that can earn anything: of the plan, a price, a due day or the completion."""
    ends = [
        learning.first_month + (max(learning.planned, learning.earned) - 1),
        *prices,
        *(one.month for one in due),
    ]
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
