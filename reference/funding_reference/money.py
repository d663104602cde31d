"""Exact pounds inside a calculation, and amounts of five decimals where a calculation ends (READ-10).

Two types keep the two apart. :data:`Money` is an exact fraction of a pound: nothing is lost by dividing it. An
:data:`Amount` is a decimal with five places: what is answered, paid and kept in accounts. The only way from one to
the other is :func:`rounded`.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow
from fractions import Fraction
from typing import Final

Money = Fraction
Amount = Decimal

NOTHING: Final = Fraction(0)
NO_AMOUNT: Final = Decimal("0.00000")

PLACES: Final = 5
_UNIT: Final = 10**PLACES

EXACT: Final = Context(prec=60, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow, Inexact])
"""The context for amounts: wide enough that sums are never cut, and an error rather than a silent rounding."""


def total(amounts: Iterable[Money]) -> Money:
    """The exact sum. Instalments share their denominator, so that most of it is a sum of whole numbers."""
    by_denominator: dict[int, int] = {}
    for amount in amounts:
        denominator = amount.denominator
        by_denominator[denominator] = by_denominator.get(denominator, 0) + amount.numerator
    if not by_denominator:
        return NOTHING
    parts = [Fraction(numerator, denominator) for denominator, numerator in by_denominator.items()]
    return parts[0] if len(parts) == 1 else sum(parts, NOTHING)


def rounded(exact: Money) -> Amount:
    """An exact sum of pounds as an amount of five decimals, halves to the even digit.

    Clauses: READ-10.
    """
    whole, rest = divmod(exact.numerator * _UNIT, exact.denominator)
    twice = 2 * rest
    if twice > exact.denominator or (twice == exact.denominator and whole % 2):
        whole += 1
    return hundred_thousandths(whole)


def hundred_thousandths(count: int) -> Amount:
    """So many hundred-thousandths of a pound, as an amount."""
    return Decimal(count).scaleb(-PLACES, EXACT)


def exactly(amount: Amount) -> Money:
    """An amount as exact pounds, to calculate with."""
    return Fraction(amount)


def plain(amount: Amount) -> str:
    """An amount as programs write it: five decimals, no separators, never an exponent."""
    return f"{amount:.5f}"


def pounds(amount: Amount | Money) -> str:
    """An amount as people read it: ``£1,142.86``; more decimals only where pennies would hide something."""
    decimal = amount if isinstance(amount, Decimal) else rounded(amount)
    text = f"{abs(decimal):,.5f}"
    text = text[:-3] if text.endswith("000") else text
    return f"-£{text}" if decimal < 0 else f"£{text}"
