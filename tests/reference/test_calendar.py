"""Months, census dates and the order of collections."""

from datetime import date

import pytest
from funding_reference.apprenticeship import census_dates
from funding_reference.calendar import (
    LAST_MONTH,
    Collection,
    Month,
    augusts_between,
    collection_of,
    month_of,
    months_later,
    runs_between,
)


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


def test_a_month_knows_its_year_and_its_days() -> None:
    december = month_of(date(2017, 12, 9))
    assert (december.year, december.month, december.funding_year) == (2017, 12, 2017)
    assert (december.first_day, december.census) == (date(2017, 12, 1), date(2017, 12, 31))
    assert month_of(date(2018, 7, 1)).funding_year == 2017


def test_the_calendar_ends_in_july_2100() -> None:
    assert month_of(date(2100, 7, 31)) == LAST_MONTH
    assert str(collection_of(LAST_MONTH)) == "9900-R12"


@pytest.mark.parametrize(
    ("first", "last", "years"),
    [
        (date(2017, 7, 31), date(2019, 8, 1), [2017, 2018, 2019]),
        (date(2017, 8, 1), date(2019, 7, 31), [2018]),
        (date(2017, 8, 2), date(2018, 7, 31), []),
        (date(2018, 8, 1), date(2018, 12, 31), []),
    ],
)
def test_an_august_counts_after_the_first_day_and_up_to_the_last(first: date, last: date, years: list[int]) -> None:
    assert augusts_between(first, last) == [date(year, 8, 1) for year in years]


def test_a_year_of_runs_has_those_of_its_neighbours_among_them() -> None:
    runs = [str(run) for run in runs_between(Collection(2017, 1), Collection(2017, 14))]
    months = [f"1718-R{number:02}" for number in range(4, 13)]
    begins = ["1718-R01", "1617-R13", "1718-R02", "1617-R14", "1718-R03"]
    assert runs == [*begins, *months, "1819-R01", "1718-R13", "1819-R02", "1718-R14"]


def test_a_collection_is_its_year_and_its_number() -> None:
    assert repr(Collection(2017, 1)) == "Collection(funding_year=2017, number=1)"
    assert Collection(2017, 1) == Collection(2017, 1) != Collection(2017, 2)
    assert not Collection(2017, 1) < Collection(2017, 1)
    for more in ("first_month", "delivery_month", "place_in_time"):
        with pytest.raises(TypeError):
            Collection(2017, 1, **{more: Month(0)})
