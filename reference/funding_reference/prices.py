"""The price of a programme and what the funding band leaves of it (GUIDE-16 to 26, 195)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Final

from funding_reference.money import NOTHING, Money
from funding_reference.records import AppFinRecord, FundingBand

if TYPE_CHECKING:
    from funding_reference.rules import Rules

TRAINING: Final = 1
ASSESSMENT: Final = 2


def is_funded_here(rules: Rules, first_start: date) -> bool:
    """Whether an apprenticeship started late enough for these rules to fund it.

    Clauses: GUIDE-2, READ-28.
    """
    return bool(rules.value("starts_are_funded", first_start))


def price_in_force(records: Sequence[AppFinRecord], day: date) -> Money:
    """The total price on a day: the latest training price and the latest assessment price, together.

    :param records: the TNP records of the programme aim, in whole pounds

    Clauses: GUIDE-17, GUIDE-19, READ-14.
    """
    return latest_price(records, TRAINING, day) + latest_price(records, ASSESSMENT, day)


def latest_price(records: Sequence[AppFinRecord], code: int, day: date) -> Money:
    """The last amount recorded under one code by that day; of two on the same date the smaller."""
    in_force = [record for record in records if record.AFinCode == code and record.AFinDate <= day]
    if not in_force:
        return NOTHING
    latest = max(record.AFinDate for record in in_force)
    return Money(min(record.AFinAmount for record in in_force if record.AFinDate == latest))


def band_maximum(bands: Sequence[FundingBand], first_start: date) -> Money | None:
    """The funding band of the course on the day the apprenticeship first started; it holds to the end.

    None for a course without a band on that day, which funds nothing.

    Clauses: GUIDE-16, GUIDE-22, READ-18, READ-26.
    """
    in_force = [band for band in bands if band.from_ <= first_start]
    return max(in_force, key=lambda band: band.from_).maximum if in_force else None


def fundable_price(price: Money, band: Money) -> Money:
    """As much of the price as the band allows; what is above it is between the employer and the provider.

    Clauses: GUIDE-21, GUIDE-24, GUIDE-25, GUIDE-195, READ-27.
    """
    return min(price, band)


def is_listed_band(rules: Rules, band: Money, first_start: date) -> bool:
    """Whether the course's band is one of the edition's bands; if not, it still holds, and a finding says so.

    Clauses: GUIDE-16, READ-26.
    """
    return band in rules.value("funding_band_maximums", first_start)
