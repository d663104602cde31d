"""Months, census dates, funding years and the collections of a year.

Funding counts in calendar months, each with its census on its last day (GUIDE-35). Providers return once a month:
R01 in August to R12 in July, and R13 and R14 once more for the year that has closed (GUIDE-184 to 193).
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from functools import cache, total_ordering
from typing import Final

from attrs import field, frozen

ONE_DAY: Final = timedelta(days=1)
MONTHS_A_YEAR: Final = 12
AUGUST: Final = 8
LAST_COLLECTION: Final = 14


class Month(int):
    """A calendar month, as the number of months since January of the year 0: months can be counted and compared."""

    __slots__ = ()

    @property
    def number(self) -> int:
        return int(self)

    @property
    def year(self) -> int:
        return self // MONTHS_A_YEAR

    @property
    def month(self) -> int:
        return self % MONTHS_A_YEAR + 1

    @property
    def first_day(self) -> date:
        return _first_day(self)

    @property
    def census(self) -> date:
        """The last day of the month, on which learning is counted.

        Clauses: GUIDE-35.
        """
        return _last_day(self)

    @property
    def funding_year(self) -> int:
        """The calendar year in which the funding year of this month began, on 1 August."""
        return (self - (AUGUST - 1)) // MONTHS_A_YEAR

    def __add__(self, months: int) -> Month:
        return Month(int.__add__(self, months))

    def __sub__(self, months: int) -> Month:
        return Month(int.__sub__(self, months))

    def __str__(self) -> str:
        return _month_text(self)

    def __repr__(self) -> str:
        return f"Month({self})"


@cache
def _first_day(number: int) -> date:
    return date(number // MONTHS_A_YEAR, number % MONTHS_A_YEAR + 1, 1)


@cache
def _last_day(number: int) -> date:
    first = _first_day(number)
    return first.replace(day=monthrange(first.year, first.month)[1])


@cache
def _month_text(number: int) -> str:
    return f"{number // MONTHS_A_YEAR:04}-{number % MONTHS_A_YEAR + 1:02}"


def month_of(day: date) -> Month:
    """The month that holds the day."""
    return Month(day.year * MONTHS_A_YEAR + day.month - 1)


def augusts_between(first: date, last: date) -> list[date]:
    """Every 1 August, on which a funding year begins, after the first day and up to the last."""
    augusts = (date(year, AUGUST, 1) for year in range(first.year, last.year + 1))
    return [day for day in augusts if first < day <= last]


def months_between(first: Month, last: Month) -> list[Month]:
    """Every month from the first to the last, both included; none if the last is before the first."""
    return list(map(Month, range(first, last + 1)))


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last day of a month that is too short for it."""
    month = min(month_of(day) + months, month_of(date.max))
    return month.first_day.replace(day=min(day.day, month.census.day))


def days_inclusive(first: date, last: date) -> int:
    """How many days from the first to the last, both counted."""
    return (last - first).days + 1


@total_ordering
@frozen
class Collection:
    """One return: the funding year by the calendar year it began in, and the number of the return, 1 to 14.

    Collections are ordered by when their payments run: R12, R01, R13, R02, R14, R03 around the end of a year
    (GUIDE-190 to 192).
    """

    funding_year: int
    number: int
    first_month: Month = field(init=False, eq=False, repr=False)
    """August of the funding year."""
    delivery_month: Month = field(init=False, eq=False, repr=False)
    """The last month whose delivery this collection covers: August for R01, July for R12, R13 and R14."""
    place_in_time: tuple[int, bool] = field(init=False, eq=False, repr=False)
    """What puts runs in their order: the month of the debit, then the open year before the closed one."""

    @first_month.default
    def _august(self) -> Month:
        return Month(self.funding_year * MONTHS_A_YEAR + AUGUST - 1)

    @delivery_month.default
    def _last_month(self) -> Month:
        return self.first_month + (min(self.number, MONTHS_A_YEAR) - 1)

    @property
    def account_month(self) -> Month:
        """The calendar month in which the employer's account is debited: September for R01.

        Clauses: GUIDE-76, GUIDE-191, READ-50.
        """
        return self.first_month + self.number

    @property
    def provider_month(self) -> Month:
        """The calendar month in which the provider is paid: for R13 and R14 that of R02 and R03, after the debit.

        Clauses: GUIDE-76, GUIDE-192, READ-50.
        """
        return self.account_month if self.number <= MONTHS_A_YEAR else self.account_month + 1

    @place_in_time.default
    def _order(self) -> tuple[int, bool]:
        return self.account_month.number, self.number > MONTHS_A_YEAR

    def __lt__(self, other: Collection) -> bool:
        return self.place_in_time < other.place_in_time

    def __str__(self) -> str:
        return f"{self.funding_year % 100:02}{(self.funding_year + 1) % 100:02}-R{self.number:02}"


def collection_of(month: Month) -> Collection:
    """The collection in which a month's delivery is first paid."""
    return Collection(month.funding_year, (month.month - AUGUST) % MONTHS_A_YEAR + 1)


LAST_MONTH: Final = Month(2100 * MONTHS_A_YEAR + AUGUST - 2)
"""July 2100: the last month of the last funding year that a collection can name."""


def days_later(day: date, days: int) -> date:
    """So many days later, or the last day of the calendar."""
    return date.fromordinal(min(day.toordinal() + days, date.max.toordinal()))


def runs_between(first: Collection, last: Collection) -> list[Collection]:
    """Every collection whose payments run from the first to the last, in the order in which they run."""
    return sorted(
        run
        for year in range(first.funding_year - 1, last.funding_year + 2)
        for number in range(1, LAST_COLLECTION + 1)
        if first <= (run := Collection(year, number)) <= last
    )
