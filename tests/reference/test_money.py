"""Exact pounds and five-decimal amounts."""

from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from funding_reference.money import EXACT, exactly, plain, pounds, rounded, total
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("exact", "amount"),
    [
        (Fraction(8000, 12), "666.66667"),
        (Fraction(5, 1_000_000), "0.00000"),
        (Fraction(15, 1_000_000), "0.00002"),
        (Fraction(-15, 1_000_000), "-0.00002"),
        (Fraction(-25, 1_000_000), "-0.00002"),
        (Fraction(0), "0.00000"),
        (Fraction(10**15) + Fraction(1, 3), "1000000000000000.33333"),
        (Fraction(10**40) + Fraction(1, 3), f"1{'0' * 40}.33333"),
    ],
)
def test_halves_go_to_the_even_digit(exact: Fraction, amount: str) -> None:
    assert plain(rounded(exact)) == amount


@given(st.fractions())
def test_rounding_is_that_of_python_at_five_places(exact: Fraction) -> None:
    assert exactly(rounded(exact)) == Fraction(round(exact * 100_000), 100_000)


def test_amounts_do_not_depend_on_the_context_of_the_program_around() -> None:
    with localcontext(prec=3):
        assert plain(rounded(Fraction(123456789, 100))) == "1234567.89000"


def test_sums_that_would_lose_a_digit_are_an_error() -> None:
    with localcontext(EXACT), pytest.raises(ArithmeticError):
        _ = Decimal(1) / Decimal(3)


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("1142.86000", "£1,142.86"),
        ("-0.50000", "-£0.50"),
        ("0.00001", "£0.00001"),
        ("1000000.00000", "£1,000,000.00"),
    ],
)
def test_pounds_are_written_for_people(amount: str, shown: str) -> None:
    assert pounds(Decimal(amount)) == shown


def test_an_exact_sum_is_rounded_for_people() -> None:
    assert pounds(Fraction(8000, 12)) == "£666.66667"
    assert pounds(Fraction(0)) == "£0.00"


def test_sums_are_exact_over_different_denominators() -> None:
    third, half = Fraction(1, 3), Fraction(1, 2)
    assert total([]) == 0
    assert total([third]) == third
    assert total([third, third]) == Fraction(2, 3)
    assert total([third, half, third, -half, half]) == Fraction(7, 6)
