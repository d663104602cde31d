"""What is left of a residual price, followed part by part through what was earned."""

from datetime import date
from fractions import Fraction

import pytest
from funding_reference.calendar import Month
from funding_reference.prices import (
    ASSESSMENT,
    RESIDUAL_ASSESSMENT,
    RESIDUAL_TRAINING,
    TRAINING,
    DatedPrice,
    band_maximum,
    latest_price,
    residual_left,
)
from funding_reference.records import FundingBand

AUGUST = Month(2017 * 12 + 7)
LAST = date(2018, 7, 31)


def price(code: int, month: int, pounds: int, recorded: date | None = None) -> DatedPrice:
    day = (AUGUST + month).first_day
    return DatedPrice(day, recorded or day, code, Fraction(pounds))


def earned(*pounds: int, since: int = 0) -> list[tuple[Month, Fraction]]:
    return [(AUGUST + since + place, Fraction(amount)) for place, amount in enumerate(pounds)]


BOTH = (price(RESIDUAL_TRAINING, 2, 1000), price(RESIDUAL_ASSESSMENT, 2, 500))


@pytest.mark.parametrize(
    ("amounts", "left"), [((), 1500), ((400,), 1100), ((1000,), 500), ((1000, 200), 300), ((600, 600, 300), 0)]
)
def test_what_was_earned_since_is_deducted(amounts: tuple[int, ...], left: int) -> None:
    assert residual_left(BOTH, LAST, earned(*amounts, since=2)) == left
    assert residual_left(BOTH, LAST, earned(700, 700, *amounts)) == left


@pytest.mark.parametrize(
    ("amounts", "left"),
    [
        ((400,), 2000 + 500),
        ((1000, 200), 2000 + 300),
        ((1000, 400, 400), 2000 + 100 - 400 + 0),
    ],
)
def test_a_new_training_price_leaves_what_is_left_of_the_assessment_price(amounts: tuple[int, ...], left: int) -> None:
    prices = (*BOTH, price(RESIDUAL_TRAINING, 4, 2000))
    assert residual_left(prices, LAST, earned(*amounts, since=2)) == left


def test_a_new_assessment_price_leaves_what_is_left_of_the_training_price() -> None:
    prices = (*BOTH, price(RESIDUAL_ASSESSMENT, 4, 800))
    assert residual_left(prices, LAST, earned(300, 300, since=2)) == 400 + 800
    assert residual_left(prices, LAST, earned(300, 300, 500, since=2)) == 700


def test_a_price_after_the_day_does_not_count_yet_and_one_on_it_does() -> None:
    prices = (*BOTH, price(RESIDUAL_TRAINING, 4, 2000))
    assert residual_left(prices, date(2017, 11, 30), []) == 1500
    assert residual_left(prices, date(2017, 12, 1), []) == 2500


@pytest.mark.parametrize("amounts", [(700, 600), (600, 700), (600, 600)])
def test_of_two_under_one_code_with_one_date_the_smaller_counts(amounts: tuple[int, int]) -> None:
    prices = [price(RESIDUAL_TRAINING, 2, pounds) for pounds in amounts]
    assert residual_left(prices, LAST, []) == 600
    chosen = latest_price(prices, RESIDUAL_TRAINING)
    assert chosen is not None
    assert chosen.pounds == 600


def test_total_prices_and_what_was_taken_back_under_them_leave_a_residual_price_alone() -> None:
    totals = (price(TRAINING, 0, 9000), price(ASSESSMENT, 0, 1000), price(TRAINING, 1, 100))
    prices = (*totals, price(RESIDUAL_ASSESSMENT, 3, 500))
    assert residual_left(prices, LAST, earned(300, -100, 0, 50)) == 450


def test_of_two_bands_from_one_day_the_smaller_holds() -> None:
    bands = [FundingBand(date(2017, 5, 1), Fraction(pounds)) for pounds in (9000, 12000)]
    later = FundingBand(date(2018, 8, 1), Fraction(15000))
    for listed in (bands, bands[::-1]):
        assert band_maximum([*listed, later], date(2018, 7, 31)) == 9000
        assert band_maximum([later, *listed], date(2018, 8, 1)) == 15000
    assert band_maximum(bands, date(2017, 4, 30)) is None
