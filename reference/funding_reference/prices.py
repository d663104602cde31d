"""The price of a programme on a day, and what is left of it within the funding band (GUIDE-16 to 26, 127 to 131)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from attrs import frozen

from funding_reference.calendar import ONE_DAY, Month, month_of
from funding_reference.money import NOTHING, Money, total
from funding_reference.records import AppFinRecord, FundingBand

if TYPE_CHECKING:
    from funding_reference.apprenticeship import Programme
    from funding_reference.rules import Rules

TRAINING: Final = 1
ASSESSMENT: Final = 2
RESIDUAL_TRAINING: Final = 3
RESIDUAL_ASSESSMENT: Final = 4


@frozen
class DatedPrice:
    """A price record and the day from which it applies.

    :param recorded: its own date, which decides between two that apply from the same day
    """

    applies_from: date
    recorded: date
    code: int
    pounds: Money

    def __str__(self) -> str:
        return f"TNP{self.code} of {self.pounds} from {self.applies_from}"


@frozen
class Price:
    """The price in force on a day: a total, or what remains to be delivered after a change of employer.

    :param records: the one or two records that it consists of
    """

    pounds: Money
    is_residual: bool
    records: tuple[DatedPrice, ...]

    def __str__(self) -> str:
        return f"{self.pounds} {'residual' if self.is_residual else 'in total'}"


def is_funded_here(rules: Rules, first_start: date) -> bool:
    """Whether an apprenticeship started late enough for these rules to fund it.

    Clauses: GUIDE-2, READ-28.
    """
    return bool(rules.value("starts_are_funded", first_start))


def dated_prices(rules: Rules, programme: Programme) -> tuple[DatedPrice, ...]:
    """Every price record that applies at some time, by the day from which it applies.

    Clauses: GUIDE-127, GUIDE-128, GUIDE-129, READ-14.
    """
    found = []
    for record in programme.prices:
        day = rules.price_applies_from(rules, programme, record)
        if day is not None:
            found.append(DatedPrice(day, record.AFinDate, record.AFinCode, Money(record.AFinAmount)))
    return tuple(sorted(found, key=attrgetter("applies_from", "recorded")))


def price_applies_from(rules: Rules, programme: Programme, record: AppFinRecord) -> date | None:
    """The day from which a price applies; None if it never does.

    The day of the record, or the start where the record is older. One dated after the actual end of a completed
    programme still counts, on that end; if the end is a census, whose instalment is earned, the day after. So does
    the actual cost count that an employer-provider records at the end.

    Clauses: GUIDE-18, GUIDE-19, GUIDE-127, GUIDE-129, GUIDE-158, READ-14, READ-25.
    """
    day = rules.price_after_redundancy(programme, max(record.AFinDate, programme.start))
    ended = programme.last_day
    if day is None or ended is None or day <= ended:
        return day
    if not programme.is_completed or record.AFinDate <= ended:
        return None
    return ended + ONE_DAY if ended == month_of(ended).census else ended


def price_in_force(rules: Rules, prices: Sequence[DatedPrice], day: date) -> Price | None:
    """The price on a day: the latest training and the latest assessment price, together; None before the first.

    Once a residual price is recorded, residual prices rule from then on and later total prices are ignored.

    Clauses: GUIDE-17, GUIDE-19, GUIDE-128, GUIDE-129, GUIDE-130, GUIDE-168, RULES-164, READ-14.
    """
    known = [price for price in prices if price.applies_from <= day]
    residual = any(price.code >= RESIDUAL_TRAINING for price in known)
    codes = (RESIDUAL_TRAINING, RESIDUAL_ASSESSMENT) if residual else (TRAINING, ASSESSMENT)
    parts = tuple(part for code in codes if (part := rules.latest_price(known, code)) is not None)
    return Price(total(part.pounds for part in parts), residual, parts) if parts else None


def latest_price(prices: Sequence[DatedPrice], code: int) -> DatedPrice | None:
    """The last price under one code; of two with the same date the smaller.

    Clauses: READ-14.
    """
    found = [price for price in prices if price.code == code]
    last = max((price.recorded for price in found), default=None)
    return min((price for price in found if price.recorded == last), key=attrgetter("pounds"), default=None)


def total_left(price: Money, earned_here: Money) -> Money:
    """What is left of a total price: less what this provider has earned for the same course and pathway.

    Below zero if the price has fallen below that.

    Clauses: GUIDE-129, GUIDE-152, GUIDE-171, READ-16, READ-19, READ-42.
    """
    return price - earned_here


def residual_left(prices: Sequence[DatedPrice], day: date, earned: Sequence[tuple[Month, Money]]) -> Money:
    """What is left of a residual price: less what was earned since it was recorded, of the training part first.

    :param prices: all prices; the residual ones up to the day count, each new one replacing what was left of its part
    :param earned: what this provider earned, month by month

    Clauses: GUIDE-130, GUIDE-131, GUIDE-168, READ-17.
    """
    left = {RESIDUAL_TRAINING: NOTHING, RESIDUAL_ASSESSMENT: NOTHING}
    since: Month | None = None
    for price in _residual_prices(prices, day):
        left = _less(left, total(pounds for month, pounds in earned if _lies_in(month, since, price)))
        left[price.code] = price.pounds
        since = month_of(price.applies_from)
    left = _less(left, total(pounds for month, pounds in earned if since is not None and month >= since))
    return left[RESIDUAL_TRAINING] + left[RESIDUAL_ASSESSMENT]


def _residual_prices(prices: Sequence[DatedPrice], day: date) -> list[DatedPrice]:
    """The residual prices up to a day in order, of two under one code with the same date the smaller."""
    chosen: dict[tuple[date, int], DatedPrice] = {}
    for price in prices:
        if price.code >= RESIDUAL_TRAINING and price.applies_from <= day:
            key = price.recorded, price.code
            if key not in chosen or price.pounds < chosen[key].pounds:
                chosen[key] = price
    return list(chosen.values())


def _lies_in(month: Month, since: Month | None, until: DatedPrice) -> bool:
    return since is not None and since <= month < month_of(until.applies_from)


def _less(left: dict[int, Money], earned: Money) -> dict[int, Money]:
    of_training = min(left[RESIDUAL_TRAINING], earned)
    of_assessment = min(left[RESIDUAL_ASSESSMENT], earned - of_training)
    return {
        RESIDUAL_TRAINING: left[RESIDUAL_TRAINING] - of_training,
        RESIDUAL_ASSESSMENT: left[RESIDUAL_ASSESSMENT] - of_assessment,
    }


def band_maximum(bands: Sequence[FundingBand], course_start: date) -> Money | None:
    """The funding band on the day the apprenticeship first started on the course and pathway; it holds to the end.

    None for a course without a band on that day, which funds nothing.

    Clauses: GUIDE-16, GUIDE-22, READ-18, READ-26.
    """
    last = max((band.from_ for band in bands if band.from_ <= course_start), default=None)
    return min((band.maximum for band in bands if band.from_ == last), default=None)


def room_in_band(band: Money, earned_by_all: Money) -> Money:
    """What the band leaves after everything already earned for this apprenticeship, by whichever provider.

    Clauses: GUIDE-143, GUIDE-144, GUIDE-145, GUIDE-146, GUIDE-165, GUIDE-169, READ-18.
    """
    return max(band - earned_by_all, NOTHING)


def fundable_price(left: Money, room: Money) -> Money:
    """As much of what is left of the price as the band allows; the rest is between the employer and the provider.

    Clauses: GUIDE-21, GUIDE-24, GUIDE-25, GUIDE-131, GUIDE-195, RULES-164.3, RULES-165, READ-27.
    """
    return min(left, room)


def is_listed_band(rules: Rules, band: Money, first_start: date) -> bool:
    """Whether the course's band is one of the edition's bands; if not, it still holds, and a finding says so.

    Clauses: GUIDE-16, READ-26.
    """
    return band in rules.value("funding_band_maximums", first_start)
