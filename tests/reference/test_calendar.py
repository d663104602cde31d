"""Months, census dates and the order of collections."""

from datetime import date

import pytest
from funding_reference.apprenticeship import census_dates
from funding_reference.calendar import Collection, Month, collection_of, month_of, months_later, runs_between


def test_runs_follow_each_other_around_the_end_of_a_year() -> None:
    runs = [str(run) for run in runs_between(Collection(2017, 12), Collection(2018, 3))]
    assert runs == ["1718-R12", "1819-R01", "1718-R13", "1819-R02", "1718-R14", "1819-R03"]


def test_r13_is_debited_in_september_and_paid_with_r02() -> None:
    r13, r02 = Collection(2017, 13), Collection(2018, 2)
    assert str(r13.account_month) == "2018-09"
    assert r13.provider_month == r02.provider_month
    assert r13.delivery_month == month_of(date(2018, 7, 1))


@pytest.mark.parametrize("number", range(1, 13))
def test_a_month_is_paid_the_month_after(number: int) -> None:
    run = Collection(2017, number)
    assert run.account_month == run.provider_month == run.delivery_month + 1
    assert collection_of(run.delivery_month) == run


@pytest.mark.parametrize(
    ("first", "last", "dates"),
    [
        (date(2017, 9, 1), date(2018, 9, 8), 12),
        (date(2017, 9, 1), date(2018, 9, 29), 12),
        (date(2017, 9, 1), date(2018, 9, 30), 13),
        (date(2020, 2, 1), date(2020, 2, 28), 0),
        (date(2020, 2, 1), date(2020, 2, 29), 1),
        (date(2017, 8, 31), date(2017, 8, 31), 1),
    ],
)
def test_census_dates_are_counted_inclusively(first: date, last: date, dates: int) -> None:
    assert census_dates(first, last) == dates


def test_a_day_that_a_later_month_does_not_have_becomes_its_last() -> None:
    assert months_later(date(2017, 8, 31), 6) == date(2018, 2, 28)


def test_months_are_ordered_and_written_plainly() -> None:
    assert sorted([Month(24210), Month(24199)]) == [Month(24199), Month(24210)]
    assert str(month_of(date(2017, 8, 6))) == "2017-08"
