"""Mistakes with prices that change, and with the band over providers and employers (GUIDE-127 to 134, 143 to 158)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import attrs
from funding_reference.apprenticeship import Apprentice, Programme
from funding_reference.calendar import MONTHS_A_YEAR, Collection, Month, month_of
from funding_reference.earnings import Earning, earned_by
from funding_reference.earnings.ledger import Entry, Ledger
from funding_reference.earnings.on_programme import earned_on_completion
from funding_reference.earnings.plan import Learning, Plan, Ruling, plan_programme
from funding_reference.earnings.progress import episode_starts
from funding_reference.money import NOTHING, Money, total
from funding_reference.prices import (
    ASSESSMENT,
    RESIDUAL_ASSESSMENT,
    RESIDUAL_TRAINING,
    TRAINING,
    DatedPrice,
    Price,
    dated_prices,
    latest_price,
    price_applies_from,
    price_in_force,
    residual_left,
)
from funding_reference.records import AppFinRecord
from funding_reference.rules import Rules
from funding_reference.statements import speaking_return

from funding_conformance.known_bad import replacing

# What is left of a price


def earned_is_not_deducted(price: Money, earned_here: Money) -> Money:
    """Spreads a whole new total price over the months left, on top of what it has earned. Breaks: GUIDE-128, GUIDE-129,
    GUIDE-171, READ-16, READ-42.
    """
    return price


def whole_residual_again(prices: Sequence[DatedPrice], day: date, earned: Sequence[tuple[Month, Money]]) -> Money:
    """Begins a residual price anew in each later episode. Breaks: READ-17."""
    return residual_left(prices, day, ())


def assessment_is_used_up_first(
    prices: Sequence[DatedPrice], day: date, earned: Sequence[tuple[Month, Money]]
) -> Money:
    """Takes what was earned from the assessment part of a residual price first. Breaks: READ-17."""
    other = {RESIDUAL_TRAINING: RESIDUAL_ASSESSMENT, RESIDUAL_ASSESSMENT: RESIDUAL_TRAINING}
    return residual_left([attrs.evolve(price, code=other.get(price.code, price.code)) for price in prices], day, earned)


def residual_as_a_total(rules: Rules, prices: Sequence[DatedPrice], day: date) -> Price | None:
    """Deducts earlier earnings from a residual price too. Breaks: GUIDE-130, GUIDE-131, GUIDE-171, READ-17, READ-42."""
    price = price_in_force(rules, prices, day)
    return attrs.evolve(price, is_residual=False) if price else None


def residual_not_read(rules: Rules, prices: Sequence[DatedPrice], day: date) -> Price | None:
    """Reads no residual price while there is a total. Breaks: GUIDE-130, GUIDE-131, READ-14, READ-17, GUIDE-168."""
    totals = [price for price in prices if price.code in (TRAINING, ASSESSMENT)]
    return price_in_force(rules, totals or prices, day)


def total_after_a_residual(rules: Rules, prices: Sequence[DatedPrice], day: date) -> Price | None:
    """Lets a later total price replace a residual one. Breaks: READ-14."""
    known = [price for price in prices if price.applies_from <= day]
    latest = max((price.recorded for price in known if price.code < RESIDUAL_TRAINING), default=date.min)
    residual = max((price.recorded for price in known if price.code >= RESIDUAL_TRAINING), default=date.min)
    totals = [price for price in known if price.code < RESIDUAL_TRAINING]
    return price_in_force(rules, totals if latest > residual else prices, day)


# Which price, and from when


def one_price_replaces_both(rules: Rules, prices: Sequence[DatedPrice], day: date) -> Price | None:
    """Takes a new training price alone for the whole price, the assessment being forgotten. Breaks: READ-14."""
    known = [price for price in prices if price.applies_from <= day]
    latest = max((price.recorded for price in known), default=date.min)
    return price_in_force(rules, [price for price in known if price.recorded == latest], day)


def prices_add_up(prices: Sequence[DatedPrice], code: int) -> DatedPrice | None:
    """Adds a new price to the one before instead of replacing it. Breaks: GUIDE-129, READ-14, READ-16."""
    latest = latest_price(prices, code)
    return attrs.evolve(latest, pounds=total(one.pounds for one in prices if one.code == code)) if latest else None


def price_of_the_first(rules: Rules, prices: Sequence[DatedPrice], day: date) -> Price | None:
    """Takes the price on the first day of a month instead of its census. Breaks: GUIDE-129, GUIDE-131, READ-07."""
    return price_in_force(rules, prices, day.replace(day=1)) or price_in_force(rules, prices, day)


def older_prices_not_read(rules: Rules, programme: Programme, record: AppFinRecord) -> date | None:
    """Ignores a price dated before the aim began. Breaks: READ-14."""
    return None if record.AFinDate < programme.start else price_applies_from(rules, programme, record)


def prices_from_the_start(rules: Rules, programme: Programme, record: AppFinRecord) -> date | None:
    """Applies a new price to the whole programme, as if it had been agreed at the start. Breaks: GUIDE-129, READ-16."""
    return None if price_applies_from(rules, programme, record) is None else programme.start


def prices_after_the_end_not_read(rules: Rules, programme: Programme, record: AppFinRecord) -> date | None:
    """Ignores a price dated after the actual end. Breaks: READ-25."""
    last_day = programme.last_day
    return None if last_day and record.AFinDate > last_day else price_applies_from(rules, programme, record)


def prices_of_the_last_day_not_read(rules: Rules, programme: Programme, record: AppFinRecord) -> date | None:
    """Ignores a price dated on the actual end or after it. Breaks: READ-25."""
    last_day = programme.last_day
    over = last_day is not None and record.AFinDate >= last_day > programme.start
    return None if over else price_applies_from(rules, programme, record)


def prices_after_leaving(rules: Rules, programme: Programme, record: AppFinRecord) -> date | None:
    """Earns a price dated after the actual end for those who left, too. Breaks: READ-25."""
    last_day = programme.last_day
    day = price_applies_from(rules, programme, record)
    return last_day if day is None and last_day and record.AFinDate > last_day else day


def late_prices_not_read(rules: Rules, programme: Programme) -> tuple[DatedPrice, ...]:
    """Ignores a price that changes after the planned end. Breaks: GUIDE-153, GUIDE-154, READ-20, READ-21."""
    planned_end = programme.planned_end
    return tuple(price for price in dated_prices(rules, programme) if price.applies_from <= planned_end)


# Completion and instalments of a new price


def completion_of_what_is_left(rules: Rules, price: Money, fundable: Money, first_start: date) -> Money:
    """Keeps 20% of what is left instead of the new price. Breaks: GUIDE-129, GUIDE-171, READ-15, READ-16, READ-17."""
    share: Money = rules.value("completion_share", first_start)
    return max(NOTHING, share * fundable)


def completion_beyond_what_is_left(rules: Rules, price: Money, fundable: Money, first_start: date) -> Money:
    """Keeps 20% of the price where less is left. Breaks: GUIDE-152, GUIDE-154, READ-15, READ-19, READ-21, READ-24."""
    share: Money = rules.value("completion_share", first_start)
    return share * price


def shortfall_waits_for_completion(rules: Rules, price: Money, fundable: Money, first_start: date) -> Money:
    """Takes a shortfall back on completion only. Breaks: GUIDE-152, GUIDE-154, READ-19, READ-21."""
    share: Money = rules.value("completion_share", first_start)
    return min(share * price, fundable)


def little_left_is_split(rules: Rules, price: Money, fundable: Money, first_start: date) -> Money:
    """Spreads four fifths of the little that is left beyond completion. Breaks: READ-24."""
    share: Money = rules.value("completion_share", first_start)
    return max(NOTHING, share * (price if fundable >= share * price else fundable))


def shortfall_is_dropped(fundable: Money) -> Money:
    """Takes nothing back when a price falls below what was earned. Breaks: GUIDE-152, GUIDE-154, READ-19, READ-21."""
    return NOTHING


def late_rise_is_lost(rest: Money) -> tuple[Money, Money]:
    """Earns nothing but the completion part of a rise after the planned end. Breaks: GUIDE-153, READ-20."""
    return NOTHING, NOTHING


def late_rise_kept(rest: Money) -> tuple[Money, Money]:
    """Keeps a late rise for completion, as the official calculators did. Breaks: GUIDE-153, READ-20."""
    return earned_on_completion(rest)


def late_rise_at_once(rules: Rules, before: Plan, fundable: Money, completion: Money) -> Money:
    """Withholds nothing of a rise after the planned end for completion. Breaks: GUIDE-153, READ-20."""
    return before.completion


def over_the_whole_plan(rules: Rules, learning: Learning, ruling: Ruling, band: Money, ledger: Ledger) -> Plan:
    """Spreads what is left over all planned months, those that are over too. Breaks: GUIDE-129, GUIDE-131, READ-16."""
    plan = plan_programme(rules, learning, ruling, band, ledger)
    return attrs.evolve(plan, instalment=plan.instalment * plan.planned / learning.planned)


def from_the_month_after(rules: Rules, learning: Learning, ruling: Ruling, band: Money, ledger: Ledger) -> Plan:
    """Spreads a new price over the months after the one in which it changes. Breaks: GUIDE-129, READ-16."""
    plan = plan_programme(rules, learning, ruling, band, ledger)
    if ruling.month == learning.first_month or plan.planned < 2:
        return plan
    return attrs.evolve(plan, instalment=plan.instalment * plan.planned / (plan.planned - 1))


# The band over providers and employers


def whole_band_again(band: Money, earned_by_all: Money) -> Money:
    """Caps each price on its own, so that the band can be earned again. Breaks: GUIDE-131, GUIDE-143, GUIDE-144,
    GUIDE-145, GUIDE-146, GUIDE-165, GUIDE-169, READ-18.
    """
    return band


def band_by_provider(rules: Rules, learning: Learning, ruling: Ruling, band: Money, ledger: Ledger) -> Plan:
    """Counts only a provider's own earnings towards the band. Breaks: GUIDE-144, GUIDE-145, GUIDE-165, READ-18."""
    ukprn = learning.programme.ukprn
    own = with_entries(ledger, lambda entry: entry if entry.ukprn == ukprn else None)
    return plan_programme(rules, learning, ruling, band, own)


def others_deducted(rules: Rules, learning: Learning, ruling: Ruling, band: Money, ledger: Ledger) -> Plan:
    """Deducts what other providers earned from a new provider's price. Breaks: GUIDE-127, GUIDE-165, READ-18."""
    ukprn = learning.programme.ukprn
    together = with_entries(ledger, lambda entry: attrs.evolve(entry, ukprn=ukprn))
    return plan_programme(rules, learning, ruling, band, together)


def band_of_the_price(rules: Rules, learning: Learning, ruling: Ruling, band: Money, ledger: Ledger) -> Plan:
    """Takes the band in force when the price changes. Breaks: GUIDE-22, GUIDE-143, GUIDE-169, READ-18."""
    bands, day = learning.programme.course.funding_bands, ruling.month.census
    return plan_programme(rules, learning, ruling, rules.band_maximum(bands, day) or band, ledger)


def band_of_the_latest_start(
    rules: Rules, apprentice: Apprentice, opening: Month, settled: tuple[Entry, ...]
) -> tuple[Earning, ...]:
    """Takes the band on the day an aim began, after a break or a move too. Breaks: GUIDE-22, GUIDE-144, GUIDE-173,
    READ-18.
    """
    programmes = tuple(attrs.evolve(one, course_start=one.start) for one in apprentice.programmes)
    return earned_by(rules, attrs.evolve(apprentice, programmes=programmes), opening, settled)


def with_entries(ledger: Ledger, change: Callable[[Entry], Entry | None]) -> Ledger:
    """The ledger with other entries; those for which there is none are left out."""
    return Ledger(tuple(changed for entry in ledger.entries if (changed := change(entry)) is not None))


# Price episodes and funding years


def one_episode(programme: Programme, dated: Sequence[DatedPrice], last: Month) -> list[date]:
    """Knows one price episode a programme. Breaks: GUIDE-132, GUIDE-133, GUIDE-134, READ-23."""
    return [programme.start]


def episodes_of_prices(programme: Programme, dated: Sequence[DatedPrice], last: Month) -> list[date]:
    """Begins no price episode with a change of contract type. Breaks: GUIDE-133, READ-23."""
    contracts = set(programme.contract_starts) - {price.applies_from for price in dated} - {programme.start}
    return [day for day in episode_starts(programme, dated, last) if day not in contracts]


def episodes_over_august(programme: Programme, dated: Sequence[DatedPrice], last: Month) -> list[date]:
    """Lets a price episode go on over 1 August. Breaks: GUIDE-134, READ-23."""
    cuts = {programme.start, *programme.contract_starts, *(price.applies_from for price in dated)}
    return [day for day in episode_starts(programme, dated, last) if day in cuts]


def contract_of_the_start(
    rules: Rules, apprentice: Apprentice, opening: Month, settled: tuple[Entry, ...]
) -> tuple[Earning, ...]:
    """Keeps the contract type of the start to the end. Breaks: GUIDE-132, GUIDE-133, READ-07."""
    first = {
        (one.ukprn, one.learner.LearnRefNumber, one.aim.AimSeqNumber): one.contract_on(one.start)
        for one in apprentice.programmes
    }
    return _with_contracts(earned_by(rules, apprentice, opening, settled), first)


def contract_of_the_qualification(
    rules: Rules, apprentice: Apprentice, opening: Month, settled: tuple[Entry, ...]
) -> tuple[Earning, ...]:
    """Pays English and maths under the contract type of their own start. Breaks: READ-30, READ-74."""
    first = {
        (one.ukprn, one.learner.LearnRefNumber, one.aim.AimSeqNumber): one.contract_on(one.aim.LearnStartDate)
        for one in apprentice.qualifications
    }
    return _with_contracts(earned_by(rules, apprentice, opening, settled), first)


def _with_contracts(
    rows: Sequence[Earning], contracts: Mapping[tuple[int, str, int], int | None]
) -> tuple[Earning, ...]:
    return tuple(
        attrs.evolve(row, contract_type=contracts.get((row.ukprn, row.learner, row.aim), row.contract_type))
        for row in rows
    )


def august_begins_anew(
    rules: Rules, apprentice: Apprentice, opening: Month, settled: tuple[Entry, ...]
) -> tuple[Earning, ...]:
    """Begins each funding year as if nothing had been earned before. Breaks: GUIDE-134, GUIDE-188, READ-64."""
    return earned_by(rules, apprentice, opening, ())


def closed_years_worked_out_again(
    rules: Rules, apprentice: Apprentice, opening: Month, settled: tuple[Entry, ...]
) -> tuple[Earning, ...]:
    """Works out the next year on what the latest return says of a closed one. Breaks: GUIDE-188, READ-64."""
    first = min((month_of(one.start) for one in apprentice.programmes), default=opening)
    return earned_by(rules, apprentice, min(first, opening), ())


def closed_years_change(made: Sequence[Collection], year: int) -> Collection | None:
    """Lets the latest return speak for years that are closed. Breaks: GUIDE-188, READ-64."""
    return max(made, key=lambda collection: (collection.funding_year, collection.number), default=None)


def corrections_not_read(made: Sequence[Collection], year: int) -> Collection | None:
    """Reads a year's first return alone, no correction of it. Breaks: GUIDE-158, READ-50, READ-64."""
    so_far = [collection for collection in made if collection.funding_year <= year]
    latest = max((collection.funding_year for collection in so_far), default=year)
    of_latest = [collection for collection in so_far if collection.funding_year == latest]
    return min(of_latest, key=lambda collection: collection.number, default=None)


def year_closes_with_r12(made: Sequence[Collection], year: int) -> Collection | None:
    """Takes the earnings of a year as at R12, not R14. Breaks: GUIDE-188, READ-64."""
    so_far = [one for one in made if one.funding_year <= year and one.number <= MONTHS_A_YEAR]
    return max(so_far, key=lambda collection: (collection.funding_year, collection.number), default=None)


def nothing_without_a_return(made: Sequence[Collection], year: int) -> Collection | None:
    """Takes a provider without a return in the new year for one without apprentices. Breaks: READ-70."""
    of_year = [collection for collection in made if collection.funding_year == year]
    return max(of_year, key=lambda collection: collection.number, default=None)


def next_year_speaks_for_the_last(made: Sequence[Collection], year: int) -> Collection | None:
    """Reads the next year's first return for a year without one before it. Breaks: READ-70."""
    return speaking_return(made, year) or min(made, default=None)


def residual_beside_other_providers(
    rules: Rules, learning: Learning, ruling: Ruling, band: Money, ledger: Ledger
) -> Plan:
    """Counts only a provider's own earnings towards the band under a residual price. Breaks: GUIDE-131, READ-18."""
    wrong = band_by_provider if ruling.price.is_residual else plan_programme
    return wrong(rules, learning, ruling, band, ledger)


KNOWN_BAD = {
    "own-earnings-not-deducted": replacing(total_left=earned_is_not_deducted),
    "residual-price-again": replacing(residual_left=whole_residual_again),
    "residual-assessment-first": replacing(residual_left=assessment_is_used_up_first),
    "residual-as-total": replacing(price_in_force=residual_as_a_total),
    "residual-not-read": replacing(price_in_force=residual_not_read),
    "total-after-residual": replacing(price_in_force=total_after_a_residual),
    "one-price-replaces-both": replacing(price_in_force=one_price_replaces_both),
    "prices-add-up": replacing(latest_price=prices_add_up),
    "price-of-the-first": replacing(price_in_force=price_of_the_first),
    "older-prices-not-read": replacing(price_applies_from=older_prices_not_read),
    "new-price-from-the-start": replacing(price_applies_from=prices_from_the_start),
    "price-after-the-end-not-read": replacing(price_applies_from=prices_after_the_end_not_read),
    "price-of-the-last-day-not-read": replacing(price_applies_from=prices_of_the_last_day_not_read),
    "price-after-leaving": replacing(price_applies_from=prices_after_leaving),
    "late-prices-not-read": replacing(dated_prices=late_prices_not_read),
    "completion-of-what-is-left": replacing(completion_element=completion_of_what_is_left),
    "completion-beyond-what-is-left": replacing(completion_element=completion_beyond_what_is_left),
    "shortfall-waits-for-completion": replacing(completion_element=shortfall_waits_for_completion),
    "little-left-in-instalments": replacing(completion_element=little_left_is_split),
    "shortfall-dropped": replacing(shortfall=shortfall_is_dropped),
    "late-rise-lost": replacing(rise_after_planned_end=late_rise_is_lost),
    "late-rise-kept": replacing(rise_after_planned_end=late_rise_kept),
    "late-rise-at-once": replacing(completion_after_a_rise=late_rise_at_once),
    "spread-over-the-whole-plan": replacing(plan_programme=over_the_whole_plan),
    "spread-from-the-month-after": replacing(plan_programme=from_the_month_after),
    "whole-band-again": replacing(room_in_band=whole_band_again),
    "band-by-provider": replacing(plan_programme=band_by_provider),
    "others-deducted-from-the-price": replacing(plan_programme=others_deducted),
    "band-of-the-price": replacing(plan_programme=band_of_the_price),
    "band-of-the-latest-start": replacing(earned_by=band_of_the_latest_start),
    "one-price-episode": replacing(episode_starts=one_episode),
    "contract-begins-no-episode": replacing(episode_starts=episodes_of_prices),
    "episode-over-1-august": replacing(episode_starts=episodes_over_august),
    "contract-of-the-start": replacing(earned_by=contract_of_the_start),
    "contract-of-the-qualification": replacing(earned_by=contract_of_the_qualification),
    "1-august-begins-anew": replacing(earned_by=august_begins_anew),
    "closed-year-worked-out-again": replacing(earned_by=closed_years_worked_out_again),
    "closed-year-changes": replacing(speaking_return=closed_years_change),
    "corrections-not-read": replacing(speaking_return=corrections_not_read),
    "year-closes-with-r12": replacing(speaking_return=year_closes_with_r12),
    "nothing-without-a-return": replacing(speaking_return=nothing_without_a_return),
    "next-year-speaks-for-the-last": replacing(speaking_return=next_year_speaks_for_the_last),
    "residual-beside-other-providers": replacing(plan_programme=residual_beside_other_providers),
}
