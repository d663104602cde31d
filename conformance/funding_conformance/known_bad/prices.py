"""Mistakes with the price and the funding band (GUIDE-2, 16 to 26)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import attrs
from funding_reference.apprenticeship import Apprentice, Programme
from funding_reference.calendar import Month, month_of
from funding_reference.contribution import employer_share
from funding_reference.earnings import Earning, earned_by
from funding_reference.earnings.ledger import Entry
from funding_reference.money import NOTHING, Money
from funding_reference.prices import RESIDUAL_TRAINING, TRAINING, DatedPrice, Price, price_in_force
from funding_reference.records import FundingBand
from funding_reference.rules import Rules

from funding_conformance.known_bad import replacing


def price_without_a_band(price: Money, band: Money) -> Money:
    """Spreads the whole price, whatever the band. Breaks: GUIDE-21, GUIDE-24, GUIDE-46, READ-27, RULES-164.3."""
    return price


def always_the_band(price: Money, band: Money) -> Money:
    """Takes the band for the price when the price is lower. Breaks: GUIDE-21, GUIDE-25, GUIDE-33."""
    return band


def latest_band(bands: Sequence[FundingBand], first_start: date) -> Money:
    """Takes the newest band of the course instead of the one at the start. Breaks: GUIDE-22."""
    return max(bands, key=lambda band: band.from_).maximum if bands else NOTHING


def nearest_listed_band(bands: Sequence[FundingBand], first_start: date) -> Money:
    """Forces a course's own band down to one of the listed bands. Breaks: GUIDE-16, READ-26."""
    in_force = [band for band in bands if band.from_ <= first_start]
    if not in_force:
        return NOTHING
    band = max(in_force, key=lambda band: band.from_).maximum
    return max((listed for listed in _LISTED if listed <= band), default=band)


def training_price_only(rules: Rules, prices: Sequence[DatedPrice], day: date) -> Price | None:
    """Leaves the assessment out of the total price. Breaks: GUIDE-17, GUIDE-19, RULES-164."""
    return price_in_force(rules, [price for price in prices if price.code in (TRAINING, RESIDUAL_TRAINING)], day)


def larger_of_two_on_a_day(prices: Sequence[DatedPrice], code: int) -> DatedPrice | None:
    """Takes the larger of two prices recorded for one day. Breaks: READ-14."""
    found = [price for price in prices if price.code == code]
    return max(found, key=lambda price: (price.recorded, price.pounds), default=None)


def first_price_ever(prices: Sequence[DatedPrice], code: int) -> DatedPrice | None:
    """Takes the oldest price recorded instead of the latest. Breaks: READ-14, GUIDE-129."""
    return min((price for price in prices if price.code == code), key=lambda price: price.recorded, default=None)


def earlier_starts_funded(
    rules: Rules, apprentice: Apprentice, opening: Month, settled: tuple[Entry, ...]
) -> tuple[Earning, ...]:
    """Funds apprenticeships that started before 1 May 2017 as if they had started then. Breaks: GUIDE-2, READ-28."""
    return earned_by(as_from_may_2017(rules), apprentice, opening, settled)


def share_of_earlier_starts(rules: Rules, programme: Programme, day: date) -> Money:
    """What goes with it."""
    return employer_share(as_from_may_2017(rules), programme, day)


def as_from_may_2017(rules: Rules) -> Rules:
    """The rules with the values of 1 May 2017 for every earlier day."""
    return attrs.evolve(rules, value=lambda name, on: rules.value(name, max(on, date(2017, 5, 1))))


def funded_from_june(rules: Rules, first_start: date) -> bool:
    """Funds starts a month too late, from June 2017 on. Breaks: GUIDE-2, READ-28."""
    return month_of(first_start) > month_of(date(2017, 5, 1))


_LISTED = tuple(
    Money(band)
    for band in (
        1500,
        2000,
        2500,
        3000,
        3500,
        4000,
        5000,
        6000,
        9000,
        12000,
        15000,
        18000,
        21000,
        24000,
        27000,
    )
)

KNOWN_BAD = {
    "uncapped-price": replacing(fundable_price=price_without_a_band),
    "band-as-price": replacing(fundable_price=always_the_band),
    "latest-band": replacing(band_maximum=latest_band),
    "only-listed-bands": replacing(band_maximum=nearest_listed_band),
    "training-price-only": replacing(price_in_force=training_price_only),
    "larger-of-two-prices": replacing(latest_price=larger_of_two_on_a_day),
    "first-price-ever": replacing(latest_price=first_price_ever),
    "earlier-starts-funded": replacing(earned_by=earlier_starts_funded, employer_share=share_of_earlier_starts),
    "funded-a-month-late": replacing(is_funded_here=funded_from_june),
}
