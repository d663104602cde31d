"""The properties themselves: what they say, the clauses they follow from, and how an answer can break them."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any, Final

from funding_reference.apprenticeship import census_dates
from funding_reference.calendar import Month, days_inclusive, month_of
from funding_reference.money import pounds
from funding_reference.reading import Place, a_collection, a_month

from funding_conformance.properties.changing import changing
from funding_conformance.properties.invariants_of_changes import PROPERTIES_OF_CHANGES
from funding_conformance.properties.invariants_of_payments import PROPERTIES_OF_PAYMENTS
from funding_conformance.properties.property import (
    DRAFT,
    PROGRAMME_TYPES,
    ROUNDING,
    Answer,
    Ask,
    Facts,
    Property,
    earned_for,
    first_difference,
    qualifying_days,
    summed,
    total,
)
from funding_conformance.properties.strategies import EMPLOYER, aim_of, facts, price_of
from funding_conformance.returning import UKPRN
from funding_conformance.rows import amount_of

YEARS_SHIFTED: Final = 4
_NAMES: Final = ("collection", "ukprn", "uln", "type", "month", "source")


def learners_in(given: Facts) -> list[dict[str, Any]]:
    """Every apprentice as last returned."""
    latest = {learner["LearnRefNumber"]: learner for s in given["submissions"] for learner in s["learners"]}
    return list(latest.values())


def never_above_price_or_band(ask: Ask, given: Facts) -> str:
    answer = ask(given)
    band = given["courses"][0]["funding_bands"][0]["maximum"]
    for learner in learners_in(given):
        rows = earned_for(answer, learner["ULN"], *PROGRAMME_TYPES)
        most = min(price_of(learner), band)
        if total(rows) > most + ROUNDING * len(rows):
            return (
                f"{learner['ULN']} earned {pounds(total(rows))} of a price and band that allow {pounds(Decimal(most))}"
            )
    return ""


def completed_earns_all(ask: Ask, given: Facts) -> str:
    answer = ask(given)
    band = given["courses"][0]["funding_bands"][0]["maximum"]
    for learner in learners_in(given):
        aim = aim_of(learner)
        first, planned, last = (date.fromisoformat(aim[name]) for name in _DATES)
        if last >= planned and census_dates(first, planned) < 1:
            continue  # on time or late in a plan without a census: no instalment and no balancing (READ-03, READ-22)
        rows = earned_for(answer, learner["ULN"], *PROGRAMME_TYPES)
        whole = min(price_of(learner), band)
        if abs(total(rows) - whole) > ROUNDING * len(rows):
            return f"{learner['ULN']} completed and earned {pounds(total(rows))} instead of {pounds(Decimal(whole))}"
    return ""


_DATES: Final = ("LearnStartDate", "LearnPlanEndDate", "LearnActEndDate")


def stops_at_the_census(ask: Ask, given: Facts) -> str:
    answer = ask(given)
    for learner in learners_in(given):
        aim = aim_of(learner)
        first, planned, last = (date.fromisoformat(aim[name]) for name in _DATES)
        months = max(1, census_dates(first, planned))
        for row in earned_for(answer, learner["ULN"], "on_programme"):
            month = a_month(row["month"], Place([]))
            place = month.number - month_of(first).number
            if amount_of(row) and (month.census > last or not 0 <= place < months):
                return f"{learner['ULN']} left on {last} and still earned {pounds(amount_of(row))} for {month}"
    return ""


def sources_add_up(ask: Ask, given: Facts) -> str:
    answer = ask(given)
    earned: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    paid: dict[tuple[Any, ...], list[Decimal]] = defaultdict(list)
    for row in answer["earnings"]:
        earned[row["ukprn"], row.get("uln"), row["type"], row["month"]] += amount_of(row)
    for row in answer["payments"]:
        paid[row["ukprn"], row.get("uln"), row["type"], row.get("month")].append(amount_of(row))
    for key in {*earned, *paid}:
        _, uln, type, month = key
        parts = paid.get(key, [])
        if abs(earned.get(key, Decimal(0)) - sum(parts, Decimal(0))) > ROUNDING * max(1, len(parts)):
            moved, due = pounds(sum(parts, Decimal(0))), pounds(earned.get(key, Decimal(0)))
            return f"{uln} {type.replace('_', ' ')} {month}: all sources together moved {moved}, but {due} was earned"
    return ""


def moves_with_the_calendar(ask: Ask, given: Facts) -> str:
    early, late = ask(given), ask(_moved(given))
    for want, rows in early.items():
        here, there = summed(map(_moved, rows), *_NAMES), summed(late[want], *_NAMES)
        if found := first_difference(here, there):
            key, was, now = found
            return f"{want} {key}: {was} became {now} when everything moved by {YEARS_SHIFTED} years"
    return ""


def _moved(value: Any) -> Any:
    """Every date, month and collection four years later; numbers and other texts stay."""
    match value:
        case dict():
            kept = ("DateOfBirth",)
            return {
                _moved(key): _four_years(item) if key in kept else item if key == "amount" else _moved(item)
                for key, item in value.items()
            }
        case list():
            return [_moved(item) for item in value]
        case str():
            return _four_years(value)
        case _:
            return value


def _four_years(text: str) -> str:
    if len(text) in (7, 10) and text[4:5] == "-" and text[:4].isdigit():
        return f"{int(text[:4]) + YEARS_SHIFTED}{text[4:]}"
    if len(text) == 8 and text[4:6] == "-R":
        first = int(text[:2]) + YEARS_SHIFTED
        return f"{first:02}{first + 1:02}{text[4:]}"
    return text


def order_is_irrelevant(ask: Ask, given: Facts) -> str:
    one, other = ask(given), ask(_shuffled(given, random.Random(len(str(given)))))
    for want, rows in one.items():
        if found := first_difference(summed(rows, *_NAMES), summed(other[want], *_NAMES)):
            key, was, now = found
            return f"{want} {key}: {was} became {now} when lists were reordered"
    return ""


def _shuffled(value: Any, chance: random.Random) -> Any:
    match value:
        case dict():
            return {key: _shuffled(item, chance) for key, item in value.items()}
        case list():
            items = [_shuffled(item, chance) for item in value]
            chance.shuffle(items)
            return items
        case _:
            return value


def leaving_later_keeps_what_was_earned(ask: Ask, given: Facts) -> str:
    through = {"through": given["submissions"][-1]["collection"]}
    never_ended = [
        {**submission, "learners": [_without_end(learner) for learner in submission["learners"]]}
        for submission in given["submissions"]
    ]
    stayed, left = ask({**given, **through, "submissions": never_ended}), ask({**given, **through})
    for learner in learners_in(given):
        first, planned, last_day = (date.fromisoformat(aim_of(learner)[name]) for name in _DATES)
        if days_inclusive(first, last_day) < qualifying_days(first, planned):
            continue
        had, has = (_by_month(answer, learner["ULN"]) for answer in (stayed, left))
        for month, amount in had.items():
            if month.census <= last_day and has.get(month, Decimal(0)) < amount - ROUNDING:
                after = pounds(has.get(month, Decimal(0)))
                return f"leaving on {last_day} lowered {month} from {pounds(amount)} to {after}"
    return ""


def _without_end(learner: dict[str, Any]) -> dict[str, Any]:
    aim = {name: value for name, value in aim_of(learner).items() if name != "LearnActEndDate"}
    return {**learner, "LearningDelivery": [{**aim, "CompStatus": 1}]}


def _by_month(answer: Answer, uln: int) -> dict[Month, Decimal]:
    months: dict[Month, Decimal] = defaultdict(Decimal)
    for row in earned_for(answer, uln, "on_programme"):
        months[a_month(row["month"], Place([]))] += amount_of(row)
    return months


def same_return_moves_nothing(ask: Ask, given: Facts) -> str:
    submissions = given["submissions"]
    last = submissions[-1]
    run = a_collection(last["collection"], Place([]))
    if run.number >= 12:
        return ""
    again = {**last, "collection": f"{last['collection'][:6]}{run.number + 1:02}"}
    through = {"through": f"{last['collection'][:6]}12"}
    once = ask({**given, **through})
    twice = ask({**given, **through, "submissions": [*submissions, again]})
    if found := first_difference(summed(once["payments"], *_NAMES), summed(twice["payments"], *_NAMES)):
        key, was, now = found
        return f"payments {key}: {was} became {now} when the return came twice"
    return ""


def rows_name_what_is_given(ask: Ask, given: Facts) -> str:
    answer = ask(given)
    learners = {learner["ULN"]: learner for learner in learners_in(given)}
    for want in ("earnings", "payments"):
        for row in answer[want]:
            learner = learners.get(row.get("uln"))
            if learner is None or row["ukprn"] != UKPRN:
                return f"{want}: a row names provider {row['ukprn']} and apprentice {row.get('uln')}, who are not given"
            if row.get("aim", 1) != 1:
                return f"{want}: a row of {row['uln']} names aim {row['aim']}; there is only aim 1"
            start = aim_of(learner)["LearnStartDate"]
            if row["type"] in PROGRAMME_TYPES and row.get("price_episode", start) != start:
                return (
                    f"{want}: a row of {row['uln']} names price episode {row['price_episode']}; the only one is {start}"
                )
    for row in answer["payments"]:
        whose = row.get("employer", None if row["source"] in ("levy", "employer_co_investment") else EMPLOYER)
        if whose != EMPLOYER:
            return f"payments: a {row['source']} row of {row['uln']} names employer {whose} instead of {EMPLOYER}"
    return ""


_EARNINGS: Final = ("earnings",)
_BOTH: Final = ("earnings", "payments")

PROPERTIES: Final = (
    Property(
        "band-cap",
        "On programme, completion and balancing together never exceed the lower of price and band.",
        ("GUIDE-21", "GUIDE-33"),
        _EARNINGS,
        facts(),
        never_above_price_or_band,
    ),
    Property(
        "completed-earns-all",
        "Who completes has earned the whole price within the band, unless on time or late in a plan without a census.",
        ("GUIDE-33", "GUIDE-44"),
        _EARNINGS,
        facts(ends=True, completed=True),
        completed_earns_all,
    ),
    Property(
        "stops-at-census",
        "No instalment is earned for a month whose census comes after the last day, or after the plan.",
        ("GUIDE-36", "READ-02"),
        _EARNINGS,
        facts(ends=True),
        stops_at_the_census,
        not_in=("2017-08-engine",),  # READ-03: one instalment in the month of the start
    ),
    Property(
        "sources-add-up",
        "What all sources pay for a month adds up to what was earned for it, to the rounding of the shares.",
        ("READ-11", "READ-50"),
        _BOTH,
        facts(),
        sources_add_up,
    ),
    Property(
        "rows-name-what-is-given",
        "Every row names the provider, apprentice, aim, price episode and employer that it belongs to.",
        ("READ-50",),
        _BOTH,
        facts(),
        rows_name_what_is_given,
    ),
    Property(
        "calendar-shift",
        "When everything happens four years later, the answer is the same four years later.",
        ("GUIDE-35", "READ-01"),
        _BOTH,
        facts(),
        moves_with_the_calendar,
        not_in=("2019-04", "2019-08", "2020-10"),  # the employer's share falls on 1 April 2019
    ),
    Property(
        "order-irrelevant",
        "The order of learners, records, agreements and returns changes nothing.",
        ("GUIDE-79", "READ-56"),
        _BOTH,
        facts(),
        order_is_irrelevant,
    ),
    Property(
        "leaving-keeps-earned",
        "Leaving lowers nothing that was earned up to the last census, unless the qualifying period fails.",
        ("GUIDE-30", "GUIDE-36"),
        _EARNINGS,
        facts(ends=True, completed=False),
        leaving_later_keeps_what_was_earned,
        not_in=DRAFT,
    ),
    Property(
        "same-return-twice",
        "Returning the same again moves nothing.",
        ("GUIDE-76", "READ-50"),
        _BOTH,
        facts(),
        same_return_moves_nothing,
    ),
    Property(
        "calendar-shift-of-changes",
        "When prices, providers, employers and breaks come four years later, the same is earned four years later.",
        ("GUIDE-129", "READ-01"),
        _EARNINGS,
        changing(),
        moves_with_the_calendar,
    ),
    Property(
        "order-irrelevant-in-changes",
        "The order of learners, aims, records and returns changes no earning.",
        ("GUIDE-129", "READ-14"),
        _EARNINGS,
        changing(),
        order_is_irrelevant,
    ),
    *PROPERTIES_OF_CHANGES,
    *PROPERTIES_OF_PAYMENTS,
)
